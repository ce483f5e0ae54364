// Keeps a page up to date and lets an inspector compare. Without it every page and every form works as well.
"use strict";

// Puts the new nodes in the old ones' place and leaves alone what did not change, so that nobody's focus is lost.
function patch(old, made) {
  const a = [...old.childNodes], b = [...made.childNodes];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (i >= b.length) { a[i].remove(); continue; }
    if (i >= a.length) { old.append(b[i]); continue; }
    if (a[i].nodeType !== b[i].nodeType || a[i].nodeName !== b[i].nodeName || a[i].id !== b[i].id) { a[i].replaceWith(b[i]); continue; }
    if (a[i].nodeType !== Node.ELEMENT_NODE) { if (a[i].nodeValue !== b[i].nodeValue) a[i].nodeValue = b[i].nodeValue; continue; }
    for (const { name, value } of [...b[i].attributes]) if (a[i].getAttribute(name) !== value) a[i].setAttribute(name, value);
    // what a person opened stays open
    for (const { name } of [...a[i].attributes]) if (!b[i].hasAttribute(name) && !(name === "open" && a[i].nodeName === "DETAILS")) a[i].removeAttribute(name);
    patch(a[i], b[i]);
  }
}

function live(part) {
  const cut = document.getElementById("link");
  let late;
  const stream = new EventSource(part.dataset.live);
  stream.onopen = () => { clearTimeout(late); late = undefined; if (cut) cut.hidden = true; };
  stream.onmessage = (event) => {
    const made = document.createElement("div");
    made.innerHTML = JSON.parse(event.data);
    patch(part, made);
  };
  stream.addEventListener("locked", () => location.reload());
  stream.onerror = () => {
    // what is shown may be old: said after two seconds, taken back when the line is there again
    late ??= setTimeout(() => { if (cut) cut.hidden = false; }, 2000);
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => { stream.close(); live(part); late = undefined; }, 3000);
  };
}

document.querySelectorAll("[data-live]").forEach(live);

// A second press of the same button while the first is under way does nothing.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
  setTimeout(() => { delete event.target.dataset.sent; }, 4000);
});

// A scanner types and presses Enter: the answer comes without a new page, with a sound for right and for wrong.
let sound;
function tone(isRight) {
  try {
    sound ??= new AudioContext();
    for (const [start, height] of isRight ? [[0, 1320]] : [[0, 220], [0.25, 180]]) {
      const wave = sound.createOscillator(), loud = sound.createGain();
      wave.type = isRight ? "sine" : "square";
      wave.frequency.value = height;
      loud.gain.value = 0.12;
      wave.connect(loud).connect(sound.destination);
      wave.start(sound.currentTime + start);
      wave.stop(sound.currentTime + start + (isRight ? 0.12 : 0.2));
    }
  } catch { /* a browser without sound shows it all the same */ }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("quick" in form.dataset)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const cut = document.getElementById("link");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("form[data-quick]")) { location.assign(answer.url); return; }
    patch(document.getElementById("main"), page.getElementById("main"));
    tone(!page.querySelector("main .news.bad"));
    if (cut) cut.hidden = true;
  } catch {
    // what was scanned stays in the field: it is sent again, and the books take it once
    if (cut) cut.hidden = false;
    tone(false);
    return;
  } finally {
    delete form.dataset.busy;
  }
  const field = document.querySelector("form[data-quick] input:not([type=hidden])");
  field.value = "";
  // what a scan asks for next (a bag's seal) comes before the next scan
  (document.querySelector("form[data-next] input:not([type=hidden])") ?? field).focus();
}, true);

// A form at a scanning desk that was refused sounds like a refused scan.
if (document.querySelector("form[data-quick]") && document.querySelector("main .news.bad")) tone(false);

// One menu at a time; a click beside it closes it.
document.addEventListener("click", (event) => {
  for (const drop of document.querySelectorAll(".drop[open]")) if (!drop.contains(event.target)) drop.open = false;
});

// Pictures side by side: b blinks, + and - magnify, both scroll together.
document.querySelectorAll("[data-compare] .pair").forEach((pair) => {
  const figures = [...pair.children];
  let shown = 0;
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select")) return;
    if (event.key === "b" || event.key === "لا") {
      pair.classList.add("blink");
      shown = (shown + 1) % figures.length;
      figures.forEach((figure, index) => figure.classList.toggle("on", index === shown));
    }
    if (event.key === "+") pair.classList.add("zoomed");
    if (event.key === "-") pair.classList.remove("zoomed", "blink");
  });
  figures.forEach((figure) => figure.addEventListener("scroll", () => {
    for (const other of figures) if (other !== figure) { other.scrollLeft = figure.scrollLeft; other.scrollTop = figure.scrollTop; }
  }));
});

// The address of a place in the page opens what is folded there.
const named = location.hash && document.getElementById(location.hash.slice(1));
if (named instanceof HTMLDetailsElement) named.open = true;
