// The range of a timeline by wheel, drag, touch and keys. The server draws every
// range: what is shown is what the page's address shows without a script.

const least = 10; // seconds
const holder = () => document.querySelector("[data-range-of]");

// shown is the picture with its range, undefined where none is drawn.
function shown() {
  const svg = holder()?.querySelector("svg[data-from]");
  if (!svg) return undefined;
  const n = (name) => Number(svg.dataset[name]);
  return { svg, pane: svg.closest(".scroll"), from: n("from"), to: n("to"), latest: n("latest"), left: n("left"), right: n("right") };
}

const stamp = (second) => new Date(second * 1000).toISOString().replace(".000", "");

// within is a range as it may be: long enough, and not behind the latest.
function within(from, to, latest) {
  const middle = (from + to) / 2;
  if (to - from < least) [from, to] = [middle - least / 2, middle + least / 2];
  if (to > latest) [from, to] = [from - (to - latest), latest];
  return [Math.round(Math.max(from, -62135596800)), Math.round(to)];
}

let last = { why: "", at: 0 };

// go shows a range and has it in the address. What follows at once for the same
// reason is one step for Back.
function go(from, to, why) {
  const now = shown();
  if (!now) return false;
  [from, to] = within(from, to, now.latest);
  const wanted = new URL(location.href);
  if (wanted.searchParams.get("from") === stamp(from) && wanted.searchParams.get("to") === stamp(to)) return false;
  wanted.searchParams.set("from", stamp(from));
  wanted.searchParams.set("to", stamp(to));
  visit(wanted, why);
  return true;
}

function visit(url, why) {
  for (const name of document.body.dataset.passing.split(" ")) url.searchParams.delete(name);
  const again = why !== "" && why === last.why && performance.now() - last.at < 1000;
  last = { why, at: performance.now() };
  history[again ? "replaceState" : "pushState"](null, "", url);
  load();
}

let busy = false, waiting = false, drawn = location.search; // whose range is shown

// load shows the range of the address; of several that follow at once the last.
async function load() {
  if (busy) {
    waiting = true;
    return;
  }
  busy = true;
  const url = new URL(location.href), asked = location.search;
  url.searchParams.set("part", "timeline");
  url.hash = "";
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-range-of]");
    if (!fresh) throw new Error("no timeline");
    if (!waiting) put(document.importNode(fresh, true), asked);
  } catch {
    location.reload(); // the page says what is wrong
  }
  busy = false;
  if (waiting) {
    waiting = false;
    load();
  }
}

// put shows a timeline in place of the one that is shown. The picture itself stays
// where it is, for a finger may be on it.
function put(fresh, search) {
  drawn = search;
  const old = holder(), now = shown(), next = fresh.querySelector("svg[data-from]");
  const focus = old.contains(document.activeElement) ? document.activeElement : null;
  const again = focus && (focus.dataset.move ? `[data-move=${focus.dataset.move}]` : focus.closest(".range-links") ? ".range-links [aria-current]" : "");
  if (!now || !next) {
    old.replaceWith(fresh);
  } else {
    const pane = now.pane, other = next.closest(".scroll");
    for (const a of next.attributes) now.svg.setAttribute(a.name, a.value);
    now.svg.replaceChildren(...next.childNodes);
    now.svg.nextElementSibling?.replaceWith(next.nextElementSibling);
    for (const c of [...old.children]) if (c !== pane) c.remove();
    const all = [...fresh.children], at = all.indexOf(other);
    pane.before(...all.slice(0, at));
    pane.after(...all.slice(at + 1));
  }
  const to = again ? holder().querySelector(again) : focus && !focus.isConnected ? shown()?.pane : null;
  to?.focus({ preventScroll: true });
  carry();
  ready();
  document.dispatchEvent(new Event("timeline:shown"));
}

