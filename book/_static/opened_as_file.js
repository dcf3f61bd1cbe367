/* A page that is opened as a file gets no modules from its browser: say so, and what to do. */
(function () {
  "use strict";
  if (window.location.protocol !== "file:") {
    return;
  }
  document.addEventListener("DOMContentLoaded", () => {
    const note = document.createElement("p");
    note.className = "qml-opened-as-file";
    note.setAttribute("role", "note");
    note.append("This page was opened as a file, so your browser blocks its interactive figures, "
      + "quizzes, terms and progress: run ");
    const command = document.createElement("code");
    command.textContent = "python -m nox -s serve";
    note.append(command, " and open http://localhost:8000 instead.");
    (document.querySelector("article") || document.body).prepend(note);
  });
})();
