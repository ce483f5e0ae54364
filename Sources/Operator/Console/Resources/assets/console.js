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

// On a phone each row of a table stands as a card: every cell says which column it is. Without this the table scrolls.
function name(root) {
  for (const table of root.querySelectorAll("table")) {
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) => head.textContent.trim());
    // a list of two columns stays one: its cells say what they are
    if (!heads.length) continue;
    for (const row of table.tBodies[0]?.rows ?? []) [...row.cells].forEach((cell, index) => {
      cell.dataset.label = heads[index] ?? "";
      // a column that says nothing of this row
      cell.toggleAttribute("data-bare", !cell.textContent.trim() && !cell.querySelector("svg, input, button"));
    });
  }
  return root;
}
name(document);

// A page that nobody sees lets its line go: a browser has six of them for one console, and the seventh page would not load.
function live(part) {
  const cut = document.getElementById("link");
  let late, stream;
  const open = () => {
    if (stream && stream.readyState !== EventSource.CLOSED) return;
    stream = new EventSource(part.dataset.live);
    stream.onopen = () => { clearTimeout(late); late = undefined; if (cut) cut.hidden = true; };
    stream.onmessage = (event) => {
      const made = document.createElement("div");
      made.innerHTML = JSON.parse(event.data);
      patch(part, name(made));
    };
    stream.addEventListener("locked", () => location.reload());
    stream.onerror = () => {
      // what is shown may be old: said after two seconds, taken back when the line is there again
      late ??= setTimeout(() => { if (cut) cut.hidden = false; }, 2000);
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => { if (!document.hidden) open(); late = undefined; }, 3000);
    };
  };
  document.addEventListener("visibilitychange", () => { if (document.hidden) { clearTimeout(late); late = undefined; stream?.close(); } else open(); });
  if (!document.hidden) open();
}

document.querySelectorAll("[data-live]").forEach(live);

// Whoever goes away leaves no face and no number on the screen: when the session locks, the page goes to its door. Asking
// keeps no session awake; a machine that slept asks when it wakes.
let asking;
async function watchLock() {
  clearTimeout(asking);
  let seconds = 30;
  try {
    const answer = await fetch("/session");
    if (answer.status === 401) { location.assign(`/unlock?to=${encodeURIComponent(document.body.dataset.again || location.pathname + location.search)}`); return; }
    seconds = (await answer.json()).seconds;
  } catch { /* the line is cut: asked again */ }
  asking = setTimeout(watchLock, seconds * 1000);
}
if ("watch" in document.body.dataset) {
  watchLock();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) watchLock(); });
}

// A second press of the same button while the first is under way does nothing.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
  setTimeout(() => { delete event.target.dataset.sent; }, 4000);
});

// A form that was refused is filled in as it was, and the field that is wrong is named and has the cursor. What was scanned
// and what is secret is not kept; what was kept is gone with the next page.
const KEPT = "sakk-form";
const keepable = (field) => field.name && !field.matches("[type=hidden], [type=password], [type=file], [data-zone], [name=scan], [name=qr], [name=code], [name=pem]");
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || !form.closest("main")) return;
  const fields = [...form.elements].filter(keepable).map((field) => [field.name, field.value, field.matches("[type=checkbox], [type=radio]") ? field.checked : null]);
  try { sessionStorage.setItem(KEPT, JSON.stringify({ at: location.pathname, form: form.getAttribute("action"), fields })); } catch { /* a browser that keeps nothing */ }
});
function refill() {
  let kept = null;
  try { kept = JSON.parse(sessionStorage.getItem(KEPT)); sessionStorage.removeItem(KEPT); } catch { /* nothing kept */ }
  const news = document.querySelector("main > .news.bad");
  if (!news || kept?.at !== location.pathname) return;
  const form = [...document.querySelectorAll("main form")].find((one) => one.getAttribute("action") === kept.form
    && kept.fields.every(([name]) => [...one.elements].some((field) => keepable(field) && field.name === name)));
  if (!form) return;
  for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const fields = [...form.elements].filter(keepable);
  kept.fields.forEach(([name, value, isChecked], index) => {
    const field = fields[index];
    if (field?.name !== name) return;
    if (isChecked === null) field.value = value; else field.checked = isChecked;
  });
  const line = news.querySelector("[data-field]");
  const wrong = line && [...form.elements].find((field) => field.name === line.dataset.field && field.type !== "hidden");
  if (!wrong) return;
  const words = wrong.closest("fieldset")?.querySelector("legend") && wrong.matches("[type=checkbox], [type=radio]") ? wrong.closest("fieldset").querySelector("legend") : wrong.closest("label");
  line.textContent = [...(words?.childNodes ?? [])].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.nodeValue).join(" ").trim();
  line.hidden = !line.textContent;
  wrong.setAttribute("aria-invalid", "true");
  wrong.focus();
}
refill();

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

