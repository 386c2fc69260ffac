// Keeps a running import's figures up to date, and loads the page anew when it
// ends. Without this script the page reloads by itself.

const number = (n) => Math.round(n).toLocaleString("en-US");
const bytes = (n) => {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let i = 0;
  while (n >= 999.5 && i < units.length - 1) { n /= 1000; i++; }
  return n.toFixed(i === 0 || n >= 99.95 ? 0 : n >= 9.995 ? 1 : 2) + " " + units[i];
};
const span = (s) => {
  s = Math.round(s);
  const two = (a, u, b, v) => (b ? `${a} ${u} ${b} ${v}` : `${a} ${u}`);
  if (s >= 86400) return two(Math.floor(s / 86400), "d", Math.floor(s % 86400 / 3600), "h");
  if (s >= 3600) return two(Math.floor(s / 3600), "h", Math.floor(s % 3600 / 60), "min");
  if (s >= 60) return two(Math.floor(s / 60), "min", s % 60, "s");
  return s + " s";
};
const going = (status) => status === "queued" || status === "running";

function show(root, i) {
  const put = (name, text) => { for (const e of root.querySelectorAll(`[data-show="${name}"]`)) e.textContent = text; };
  const total = i.total || i.size || 0;
  const percent = total > 0 ? Math.min(99, Math.floor(i.bytes / total * 100)) : 0;
  for (const bar of root.querySelectorAll("progress[data-show=bytes]")) {
    bar.max = Math.max(1, total);
    bar.value = i.bytes || 0;
  }
  put("status", i.status);
  put("percent", percent + " %");
  put("bytes-words", `${bytes(i.bytes || 0)} of ${bytes(total)}`);
  put("members", i.members_total ? `${number(i.members_done || 0)} of ${number(i.members_total)}` : number(i.members_done || 0));
  put("rate", i.bytes_per_second > 0 ? bytes(i.bytes_per_second) + "/s" : "not known yet");
  put("events-rate", i.events_per_second > 0 ? number(i.events_per_second) + " events/s" : "");
  put("left", i.seconds_left > 0 ? span(i.seconds_left) : "not known yet");
  for (const name of ["read", "new", "duplicate", "rejected"]) put(name, number(i[name]));
  if (i.format) put("format", i.format);
  if (i.sha256) put("sha256", i.sha256);
  counts(root, i);
}

function counts(root, i) {
  const all = i.new + i.duplicate + i.rejected;
  const svg = root.querySelector("svg.counts");
  if (!svg || !all) return;
  const label = `${number(i.new)} new, ${number(i.duplicate)} duplicate, ${number(i.rejected)} rejected`;
  svg.setAttribute("aria-label", label);
  svg.querySelector("title").textContent = label;
  let x = 0;
  for (const name of ["new", "duplicate", "rejected"]) {
    let part = svg.querySelector(".part-" + name);
    if (!part) {
      if (!i[name]) continue;
      part = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      part.setAttribute("class", "part-" + name);
      part.setAttribute("y", "0");
      part.setAttribute("height", "8");
      svg.append(part);
    }
    const w = i[name] / all * 100;
    part.setAttribute("x", String(x));
    part.setAttribute("width", String(w));
    x += w;
  }
}

// An archive's rows grow while it is read: they are taken from the page anew.
async function growing() {
  if (!document.querySelector("[data-members]")) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of [".panel-head", "tbody", ".empty", ".pager"]) {
    const now = document.querySelector("[data-members] " + part), then = page.querySelector("[data-members] " + part);
    if (now && then) now.replaceChildren(...then.childNodes);
  }
  const now = document.querySelector("[data-members]"), then = page.querySelector("[data-members]");
  if (then && !now.querySelector("tbody") && then.querySelector("tbody")) now.replaceWith(then);
}

async function watch(root) {
  let failures = 0;
  for (let n = 1; ; n++) {
    await new Promise((ok) => setTimeout(ok, failures ? Math.min(10000, 500 * 2 ** failures) : 500));
    if (document.hidden) continue;
    try {
      const answer = await fetch(root.dataset.live + "?members=0", { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const i = await answer.json();
      failures = 0;
      show(root, i);
      if (n % 4 === 0 && root.tagName !== "TR") await growing();
      if (!going(i.status)) return;
    } catch {
      failures++;
    }
  }
}

const roots = [...document.querySelectorAll("[data-live]")];
if (roots.length) {
  Promise.all(roots.map(watch)).then(() => location.reload());
}
