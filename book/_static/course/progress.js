/* Boxes to tick: chapters read, exercises solved, and the course's checklist. */
import { change, load, parse, save, serialize } from "./store.js";

const page = document.querySelector(".qml-read [data-read]")?.dataset.read;

function solvedBoxes() {
  if (!page) return;
  const solutions = [...document.querySelectorAll(".admonition.dropdown")].filter(
    (box) => box.querySelector(".admonition-title")?.textContent.trim() === "Solution",
  );
  solutions.forEach((box, index) => {
    const id = `qml-solved-${index + 1}`;
    const holder = document.createElement("div");
    holder.className = "qml-solved";
    holder.innerHTML = `<input type="checkbox" id="${id}" data-solved="${index + 1}"><label for="${id}">I have solved this exercise</label>`;
    box.before(holder);
  });
}

/* The name of a page by a link to it, as in the storage. */
function pageOf(link) {
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  // Of a link in a drawing, href is an object.
  const address = new URL(link.getAttribute("href"), location.href).href;
  return address.split("#")[0].replace(new URL("book/", root).href, "").replace(/\.html$/, "");
}

function show() {
  const all = load();
  for (const box of document.querySelectorAll("[data-read]")) box.checked = !!all.read[box.dataset.read];
  for (const box of document.querySelectorAll("[data-handed]")) box.checked = !!all.handed[box.dataset.handed];
  for (const box of document.querySelectorAll("[data-solved]")) box.checked = !!all.solved[page]?.[box.dataset.solved];
  for (const count of document.querySelectorAll("[data-count]")) {
    const done = Object.values(all[count.dataset.count][count.dataset.page] ?? {});
    const right = done.filter((d) => d === true || d.right).length;
    count.textContent = `${Math.min(right, +count.dataset.total)} of ${count.dataset.total}`;
  }
  for (const link of document.querySelectorAll("nav.bd-links a.reference.internal, .qml-map a")) {
    const read = !!all.read[pageOf(link)];
    link.classList.toggle("qml-is-read", read);
    link.querySelector(".qml-read-mark")?.remove();
    if (read && !(link instanceof SVGElement)) {
      const mark = document.createElement("span");
      mark.className = "qml-read-mark";
      mark.innerHTML = ' <span aria-hidden="true">\u2713</span><span class="visually-hidden">(read)</span>';
      link.append(mark);
    }
  }
}

document.addEventListener("change", ({ target }) => {
  const { read, handed, solved } = target.dataset ?? {};
  if (read) change((all) => set(all.read, read, target.checked));
  if (handed) change((all) => set(all.handed, handed, target.checked));
  if (solved) change((all) => set((all.solved[page] ??= {}), solved, target.checked));
});

function set(where, key, value) {
  if (value) where[key] = true;
  else delete where[key];
}

/* On the checklist: print, keep in a file, take from a file, forget. */
function buttons() {
  const first = document.querySelector(".qml-checklist");
  if (!first) return;
  const bar = document.createElement("div");
  bar.className = "qml-checklist-bar";
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  const add = (text, press) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "qml-button";
    button.textContent = text;
    button.addEventListener("click", press);
    bar.append(button);
  };
  add("Print", () => print());
  add("Save to a file", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([serialize()], { type: "application/json" }));
    link.download = "qmlcourse-progress.json";
    link.click();
    URL.revokeObjectURL(link.href);
    said.textContent = "Saved.";
  });
  const file = document.createElement("input");
  file.type = "file";
  file.accept = "application/json";
  file.hidden = true;
  file.addEventListener("change", async () => {
    try {
      save(parse(await file.files[0].text()));
      said.textContent = "Loaded: the list shows what the file holds.";
    } catch {
      said.textContent = "Nothing was changed: that is no file which this page saved.";
    }
    file.value = "";
  });
  add("Load from a file", () => file.click());
  add("Forget everything", () => {
    if (!confirm("Forget all that you ticked and answered, in this browser?")) return;
    save({});
    said.textContent = "Nothing is kept any more.";
  });
  bar.append(file);
  first.parentElement.before(bar, said);
}

solvedBoxes();
buttons();
document.querySelector(".qml-read")?.removeAttribute("hidden");
show();
addEventListener("qml-progress", show);
// Another tab of the same browser.
addEventListener("storage", show);
