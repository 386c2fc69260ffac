// Uploading: by the forms of a page or by dropping files anywhere, with a bar
// that shows how far it is. A folder goes as one tar that is made here, so that its
// files are one collection. Without this script the forms post as they are.

const dialog = document.getElementById("upload");
const dialogForm = dialog.querySelector("form");
const drop = document.getElementById("drop");
let running = null; // the request under way

const bytes = (n) => {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let i = 0;
  while (n >= 999.5 && i < units.length - 1) { n /= 1000; i++; }
  return n.toFixed(i === 0 || n >= 99.95 ? 0 : n >= 9.995 ? 1 : 2) + " " + units[i];
};
const plural = (n, word) => n.toLocaleString("en-US") + " " + word + (n === 1 ? "" : "s");

function say(form, text, bad) {
  const p = form.querySelector("[data-status]");
  p.textContent = text;
  p.classList.toggle("bad", !!bad);
}

// A request takes so many files, and so many bytes. More are sent in several.
const most = 1000;

function requests(files, max) {
  const out = [];
  let size = 0;
  for (const f of files) {
    const room = f.file.size + 1000; // its head
    if (!out.length || out[out.length - 1].length >= most || max > 0 && size + room > max) { out.push([]); size = 2000; }
    out[out.length - 1].push(f);
    size += room;
  }
  return out;
}

function dataOf(form, files) {
  const data = new FormData();
  for (const name of ["ask", "zone", "computer"]) {
    const input = form.querySelector(`[name=${name}]`);
    data.append(name, input ? input.value : "");
  }
  for (const f of files) data.append("file", f.file, f.name);
  return data;
}

// The head of a file in a tar, as POSIX has it: its name, size and time in a record that
// takes any, and a plain block after it.
const utf8 = new TextEncoder();
const padded = (size) => (512 - size % 512) % 512;

function block(name, type, size) {
  const out = new Uint8Array(512);
  const put = (at, text) => out.set(utf8.encode(text), at);
  const octal = (at, width, n) => put(at, n.toString(8).padStart(width - 1, "0"));
  put(0, name);
  octal(100, 8, 0o600);
  octal(108, 8, 0);
  octal(116, 8, 0);
  octal(124, 12, size < 8 ** 11 ? size : 0); // the record has what does not fit
  octal(136, 12, 0);
  put(148, " ".repeat(8));
  put(156, type);
  put(257, "ustar\u000000");
  octal(148, 7, out.reduce((n, b) => n + b, 0));
  put(154, "\u0000");
  return out;
}

function record(key, value) {
  const rest = utf8.encode(` ${key}=${value}\n`).length;
  let n = rest + 1;
  while (n !== rest + String(n).length) n++; // it counts itself
  return `${n} ${key}=${value}\n`;
}

function headOf(name, file) {
  const said = utf8.encode(record("path", name) + record("size", file.size) + record("mtime", file.lastModified / 1000));
  return [block("head", "x", said.length), said, new Uint8Array(padded(said.length)), block("file", "0", file.size)];
}

// collected has the files of each folder be one: a tar by their names within it, in an
// order that is always the same, so that the same folder is the same import. One that is
// more than is taken at once stays as it is.
function collected(files, max) {
  const out = [], folders = new Map();
  for (const f of files) {
    if (!f.folder) out.push(f);
    else if (folders.has(f.folder)) folders.get(f.folder).push(f);
    else folders.set(f.folder, [f]);
  }
  for (const list of folders.values()) {
    const within = (f) => f.name.slice(f.name.indexOf("/") + 1);
    list.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    const parts = list.flatMap((f) => [...headOf(within(f), f.file), f.file, new Uint8Array(padded(f.file.size))]);
    const tar = new Blob([...parts, new Uint8Array(1024)]);
    if (max > 0 && tar.size > max - 4000) out.push(...list); // 4000: the form around it
    else out.push({ file: tar, name: list[0].name.split("/", 1)[0] });
  }
  return out;
}

