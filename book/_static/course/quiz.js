/* Quizzes: choosing an option opens its answer; the browser remembers the choice. */
import { meet } from "./schedule.js";
import { change, load } from "./store.js";

/* What was chosen, if the right answer is the same still. Older records went by the text. */
function given(answers, { question, answer, was }) {
  const kept = answers[question] ?? answers[was];
  return kept && [undefined, answer].includes(kept.answer) ? kept : undefined;
}

for (const quiz of document.querySelectorAll(".qml-quiz")) {
  const page = quiz.dataset.quiz;
  const questions = [...quiz.querySelectorAll(".qml-question")];
  const total = document.createElement("p");
  total.className = "qml-quiz-total";
  const again = document.createElement("button");
  again.type = "button";
  again.className = "qml-button";
  again.textContent = "Start again";
  quiz.append(total, again);
  quiz.classList.add("qml-live");

  function show(speak) {
    const answers = load().quiz[page] ?? {};
    let right = 0;
    for (const question of questions) {
      const key = question.dataset.question;
      const answer = given(answers, question.dataset);
      for (const option of question.querySelectorAll(".qml-option")) {
        const input = option.querySelector("input");
        const chosen = answer !== undefined && input.value === String(answer.chosen);
        input.checked = chosen;
        option.classList.toggle("qml-chosen", chosen);
        option.classList.toggle("qml-right", chosen && input.hasAttribute("data-right"));
        option.querySelector("details").open = chosen;
        if (chosen && speak === key) {
          // Equations stand in the text twice, as drawn and as MathML: read out the first words.
          question.querySelector(".qml-quiz-said").textContent = answer.right
            ? "Right: the reason stands below your choice."
            : "Not right: the reason stands below your choice. Try again.";
        }
      }
      if (!answer) question.querySelector(".qml-quiz-said").textContent = "";
      question.classList.toggle("qml-wrong", !!answer && !answer.right);
      right += answer?.right ? 1 : 0;
    }
    total.textContent = `${right} of ${questions.length} right.`;
  }

  quiz.addEventListener("change", ({ target }) => {
    const question = target.closest(".qml-question");
    if (!question) return;
    const { question: key, answer, was } = question.dataset;
    change((all) => {
      all.quiz[page] ??= {};
      all.quiz[page][key] = { chosen: +target.value, right: target.hasAttribute("data-right"), answer };
      delete all.quiz[page][was];
      meet(all, { id: key, answer });
    });
    show(key);
  });
  again.addEventListener("click", () => {
    change((all) => delete all.quiz[page]);
    show();
    questions[0].querySelector("input").focus();
  });
  addEventListener("qml-progress", () => show());
  addEventListener("storage", () => show());
  show();
}
