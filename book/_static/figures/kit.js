/* What the interactive figures share: native controls, a drawing that follows them, a sentence
   and a table that say the same as the drawing. */
/* global d3, Plot */

let count = 0;

/* Colours by position, defined for both themes in figures.css. A series also differs by its
   symbol or dash, never by colour alone. */
export const COLORS = [1, 2, 3, 4, 5].map((i) => `var(--qml-series-${i})`);
export const DASHES = ["", "7 4", "2 3", "9 3 2 3", "12 4"];
export const SYMBOLS = ["circle", "triangle", "square", "diamond", "star"];

/* A new element with attributes and children; "text" sets its text. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") made.textContent = value;
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/* Numbers as a person writes them: a true minus sign, few digits. */
export function number(value, digits = 2) {
  if (value === null || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(digits - 1) : String(+value.toPrecision(digits));
  return text.replaceAll("-", "\u2212");
}

/* A legend to put before the pictures: items {text, color, dash, symbol}, {text, swatch: true} for
   a shaded area, or {text} for a remark. */
export function legend(items) {
  const samples = items.map(({ text, color = "currentColor", dash, symbol, swatch }) => {
    if (dash === undefined && !symbol && !swatch) return element("span", { text });
    const sample = d3.create("svg").attr("role", "none").attr("aria-hidden", "true").attr("width", 36).attr("height", 16);
    if (swatch) sample.append("rect").attr("width", 36).attr("height", 16).attr("fill", color).attr("fill-opacity", 0.15);
    if (dash !== undefined) sample.append("path").attr("d", "M0,8H36").attr("stroke", color).attr("stroke-width", 2).attr("stroke-dasharray", dash);
    if (symbol) {
      const shape = d3[`symbol${symbol[0].toUpperCase()}${symbol.slice(1)}`];
      sample.append("path").attr("transform", "translate(18,8)").attr("d", d3.symbol(shape, 60)()).attr("fill", color);
    }
    return element("span", {}, sample.node(), text);
  });
  return element("div", { class: "qml-figure-legend" }, ...samples);
}

/* The stage of one figure. A script asks it for controls, then calls draw(make), where make()
   returns {view, say, table}: an SVG or other element (or a list of them), one or two sentences
   for everyone and for screen readers, and the numbers as {head: [...], rows: [[...]]}, or a list
   of such tables. make is called again whenever a control or the width changes. */
export function stage(root) {
  const id = `qml-figure-${++count}`;
  const alt = root.dataset.alt;
  const controls = element("div", { class: "qml-figure-controls" });
  const view = element("div", { class: "qml-figure-view" });
  const said = element("output", { class: "qml-figure-said", id: `${id}-said` });
  const numbers = element("details", { class: "qml-figure-numbers" }, element("summary", { text: "Numbers of this picture" }));
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", `Interactive figure. ${alt}`);
  root.append(controls, view, said, numbers);

  let make = null;
  let latest = {};
  let waiting = false;

  function refresh() {
    if (!make) return;
    latest = make();
    const pictures = [latest.view].flat();
    for (const picture of pictures) {
      const svg = picture.matches?.("svg") ? picture : picture.querySelector?.("svg");
      if (svg && !svg.hasAttribute("role")) {
        svg.setAttribute("role", "img");
        svg.setAttribute("aria-label", `${svg.getAttribute("aria-label") ?? alt} ${latest.say ?? ""}`.trim());
      }
    }
    // A picture that is handed over again stays where it is, with its focus.
    if (pictures.length !== view.childNodes.length || pictures.some((p, i) => p !== view.childNodes[i])) view.replaceChildren(...pictures);
    if (said.textContent !== latest.say) said.textContent = latest.say ?? "";
    fill();
  }

  /* At most one drawing a frame, however fast a slider moves. */
  function redraw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      refresh();
    });
  }

  function fill() {
    numbers.hidden = !latest.table;
    numbers.querySelectorAll(".qml-figure-table").forEach((old) => old.remove());
    if (!numbers.open || !latest.table) return;
    const cells = (values, tag, attributes) => values.map((v) => element(tag, { ...attributes, text: typeof v === "number" ? number(v, 3) : v }));
    for (const { head, rows, name = "Numbers of this picture" } of [latest.table].flat()) {
      const table = element(
        "table",
        {},
        element("thead", {}, element("tr", {}, ...cells(head, "th", { scope: "col" }))),
        element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells(row.slice(0, 1), "th", { scope: "row" }), ...cells(row.slice(1), "td")))),
      );
      numbers.append(element("div", { class: "qml-figure-table", tabindex: 0, role: "region", "aria-label": name }, table));
    }
  }
  numbers.addEventListener("toggle", fill);

  let width = 0;
  new ResizeObserver(() => {
    const now = Math.floor(view.clientWidth);
    if (now && now !== width) {
      width = now;
      redraw();
    }
  }).observe(view);

  function labelled(label, input, extra = []) {
    input.id = `${id}-${controls.childElementCount}`;
    controls.append(element("div", { class: "qml-figure-control" }, element("label", { for: input.id, text: label }), input, ...extra));
    return input;
  }

  return {
    root,
    alt,
    redraw,
    /* The element that holds the picture: it stays when the picture is replaced. */
    view,
    get width() {
      return Math.max(260, Math.floor(view.clientWidth) || 640);
    },

    /* A slider. With values: [...] it steps through a list. show(value) gives the text beside
       it and what a screen reader says. Returns an object whose value can be read and set. */
    range({ label, values, min = 0, max = 1, step = 0.01, value, show = (v) => number(v, 3) }) {
      const input = element("input", { type: "range", min: values ? 0 : min, max: values ? values.length - 1 : max, step: values ? 1 : step });
      const text = element("span", { class: "qml-figure-value", "aria-hidden": true });
      const control = {
        input,
        get value() {
          return values ? values[+input.value] : +input.value;
        },
        set value(v) {
          input.value = values ? values.indexOf(v) : v;
          update();
        },
      };
      function update() {
        text.textContent = show(control.value);
        input.setAttribute("aria-valuetext", show(control.value));
        redraw();
      }
      input.addEventListener("input", update);
      labelled(label, input, [text]);
      control.value = value ?? (values ? values[0] : min);
      return control;
    },

    /* A list to choose from: options are texts, or pairs of a value and its text. */
    choice({ label, options, value }) {
      const pairs = options.map((o) => (Array.isArray(o) ? o : [o, String(o)]));
      const input = element("select", {}, ...pairs.map(([, text], i) => element("option", { value: i, text })));
      input.value = Math.max(0, pairs.findIndex(([v]) => v === value));
      input.addEventListener("change", redraw);
      labelled(label, input);
      return {
        input,
        get value() {
          return pairs[+input.value][0];
        },
        set value(v) {
          input.value = pairs.findIndex(([x]) => x === v);
          redraw();
        },
      };
    },

    /* A field for words to search for. */
    search({ label }) {
      const input = element("input", { type: "search" });
      for (const event of ["input", "change"]) input.addEventListener(event, redraw);
      labelled(label, input);
      return {
        input,
        get value() {
          return input.value.trim().toLowerCase();
        },
      };
    },

    toggle({ label, value = false }) {
      const input = element("input", { type: "checkbox" });
      input.checked = value;
      input.addEventListener("change", redraw);
      labelled(label, input);
      return {
        input,
        get value() {
          return input.checked;
        },
        set value(v) {
          input.checked = v;
          redraw();
        },
      };
    },

    button({ label, press }) {
      const input = element("button", { type: "button", class: "qml-button", text: label });
      input.addEventListener("click", () => {
        press();
        redraw();
      });
      controls.append(input);
      return input;
    },

    /* Plot.plot in the course's looks: the text colour of the page, its width, large enough
       letters. Pass marks and scales as Observable Plot has them; tips answer to the pointer. */
    plot(options) {
      const { style = {}, ...rest } = options;
      const drawn = Plot.plot({
        width: this.width,
        height: Math.min(400, Math.max(260, this.width * 0.6)),
        marginLeft: 60,
        marginBottom: 45,
        marginTop: 30,
        ...rest,
        style: { background: "none", color: "inherit", fontSize: "13px", fontFamily: "inherit", overflow: "visible", ...style },
      });
      // Plot names its marks; only an element with a role may have a name.
      drawn.querySelectorAll("g[aria-label]").forEach((mark) => mark.setAttribute("role", "group"));
      return drawn;
    },

    draw(function_) {
      make = function_;
      refresh();
    },
  };
}
