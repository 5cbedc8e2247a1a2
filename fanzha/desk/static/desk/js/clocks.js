// Clocks that count down, and the time of day. Readings follow look/clocks.py. The page brings the
// server's time: this computer's clock may be wrong, and a drill may run faster than real time.

import { announce, words } from "./words.js";

const DAYS_FROM = 72 * 3600;
const LAPSING_SECONDS = 60;
const ICONS = { calm: "", warn: "ti-clock-exclamation", over: "ti-alert-circle" };

const root = document.documentElement;
const serverThen = Number(root.dataset.now);
const rate = Number(root.dataset.rate) || 1;
const hereThen = Date.now();

/** The centre's time in milliseconds. */
export function now() {
  return serverThen + (Date.now() - hereThen) * rate;
}

function two(number) {
  return String(number).padStart(2, "0");
}

/** `37:12` below an hour, `1:52:31` from there on, whole days from 72 hours on. */
export function hands(seconds) {
  if (seconds >= DAYS_FROM) return words.days.replace("#", Math.floor(seconds / 86400));
  const hours = Math.floor(seconds / 3600);
  const minutes = two(Math.floor(seconds / 60) % 60);
  const rest = two(seconds % 60);
  return hours ? `${hours}:${minutes}:${rest}` : `${minutes}:${rest}`;
}

function setTone(clock, tone) {
  const before = clock.dataset.tone;
  if (before === tone) return;
  clock.dataset.tone = tone;
  const icon = clock.querySelector("[data-clock-icon]");
  icon.className = `ti ${ICONS[tone]}`;
  icon.hidden = !ICONS[tone];
  clock.querySelector("[data-clock-over]").hidden = tone !== "over";
  const label = clock.querySelector("[data-clock-label]");
  label.textContent = tone === "over" ? clock.dataset.past : clock.dataset.label;
  label.hidden = !label.textContent;
  if (tone === "over" && before) announce(`${words.clockEnded} ${clock.dataset.past}`);
}

function show(clock) {
  const left = Number(clock.dataset.until) - now();
  const over = left <= 0;
  const seconds = Math.floor(Math.abs(left) / 1000);
  setTone(clock, over ? "over" : left <= Number(clock.dataset.warn) ? "warn" : "calm");
  clock.classList.toggle("is-lapsing", !over && seconds < LAPSING_SECONDS);
  const time = clock.querySelector("time");
  const text = hands(seconds);
  if (time.textContent !== text) time.textContent = text;
}

// The centre's zone is UTC+8 all year; reading the shifted time as UTC spares a formatter per tick.
function showTimeOfDay(element) {
  const here = new Date(now() + 8 * 3600 * 1000);
  const day = words.weekdays.split(" ")[here.getUTCDay()];
  const [date, clock] = here.toISOString().split("T");
  element.textContent = `${date} ${day} ${clock.slice(0, 8)}`;
}

function tick() {
  document.querySelectorAll("[data-clock]").forEach(show);
  document.querySelectorAll("[data-now-shown]").forEach(showTimeOfDay);
}

if (serverThen) {
  tick();
  setInterval(tick, 1000);
  document.addEventListener("htmx:afterSettle", tick);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
}