// lost are the files that the browser cannot read: others write them, or keep them to
// themselves.
async function lost(files) {
  const out = [];
  for (const f of files) await f.file.slice(0, 1).arrayBuffer().catch(() => out.push(f));
  return out;
}

const known = (f) => [f.name, f.file.size, f.file.lastModified].join("/");
const unread = new Set(); // those of the last try: they are left out while that is so

async function send(form, given) {
  if (running) { say(form, "An upload is under way. Wait for it, or close it first.", true); return; }
  running = { abort() {} }; // what is pressed twice is sent once
  const max = Number(dialog.dataset.max);
  const left = await lost(given.filter((f) => unread.has(known(f))));
  const readable = given.filter((f) => !left.includes(f));
  const files = collected(readable, max);
  const big = files.filter((f) => max > 0 && f.file.size > max);
  if (!files.length || big.length) {
    running = null;
    if (!files.length) say(form, "None of these files can be read.", true);
    else say(form, `${big[0].name} is ${bytes(big[0].file.size)}; up to ${bytes(max)} are taken at once. Compress it, or import it with: escutcheon import FILE`, true);
    return;
  }
  const all = files.reduce((n, f) => n + f.file.size, 0);
  const what = `Uploading ${plural(readable.length, "file")}${left.length ? ` (without ${plural(left.length, "file")} that cannot be read)` : ""}`;
  const bar = form.querySelector("progress");
  const buttons = form.querySelectorAll("button[type=submit]");
  bar.hidden = false;
  bar.removeAttribute("value");
  for (const b of buttons) b.disabled = true;
  say(form, `${what}, ${bytes(all)}`);
  const imports = [];
  let before = 0; // bytes of the requests that are over
  try {
    for (const part of requests(files, max)) {
      imports.push(...await post(form, part, (loaded) => {
        const done = Math.min(all, before + loaded);
        bar.max = Math.max(1, all);
        bar.value = done;
        say(form, done < all ? `${what}: ${bytes(done)} of ${bytes(all)}, ${Math.floor(done / all * 100)} %` : "Uploaded. Starting the import.");
      }));
      before += part.reduce((n, f) => n + f.file.size, 0);
    }
  } catch (e) {
    bar.hidden = true;
    for (const b of buttons) b.disabled = false;
    const went = imports.length ? ` ${plural(imports.length, "file")} before went in and ${imports.length === 1 ? "is" : "are"} being imported.` : "";
    const bad = await lost(readable);
    for (const f of bad) unread.add(known(f));
    const which = bad.length ? ` ${bad[0].name}${bad.length > 1 ? ` and ${bad.length - 1} more` : ""} cannot be read: another program may have it open. Unless it closes ${bad.length > 1 ? "them" : "it"}, the next try leaves ${bad.length > 1 ? "them" : "it"} out.` : "";
    say(form, e.message + went + which, true);
    return;
  }
  location.assign(imports.length === 1 ? imports[0].url : "/imports");
}

// post sends one request and gives the imports that it made.
function post(form, files, progress) {
  return new Promise((ok, no) => {
    const xhr = running = new XMLHttpRequest();
    const end = (text) => { running = null; no(new Error(text)); };
    xhr.open("POST", form.action);
    xhr.setRequestHeader("Accept", "application/json");
    xhr.upload.addEventListener("progress", (e) => { if (e.lengthComputable) progress(e.loaded); });
    xhr.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(xhr.responseText); } catch { /* no JSON: the status says enough */ }
      if (xhr.status >= 200 && xhr.status < 300 && answer.imports && answer.imports.length) {
        running = null;
        ok(answer.imports);
        return;
      }
      end(answer.message || answer.error || `The server did not take it (status ${xhr.status}).`);
    });
    xhr.addEventListener("error", () => end("The connection broke, a file changed, or the server refused the size. Try again: nothing is counted twice."));
    xhr.addEventListener("abort", () => end("Upload cancelled."));
    xhr.send(dataOf(form, files));
  });
}

