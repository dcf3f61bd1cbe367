/* A term of the glossary shows its meaning when the pointer rests on it or the keyboard reaches
   it. Escape closes it, and the pointer may move onto it (WCAG 1.4.13). */
const DELAY = 250;
const pages = new Map();
let box, current, timer;

/* The glossary is fetched once, when the first term is asked for. */
function glossary(address) {
  if (!pages.has(address)) {
    pages.set(
      address,
      fetch(address)
        .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.status))))
        .then((text) => new DOMParser().parseFromString(text, "text/html")),
    );
  }
  return pages.get(address);
}

async function show(link) {
  const [address, id] = link.href.split("#");
  let meaning;
  try {
    meaning = (await glossary(address)).getElementById(id)?.closest("dt");
  } catch {
    return; // The link itself still leads to the glossary.
  }
  while (meaning && meaning.tagName !== "DD") meaning = meaning.nextElementSibling;
  if (!meaning || current !== link) return;
  box ??= made();
  box.replaceChildren(...[...meaning.childNodes].map((node) => document.importNode(node, true)));
  // Its links are relative to the glossary.
  for (const inner of box.querySelectorAll("a[href]")) inner.href = new URL(inner.getAttribute("href"), address);
  box.hidden = false;
  link.setAttribute("aria-describedby", box.id);
  await window.MathJax?.typesetPromise?.([box]);
  place(link);
}

function made() {
  const element = document.createElement("div");
  element.id = "qml-term";
  element.className = "qml-term";
  element.setAttribute("role", "tooltip");
  element.addEventListener("pointerenter", () => clearTimeout(timer));
  element.addEventListener("pointerleave", later(hide));
  document.body.append(element);
  return element;
}

/* Below the link's first line, inside the window. */
function place(link) {
  const line = link.getClientRects()[0];
  const left = Math.min(line.left, document.documentElement.clientWidth - box.offsetWidth - 8);
  const below = line.bottom + 4;
  const fits = below + box.offsetHeight < innerHeight || line.top < box.offsetHeight + 4;
  box.style.left = `${scrollX + Math.max(8, left)}px`;
  box.style.top = `${scrollY + (fits ? below : line.top - box.offsetHeight - 4)}px`;
}

function hide() {
  clearTimeout(timer);
  current?.removeAttribute("aria-describedby");
  current = undefined;
  if (box) box.hidden = true;
}

function later(what) {
  return () => {
    clearTimeout(timer);
    timer = setTimeout(what, DELAY);
  };
}

for (const link of document.querySelectorAll(".bd-article a[href*='glossary.html#term-']")) {
  const open = () => {
    if (current === link) return;
    hide();
    current = link;
    show(link);
  };
  link.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && later(open)());
  link.addEventListener("pointerleave", later(hide));
  link.addEventListener("focus", open);
  link.addEventListener("blur", hide);
  // The browser's own tip would say the same word again.
  link.removeAttribute("title");
}
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