// Sends a form without leaving the page, one at a time, and lets `show` put what came in its place; a sound for right and
// for wrong. Where nothing came it is said: nothing is shown as done that may not be, and sent again it is done once.
async function sendHere(event, mark, show) {
  const form = event.target;
  if (!(mark in form.dataset)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const cut = document.getElementById("link");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, event.submitter)) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector(`form[data-${mark}]`)) { location.assign(answer.url); return; }
    show(page, answer.url);
    tone(!document.querySelector("main .news.bad"));
    if (cut) cut.hidden = true;
  } catch {
    if (cut) cut.hidden = false;
    tone(false);
  } finally {
    delete form.dataset.busy;
  }
}

// What was scanned stays in the field until the books have it.
document.addEventListener("submit", (event) => sendHere(event, "quick", (page) => {
  patch(document.getElementById("main"), name(page.getElementById("main")));
  const field = document.querySelector("form[data-quick] input:not([type=hidden])");
  field.value = "";
  // what a scan asks for next (a bag's seal) comes before the next scan
  (document.querySelector("form[data-next] input:not([type=hidden])") ?? field).focus();
}), true);

// A form at a scanning desk that was refused sounds like a refused scan.
if (document.querySelector("form[data-quick]") && document.querySelector("main .news.bad")) tone(false);

