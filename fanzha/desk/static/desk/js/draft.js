// A half-typed report outlives a reload, a step back and an ended session: it is kept in this tab
// alone (sessionStorage), for its officer, until it is taken or she logs out (forms.js).

import { now } from "./clocks.js";

const KEY = "fanzha.intake";
const WAIT_MS = 500;
const HERE_MS = 8 * 3600 * 1000;

const form = document.getElementById("intake-form");
const line = document.getElementById("draft-kept");
const back = document.getElementById("draft-back");
let waiting = 0;
let over = false;

function clockOf(milliseconds) {
  return new Date(milliseconds + HERE_MS).toISOString().slice(11, 19);
}

function typed() {
  const values = Object.fromEntries(new FormData(form));
  delete values.csrfmiddlewaretoken;
  return values;
}

function isEmpty(values) {
  const given = Object.entries(values).filter(([name, value]) => value && !name.endsWith(".was"));
  return given.every(([name]) => ["form_token", "door"].includes(name) || name.endsWith("kind"));
}

function keep() {
  const values = typed();
  if (over || isEmpty(values)) return;
  const draft = { officer: form.dataset.officer, at: now(), values };
  sessionStorage.setItem(KEY, JSON.stringify(draft));
  line.querySelector("span").textContent = line.dataset.words.replace("#", clockOf(draft.at));
  line.hidden = false;
}

function wasTaken(draft) {
  return document.cookie.split("; ").includes(`fanzha_taken=${draft.values.form_token}`);
}

/** The server builds the card again from what was typed, as it does while somebody types. */
function bring(draft) {
  for (const name of ["form_token", "told", "door", "ongoing"]) {
    if (draft.values[name]) form.elements[name].value = draft.values[name];
  }
  const url = document.getElementById("recogniser").getAttribute("hx-post");
  window.htmx.ajax("POST", url, { target: "#card", swap: "outerHTML", values: draft.values });
  back.querySelector("span").textContent = back.dataset.words.replace("#", clockOf(draft.at));
  back.hidden = false;
}

const found = JSON.parse(sessionStorage.getItem(KEY) || "null");
if (found && (found.officer !== form.dataset.officer || wasTaken(found))) {
  sessionStorage.removeItem(KEY);
} else if (found && isEmpty(typed())) {
  bring(found);
}

function keepSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(keep, WAIT_MS);
}

/** Nothing is written any more: neither by what was still waiting nor by an answer to come. */
function end() {
  over = true;
  sessionStorage.removeItem(KEY);
}

form.addEventListener("input", keepSoon);
form.addEventListener("submit", keep);
document.addEventListener("htmx:afterSettle", keepSoon);
back.querySelector("button").addEventListener("click", () => {
  end();
  window.location.assign(window.location.pathname);
});
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action")?.endsWith("/logout/")) end();
});
