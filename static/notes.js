// Keeps an unsaved note over a reload, and asks before it is left behind.

const forms = [...document.querySelectorAll("form[data-draft]")];
const changed = (area) => area.value !== area.defaultValue && area.value.trim() !== "";

for (const form of forms) {
  const area = form.querySelector("textarea");
  const key = "draft:" + form.dataset.draft;
  const keep = (text) => { try { if (text) sessionStorage.setItem(key, text); else sessionStorage.removeItem(key); } catch { /* not kept */ } };
  let kept = null;
  try { kept = sessionStorage.getItem(key); } catch { /* not kept */ }
  if (kept !== null && area.value === area.defaultValue && (area.defaultValue === "" || form.dataset.draft.startsWith("edit:"))) area.value = kept;
  area.addEventListener("input", () => keep(changed(area) ? area.value : ""));
  form.addEventListener("submit", () => { form.dataset.sent = "1"; keep(""); });
  area.addEventListener("keydown", (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) form.requestSubmit(); });
}

addEventListener("beforeunload", (e) => {
  if (forms.some((f) => !f.dataset.sent && changed(f.querySelector("textarea")))) e.preventDefault();
});
addEventListener("pageshow", () => { for (const f of forms) delete f.dataset.sent; });
