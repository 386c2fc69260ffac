// Keeps what is typed into the form of a note, or the note of a status, until it is stored: over a reload,
// a closed tab and a request that failed. A draft that was sent is forgotten once
// a page shows a note of that text.

const days = 30;
const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
const forget = (key) => { try { localStorage.removeItem(key); } catch { /* none is kept */ } };
const write = (key, draft) => { try { localStorage.setItem(key, JSON.stringify(draft)); return true; } catch { return false; } };
const keys = () => { try { return Object.keys(localStorage).filter((k) => k.startsWith("draft:")); } catch { return []; } };

const exact = (box) => (globalThis.exactly(box) ?? box.querySelector("[data-typed]").textContent).replace(/\r\n?/g, "\n");
const stored = new Set([...document.querySelectorAll("[data-copy-box]:has([data-typed])")].map(exact));

for (const key of keys()) {
  const d = read(key);
  if (!d || typeof d.text !== "string" || !(Date.now() - d.at < days * 864e5) || d.sent && stored.has(d.text)) forget(key);
}

// lineBehind is the line of a form that has none of its own.
function lineBehind(area) {
  const line = Object.assign(document.createElement("p"), { className: "restored", hidden: true });
  const status = document.createElement("span"), discard = document.createElement("button");
  status.setAttribute("role", "status");
  Object.assign(discard, { type: "button", textContent: "Discard" }).dataset.discard = "";
  line.append(status, " ", discard);
  area.closest("label").after(line);
  return line;
}

const unkept = new Set(); // forms with text that could not be kept
for (const form of document.querySelectorAll("form[data-draft]")) {
  const area = form.querySelector("textarea"), about = form.querySelector("select[name=finding]");
  const line = form.querySelector("[data-restored]") || lineBehind(area);
  const key = "draft:" + form.dataset.draft;
  const given = area.value, base = form.dataset.origin === "back" ? null : given;

  const keep = (sent) => {
    unkept.delete(form);
    if (area.value === base || area.value.trim() === "") forget(key);
    else if (!write(key, { text: area.value, finding: about ? about.value : "", at: Date.now(), sent }) && !sent) unkept.add(form);
  };
  const restore = (draft) => {
    area.value = given && form.dataset.origin === "begun" && !draft.text.includes(given) ? draft.text + "\n\n" + given : draft.text;
    if (about && [...about.options].some((o) => o.value === draft.finding)) about.value = draft.finding;
    line.hidden = false;
    line.querySelector("[role=status]").textContent = "Restored the draft of " + new Date(draft.at).toISOString().slice(0, 16).replace("T", " ") + " UTC.";
  };

  const draft = read(key);
  if (form.dataset.origin === "back") {
    const edit = /^draft:edit:\d+:/.exec(key);
    if (edit) for (const k of keys()) if (k.startsWith(edit[0])) forget(k); // of the revision before
    keep(false);
  } else if (draft && draft.text !== given) restore(draft);

  area.addEventListener("input", () => keep(false));
  if (about) about.addEventListener("change", () => keep(false));
  form.addEventListener("submit", (e) => keep(!(e.submitter && e.submitter.name === "do")));
  line.querySelector("[data-discard]").addEventListener("click", () => {
    area.value = given;
    keep(false);
    line.hidden = true;
    area.focus();
  });
}

addEventListener("beforeunload", (e) => { if (unkept.size) e.preventDefault(); });