// What a scanner sends are places on a keyboard: a field for numbers gets what stands on the label, whichever language the
// keyboard speaks at the moment.
function written(event) {
  const place = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(event.code);
  if (event.code === "Comma" && event.shiftKey) return "<";
  if (event.key.length === 1 && event.key < "\u0080") return null;
  if (place?.[1]) return event.shiftKey !== event.getModifierState("CapsLock") ? place[1] : place[1].toLowerCase();
  if (place?.[2]) return event.shiftKey ? null : place[2];
  return { Minus: event.shiftKey ? "_" : "-", Semicolon: event.shiftKey ? ":" : ";", Period: ".", Slash: "/", Comma: "," }[event.code];
}
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || !field.matches?.("input[dir=ltr]:not([type=password]), textarea[dir=ltr]")) return;
  // a name of a key (Enter, Tab) begins with a Latin letter
  if (event.key.length > 1 && event.key < "\u0080") return;
  const letter = written(event);
  if (!letter || letter === event.key) return;
  event.preventDefault();
  if (field.maxLength >= 0 && field.value.length - (field.selectionEnd - field.selectionStart) >= field.maxLength) return;
  field.setRangeText(letter, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// One menu at a time; a click beside it closes it.
document.addEventListener("click", (event) => {
  for (const drop of document.querySelectorAll(".drop[open]")) if (!drop.contains(event.target)) drop.open = false;
});
document.addEventListener("keydown", (event) => {
  const drop = event.key === "Escape" && document.querySelector(".drop[open]");
  if (!drop) return;
  drop.open = false;
  drop.querySelector("summary").focus();
});

// Pictures side by side: blink, magnify, scroll together.
const tools = {
  blink: (compare) => {
    const isOn = compare.classList.contains("blink");
    if (!isOn) compare.classList.add("blink");
    for (const pair of compare.querySelectorAll(".pair")) {
      const figures = [...pair.children];
      const shown = isOn ? (figures.findIndex((figure) => figure.classList.contains("on")) + 1) % figures.length : 0;
      figures.forEach((figure, index) => figure.classList.toggle("on", index === shown));
    }
  },
  nearer: (compare) => { compare.classList.add(compare.classList.contains("near") ? "nearest" : "near"); },
  farther: (compare) => {
    if (compare.classList.contains("nearest")) compare.classList.remove("nearest");
    else if (compare.classList.contains("near")) compare.classList.remove("near");
    else compare.classList.remove("blink");
  },
};

document.addEventListener("click", (event) => {
  const tool = event.target.closest("[data-tool]");
  const compare = document.querySelector("[data-compare]");
  if (tool && compare) tools[tool.dataset.tool](compare);
});

document.addEventListener("scroll", (event) => {
  const figure = event.target;
  if (!(figure instanceof HTMLElement) || !figure.matches(".pair figure")) return;
  for (const other of figure.parentElement.children) {
    if (other === figure) continue;
    // the same place of both, also where one has more pixels
    other.scrollLeft = figure.scrollLeft * other.scrollWidth / figure.scrollWidth;
    other.scrollTop = figure.scrollTop * other.scrollHeight / figure.scrollHeight;
  }
}, true);

// One key for each act, by its place on the keyboard, so that it is the same in every language; off where somebody needs
// the keys for something else.
let areKeysOn = true;
try { areKeysOn = localStorage.getItem("sakk-keys") !== "off"; } catch { /* a browser that keeps nothing */ }
function showKeys() { for (const box of document.querySelectorAll("[data-keys]")) box.checked = areKeysOn; }
showKeys();
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys]")) return;
  areKeysOn = event.target.checked;
  try { localStorage.setItem("sakk-keys", areKeysOn ? "on" : "off"); } catch { /* for this page alone */ }
});
document.addEventListener("keydown", (event) => {
  if (!areKeysOn || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  if (event.code === "KeyZ") {
    const zone = document.querySelector("[data-zone]");
    if (zone) { event.preventDefault(); zone.focus(); }
    return;
  }
  const control = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key.split(" ").includes(event.code));
  if (!control || control.disabled) return;
  event.preventDefault();
  control.click();
});

// A zone that is whole (three lines of 30, two of 44) gives the keys back.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-zone]")) return;
  const typed = event.target.value.replace(/\s/g, "").length;
  const isLong = event.target.value.trimStart().split("\n")[0].trim().length === 44;
  if (typed === (isLong ? 88 : 90)) document.getElementById("main").focus({ preventScroll: true });
});

// The pictures of the next card are fetched while this one is looked at.
let coming = [];
function fetchComing() {
  const names = document.querySelector("[data-coming]")?.dataset.coming.split(" ").filter(Boolean) ?? [];
  coming = names.map((name) => Object.assign(new Image(), { src: name }));
}
fetchComing();

// A verdict is sent and the next card shown without leaving the page: its pictures are there already.
document.addEventListener("submit", (event) => sendHere(event, "verdict", (page, address) => {
  const isSame = new URL(address).pathname === location.pathname;
  const kept = isSame ? document.querySelector("[data-zone]").value : "";
  patch(document.getElementById("main"), name(page.getElementById("main")));
  document.title = page.title;
  history.replaceState(null, "", address);
  for (const field of document.querySelectorAll("[data-verdict] select, [data-verdict] [type=checkbox]")) { field.checked = false; field.value = field.matches("select") ? "" : field.value; }
  const zone = document.querySelector("[data-zone]");
  zone.value = kept;
  showKeys();
  fetchComing();
  scrollTo(0, 0);
  if (document.querySelector("main .news.bad .code")?.textContent.includes("verdict.zone")) zone.focus();
  else document.getElementById("main").focus({ preventScroll: true });
}), true);

// The address of a place in the page opens what is folded there.
const named = location.hash && document.getElementById(location.hash.slice(1));
if (named instanceof HTMLDetailsElement) named.open = true;
