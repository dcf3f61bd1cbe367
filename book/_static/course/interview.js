/* Draws questions of this page, one at a time: think, speak, reveal, grade yourself. The grades
   stay in this browser, with the rest of the reader's progress. */
import { lot } from "./lots.js";
import { change, load } from "./store.js";

const LARGEST = 9999;
const COUNT = 5;
const box = document.querySelector(".qml-interview");

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/* A copy may not have the addresses of what it was taken from. */
function copy(node) {
  const made = node.cloneNode(true);
  made.removeAttribute("id");
  for (const inside of made.querySelectorAll("[id]")) inside.removeAttribute("id");
  for (const anchor of made.querySelectorAll(".headerlink, .copybtn")) anchor.remove();
  return made;
}

function collect() {
  return [...document.querySelectorAll("[data-interview]")].map((spoken) => {
    const section = spoken.closest("section");
    return {
      id: spoken.dataset.interview,
      area: section.parentElement.closest("section").querySelector("h2").firstChild.textContent.trim(),
      title: section.querySelector("h3"),
      parts: [...section.children].filter((child) => !child.matches("h3, span, .qml-points")),
      points: [...section.querySelectorAll(".qml-points li")],
    };
  });
}

/* The same number draws the same questions in the same order, of one area or of all. */
function draw(number, questions) {
  return [...questions].sort((a, b) => lot(number, a.id) - lot(number, b.id)).slice(0, COUNT);
}

function start(questions) {
  const areas = [...new Set(questions.map((question) => question.area))];
  const field = element("input", { type: "number", id: "qml-interview-number", min: 1, max: LARGEST, required: "" });
  const area = element("select", { id: "qml-interview-area" }, ...["all areas", ...areas].map((name) => element("option", {}, name)));
  const timed = element("input", { type: "checkbox", id: "qml-interview-timed" });
  const form = element(
    "form", { class: "qml-exam-bar" },
    element("label", { for: field.id }, "Number of the draw"), field,
    element("label", { for: area.id }, "Area"), area,
    element("span", {}, timed, element("label", { for: timed.id }, "show a timer")),
    element("button", { class: "qml-button", type: "submit" }, "Draw five"),
  );
  const another = element("button", { class: "qml-button", type: "button" }, "Draw another five");
  form.append(another);
  const said = element("p", { role: "status", class: "qml-interview-said" });
  const stage = element("div", { class: "qml-interview-stage" });
  const record = element("p", { class: "qml-interview-record" });
  box.append(form, said, stage, record);
  let ticking;

  function tell() {
    const kept = load().interview;
    const grades = questions.map(({ id }) => kept[id]?.grade).filter((grade) => Number.isInteger(grade));
    const mean = grades.reduce((sum, grade) => sum + grade, 0) / grades.length;
    record.textContent = grades.length
      ? `Kept in this browser: ${grades.length} of ${questions.length} questions graded, mean ${mean.toFixed(1)} of 10.`
      : `None of the ${questions.length} questions is graded in this browser yet.`;
  }

  function stop() {
    clearInterval(ticking);
  }

  function ask(drawn, place, grades) {
    stop();
    const question = drawn[place];
    const heading = element("h3", { tabindex: "-1" }, ...[...copy(question.title).childNodes]);
    const number = element("p", { class: "qml-quiz-number" }, `Question ${place + 1} of ${drawn.length}: ${question.area}`);
    const timer = element("p", { role: "timer", class: "qml-interview-timer" });
    const reveal = element("button", { class: "qml-button", type: "button" }, "Show the answer");
    stage.replaceChildren(number, heading, timer, reveal);
    const began = Date.now();
    const show = () => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      timer.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    };
    timer.hidden = !timed.checked;
    if (timed.checked) {
      show();
      ticking = setInterval(show, 1000);
    }
    reveal.addEventListener("click", () => {
      stop();
      reveal.remove();
      stage.append(...question.parts.map(copy), marks(question, (grade) => next(drawn, place, [...grades, grade])));
      stage.querySelector(".qml-interview-answer-head").focus();
    });
    heading.focus();
  }

  /* Five things to have said, two points each; the number may be changed by hand. */
  function marks(question, done) {
    const head = element("p", { class: "qml-interview-answer-head", tabindex: "-1" }, element("strong", {}, "What did you say? Two points for each."));
    const grade = element("input", { type: "number", id: "qml-interview-grade", min: 0, max: 10, step: 1, required: "", value: 0 });
    const boxes = question.points.map((point, k) => {
      const tick = element("input", { type: "checkbox", id: `qml-interview-point-${k}` });
      tick.addEventListener("change", () => {
        grade.value = 2 * boxes.filter((one) => one.tick.checked).length;
      });
      const label = element("label", { for: tick.id }, ...[...(copy(point).querySelector("p") ?? copy(point)).childNodes]);
      return { tick, row: element("div", { class: "qml-interview-point" }, tick, label) };
    });
    const keep = element("button", { class: "qml-button", type: "submit" }, "Keep this grade");
    const made = element(
      "form", { class: "qml-interview-marks" }, head, ...boxes.map(({ row }) => row),
      element("div", { class: "qml-exam-bar" }, element("label", { for: grade.id }, "Your grade, 0 to 10"), grade, keep),
    );
    made.addEventListener("submit", (event) => {
      event.preventDefault();
      done({ question, grade: +grade.value });
    });
    return made;
  }

  function next(drawn, place, grades) {
    const { question, grade } = grades.at(-1);
    change((all) => {
      all.interview[question.id] = { grade, on: new Date().toISOString().slice(0, 10) };
    });
    if (place + 1 < drawn.length) return ask(drawn, place + 1, grades);
    const rows = grades.map((one) =>
      element("tr", {}, element("th", { scope: "row" }, ...[...copy(one.question.title).childNodes]), element("td", {}, String(one.grade))),
    );
    const total = grades.reduce((sum, one) => sum + one.grade, 0);
    stage.replaceChildren(
      element(
        "table", { class: "table" },
        element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Question"), element("th", { scope: "col" }, "Grade"))),
        element("tbody", {}, ...rows),
      ),
    );
    said.textContent = `Draw ${field.value} is done: ${total} of ${10 * grades.length} points.`;
    another.focus();
  }

  function begin() {
    const number = +field.value;
    const among = area.selectedIndex ? questions.filter((question) => question.area === area.value) : questions;
    const drawn = draw(number, among);
    said.textContent = `Draw ${number}: ${drawn.length} of ${among.length} questions. Speak each answer aloud before you look.`;
    const address = new URL(location.href);
    address.searchParams.set("draw", number);
    history.replaceState(null, "", address);
    ask(drawn, 0, []);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  another.addEventListener("click", () => {
    field.value = anyNumber();
    begin();
  });
  const wanted = new URL(location.href).searchParams.get("draw");
  field.value = /^[1-9]\d{0,3}$/.test(wanted) ? wanted : anyNumber();
  addEventListener("qml-progress", tell);
  addEventListener("storage", tell);
  tell();
  box.dataset.state = "ready";
}

function anyNumber() {
  return 1 + Math.floor(Math.random() * LARGEST);
}

start(collect());
