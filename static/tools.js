// Small conveniences of every page: copy buttons, menus that close, column
// widths that are remembered. Nothing here is needed to use a page.

globalThis.copyable = (part) => {
  if (navigator.clipboard) for (const button of part.querySelectorAll("[data-copy]")) button.hidden = false;
};
globalThis.copyable(document);
// exactly is what a part says, where its text shows what cannot be seen by its name.
globalThis.exactly = (box) => (box.dataset.exact === undefined ? undefined : decodeURIComponent(box.dataset.exact));
document.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-copy]");
  if (!button) return;
  const box = button.closest("[data-copy-box]"), words = button.textContent;
  const source = box.querySelector("pre, textarea") || box.querySelector("dd .log") || box.querySelector(".log");
  try {
    await navigator.clipboard.writeText(globalThis.exactly(box) ?? source.value ?? source.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = words; }, 2000);
});

const menus = document.querySelectorAll("details[data-menu]");
document.addEventListener("click", (e) => {
  for (const m of menus) if (m.open && !m.contains(e.target)) m.open = false;
});
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape") return;
  for (const m of menus) {
    if (!m.open) continue;
    m.open = false;
    m.querySelector("summary").focus();
  }
});

// Columns: drag a head's right edge; a double click forgets the width.
for (const table of document.querySelectorAll("table[data-columns]")) {
  const heads = [...table.tHead.rows[0].cells];
  const key = "columns:" + table.dataset.columns + ":" + heads.length;
  let widths = {};
  try { widths = JSON.parse(localStorage.getItem(key)) || {}; } catch { widths = {}; }
  const set = (i, w) => { heads[i].style.minWidth = w ? w + "px" : ""; heads[i].style.width = w ? w + "px" : ""; };
  const keep = () => { try { localStorage.setItem(key, JSON.stringify(widths)); } catch { /* full or forbidden: not kept */ } };
  heads.forEach((head, i) => {
    if (Number.isFinite(widths[i])) set(i, widths[i]);
    const near = (e) => head.getBoundingClientRect().right - e.clientX < 8;
    head.addEventListener("pointermove", (e) => { head.style.cursor = near(e) ? "col-resize" : ""; });
    head.addEventListener("dblclick", (e) => { if (near(e)) { delete widths[i]; set(i, 0); keep(); } });
    head.addEventListener("pointerdown", (e) => {
      if (!near(e) || e.button !== 0) return;
      e.preventDefault();
      head.setPointerCapture(e.pointerId);
      const from = e.clientX, was = head.offsetWidth;
      const move = (m) => { widths[i] = Math.max(40, Math.round(was + m.clientX - from)); set(i, widths[i]); };
      head.addEventListener("pointermove", move);
      head.addEventListener("pointerup", () => { head.removeEventListener("pointermove", move); keep(); }, { once: true });
    });
  });
}

// Findings are chosen for the form of their list: all of a table at once, and the
// form says how many.
const picks = () => [...document.querySelectorAll("input[name=finding][type=checkbox]")];
const chosen = () => new Set(picks().filter((p) => p.checked).flatMap((p) => p.value.split(",")));
const count = document.querySelector("[data-chosen]");
const tell = () => {
  const n = chosen().size;
  if (count) count.textContent = n === 0 ? "the chosen ones (none yet)" : n === 1 ? "the chosen one" : `the ${n} chosen ones`;
};
for (const all of document.querySelectorAll("[data-pick-all]")) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const p of all.closest("table").querySelectorAll("input[name=finding]")) p.checked = all.checked;
    tell();
  });
}
if (picks().length) {
  document.addEventListener("change", (e) => { if (e.target.name === "finding") tell(); });
  tell();
}
