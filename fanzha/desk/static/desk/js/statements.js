// Files on their way into a case: one after the other, each with its progress, what it holds, its
// password where it needs one, and its import. The file stays in this tab until then.

const form = document.getElementById("st-upload");
const list = document.getElementById("st-list");
const all = document.getElementById("st-import-all");
const shape = document.getElementById("st-file-shape");
const words = document.getElementById("st-words").dataset;
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
const items = new Map();
let queue = Promise.resolve();

document.querySelectorAll("[data-script]").forEach((part) => { part.hidden = false; });

/** Send one file; resolves with the answer's HTML, or rejects with what went wrong. */
function send(url, item, more = {}) {
  const { file, row } = item;
  const body = new FormData();
  body.append("files", file, file.name);
  for (const [name, value] of Object.entries({ password: item.password || "", ...more })) {
    body.append(name, value);
  }
  const progress = row.querySelector("[data-progress]");
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress.value = (event.loaded / event.total) * 100;
    });
    request.upload.addEventListener("load", () => {
      progress.removeAttribute("value");
      say(row, words.reading);
    });
    request.addEventListener("load", () => {
      const page = request.responseText;
      const here = !new URL(request.responseURL).pathname.startsWith("/login");
      if (here && request.status < 500) resolve(page);
      else reject(request);
    });
    request.addEventListener("error", () => reject(request));
    request.send(body);
  });
}

function say(row, text) {
  row.querySelector("[data-state]").textContent = text;
}

function show(row, page) {
  const found = row.querySelector("[data-found]");
  found.innerHTML = page;
  row.querySelector("[data-progress]").hidden = true;
  found.querySelectorAll("[data-script]").forEach((part) => { part.hidden = false; });
  all.hidden = ![...items.keys()].some((each) => each.querySelector("[data-take]"));
}

function doing(url, row, more, done = words.done) {
  const item = items.get(row);
  const progress = row.querySelector("[data-progress]");
  queue = queue.then(async () => {
    progress.hidden = false;
    progress.value = 0;
    say(row, words.sending);
    try {
      show(row, await send(url, item, more));
      say(row, row.querySelector(".fz-note--bad, [data-password]") ? "" : done);
    } catch {
      progress.hidden = true;
      say(row, words.failed);
    }
  });
  return queue;
}

function add(file) {
  const row = shape.content.cloneNode(true).firstElementChild;
  const name = file.name.replace(/\d{11,}/g, (run) => `...${run.slice(-4)}`);
  row.querySelector("[data-name]").textContent = name;
  say(row, words.waiting);
  list.append(row);
  items.set(row, { file, row });
  doing(form.action, row);
}

function take(row) {
  row.querySelector("[data-take]").disabled = true;
  return doing(form.dataset.import, row, {}, words.imported);
}

/** Every file below what was dropped; folders are walked. */
async function below(entry) {
  if (entry.isFile) return [await new Promise((good, bad) => { entry.file(good, bad); })];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((good, bad) => { reader.readEntries(good, bad); });
    if (!some.length) return found;
    for (const each of some) found.push(...await below(each));
  }
}

for (const id of ["st-files", "st-folder"]) {
  document.getElementById(id).addEventListener("change", (event) => {
    [...event.target.files].forEach(add);
    event.target.value = "";
  });
}

form.addEventListener("dragover", (event) => {
  event.preventDefault();
  form.classList.add("is-over");
});
form.addEventListener("dragleave", () => form.classList.remove("is-over"));
form.addEventListener("drop", async (event) => {
  event.preventDefault();
  form.classList.remove("is-over");
  const dropped = [...event.dataTransfer.items].map((each) => each.webkitGetAsEntry());
  const entries = dropped.filter(Boolean);
  if (!entries.length) [...event.dataTransfer.files].forEach(add);
  for (const entry of entries) (await below(entry)).forEach(add);
});

list.addEventListener("click", (event) => {
  const row = event.target.closest("#st-list > li");
  const mapped = event.target.closest("[data-map-table]");
  if (event.target.closest("[data-take]")) take(row);
  if (mapped) doing(form.dataset.map, row, { table: mapped.dataset.mapTable });
  if (event.target.closest("[data-map-back]")) doing(form.action, row);
});

// A mapping answers to every change with what it gives; it is kept and used only when it is saved.
function mapping(target) {
  return Object.fromEntries(new FormData(target));
}
list.addEventListener("change", (event) => {
  const target = event.target.closest("form[data-mapping]");
  const focus = event.target.name;
  const row = event.target.closest("#st-list > li");
  if (!target) return;
  doing(form.dataset.map, row, mapping(target)).then(() => {
    row.querySelector(`form[data-mapping] [name="${focus}"]`)?.focus();
  });
});

list.addEventListener("submit", (event) => {
  const row = event.target.closest("#st-list > li");
  event.preventDefault();
  if (event.target.matches("[data-password]")) {
    items.get(row).password = new FormData(event.target).get("password");
    doing(form.action, row);
  } else if (event.target.matches("[data-mapping]")) {
    doing(form.dataset.map, row, { ...mapping(event.target), save: "1" });
  }
});

all.addEventListener("click", async () => {
  for (const row of items.keys()) if (row.querySelector("[data-take]")) await take(row);
  all.hidden = true;
});
