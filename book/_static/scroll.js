/* A box that scrolls sideways can be reached by the keyboard, and only then is a stop for it. */
(function () {
  "use strict";
  const boxes = "mjx-container[display='true'], .cell_output, .math, .highlight pre, .qml-map, .pst-scrollable-table-container";

  function mark() {
    for (const box of document.querySelectorAll(boxes)) {
      if (box.scrollWidth > box.clientWidth) {
        box.tabIndex = 0;
      } else if (box.getAttribute("tabindex") === "0") {
        box.removeAttribute("tabindex");
      }
    }
  }

  window.addEventListener("load", () => {
    mark();
    window.addEventListener("resize", mark);
    // Equations are drawn after the page has loaded.
    if (window.MathJax && window.MathJax.startup && window.MathJax.startup.promise) {
      window.MathJax.startup.promise.then(mark);
    }
  });
})();