let dropped = null; // files waiting in the dialog

// chosen are the files of a form's choosers; those of a folder keep its path.
const chosen = (form) => [...form.querySelectorAll("input[type=file]")].flatMap((i) => [...i.files].map((file) => ({ file, name: file.webkitRelativePath || file.name, folder: file.webkitRelativePath ? i : null })));

for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const files = form === dialogForm && dropped ? dropped : chosen(form);
    if (files.length) send(form, files);
    else say(form, "Choose a file or a folder first.", true);
  });
}
dialog.querySelector("[data-cancel]").addEventListener("click", () => { if (running) running.abort(); else dialog.close(); });
dialog.addEventListener("close", () => { dropped = null; if (running) running.abort(); });

// A page with a form of its own asks there; any other asks in the dialog.
function take(files) {
  const form = document.querySelector("main form[data-upload]");
  if (form) { send(form, files); return; }
  dropped = files;
  dialog.querySelector("[data-files]").textContent = files.slice(0, 50).map((f) => `${f.name}, ${bytes(f.file.size)}`).join("\n") + (files.length > 50 ? `\nand ${files.length - 50} more` : "");
  say(dialogForm, "");
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("button[type=submit]").focus();
}

// A dropped folder comes as an entry: its files are read, whatever their names. That takes
// a while where they are many.
function reading(n) {
  const form = document.querySelector("main form[data-upload]") || dialogForm;
  say(form, `Reading the folder: ${plural(n, "file")}`);
  if (form !== dialogForm || dialog.open) return;
  dialog.querySelector("[data-files]").textContent = "";
  dialog.showModal();
}

async function filesOf(transfer) {
  const entries = [...transfer.items].filter((i) => i.kind === "file").map((i) => (i.webkitGetAsEntry ? i.webkitGetAsEntry() : null));
  const plain = [...transfer.files].map((file) => ({ file, name: file.name }));
  if (!entries.some((e) => e && e.isDirectory)) return plain;
  const out = [];
  const walk = async (entry, folder) => {
    if (!entry) return;
    if (out.length >= 100000) throw new Error("These are more than 100,000 files. Drop them in parts, or import them with: escutcheon import FILE…");
    if (entry.isFile) { out.push({ file: await new Promise((ok, no) => entry.file(ok, no)), name: entry.fullPath.replace(/^\//, ""), folder }); if (out.length % 250 === 0) reading(out.length); return; }
    const reader = entry.createReader();
    for (;;) {
      const part = await new Promise((ok, no) => reader.readEntries(ok, no));
      if (!part.length) return;
      for (const e of part) await walk(e, folder);
    }
  };
  for (const e of entries) await walk(e, e?.isDirectory ? e : null);
  if (!out.length) throw new Error("There are no files in what was dropped.");
  return out;
}

const hasFiles = (e) => e.dataTransfer && [...e.dataTransfer.types].includes("Files");
let depth = 0;
addEventListener("dragenter", (e) => { if (hasFiles(e)) { e.preventDefault(); depth++; drop.hidden = false; } });
addEventListener("dragover", (e) => { if (hasFiles(e)) { e.preventDefault(); e.dataTransfer.dropEffect = "copy"; } });
addEventListener("dragleave", (e) => { if (hasFiles(e) && --depth <= 0) { depth = 0; drop.hidden = true; } });
addEventListener("drop", async (e) => {
  if (!hasFiles(e)) return;
  e.preventDefault();
  depth = 0;
  drop.hidden = true;
  try {
    const files = await filesOf(e.dataTransfer);
    if (files.length) take(files);
  } catch (e) {
    dialog.querySelector("[data-files]").textContent = "";
    if (!dialog.open) dialog.showModal();
    say(dialogForm, e instanceof DOMException ? "The browser could not read what was dropped. Use the file picker on the page of hosts." : e.message, true);
  }
});

addEventListener("beforeunload", (e) => { if (running) e.preventDefault(); });
