// A form is sent once: its buttons rest until the answer is here. Forms with data-again (search,
// export) may be sent as often as one likes. The CSRF token goes with every htmx request.

const REST_MS = 15000;

function setBusy(form, busy) {
  if (busy) form.dataset.busy = "yes";
  else delete form.dataset.busy;
  for (const control of form.elements) {
    if (control.type !== "submit") continue;
    if (busy) control.setAttribute("aria-busy", "true");
    else control.removeAttribute("aria-busy");
    control.disabled = busy;
  }
}

function release(form) {
  if (form.isConnected && form.dataset.busy) setBusy(form, false);
}

function isGuarded(form) {
  return form.matches("form") && form.method === "post" && !("again" in form.dataset);
}

document.addEventListener("submit", (event) => {
  if (!event.target.dataset.busy) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// The buttons are disabled after the browser has read them, so that their value is sent along.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !isGuarded(form)) return;
  form.dataset.busy = "yes";
  setTimeout(() => setBusy(form, true));
  setTimeout(() => release(form), REST_MS);
});

// Whoever logs out leaves nothing half-typed behind in this browser.
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action")?.endsWith("/logout/")) sessionStorage.clear();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest("form");
  if (form && isGuarded(form) && event.target === form) setBusy(form, true);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.matches?.("form")) release(event.target);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-busy]").forEach(release);
});

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers["X-CSRFToken"] = token.content;
});
