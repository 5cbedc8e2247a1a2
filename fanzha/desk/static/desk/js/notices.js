// When a request fails, the page says what happened and what was kept; nothing fails in silence.
// An element may say it better itself: data-kept="The draft of 11:47 is saved."

import { words } from "./words.js";

/** Show a notice until it is closed: what happened, and what was kept. */
export function notice(text, kept) {
  const shape = document.getElementById("toast-shape").content.cloneNode(true);
  const note = shape.firstElementChild;
  note.classList.add("fz-note--bad");
  note.querySelector("[data-toast-text]").textContent = text;
  note.querySelector("[data-toast-kept]").textContent = kept;
  const shown = document.getElementById("toasts");
  for (const other of shown.children) {
    if (other.textContent.trim() === note.textContent.trim()) other.remove();
  }
  shown.append(note);
}

/** The refusal's own sentence, when the server sent one. */
function sentenceOf(response) {
  const page = new DOMParser().parseFromString(response, "text/html");
  return page.querySelector("[data-refusal]")?.textContent.trim();
}

function keptBy(element) {
  return element?.closest?.("[data-kept]")?.dataset.kept;
}

function isRead(event) {
  return event.detail.requestConfig?.verb === "get";
}

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const kept = keptBy(event.target) || words.kept;
  if (xhr.status >= 500) notice(words.failed, kept);
  else notice(sentenceOf(xhr.responseText) || words.refused, kept);
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    notice(words.unreachable, keptBy(event.target) || (isRead(event) ? words.kept : words.unsure));
  });
}

// An ended session answers with the log-in page; it must not land inside a part of this page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const answered = event.detail.xhr.responseURL;
  if (!answered || new URL(answered).pathname !== words.login) return;
  event.detail.shouldSwap = false;
  notice(words.loggedOut, words.kept);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-toast-close]")) event.target.closest(".fz-note").remove();
});
