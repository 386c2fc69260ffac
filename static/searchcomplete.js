// What may be written in the box of a search, as the server knows it: commands,
// functions, fields, values. Up and down choose, Tab takes the chosen or the first,
// Enter the chosen (and runs the search where none is), Escape closes; Ctrl+Space asks.

const box = document.querySelector("[data-ask]");
const odd = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const visible = (text) => text.replace(odd, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
const make = (tag, set) => Object.assign(document.createElement(tag), set);

if (box) {
  const list = make("ul", { id: "ask-list", className: "ask-list", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "What may be written here");
  const told = make("span", { className: "vh" });
  told.setAttribute("role", "status");
  box.parentElement.append(list, told);
  // A box of several lines is no combobox to ARIA: it has the list by these alone.
  for (const [name, value] of [["aria-autocomplete", "list"], ["aria-haspopup", "listbox"], ["aria-controls", "ask-list"]]) box.setAttribute(name, value);

  let found = null, chosen = -1, asking = null, timer = 0;

  const shut = () => {
    clearTimeout(timer);
    asking?.abort();
    if (!list.hidden) told.textContent = "";
    list.hidden = true;
    found = null;
    chosen = -1;
    box.removeAttribute("aria-activedescendant");
  };

  const choose = (i) => {
    chosen = i;
    [...list.children].forEach((li, n) => li.setAttribute("aria-selected", String(n === i)));
    if (i < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", "ask-item-" + i);
    list.children[i].scrollIntoView({ block: "nearest" });
  };

  // Places in the text: characters to the server, halves of them here.
  const unit = (n) => [...box.value].slice(0, n).join("").length;

  const take = (i) => {
    const { from, to, items } = found, text = items[i].insert;
    shut();
    box.focus();
    box.setSelectionRange(unit(from), unit(to));
    // Undo knows what is inserted so; it tells of itself by an input event.
    if (!document.execCommand("insertText", false, text)) {
      box.setRangeText(text, unit(from), unit(to), "end");
      box.dispatchEvent(new Event("input"));
    }
  };

  const show = (answer) => {
    if (!answer.items.length) return shut();
    found = answer;
    list.replaceChildren(...answer.items.map((item, i) => {
      const li = make("li", { id: "ask-item-" + i });
      li.setAttribute("role", "option");
      li.append(make("span", { className: "log", textContent: visible(item.text) }), make("span", { className: "dim", textContent: item.about || item.kind }));
      li.addEventListener("click", () => take(i));
      return li;
    }));
    list.hidden = false;
    list.scrollTop = 0;
    choose(-1);
    told.textContent = answer.items.length === 1 ? "1 suggestion" : answer.items.length + " suggestions";
    place(answer.from);
  };

  // place puts the list beneath what is written.
  const place = (from) => {
    const layer = box.parentElement.querySelector(".ask-paint"), frame = box.getBoundingClientRect();
    let left = 0, top = frame.height;
    for (let at = unit(from), walk = layer && document.createTreeWalker(layer, NodeFilter.SHOW_TEXT); walk?.nextNode();) {
      if (at > walk.currentNode.length) { at -= walk.currentNode.length; continue; }
      const range = document.createRange();
      range.setStart(walk.currentNode, at);
      const r = range.getBoundingClientRect();
      [left, top] = [r.left - frame.left - 12, r.bottom - frame.top + 4];
      break;
    }
    list.style.top = top + "px";
    list.style.left = Math.max(0, Math.min(left, frame.width - list.offsetWidth)) + "px";
  };

  const ask = async () => {
    asking?.abort();
    const own = asking = new AbortController(), text = box.value, at = box.selectionStart;
    if (at !== box.selectionEnd) return shut();
    try {
      const q = new URLSearchParams({ q: text, at: String([...text.slice(0, at)].length) });
      const answer = await fetch("/search/complete?" + q, { signal: own.signal, headers: { Accept: "application/json" } });
      const items = answer.ok ? await answer.json() : { items: [] };
      if (own === asking && box.value === text && box.selectionStart === at && document.activeElement === box) show(items);
    } catch { /* another was asked, or there is no server: nothing is suggested */ }
  };

  box.addEventListener("input", (e) => {
    shut();
    if (e.isComposing || e.inputType === "insertFromPaste") return;
    timer = setTimeout(ask, 80);
  });
  box.addEventListener("blur", shut);
  list.addEventListener("pointerdown", (e) => e.preventDefault()); // the box keeps the focus

  // Before the box's own keys: Enter runs the search.
  box.form.addEventListener("keydown", (e) => {
    if (e.target !== box || e.isComposing) return;
    if (list.hidden) {
      if (e.key !== " " || !e.ctrlKey) return;
      ask();
    } else if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      const n = list.children.length, step = e.key === "ArrowDown" ? 1 : -1;
      choose(chosen < 0 ? (step > 0 ? 0 : n - 1) : (chosen + step + n) % n);
    } else if (e.key === "Tab" && !e.shiftKey || e.key === "Enter" && !e.shiftKey && chosen >= 0) {
      take(Math.max(chosen, 0));
    } else if (e.key === "Escape") {
      shut();
    } else {
      if (e.key === "Enter" || e.key === "ArrowLeft" || e.key === "ArrowRight" || e.key === "Home" || e.key === "End") shut();
      return;
    }
    e.preventDefault();
    e.stopPropagation();
  }, true);
}
