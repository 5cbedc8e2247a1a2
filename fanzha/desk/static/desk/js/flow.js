// The picture of the fund flow: choosing a node or an edge opens the drawer, the way of its money
// is lit, arrows move from box to box. Without this script every box is a link to the same facts.

const picture = document.getElementById("flow-picture");
const drawer = document.getElementById("drawer");

function nodes() {
  return [...picture.querySelectorAll("[data-node]")];
}

function nodeOf(id) {
  return picture?.querySelector(`[data-node="${CSS.escape(id)}"]`);
}

function open(href) {
  window.htmx.ajax("GET", href, { target: "#drawer", swap: "innerHTML" });
}

/** Mark the chosen node in picture, table and address; nothing chosen clears all marks. */
function choose(id, path) {
  if (!picture) return;
  const lit = new Set(path);
  picture.classList.toggle("is-lit", lit.size > 0);
  picture.querySelectorAll("[data-edge]").forEach((line) => {
    line.classList.toggle("is-path", lit.has(line.dataset.edge));
  });
  nodes().forEach((node) => node.classList.toggle("is-chosen", node.dataset.node === id));
  document.querySelectorAll("tr[data-for]").forEach((row) => {
    row.classList.toggle("is-current", row.dataset.for === id);
  });
  const here = new URL(window.location.href);
  if (id) here.searchParams.set("node", id);
  else here.searchParams.delete("node");
  window.history.replaceState(null, "", here);
  const refresh = document.querySelector("[data-refresh]");
  if (refresh) refresh.href = here.pathname + here.search;
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest?.("[data-node], [data-node-link], [data-rows]");
  if (!link || !drawer) return;
  event.preventDefault();
  open(link.getAttribute("href"));
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "flow-news") {
    const refresh = document.querySelector("[data-refresh]");
    if (refresh) refresh.href = window.location.pathname + window.location.search;
  }
  if (event.target !== drawer) return;
  const head = drawer.querySelector("[data-chosen]");
  if (!head) return;
  choose(head.dataset.chosen, head.dataset.path.split(" ").filter(Boolean));
  nodeOf(head.dataset.chosen)?.scrollIntoView({ block: "nearest", inline: "nearest" });
});

// The drawer closes in dialogs.js; the marks go with it.
if (drawer) {
  new MutationObserver(() => {
    if (!drawer.firstElementChild) choose("", []);
  }).observe(drawer, { childList: true });
}

function middle(node) {
  const box = node.getBoundingClientRect();
  return box.top + box.height / 2;
}

/** The box that an arrow leads to: up and down in a column, left and right to the nearest. */
function next(node, key) {
  const column = Number(node.dataset.column);
  const aside = { ArrowLeft: -1, ArrowRight: 1 }[key];
  const rows = nodes().filter((other) => Number(other.dataset.column) === column + (aside || 0));
  if (!aside) {
    const at = rows.indexOf(node) + (key === "ArrowDown" ? 1 : -1);
    return rows[at];
  }
  const here = middle(node);
  return rows.sort((a, b) => Math.abs(middle(a) - here) - Math.abs(middle(b) - here))[0];
}

function rove(node) {
  nodes().forEach((other) => other.setAttribute("tabindex", other === node ? "0" : "-1"));
}

if (picture) {
  const first = picture.querySelector(".is-chosen") || nodes()[0];
  rove(first);
  // A tall picture begins where the money does, not at its upper edge.
  const ground = picture.parentElement;
  const above = middle(first) - ground.getBoundingClientRect().top;
  ground.scrollTop = above - ground.clientHeight / 2;
  picture.addEventListener("keydown", (event) => {
    const node = event.target.closest("[data-node]");
    if (!node || !/^Arrow/.test(event.key)) return;
    event.preventDefault();
    const target = next(node, event.key);
    if (!target) return;
    rove(target);
    target.focus();
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  picture.addEventListener("focusin", (event) => {
    const node = event.target.closest("[data-node]");
    if (node) rove(node);
  });
}
