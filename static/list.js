// Keys for lists: j and k go from row to row, enter opens one, x chooses it, s
// leads to its status and n to a note, / to the search, and ? says so. A row's
// own link has the focus, so that a screen reader says where one is. Keys are
// left alone while somebody types, and can be switched off.

const off = "keys:off";
const silent = () => { try { return localStorage.getItem(off) === "1"; } catch { return false; } };
const each = "[data-rows] > tbody > tr:not([data-opened]), ol[data-rows] > li";
const pick = "input[name=finding], input[name=event]";
const rows = () => [...document.querySelectorAll(each)]
  .filter((r) => r.getClientRects().length && target(r));
const link = (row) => row.querySelector("a[data-open]") || row.querySelector("th[scope=row] a[href]") ||
  row.querySelector("a[href]");
// What of a row is given the focus: its link, or what chooses a group of rows.
const target = (row) => (row.tagName === "LI" ? row : link(row) || row.querySelector("input[name=finding]"));

let at = null;
function mark(row) {
  if (at === row) return;
  if (at) at.removeAttribute("aria-current");
  at = row;
  if (row) row.setAttribute("aria-current", "true");
}

function go(row) {
  mark(row);
  if (row.tagName === "LI") row.tabIndex = -1;
  target(row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const i = all.indexOf(at);
  const next = all[i < 0 ? (step > 0 ? 0 : all.length - 1) : i + step];
  if (next) go(next);
  else document.querySelector(step > 0 ? ".pager a[rel=next]" : ".pager a[rel=prev]")?.focus();
  return true;
}

function choose(box) {
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function lead(place) {
  const a = at && at.tagName !== "LI" && link(at);
  if (!a) return false;
  const url = new URL(a.href);
  if (!/^\/(hosts|findings)\/./.test(url.pathname)) return false; // nothing else has a status, or notes
  url.hash = place;
  location.assign(url);
  return true;
}

function focusOn(id) {
  const field = document.getElementById(id);
  if (!field) return false;
  for (let d = field.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
  field.focus();
  field.scrollIntoView({ block: "nearest" });
  return true;
}

// Findings that are chosen, or the one where one is, get their status in the form
// of the list; anything else has a page with one.
function status() {
  const box = at?.querySelector("input[name=finding]");
  const some = document.querySelector("input[name=finding]:checked");
  if (some || box) {
    if (!some) choose(box);
    if (focusOn("b-status")) return true;
  }
  return focusOn("t-status") || lead("t-status");
}

const dialog = document.getElementById("keys");
const keys = {
  j: () => move(1),
  k: () => move(-1),
  x: () => { const box = at?.querySelector(pick); if (box) choose(box); return Boolean(box); },
  s: status,
  n: () => focusOn("note-text") || lead("note-text"),
  "/": () => focusOn("search"),
  "?": () => { dialog.showModal(); return true; },
};

const typing = (e) => e.closest("textarea, select, [contenteditable], dialog[open], [role=dialog]") ||
  e.closest("input") && !/^(checkbox|radio|button|submit|file)$/.test(e.type);

globalThis.lists = { typing, silent, link }; // panel.js follows

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.defaultPrevented || silent()) return;
  if (!(e.target instanceof Element) || typing(e.target) || document.querySelector("dialog[open]")) return;
  if (keys[e.key]?.()) e.preventDefault();
  else if (e.key === "Enter" && at && (e.target === document.body || e.target === at || e.target.matches(pick))) {
    if (at.tagName !== "LI" && link(at)) link(at).click();
  }
});

// Whoever goes on by Tab or by the mouse goes on with the keys from there.
document.addEventListener("focusin", (e) => {
  const row = e.target.closest(each);
  if (row) mark(row);
});

if (dialog) {
  const box = dialog.querySelector("[data-keys-on]");
  box.checked = !silent();
  box.addEventListener("change", () => {
    try { localStorage.setItem(off, box.checked ? "0" : "1"); } catch { /* forbidden: for this page only */ }
  });
  for (const b of document.querySelectorAll("[data-keys]")) {
    b.hidden = false;
    b.addEventListener("click", () => dialog.showModal());
  }
}

// A link may lead to a field: of the status, of a note.
if (/^#[bt]-status$|^#note-text$/.test(location.hash)) focusOn(location.hash.slice(1));

// After Back a browser fills forms as they were left: they show what is filtered.
addEventListener("pageshow", (e) => {
  const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  if (e.persisted || back) for (const form of document.querySelectorAll("form.filter")) form.reset();
});

// Facets beside a list are folded where it is narrow, or as they were left.
for (const box of document.querySelectorAll("details.facet-box[data-fold]")) {
  const narrow = innerWidth < Number(box.dataset.fold);
  const key = "facets:" + box.dataset.fold + (narrow ? "narrow" : "wide");
  let kept = null;
  try { kept = localStorage.getItem(key); } catch { /* forbidden */ }
  box.open = kept ? kept === "open" : !narrow;
  box.querySelector("summary").addEventListener("click", () => {
    try { localStorage.setItem(key, box.open ? "shut" : "open"); } catch { /* forbidden: not kept */ }
  });
}
