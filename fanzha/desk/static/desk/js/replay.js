// The fund flow in time and at another size: a slider lets edges appear with their first transfer,
// + - 0 change the size, dragging the ground moves it. Nothing is fetched.

const picture = document.getElementById("flow-picture");
const bar = document.getElementById("flow-replay");
const FRAME_MS = 350;
const STEP = 1.25;

function setUp() {
  const slider = bar.querySelector("input");
  const told = bar.querySelector("output");
  const play = bar.querySelector("[data-play]");
  const things = [...picture.querySelectorAll("[data-at]")];
  const lines = things.filter((each) => each.dataset.when);
  const when = new Map(lines.map((line) => [Number(line.dataset.at), line.dataset.when]));
  const moments = [...when.keys()].sort((a, b) => a - b);
  let timer = 0;

  function show() {
    const last = Number(slider.value) === moments.length;
    const at = last ? Infinity : moments[Number(slider.value)];
    things.forEach((each) => each.classList.toggle("is-later", Number(each.dataset.at) > at));
    told.textContent = last ? bar.dataset.now : when.get(at);
    slider.setAttribute("aria-valuetext", told.textContent);
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.setAttribute("aria-pressed", "false");
  }

  function step() {
    if (Number(slider.value) >= moments.length) return stop();
    slider.value = Number(slider.value) + 1;
    return show();
  }

  play.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(slider.value) >= moments.length) slider.value = 0;
    show();
    play.setAttribute("aria-pressed", "true");
    timer = setInterval(step, FRAME_MS);
    return undefined;
  });
  slider.addEventListener("input", () => {
    stop();
    show();
  });
  slider.max = moments.length;
  slider.value = moments.length;
  bar.hidden = moments.length < 2;
  show();
}

function resize(factor) {
  const now = factor ? (picture.width.baseVal.value / picture.viewBox.baseVal.width) * factor : 1;
  const size = Math.min(Math.max(now, 0.3), 3);
  picture.parentElement.querySelectorAll(":scope > svg").forEach((drawn) => {
    drawn.setAttribute("width", drawn.viewBox.baseVal.width * size);
    drawn.setAttribute("height", drawn.viewBox.baseVal.height * size);
  });
}

function isTyping(target) {
  return Boolean(target.closest("input, textarea, select, dialog"));
}

if (picture && bar) {
  setUp();
  document.addEventListener("keydown", (event) => {
    const factor = { "+": STEP, "=": STEP, "-": 1 / STEP, 0: 0 }[event.key];
    if (factor === undefined || event.ctrlKey || event.metaKey) return;
    if (isTyping(event.target)) return;
    if (localStorage.getItem("fanzha_single_keys") === "off") return;
    event.preventDefault();
    resize(factor);
  });
  const ground = picture.parentElement;
  ground.addEventListener("pointerdown", (event) => {
    if (event.button || event.pointerType === "touch" || event.target.closest("a")) return;
    if (!picture.contains(event.target)) return;
    const from = { x: event.clientX + ground.scrollLeft, y: event.clientY + ground.scrollTop };
    const move = (each) => ground.scrollTo(from.x - each.clientX, from.y - each.clientY);
    document.addEventListener("pointermove", move);
    document.addEventListener(
      "pointerup", () => document.removeEventListener("pointermove", move), { once: true },
    );
  });
}