// carry has the page's other links keep the range.
function carry() {
  const here = new URL(location.href);
  const put = (address) => {
    const u = new URL(address, here);
    if (u.pathname !== here.pathname) return address;
    for (const name of ["from", "to"]) {
      const v = here.searchParams.get(name);
      if (v) u.searchParams.set(name, v);
      else u.searchParams.delete(name);
    }
    return u.pathname + u.search + u.hash;
  };
  for (const a of document.querySelectorAll("main a[href^='/']")) {
    if (!a.closest("[data-range-of]")) a.setAttribute("href", put(a.getAttribute("href")));
  }
  for (const i of document.querySelectorAll("main input[name=back]")) i.value = put(i.value);
}

// secondAt is the moment at a place of the screen.
function secondAt(now, clientX) {
  const x = new DOMPoint(clientX, 0).matrixTransform(now.svg.getScreenCTM().inverse()).x;
  return now.from + (x - now.left) / (now.right - now.left) * (now.to - now.from);
}

const perPixel = (now) => secondAt(now, 1) - secondAt(now, 0);

function zoom(factor, around, why) {
  const now = shown();
  return go(around - (around - now.from) * factor, around + (now.to - around) * factor, why);
}

function pan(seconds, why) {
  const now = shown(), by = Math.min(seconds, now.latest - now.to);
  return by !== 0 && go(now.from + by, now.to + by, why);
}

function wheel(e) {
  const now = shown();
  if (!now || !(e.ctrlKey || now.pane.contains(document.activeElement))) return; // the page scrolls
  const across = e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY);
  const by = e.deltaX || e.deltaY;
  const done = across ? pan(by * perPixel(now), "wheel") : zoom(Math.exp(Math.max(-120, Math.min(120, e.deltaY)) / 300), secondAt(now, e.clientX), "wheel");
  if (done || e.ctrlKey) e.preventDefault();
}

function key(e) {
  const now = shown();
  if (!now || e.target !== now.pane || e.ctrlKey || e.metaKey || e.altKey) return;
  const middle = (now.from + now.to) / 2, part = (now.to - now.from) / 4;
  const named = (name) => holder().querySelector(`[data-preset=${name}]`);
  const does = {
    "+": () => zoom(0.5, middle, "key"), "=": () => zoom(0.5, middle, "key"),
    "-": () => zoom(2, middle, "key"), "_": () => zoom(2, middle, "key"),
    ArrowLeft: () => pan(-part, "key"), ArrowRight: () => pan(part, "key"),
    Home: () => named("all")?.click(), 0: () => named("week")?.click(),
  }[e.key];
  if (!does) return;
  e.preventDefault();
  does();
}

// A mouse draws a range, with Shift it moves the picture. A finger moves it, at
// first where it is scrolled; two draw it wider or closer.
const fingers = new Map();
let drag = null, moved = false;

function down(e) {
  const now = shown();
  if (!now || e.button !== 0) return;
  if (e.pointerType === "touch") {
    fingers.set(e.pointerId, e.clientX);
    drag = { kind: fingers.size === 2 ? "pinch" : "move", now, x: e.clientX, scroll: now.pane.scrollLeft };
    if (fingers.size === 2) drag.at = [...fingers.values()].map((x) => secondAt(now, x));
    return;
  }
  if (e.target.closest("a")) return;
  e.preventDefault();
  now.pane.focus({ preventScroll: true });
  drag = { kind: e.shiftKey ? "move" : "brush", now, x: e.clientX, scroll: now.pane.scrollLeft, start: secondAt(now, e.clientX) };
  now.svg.setPointerCapture(e.pointerId);
}

