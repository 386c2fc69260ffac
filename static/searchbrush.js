// A range is drawn over the histogram of a search: by mouse or finger across it; by
// keys: left and right go from bar to bar, with Shift they draw, Enter takes the range
// and Escape lets it go. Without this each bar leads to its time.

const picture = () => document.querySelector(".search-bars svg");
const bars = (svg) => [...svg.querySelectorAll("[data-bar]")];
const bar = (e) => Number(e.dataset.bar);
let drawn = null; // from which bar to which, as drawn

const told = Object.assign(document.createElement("p"), { className: "vh" });
told.setAttribute("role", "status");

const stamp = (second) => new Date(second * 1000).toISOString().replace(".000", "");
const words = (second) => stamp(second).replace("T", " ").replace("Z", " UTC");

// range is the time from one bar up to another, within what was asked for.
function range(svg) {
  const n = (name) => Number(svg.dataset[name]), [a, b] = [Math.min(...drawn), Math.max(...drawn)];
  return [Math.max(n("from") + a * n("step"), n("least")), Math.min(n("from") + (b + 1) * n("step"), n("most"))];
}

function show(svg) {
  let brush = svg.querySelector(".brush");
  if (!drawn) {
    brush?.remove();
    told.textContent = "";
    return;
  }
  if (!brush) {
    brush = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    brush.setAttribute("class", "brush");
    svg.append(brush);
  }
  const box = svg.viewBox.baseVal, step = box.width / Number(svg.dataset.bars);
  const [a, b] = [Math.min(...drawn), Math.max(...drawn)];
  for (const [name, v] of [["x", a * step], ["y", 0], ["width", (b - a + 1) * step], ["height", box.height]]) brush.setAttribute(name, v);
  const [from, to] = range(svg);
  told.textContent = words(from) + " to " + words(to);
}

function take(svg) {
  const [from, to] = range(svg), url = new URL(svg.dataset.url, location.href);
  url.searchParams.set("earliest", stamp(from));
  url.searchParams.set("latest", stamp(to));
  location.assign(url);
}

// One bar alone is reached by Tab: the others by the arrows.
function ready() {
  const svg = picture();
  if (!svg) return;
  bars(svg).forEach((a, i) => a.setAttribute("tabindex", i ? "-1" : "0"));
  svg.closest("figure").append(told);
  drawn = null;
}

let at = null; // the pointer that draws, where it began, and whether it went on
const barAt = (svg, x) => {
  const r = svg.getBoundingClientRect(), n = Number(svg.dataset.bars);
  return Math.max(0, Math.min(n - 1, Math.floor((x - r.left) / r.width * n)));
};
document.addEventListener("pointerdown", (e) => {
  const svg = e.target.closest?.(".search-bars svg");
  if (!svg || e.button !== 0) return;
  at = { id: e.pointerId, x: e.clientX, svg, on: false };
});
document.addEventListener("pointermove", (e) => {
  if (!at || e.pointerId !== at.id || !at.svg.isConnected) return;
  if (!at.on && Math.abs(e.clientX - at.x) < 5) return;
  if (!at.on) at.svg.setPointerCapture(at.id);
  at.on = true;
  drawn = [barAt(at.svg, at.x), barAt(at.svg, e.clientX)];
  show(at.svg);
});
document.addEventListener("pointerup", (e) => {
  if (!at || e.pointerId !== at.id) return;
  const { svg, on } = at;
  at = null;
  if (!on || !svg.isConnected) return;
  // The click that follows is not one on a bar.
  addEventListener("click", (c) => { c.preventDefault(); c.stopPropagation(); }, { capture: true, once: true });
  setTimeout(() => take(svg));
});
document.addEventListener("pointercancel", () => {
  if (at?.on) { drawn = null; show(at.svg); }
  at = null;
});
document.addEventListener("dragstart", (e) => { if (e.target.closest?.(".search-bars")) e.preventDefault(); });

document.addEventListener("keydown", (e) => {
  const own = e.target.closest?.(".search-bars [data-bar]"), svg = own?.closest("svg");
  if (!own || e.ctrlKey || e.metaKey || e.altKey) return;
  const all = bars(svg), i = all.indexOf(own);
  if (e.key === "ArrowLeft" || e.key === "ArrowRight" || e.key === "Home" || e.key === "End") {
    const to = e.key === "Home" ? 0 : e.key === "End" ? all.length - 1 : Math.max(0, Math.min(all.length - 1, i + (e.key === "ArrowRight" ? 1 : -1)));
    drawn = e.shiftKey ? [drawn ? drawn[0] : bar(own), bar(all[to])] : null;
    own.setAttribute("tabindex", "-1");
    all[to].setAttribute("tabindex", "0");
    all[to].focus();
    show(svg);
  } else if (e.key === "Enter" && drawn) {
    take(svg);
  } else if (e.key === "Escape" && drawn) {
    drawn = null;
    show(svg);
  } else return;
  e.preventDefault();
  e.stopPropagation();
});

ready();
document.addEventListener("results", ready);
