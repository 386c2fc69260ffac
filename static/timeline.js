// The timeline's extras: marks and rows that light each other, arrow keys from
// mark to mark, and zoom by dragging. The picture is complete without.

let marks = [], rows = [], byTime = [], markOf = new Map();
const svg = document.querySelector("[data-timeline]");

function light(index, on, scroll) {
  const of = rows.filter((r) => r.dataset.row === index), row = of[0], mark = markOf.get(index);
  const box = row?.closest(".scroll");
  for (const r of of) r.classList.toggle("lit", on);
  if (mark) mark.classList.toggle("lit", on);
  if (on && scroll && row && box) {
    const head = box.querySelector("thead").offsetHeight;
    if (row.offsetTop - head < box.scrollTop) box.scrollTop = row.offsetTop - head;
    else if (row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = row.offsetTop + row.offsetHeight - box.clientHeight;
  }
}

// found takes the marks and rows that are shown now.
function found() {
  const picture = document.querySelector("[data-timeline]");
  marks = picture ? [...picture.querySelectorAll("[data-mark]")] : [];
  rows = [...document.querySelectorAll("[data-timeline-rows] [data-row]")];
  markOf = new Map(marks.map((m) => [m.dataset.mark, m]));
  for (const m of marks) {
    for (const [name, on] of [["pointerenter", true], ["focus", true], ["pointerleave", false], ["blur", false]]) {
      m.addEventListener(name, () => light(m.dataset.mark, on, true));
    }
    m.addEventListener("dragstart", (e) => e.preventDefault());
  }
  for (const r of rows) {
    r.addEventListener("pointerenter", () => light(r.dataset.row, true));
    r.addEventListener("pointerleave", () => light(r.dataset.row, false));
    r.addEventListener("focusin", () => light(r.dataset.row, true));
    r.addEventListener("focusout", () => light(r.dataset.row, false));
  }
  // Only one of the marks is in the tab order.
  byTime = [...marks].sort((a, b) => a.dataset.mark - b.dataset.mark);
  byTime.forEach((m, i) => m.setAttribute("tabindex", i ? "-1" : "0"));
}

// walk takes the arrow keys from mark to mark, in time.
function walk(e) {
  const at = byTime.indexOf(document.activeElement);
  if (at < 0) return;
  const shown = byTime.filter((m) => !m.classList.contains("outside"));
  const i = shown.indexOf(byTime[at]);
  const to = { ArrowRight: i + 1, ArrowUp: i + 1, ArrowLeft: i - 1, ArrowDown: i - 1, Home: 0, End: shown.length - 1 }[e.key];
  if (to === undefined || !shown[to]) return;
  e.preventDefault();
  byTime[at].setAttribute("tabindex", "-1");
  shown[to].setAttribute("tabindex", "0");
  shown[to].focus();
}

document.addEventListener("timeline:shown", found);
document.addEventListener("keydown", walk);
found();
if (svg) {
  // Where the picture does not fit it opens at the newest change.
  const pane = svg.closest(".scroll");
  if (svg.dataset.newest && pane && pane.scrollWidth > pane.clientWidth) {
    pane.scrollLeft = svg.dataset.newest / svg.getAttribute("width") * svg.clientWidth - pane.clientWidth * 0.4;
  }
  svg.dataset.ready = "";
  if (svg.dataset.timeline !== "lanes") zoomable();

  function zoomable() {
  // Zoom: the scaled group is stretched, everything else is moved.
  const left = Number(svg.dataset.left), right = Number(svg.dataset.right);
  const from = Number(svg.dataset.from), to = Number(svg.dataset.to);
  const scaled = svg.querySelector("[data-scaled]");
  const moved = [...svg.querySelectorAll("[data-x]")];
  const brush = svg.querySelector("[data-brush]");
  const words = document.querySelector("[data-zoom-words]");
  const reset = document.querySelector("[data-zoom-reset]");
  const rest = words.textContent;
  document.querySelector("[data-zoom]").hidden = false;
  let view = [left, right];

  const stamp = (x) => new Date((from + (x - left) / (right - left) * (to - from)) * 1000).toISOString().slice(0, 16).replace("T", " ");
  function zoom(a, b) {
    view = [a, b];
    const s = (right - left) / (b - a);
    scaled.setAttribute("transform", `translate(${left - a * s} 0) scale(${s} 1)`);
    const at = (x) => left + (x - a) * s;
    for (const m of moved) {
      const x = Number(m.dataset.x);
      m.setAttribute("transform", `translate(${at(x) - x} 0)`);
      const out = x < a - 0.5 || x > b + 0.5;
      m.classList.toggle("outside", out);
      if (m.dataset.mark !== undefined) m.setAttribute("visibility", out ? "hidden" : "visible");
    }
    const whole = a === left && b === right;
    let shown = 0;
    for (const r of rows) {
      const x = left + (Number(r.dataset.t) - from) / (to - from) * (right - left);
      const out = !whole && (x < a - 0.5 || x > b + 0.5);
      r.classList.toggle("outside", out);
      if (!out) shown++;
    }
    reset.hidden = whole;
    svg.classList.toggle("zoomed", !whole);
    words.textContent = whole ? rest : `${stamp(a)} to ${stamp(b)} UTC: ${shown} of ${rows.length} risk events`;
    const first = byTime.find((m) => !m.classList.contains("outside"));
    if (first && !byTime.some((m) => m.getAttribute("tabindex") === "0" && !m.classList.contains("outside"))) {
      byTime.forEach((m) => m.setAttribute("tabindex", m === first ? "0" : "-1"));
    }
  }
  reset.addEventListener("click", () => zoom(left, right));
  svg.addEventListener("dblclick", () => zoom(left, right));
  document.addEventListener("keydown", (e) => { if (e.key === "Escape" && !reset.hidden) zoom(left, right); });

  const field = svg.querySelector("[data-brush-field]");
  const xOf = (e) => {
    const p = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return Math.min(right, Math.max(left, p.x));
  };
  let start = null;
  field.addEventListener("pointerdown", (e) => {
    if (e.button !== 0 || e.pointerType === "touch") return;
    start = xOf(e);
    field.setPointerCapture(e.pointerId);
  });
  field.addEventListener("pointermove", (e) => {
    if (start === null) return;
    const x = xOf(e);
    brush.setAttribute("x", String(Math.min(start, x)));
    brush.setAttribute("width", String(Math.abs(x - start)));
  });
  const end = (e) => {
    if (start === null) return;
    const x = xOf(e), a = Math.min(start, x), b = Math.max(start, x);
    start = null;
    brush.setAttribute("width", "0");
    if (e.type !== "pointerup" || b - a < 6) return;
    const back = (v) => view[0] + (v - left) / (right - left) * (view[1] - view[0]);
    if (back(b) - back(a) > 2) zoom(back(a), back(b));
  };
  field.addEventListener("pointerup", end);
  field.addEventListener("pointercancel", end);
  }
}
