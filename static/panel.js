// What lists have on top: a menu on each value (only, not, copy), by the mouse or
// by v, and a preview of a row at the side, by a click on its blank space or by p.
// Without it the facets filter, and a row's link opens it.

const { typing, silent, link: linkOf } = globalThis.lists; // list.js
const rowOf = (e) => e.closest("[data-rows]:not([data-opens]) > tbody > tr");
const make = (tag, text, set = {}) => Object.assign(document.createElement(tag), { textContent: text }, set);
// A list's address with one value only, or without it.
function filtered(cell, not) {
  const { by, v } = cell.dataset, url = new URL(location.href), q = url.searchParams;
  for (const place of [...document.body.dataset.passing.split(" "), "view", "facet"]) q.delete(place);
  if (not) q.append("not." + by, v);
  else q.set(cell.dataset.only || by, v);
  return url.pathname + url.search;
}

let box = null;
function openMenu(cells, from) {
  box?.remove();
  box = make("div", "", { className: "value-box", popover: "auto" });
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", "What to do with a value");
  for (const cell of cells) {
    const line = make("div", "");
    const copy = make("button", "copy", { type: "button", className: "quiet" });
    copy.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(cell.dataset.v); copy.textContent = "copied"; } catch { getSelection().selectAllChildren(value); }
    });
    const value = make("span", cell.dataset.v || "(nothing)", { className: "log" });
    line.append(make("span", cell.dataset.by, { className: "dim" }), value,
      make("a", "only", { href: filtered(cell, false) }), make("a", "not", { href: filtered(cell, true) }), copy);
    box.append(line);
  }
  document.body.append(box);
  const own = box;
  own.addEventListener("toggle", (e) => {
    if (e.newState !== "closed") return;
    if (own.contains(document.activeElement) || document.activeElement === document.body) from.focus({ preventScroll: true });
    own.remove();
  });
  own.showPopover();
  const at = from.getBoundingClientRect();
  own.style.left = Math.max(8, Math.min(at.left, innerWidth - own.offsetWidth - 8)) + "px";
  own.style.top = Math.max(8, Math.min(at.bottom + 4, innerHeight - own.offsetHeight - 8)) + "px";
  own.querySelector("a").focus({ preventScroll: true });
}

const button = make("button", "menu", { type: "button", className: "value-menu", tabIndex: -1 });
button.setAttribute("aria-label", "Only, not, copy");
button.addEventListener("click", () => openMenu([button.parentElement], button));
document.addEventListener("pointerover", (e) => {
  if (e.pointerType === "touch") return;
  const cell = e.target.closest("[data-rows] [data-by]");
  if (cell && button.parentElement !== cell) cell.append(button);
});

let panel = null, shown = null;
function shut() {
  if (!panel || panel.hidden) return false;
  panel.hidden = true;
  if (shown) linkOf(shown)?.focus({ preventScroll: true });
  shown = null;
  return true;
}

async function preview(row) {
  const link = linkOf(row);
  if (!link) return;
  if (!panel) {
    panel = make("aside", "", { id: "preview", tabIndex: -1 });
    panel.setAttribute("aria-label", "Preview");
    document.body.append(panel);
  }
  shown = row;
  const close = make("button", "Close", { type: "button" });
  close.addEventListener("click", shut);
  const head = make("p", "", { className: "preview-head" });
  head.append(make("a", "Open the page", { href: link.href }), close);
  const words = make("p", "Loading…");
  words.setAttribute("role", "status");
  panel.replaceChildren(head, words);
  panel.hidden = false;
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (shown !== row) return;
    const parts = [...page.querySelectorAll("main .title-words, main .verdict, main [data-preview-part]")];
    for (const part of parts) for (const e of part.querySelectorAll("[id]")) e.removeAttribute("id");
    panel.replaceChildren(head, ...parts);
  } catch {
    words.textContent = "The preview did not come. Open the page instead.";
  }
}

document.addEventListener("click", (e) => {
  const row = rowOf(e.target);
  if (!row || e.target.closest("a, button, input, label, summary, select, textarea, [popover]")) return;
  if (!getSelection().isCollapsed) return;
  if (innerWidth >= 720) preview(row);
});

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || !(e.target instanceof Element)) return;
  if (e.key === "Escape") { if (!box?.isConnected) shut(); return; }
  if (typing(e.target) || silent() || document.querySelector("dialog[open]")) return;
  const row = document.querySelector("tr[aria-current]");
  if (!row) return;
  if (e.key === "p") {
    if (shown === row) shut(); else preview(row);
  } else if (e.key === "v") {
    const cells = [...row.querySelectorAll("[data-by]")].filter((c) => c.getClientRects().length);
    if (cells.length) openMenu(cells, linkOf(row) || row);
  } else return;
  e.preventDefault();
});

// The preview goes with the row that has the focus.
document.addEventListener("focusin", (e) => {
  const row = rowOf(e.target);
  if (row && shown && row !== shown) preview(row);
});

// What a picture says, or a line that is cut, is told where the mouse is.
document.addEventListener("pointerover", (e) => {
  const svg = e.target.closest("svg[role=img][aria-label]");
  if (svg && !svg.querySelector("title")) {
    svg.append(Object.assign(document.createElementNS("http://www.w3.org/2000/svg", "title"), { textContent: svg.getAttribute("aria-label") }));
  }
  const line = e.target.closest("[data-whole]");
  if (line && !line.title) line.title = line.textContent;
});
