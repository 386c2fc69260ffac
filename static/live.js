// Keeps the part of a page that changes by itself up to date, until it stops
// changing. Without this script the page reloads by itself.

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function follow(part) {
  while (part.dataset.live === "on") {
    await wait(1500);
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer || !answer.ok) continue;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
    if (!next) return;
    part.replaceWith(next);
    part = next;
  }
}

for (const part of document.querySelectorAll("[data-live]")) follow(part);
