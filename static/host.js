// On the page of a host: folds on a narrow screen what is not needed at once,
// prints, and unfolds everything for paper. Without this script all of it is open,
// and the browser's own menu prints.

if (matchMedia("(max-width: 720px)").matches && !location.hash) {
  for (const d of document.querySelectorAll("details[data-fold]")) d.open = false;
}

const button = document.querySelector("[data-print]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("main details:not([open], [data-menu])")];
  for (const d of folded) d.open = true;
});
addEventListener("afterprint", () => {
  for (const d of folded) d.open = false;
  folded = [];
});