function move(e) {
  if (!drag || e.pointerType === "touch" && !fingers.has(e.pointerId)) return;
  if (fingers.has(e.pointerId)) fingers.set(e.pointerId, e.clientX);
  if (Math.abs(e.clientX - drag.x) > 4 && !moved) {
    moved = true;
    if (e.pointerType === "touch") drag.now.svg.setPointerCapture(e.pointerId);
  }
  if (!moved) return;
  if (drag.kind === "brush") return brush(secondAt(shown(), e.clientX));
  if (drag.kind === "pinch") return pinch();
  const pane = drag.now.pane, wanted = drag.scroll - (e.clientX - drag.x);
  pane.scrollLeft = wanted;
  const over = wanted - Math.max(0, Math.min(wanted, pane.scrollWidth - pane.clientWidth));
  if (Math.abs(over) < 1) return;
  const by = Math.min(over * perPixel(drag.now), drag.now.latest - drag.now.to);
  go(drag.now.from + by, drag.now.to + by, "drag");
}

// pinch puts the moments that two fingers hold where these are.
function pinch() {
  const [x1, x2] = [...fingers.values()], [t1, t2] = drag.at, now = shown();
  if (fingers.size < 2 || Math.abs(x1 - x2) < 8) return;
  const box = now.svg.getBoundingClientRect(), unit = box.width / now.svg.viewBox.baseVal.width;
  const a = box.left + now.left * unit, b = box.left + now.right * unit, per = (t2 - t1) / (x2 - x1);
  if (per > 0) go(t1 - (x1 - a) * per, t1 + (b - x1) * per, "pinch");
}

function brush(second) {
  const now = drag.now, x = (s) => now.left + (Math.min(now.to, Math.max(now.from, s)) - now.from) / (now.to - now.from) * (now.right - now.left);
  drag.end = second;
  const a = x(Math.min(drag.start, second)), b = x(Math.max(drag.start, second));
  let rect = now.svg.querySelector(".brush");
  if (!rect) {
    rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    rect.setAttribute("class", "brush");
    rect.setAttribute("y", "0");
    rect.setAttribute("height", now.svg.getAttribute("height"));
    now.svg.append(rect);
  }
  rect.setAttribute("x", a);
  rect.setAttribute("width", b - a);
}

function up(e) {
  fingers.delete(e.pointerId);
  const d = drag;
  drag = null;
  if (!d || d.kind !== "brush") return;
  d.now.svg.querySelector(".brush")?.remove();
  if (e.type === "pointerup" && moved && d.end !== undefined) {
    const inside = (s) => Math.min(d.now.to, Math.max(d.now.from, s));
    go(inside(Math.min(d.start, d.end)), inside(Math.max(d.start, d.end)), "");
  }
}

// follow shows what a link of the timeline leads to in place.
function follow(e) {
  if (moved) { // it ends a drag
    moved = false;
    e.preventDefault();
    return;
  }
  const a = e.target.closest("a");
  if (!a || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  if (!a.closest(".range-links, [data-timeline]")) return;
  const u = new URL(a.href?.baseVal ?? a.href, location.href);
  if (u.pathname !== location.pathname || u.search === location.search || a.closest("[data-timeline]") && !u.searchParams.has("from")) return;
  e.preventDefault();
  u.hash = "";
  visit(u, "");
}

// ready makes what is shown take all this.
function ready() {
  const now = shown(), keys = holder()?.querySelector("[data-range-keys]");
  if (keys) keys.hidden = false;
  if (!now || now.pane.dataset.live !== undefined) return;
  now.pane.dataset.live = "";
  now.pane.addEventListener("wheel", wheel, { passive: false });
  now.pane.addEventListener("keydown", key);
  now.svg.addEventListener("pointerdown", down);
}

if (holder()) {
  document.addEventListener("pointerdown", () => { moved = false; }, true);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", up);
  document.addEventListener("pointercancel", up);
  document.addEventListener("keydown", (e) => { if (e.key === "Escape" && drag) up({ type: "cancel" }); });
  document.addEventListener("click", (e) => { if (e.target.closest?.("[data-range-of]")) follow(e); });
  addEventListener("popstate", () => {
    last = { why: "", at: 0 };
    if (location.search !== drawn) load();
  });
  ready();
}
