// In the form of a note: shows the preview in place and keeps it current, inserts
// a template at the cursor, and sends with Ctrl+Enter. Without this script the
// buttons ask for the page again.

for (const form of document.querySelectorAll("form[data-draft]:has(.note-preview)")) {
  const area = form.querySelector("textarea");
  area.addEventListener("keydown", (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) form.requestSubmit(); });

  const button = form.querySelector("[data-preview]"), box = form.querySelector(".note-preview");
  const status = form.querySelector("[data-preview-status]");
  let last = null; // the request under way
  const show = async () => {
    if (last) last.abort();
    last = new AbortController();
    try {
      const answer = await fetch("/notes/preview", { method: "POST", body: new URLSearchParams({ text: area.value }), signal: last.signal });
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      box.querySelector("[data-previewed]").replaceWith(page.querySelector("[data-previewed]"));
      return true;
    } catch (err) {
      if (err.name !== "AbortError") status.textContent = "There is no preview: the server does not answer.";
      return false;
    }
  };
  const turn = (on) => {
    box.hidden = !on;
    button.setAttribute("aria-expanded", on);
    button.textContent = on ? "Hide the preview" : "Preview";
  };
  turn(!box.hidden);
  button.addEventListener("click", async (e) => {
    e.preventDefault();
    status.textContent = "";
    if (!box.hidden) { turn(false); return; }
    if (!(await show())) return;
    turn(true);
    status.textContent = "The preview is shown below the form, and follows what you type.";
  });
  let typing = 0;
  area.addEventListener("input", () => {
    clearTimeout(typing);
    if (!box.hidden) typing = setTimeout(show, 300);
  });

  const insert = form.querySelector("[data-insert]");
  if (insert) insert.addEventListener("click", async (e) => {
    e.preventDefault();
    try {
      const answer = await fetch("/notes/templates/" + encodeURIComponent(form.querySelector("[name=template]").value));
      if (!answer.ok) throw new Error(answer.statusText);
      const text = await answer.text(), before = area.value.slice(0, area.selectionStart);
      const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
      area.focus();
      area.setRangeText(gap + text, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
      status.textContent = "The template is inserted.";
    } catch { status.textContent = "The template could not be read. Reload the page."; }
  });
}

// An address that begins a note leads into it, once the browser has gone there.
if (location.hash === "#note") {
  const area = document.querySelector("#note textarea");
  const enter = () => setTimeout(() => { area.focus(); area.setSelectionRange(area.value.length, area.value.length); });
  if (!area) { /* the page has no form */ } else if (document.readyState === "complete") enter(); else addEventListener("load", enter);
}
