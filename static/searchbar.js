// The box of a search: it grows with its text, Enter runs it (Shift+Enter is a new
// line), and beneath lies the same text in colours. Screen readers and forced colours
// have the box alone. The server reads searches; this only tells their parts apart.

const box = document.querySelector("[data-ask]");
const parts = [
  ["comment", /```[^]*?(?:```|$)/y],
  ["macro", /`[^`]*(?:`|$)/y],
  ["string", /"(?:\\[^]|[^"\\])*(?:"|$)/y],
  ["pipe", /\|/y],
  ["mark", /[[\](),]/y],
  ["operator", /[!<>=]=|[<>=]/y],
  ["space", /\s+/y],
  ["word", /(?:[^\s|"`[\](),<>=!]|!(?!=))+/y],
];
const words = /^(?:AND|OR|NOT|IN|XOR|LIKE|by|groupby|as|over|where|output|outputnew|with)$/i;
const longest = 20000; // the server reads no more

// cut tells the parts of a search: [kind, text] each, together the text.
function cut(text) {
  const out = [];
  for (let i = 0, last = ["", ""], piped = false; i < text.length;) {
    let kind, found;
    for (const [name, re] of parts) {
      re.lastIndex = i;
      if ((found = re.exec(text)?.[0])) { kind = name; break; }
    }
    i += found.length;
    if (kind === "word") kind = wordKind(found, text.slice(i, i + 40), last, piped);
    if (kind !== "space" && kind !== "comment") {
      piped = kind === "pipe";
      last = [kind, found];
    }
    out.push([kind, found]);
  }
  return out;
}

function wordKind(word, rest, [before, text], piped) {
  if (piped || text === "[" && /^(?:search|inputlookup|tstats)$/i.test(word)) return "command";
  if (rest[0] === "(" && !words.test(word)) return "function";
  if (before === "operator" && /^[!<>=]/.test(text)) return /^-?\d+(?:\.\d+)?$/.test(word) ? "number" : "string";
  if (/^\s*(?:[<>=]|!=)/.test(rest)) return "field";
  if (words.test(word)) return "operator";
  return /^-?\d+(?:\.\d+)?$/.test(word) ? "number" : "plain";
}

if (box) {
  const paint = document.createElement("div");
  paint.className = "ask-paint";
  paint.setAttribute("aria-hidden", "true");
  box.before(paint);
  box.parentElement.classList.add("painted");
  const grown = CSS.supports("field-sizing", "content");
  // What the server says is wrong is marked until the text is another.
  const wrong = box.dataset.wrong ? { text: box.value, at: box.dataset.wrong.split(" ").map(Number) } : null;

  const draw = () => {
    const text = box.value, spans = [];
    let at = 0;
    for (const [kind, part] of text.length > longest ? [["plain", text]] : cut(text)) {
      const span = document.createElement("span");
      span.className = "t-" + kind;
      span.textContent = part;
      if (wrong?.text === text && at < wrong.at[1] && at + part.length > wrong.at[0] && kind !== "space") span.classList.add("t-wrong");
      at += part.length;
      spans.push(span);
    }
    paint.replaceChildren(...spans, "\u200b"); // a last line that is empty has its height
    if (grown) return;
    box.style.height = "auto";
    box.style.height = box.scrollHeight + box.offsetHeight - box.clientHeight + "px";
  };
  box.addEventListener("input", draw);
  addEventListener("pageshow", draw); // Back fills the box after the scripts ran
  draw();

  box.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.defaultPrevented) return;
    e.preventDefault();
    box.form.requestSubmit();
  });
}

// The values of the fields are copied as they are. What a running search shows anew has
// its buttons too.
const copies = () => { for (const b of document.querySelectorAll("[data-copy-value]")) b.hidden = false; };
copies();
document.addEventListener("results", copies);
document.addEventListener("click", async (e) => {
  const b = e.target.closest?.("[data-copy-value]");
  if (!b) return;
  try {
    await navigator.clipboard.writeText(b.dataset.copyValue);
    b.textContent = "copied";
  } catch {
    getSelection().selectAllChildren(b.parentElement.querySelector(".value")); // it is not allowed here
  }
});
