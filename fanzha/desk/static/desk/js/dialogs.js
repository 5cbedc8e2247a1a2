// Dialogs, menus, the drawer, and the eye that shows a masked value for a reason.

const reveal = document.getElementById("reveal-dialog");
let opener = null;
let eye = null;

function openDialog(dialog, from) {
  opener = from;
  dialog.showModal();
}

function closeMenus(except) {
  document.querySelectorAll("details.fz-menu[open]").forEach((menu) => {
    if (!menu.contains(except)) menu.open = false;
  });
}

function closeDrawer() {
  const drawer = document.getElementById("drawer");
  if (!drawer?.firstElementChild) return false;
  drawer.replaceChildren();
  opener?.isConnected && opener.focus();
  return true;
}

function askForReason(link) {
  eye = link;
  const form = reveal.querySelector("[data-reveal-form]");
  form.reset();
  reveal.querySelector("[data-reveal-title]").textContent = link.title.split(/[;；]/)[0];
  openDialog(reveal, link);
}

document.addEventListener("click", (event) => {
  const target = event.target;
  const link = target.closest("[data-reveal]");
  const opens = target.closest("[data-dialog-open]");
  closeMenus(target);
  if (link && reveal && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    askForReason(link);
  } else if (opens) {
    openDialog(document.getElementById(opens.dataset.dialogOpen), opens);
  } else if (target.closest("[data-dialog-close]")) {
    target.closest("dialog").close();
  } else if (target.closest("[data-drawer-close]")) {
    closeDrawer();
  } else if (target.closest("[data-go-back]")) {
    window.history.back();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  const menu = document.querySelector("details.fz-menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else closeDrawer();
});

document.addEventListener("close", (event) => {
  if (event.target.matches("dialog") && opener?.isConnected) opener.focus();
}, true);

reveal?.addEventListener("submit", (event) => {
  event.preventDefault();
  const values = { reason: new FormData(event.target).get("reason") };
  const target = eye.closest(".fz-mask");
  reveal.close();
  window.htmx.ajax("POST", eye.href, { target, swap: "outerHTML", values });
});

// What was shown for a reason is masked again by itself.
function maskAgainLater(shown) {
  const seconds = Number(shown.dataset.maskAgain);
  shown.removeAttribute("data-mask-again");
  setTimeout(() => {
    const masked = shown.querySelector("template").content.cloneNode(true);
    if (shown.isConnected) shown.replaceWith(masked);
  }, seconds * 1000);
}

document.addEventListener("htmx:afterSettle", (event) => {
  document.querySelectorAll("[data-mask-again]").forEach(maskAgainLater);
  const drawer = document.getElementById("drawer");
  if (event.target !== drawer || !drawer.firstElementChild) return;
  opener = event.detail.requestConfig?.elt || opener;
  drawer.focus({ preventScroll: true });
});
