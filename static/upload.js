// Uploading: by the forms of a page or by dropping files anywhere, with a bar
// that shows how far it is. Without this script the forms post as they are.

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

function send(form, files) {
  if (running) { say(form, "An upload is under way. Wait for it, or close it first.", true); return; }
  const size = files.reduce((n, f) => n + f.size, 0);
  const max = Number(dialog.dataset.max);
  if (max > 0 && size > max) {
    say(form, `These files are ${bytes(size)}; up to ${bytes(max)} are taken at once. Choose fewer, or compress them with gzip.`, true);
    return;
  }
  const data = new FormData();
  for (const name of ["zone", "computer"]) {
    const input = form.querySelector(`[name=${name}]`);
    data.append(name, input ? input.value : "");
  }
  for (const f of files) data.append("file", f, f.name);
  const bar = form.querySelector("progress");
  const buttons = form.querySelectorAll("button[type=submit]");
  const xhr = running = new XMLHttpRequest();
  const end = (text) => {
    running = null;
    bar.hidden = true;
    for (const b of buttons) b.disabled = false;
    say(form, text, true);
  };
  xhr.open("POST", form.action);
  xhr.setRequestHeader("Accept", "application/json");
  xhr.upload.addEventListener("progress", (e) => {
    if (!e.lengthComputable) return;
    bar.max = e.total;
    bar.value = e.loaded;
    const done = Math.floor(e.loaded / e.total * 100);
    say(form, e.loaded < e.total ? `Uploading ${plural(files.length, "file")}: ${bytes(e.loaded)} of ${bytes(e.total)}, ${done} %` : "Uploaded. Starting the import.");
  });
  xhr.addEventListener("load", () => {
    let answer = {};
    try { answer = JSON.parse(xhr.responseText); } catch { /* no JSON: the status says enough */ }
    if (xhr.status >= 200 && xhr.status < 300 && answer.imports && answer.imports.length) {
      running = null;
      location.assign(answer.imports.length === 1 ? answer.imports[0].url : "/imports");
      return;
    }
    end(answer.message || answer.error || `The server did not take it (status ${xhr.status}). Nothing was imported.`);
  });
  xhr.addEventListener("error", () => end("The connection broke, or the server refused the size. Nothing was imported; try again."));
  xhr.addEventListener("abort", () => end("Upload cancelled. Nothing was imported."));
  bar.hidden = false;
  bar.removeAttribute("value");
  for (const b of buttons) b.disabled = true;
  say(form, `Uploading ${plural(files.length, "file")}, ${bytes(size)}`);
  xhr.send(data);
}

let dropped = null; // files waiting in the dialog

for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const files = form === dialogForm && dropped ? dropped : [...form.querySelector("input[type=file]").files];
    if (files.length) send(form, files);
    else say(form, "Choose a file first.", true);
  });
}
dialog.querySelector("[data-cancel]").addEventListener("click", () => { if (running) running.abort(); else dialog.close(); });
dialog.addEventListener("close", () => { dropped = null; if (running) running.abort(); });

// A page with a form of its own asks there; any other asks in the dialog.
function take(files) {
  const form = document.querySelector("main form[data-upload]");
  if (form) { send(form, files); return; }
  dropped = files;
  dialog.querySelector("[data-files]").textContent = files.slice(0, 50).map((f) => `${f.name}, ${bytes(f.size)}`).join("\n") + (files.length > 50 ? `\nand ${files.length - 50} more` : "");
  say(dialogForm, "");
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("button[type=submit]").focus();
}

// A dropped folder comes as an entry: its files are read, whatever their names.
async function filesOf(transfer) {
  const entries = [...transfer.items].filter((i) => i.kind === "file").map((i) => (i.webkitGetAsEntry ? i.webkitGetAsEntry() : null));
  const plain = [...transfer.files];
  if (!entries.some((e) => e && e.isDirectory)) return plain;
  const out = [];
  const walk = async (entry) => {
    if (!entry || out.length >= 10000) return;
    if (entry.isFile) { out.push(await new Promise((ok, no) => entry.file(ok, no))); return; }
    const reader = entry.createReader();
    for (;;) {
      const part = await new Promise((ok, no) => reader.readEntries(ok, no));
      if (!part.length) return;
      for (const e of part) await walk(e);
    }
  };
  for (const e of entries) await walk(e);
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
  } catch {
    dialog.querySelector("[data-files]").textContent = "";
    if (!dialog.open) dialog.showModal();
    say(dialogForm, "The browser could not read what was dropped. Use the file picker on the page of hosts.", true);
  }
});

addEventListener("beforeunload", (e) => { if (running) e.preventDefault(); });
