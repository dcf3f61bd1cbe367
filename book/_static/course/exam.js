/* Lays out an exam of questions over the course, and the answers on a sheet of their own. */
import { draw } from "./lots.js";

const LARGEST = 9999;
const box = document.querySelector(".qml-exam");

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function copies(of) {
  return [...of.childNodes].map((node) => node.cloneNode(true));
}

function sheets(number, drawn) {
  const title = `Exam ${number}`;
  const asked = drawn.map(({ entry }) =>
    element("li", {}, ...copies(entry.querySelector(".qml-question-text")), element(
      "ul", {}, ...[...entry.querySelectorAll(".qml-option-text")].map((option) => element("li", {}, ...copies(option))),
    )),
  );
  const answered = drawn.map(({ entry }) => {
    const right = entry.querySelector(".qml-option[data-right]");
    const letter = element("strong", {}, right.querySelector(".qml-letter").textContent);
    const verdict = right.querySelector("details p").cloneNode(true);
    verdict.querySelector("strong").replaceWith(letter);
    return element("li", {}, verdict, ...copies(entry.querySelector(".qml-quiz-again")));
  });
  const answers = element(
    "section", { class: "qml-exam-answers", id: "qml-exam-answers", hidden: "" },
    element("h2", {}, `${title}: answers`), element("ol", {}, ...answered),
  );
  const sheet = element(
    "section", { class: "qml-exam-sheet" },
    element("h2", {}, `${title}: ${drawn.length} questions`),
    element("p", { class: "qml-exam-name" }, "Name: ", element("span"), " Date: ", element("span")),
    element("p", {}, "Each question has one right answer."),
    element("ol", {}, ...asked),
  );
  return { sheet, answers };
}

function controls(questions) {
  const field = element("input", { type: "number", id: "qml-exam-number", min: 1, max: LARGEST, required: "" });
  const said = element("p", { role: "status" });
  const paper = element("div");
  const form = element("form", { class: "qml-exam-bar" }, element("label", { for: field.id }, "Number of the exam"), field);
  const button = (text, press, parent = form) => {
    const made = element("button", { class: "qml-button", type: press ? "button" : "submit" }, text);
    if (press) made.addEventListener("click", press);
    parent.append(made);
    return made;
  };
  let answers;
  function lay() {
    const number = +field.value;
    const drawn = draw(number, questions);
    const made = sheets(number, drawn);
    answers = made.answers;
    paper.replaceChildren(made.sheet, answers);
    show(false);
    const address = new URL(location.href);
    address.searchParams.set("number", number);
    history.replaceState(null, "", address);
    const chapters = new Set(drawn.map((question) => question.from)).size;
    said.textContent = `Exam ${number}: ${drawn.length} questions of ${chapters} quizzes.`;
    return window.MathJax?.typesetPromise?.([paper]);
  }
  function show(on) {
    answers.hidden = !on;
    toggle.textContent = on ? "Hide the answers" : "Show the answers";
    toggle.setAttribute("aria-expanded", on);
  }
  button("Draw");
  button("Draw another", () => {
    field.value = anyNumber();
    lay();
  });
  button("Print", () => print());
  const toggle = button("Show the answers", () => show(answers.hidden));
  toggle.setAttribute("aria-controls", "qml-exam-answers");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    lay();
  });
  const wanted = new URL(location.href).searchParams.get("number");
  field.value = /^[1-9]\d{0,3}$/.test(wanted) ? wanted : anyNumber();
  box.append(form, said, paper);
  return lay();
}

function anyNumber() {
  return 1 + Math.floor(Math.random() * LARGEST);
}

async function start() {
  const address = new URL(box.dataset.from, location.href);
  let list;
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(answer.status);
    list = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    box.append(element("p", { role: "status" }, "The questions could not be loaded: load this page again."));
    return;
  }
  const entries = [...list.querySelectorAll(".qml-bank [data-question]")].map((entry) => document.importNode(entry, true));
  await controls(entries.map((entry) => ({ id: entry.dataset.question, from: entry.dataset.from, entry })));
  box.dataset.state = "ready";
}

start();
