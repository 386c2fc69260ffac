// A search that runs shows what it has found so far.
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function follow() {
  for (;;) {
    const now = document.getElementById("results");
    if (!now?.hasAttribute("data-search-running")) return;
    await wait(700);
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) continue;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("results");
    if (!next) return;
    const open = new Set([...now.querySelectorAll("details[open] > summary")].map((s) => s.textContent));
    for (const d of next.querySelectorAll("details")) {
      d.open = open.has(d.querySelector("summary").textContent);
    }
    now.replaceWith(document.adoptNode(next));
    document.dispatchEvent(new CustomEvent("results", { detail: { was: now, is: next } })); // events.js
  }
}
follow();
