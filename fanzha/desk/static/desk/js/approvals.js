// Approvals: R goes to the reason; the button says how many objects are still ticked.

const form = document.getElementById("approve-form");
const reason = document.getElementById("return-reason");

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
  const held = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key.toLowerCase() !== "r" || typing || held) return;
  if (localStorage.getItem("fanzha_single_keys") === "off" || !reason) return;
  event.preventDefault();
  reason.focus();
});

form?.addEventListener("change", () => {
  const ticks = [...form.querySelectorAll('input[name="object"]')];
  const left = ticks.filter((tick) => tick.checked).length;
  const button = form.querySelector(".btn-order");
  button.disabled = !left;
  let count = button.querySelector(".ap-count");
  if (!count) {
    count = document.createElement("span");
    count.className = "ap-count";
    button.append(count);
  }
  count.textContent = left === ticks.length ? "" : `${left} / ${ticks.length}`;
});
