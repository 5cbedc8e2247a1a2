// Intake: Tab confirms a suggestion and goes to the next doubt, Ctrl+Enter sends, and what was
// typed while the server was reading is never overwritten by its answer.

import "./draft.js";

const form = document.getElementById("intake-form");
const told = document.getElementById("told");
const recogniser = document.getElementById("recogniser");
const passed = new Set();
let sent = null;
let changed = false;

const cellsOf = (root) => [...root.querySelectorAll("#card [data-cell]")];

function values() {
  return new Map(cellsOf(document).map((cell) => [cell.name, cell.value]));
}

/** A person has looked at it: without its twin the value is hers. */
function confirmCell(cell) {
  cell.parentElement.querySelector(`input[name="${cell.name}.was"]`)?.remove();
  cell.dataset.doubt = "0";
  cell.parentElement.classList.remove("is-suggested");
}

function nextDoubt(after) {
  const doubtful = cellsOf(document).filter(
    (cell) => Number(cell.dataset.doubt) > 0 && cell !== after && !passed.has(cell.name),
  );
  return doubtful.sort((a, b) => Number(b.dataset.doubt) - Number(a.dataset.doubt))[0];
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
    event.preventDefault();
    document.querySelector(".ik-send").click();
    return;
  }
  if (event.key !== "Tab" || event.shiftKey || event.altKey || event.ctrlKey) return;
  const here = event.target;
  if (here !== told && !here.matches("[data-cell]")) return;
  if (here !== told) {
    if (here.value) confirmCell(here);
    passed.add(here.name);
  }
  const next = nextDoubt(here) || (here === told ? null : document.querySelector(".ik-send"));
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select?.();
});

// The marks fit the text they were made for; until the next answer they step back.
told.addEventListener("input", () => {
  document.getElementById("told-marks").classList.add("is-stale");
});
told.addEventListener("scroll", () => {
  document.getElementById("told-marks").scrollTop = told.scrollTop;
});
form.addEventListener("input", () => { changed = true; });
form.addEventListener("submit", () => { changed = false; });
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt === recogniser) sent = values();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig?.elt !== recogniser || event.detail.xhr.status !== 200) return;
  const now = values();
  const typing = [...now].some(([name, value]) => sent.get(name) !== value);
  if (!typing) return;
  event.detail.shouldSwap = false;
  window.htmx.trigger(recogniser, "again");
});
