// Keyboard: `/` goes to the search, J and K (or the arrows, inside a list) move along a list,
// Enter opens, and a button with data-hotkey answers to its letter, or to `ctrl+` and its letter.
// Whoever is disturbed by single keys (speech input types them) switches them off in the account
// menu.

const SWITCH = "fanzha_single_keys";

function keysAreOn() {
  return localStorage.getItem(SWITCH) !== "off";
}

function isTyping(target) {
  return target.isContentEditable || Boolean(target.closest("input, textarea, select"));
}

function visible(element) {
  return element.getClientRects().length > 0;
}

function rowsOf(list) {
  return [...list.querySelectorAll("[data-row]")].filter(visible);
}

/** The list in which the focus is, else the one with a current row, else the first of the page. */
function listInUse() {
  const focused = document.activeElement?.closest("[data-list]");
  if (focused) return focused;
  const lists = [...document.querySelectorAll("[data-list]")].filter(visible);
  return lists.find((list) => list.querySelector(".is-current, [aria-current]")) || lists[0];
}

function focusRow(row) {
  const stops = "a[href], button, [tabindex]";
  const stop = row.matches(stops) ? row : row.querySelector(stops);
  row.closest("[data-list]").querySelectorAll(".is-current").forEach((other) => {
    other.classList.remove("is-current");
  });
  row.classList.add("is-current");
  stop?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const list = listInUse();
  if (!list) return false;
  const rows = rowsOf(list);
  if (!rows.length) return false;
  const focused = document.activeElement?.closest("[data-row]");
  const marked = rows.findIndex((row) => row.matches(".is-current, [aria-current]"));
  const here = focused ? rows.indexOf(focused) : marked;
  const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), rows.length - 1);
  focusRow(rows[next]);
  return true;
}

function press(letter) {
  const button = [...document.querySelectorAll("[data-hotkey]")].find(
    (candidate) => candidate.dataset.hotkey.toLowerCase() === letter && visible(candidate),
  );
  if (!button || button.disabled) return false;
  button.focus();
  button.click();
  return true;
}

function answer(key) {
  if (key === "/") {
    const search = document.querySelector("[data-search]");
    search?.focus();
    search?.select();
    return Boolean(search);
  }
  if (key === "j") return move(1);
  if (key === "k") return move(-1);
  return /^[a-z0-9]$/.test(key) && press(key);
}

document.addEventListener("keydown", (event) => {
  const held = event.repeat && !/^[jk]$|^Arrow/.test(event.key);
  if (event.defaultPrevented || event.isComposing || held) return;
  if (event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.ctrlKey || event.metaKey) {
    if (!event.shiftKey && press(`ctrl+${event.key.toLowerCase()}`)) event.preventDefault();
    return;
  }
  const inList = event.target.closest("[data-list]");
  const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const done = inList && arrow ? move(arrow) : keysAreOn() && answer(event.key.toLowerCase());
  if (done) event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-list] [data-row]");
  if (!row) return;
  row.closest("[data-list]").querySelectorAll(".is-current").forEach((other) => {
    if (other !== row) other.classList.remove("is-current");
  });
});

document.querySelectorAll("[data-keys-switch]").forEach((control) => {
  control.checked = keysAreOn();
  control.addEventListener("change", () => {
    localStorage.setItem(SWITCH, control.checked ? "on" : "off");
  });
});
