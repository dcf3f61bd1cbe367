/* Asks the questions that are due, one at a time, and keeps when each comes back. */
import { DAYS, day, judge, keepOnly, record } from "./schedule.js";
import { change, load } from "./store.js";

const box = document.querySelector(".qml-review");
const bank = [...document.querySelectorAll(".qml-bank [data-question]")].map((entry) => ({
  id: entry.dataset.question,
  answer: entry.dataset.answer,
  entry,
}));
const state = element("p", { class: "qml-review-state", role: "status", tabindex: -1 });
const form = element("form", { class: "qml-quiz qml-live", hidden: "" });
box.append(state, form);

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function copies(of) {
  return [...of.childNodes].map((node) => node.cloneNode(true));
}

/* The questions that were met, and those of them that are due, the longest waiting first. */
function waiting() {
  const all = load();
  const met = bank.map((question) => ({ question, kept: record(all, question) })).filter(({ kept }) => kept);
  const due = met.filter(({ kept }) => kept.due !== null && kept.due <= day());
  due.sort((a, b) => a.kept.due.localeCompare(b.kept.due));
  return { met, due };
}

function date(text) {
  const [year, month, number] = text.split("-");
  return new Date(year, month - 1, number).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
}

function say() {
  const { met, due } = waiting();
  const later = met.filter(({ kept }) => kept.due > day()).map(({ kept }) => kept.due).sort();
  const next = later.length ? ` The next comes back on ${date(later[0])}.` : "";
  const resting = met.length - due.length - later.length;
  const counts = `For a later day: ${later.length}. Back for the last time: ${resting}.`;
  if (!met.length) state.textContent = `You have answered none of the ${bank.length} questions in a quiz yet. Those that you answer come back here.`;
  else if (due.length) state.textContent = `Due today: ${due.length}. ${counts}`;
  else state.textContent = `Nothing is due today. ${counts}${next}`;
}

/* Shows the first question that is due; true if there is one. */
function ask() {
  const [first] = waiting().due;
  form.hidden = !first;
  form.replaceChildren();
  if (first) form.append(...asked(first.question));
  window.MathJax?.typesetPromise?.([form]);
  return !!first;
}

function asked(question) {
  const text = element("div", { id: "qml-asked" }, ...copies(question.entry.querySelector(".qml-question-text")));
  const options = [...question.entry.querySelectorAll(".qml-option")].map((option, place) => {
    const id = `qml-asked-${place}`;
    const input = element("input", { type: "radio", name: "asked", id, value: place, required: "" });
    const label = element("label", { for: id }, ...copies(option.querySelector(".qml-option-text")));
    const made = element("div", { class: "qml-option" }, input, label, option.querySelector("details").cloneNode(true));
    made.toggleAttribute("data-right", option.hasAttribute("data-right"));
    return made;
  });
  const group = element("div", { class: "qml-question", role: "radiogroup", "aria-labelledby": "qml-asked" }, text, ...options);
  const said = element("p", { class: "qml-quiz-said", role: "status" });
  const again = question.entry.querySelector(".qml-quiz-again").cloneNode(true);
  const button = element("button", { class: "qml-button" }, "Check my answer");
  group.append(said, again, button);

  form.onsubmit = (event) => {
    event.preventDefault();
    if (group.dataset.judged) return next();
    group.dataset.judged = "yes";
    const chosen = options[form.elements.asked.value];
    const right = chosen.hasAttribute("data-right");
    change((all) => judge(all, question, right));
    for (const option of options) {
      const shown = option === chosen || option.hasAttribute("data-right");
      option.querySelector("details").open = shown;
      option.classList.toggle("qml-chosen", shown);
      option.classList.toggle("qml-right", option.hasAttribute("data-right"));
      option.querySelector("input").disabled = option !== chosen;
    }
    group.classList.toggle("qml-wrong", !right);
    const { due } = record(load(), question) ?? { due: day(DAYS[0]) };
    const when = due === null ? "It has come back for the last time." : `It comes back on ${date(due)}.`;
    said.textContent = right
      ? `Right: the reason stands below your choice. ${when}`
      : `Not right: the reasons stand below your choice and below the right one. ${when}`;
    // The same button, so that the focus stays where it is.
    button.textContent = "Go on";
  };
  return [group];
}

function next() {
  if (ask()) form.querySelector("input").focus();
  else state.focus();
}

change((all) => keepOnly(all, new Set(bank.map(({ id }) => id))));
say();
ask();
addEventListener("qml-progress", say);
// Another tab of the same browser; a question that is open stays.
addEventListener("storage", () => {
  say();
  if (form.hidden) ask();
});
