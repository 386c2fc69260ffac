// While answers are chosen, shows how the file would be read with them. Without
// this script a button does.

for (const form of document.querySelectorAll("form[data-ask]")) {
  let last = null; // the request under way
  let before = "";
  const show = async () => {
    const q = new URLSearchParams(new FormData(form)).toString();
    if (q === before) return;
    before = q;
    if (last) last.abort();
    last = new AbortController();
    try {
      const answer = await fetch(form.dataset.ask + "?" + q, { headers: { Accept: "text/html" }, cache: "no-store", signal: last.signal });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const name of ["[data-examples]", "[data-problem]", "[data-orders]"]) {
        const now = form.parentElement.querySelector(name), then = page.querySelector(name);
        if (now && then && now.innerHTML !== then.innerHTML) put(now, then);
      }
    } catch { /* another choice, or no connection: what is shown stays */ }
  };
  const put = (now, then) => {
    if (!now.querySelector("input")) { now.replaceChildren(...then.childNodes); return; }
    const words = then.querySelectorAll("label"); // what is chosen and has the focus stays
    now.querySelectorAll("label").forEach((l, i) => { if (words[i]) l.replaceChildren(...words[i].childNodes); });
  };
  form.addEventListener("change", show);
  let typing = 0;
  form.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(show, 300); });
  const button = form.querySelector("[data-preview]");
  if (button) button.hidden = true;
}

// What was typed before stands in the field: typing replaces it.
const typed = document.querySelector("[data-select]");
if (typed) { typed.focus(); typed.select(); }
