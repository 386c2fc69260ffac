// The events of a search: a row opens in place to the fields and bytes of its event,
// which come when they are asked for; two that are chosen are compared. Without it the
// row's link leads to the event's page.

const events = "table[data-opens]";
const rowOf = (e) => e.closest(events + " > tbody > tr[data-event]");
const openedBy = (row) => (row.nextElementSibling?.matches("tr[data-opened]") ? row.nextElementSibling : null);
const opener = (row) => row.querySelector("a[data-open]");

function ready(table) {
  for (const link of table.querySelectorAll("tr[data-event] a[data-open]")) {
    link.setAttribute("role", "button");
    link.setAttribute("aria-expanded", String(Boolean(openedBy(rowOf(link)))));
  }
}

// The list has a window of its own only while nothing is open in it: the row stays where
// it is on the screen when that window comes or goes.
function keep(row, at) {
  row.scrollIntoView({ block: "nearest", behavior: "instant" });
  scrollBy({ top: row.getBoundingClientRect().top - at, behavior: "instant" });
}

async function toggle(row) {
  const link = opener(row), was = openedBy(row), at = row.getBoundingClientRect().top;
  if (was) {
    was.remove();
    keep(row, at);
    link.setAttribute("aria-expanded", "false");
    return;
  }
  const line = document.createElement("tr"), cell = document.createElement("td");
  line.dataset.opened = "";
  cell.colSpan = [...row.cells].filter((c) => c.getClientRects().length).length; // a phone has fewer
  cell.textContent = "Loading…";
  cell.setAttribute("role", "status");
  line.append(cell);
  row.after(line);
  keep(row, at);
  link.setAttribute("aria-expanded", "true");
  try {
    const url = new URL(link.href);
    url.searchParams.set("part", "open");
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    cell.removeAttribute("role");
    cell.replaceChildren(...page.body.children);
    globalThis.copyable(cell);
  } catch {
    cell.textContent = "The event did not come. ";
    const a = document.createElement("a");
    a.href = link.href;
    a.textContent = "Open its page instead.";
    cell.append(a);
  }
}

document.addEventListener("click", (e) => {
  if (e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  const tab = e.target.closest("[data-open-event] [role=tab]");
  if (tab) return show(tab);
  const row = rowOf(e.target);
  if (!row || !opener(row)) return;
  const link = e.target.closest("a[data-open]");
  if (!link && (e.target.closest("a, button, input, label, select") || !getSelection().isCollapsed)) return;
  e.preventDefault();
  toggle(row);
});

document.addEventListener("keydown", (e) => {
  const tab = e.target.closest?.("[data-open-event] [role=tab]");
  if (tab && (e.key === "ArrowLeft" || e.key === "ArrowRight")) {
    const other = [...tab.parentElement.querySelectorAll("[role=tab]")].find((t) => t !== tab);
    show(other);
    other.focus();
    e.preventDefault();
  } else if (e.key === " " && e.target.matches?.(events + " a[data-open][role=button]")) {
    e.preventDefault();
    toggle(rowOf(e.target));
  }
});

function show(tab) {
  for (const t of tab.parentElement.querySelectorAll("[role=tab]")) {
    const on = t === tab;
    t.setAttribute("aria-selected", String(on));
    t.tabIndex = on ? 0 : -1;
    document.getElementById(t.getAttribute("aria-controls")).hidden = !on;
  }
}

const chosen = () => [...document.querySelectorAll("input[name=event][form=compare]:checked")];
function tell() {
  const button = document.querySelector("button[data-compare]");
  if (!button) return;
  const n = chosen().length;
  button.disabled = n !== 2;
  button.textContent = n === 2 ? "Compare the two events" : `Compare two events (${n} chosen)`;
}
document.addEventListener("change", (e) => { if (e.target.name === "event") tell(); });

function begin() {
  for (const table of document.querySelectorAll(events)) ready(table);
  tell();
  document.querySelector(events + " tr.marked")?.scrollIntoView({ block: "center" });
}
begin();
addEventListener("pageshow", tell); // after Back boxes are as they were left

// While a search runs its rows are replaced: what was opened and chosen stays so.
document.addEventListener("results", (e) => {
  const { was, is } = e.detail;
  for (const row of was.querySelectorAll("tr[data-event]")) {
    const now = is.querySelector(`tr[data-event="${row.dataset.event}"]`);
    if (!now) continue;
    if (openedBy(row)) now.after(openedBy(row));
    const box = now.querySelector("input[name=event]");
    if (box) box.checked = row.querySelector("input[name=event]").checked;
  }
  for (const table of is.querySelectorAll(events)) ready(table);
  tell();
});
