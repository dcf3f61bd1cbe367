/* Pictures of circuits and states, for the figures that have them: SVG elements, redrawn as a
   whole when something changes. */
import { element, number } from "./kit.js";
import { phase, squared } from "./quantum.js";

export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") made.textContent = value;
    else if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function picture(label, width, height, ...children) {
  return svg("svg", { role: "img", "aria-label": label, width, height, viewBox: `0 0 ${width} ${height}`, class: "qml-picture" }, ...children);
}

/* A number with a fixed number of decimals, a true minus sign, and no "-0.00". */
export function fixed(value, decimals = 2) {
  const text = value.toFixed(decimals);
  return (+text === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
}

/* An angle in units of pi. */
export const inPi = (angle) => `${number(+(angle / Math.PI).toFixed(4), 3)}π`;

/* The phase of an amplitude in units of pi; -1 and 1 are the same, and rounding decides which. */
function phaseText(amplitude, decimals = 2) {
  const text = fixed(phase(amplitude) / Math.PI, decimals);
  return `${+text.replace("\u2212", "-") === -1 ? text.slice(1) : text}π`;
}

/* A basis state as it is written: |01⟩. */
export const basisState = (index, n) => `|${index.toString(2).padStart(n, "0")}⟩`;

/* One gate in words: "RX(0.5π) on 0", "CNOT from 0 to 1". */
export function gateInWords([name, wires, angle], show = inPi) {
  const called = angle === undefined ? name : `${name}(${show(angle)})`;
  if (wires.length === 1) return `${called} on ${wires[0]}`;
  return name === "CNOT" ? `CNOT from ${wires[0]} to ${wires[1]}` : `${called} on ${wires.join(" and ")}`;
}

/* The drawing of a circuit. A gate stands as far left as it can. A fourth entry of a gate is a
   class for its looks. It belongs into a scrollBox. */
export function circuitDrawing(circuit, n, { show = inPi, labels = [] } = {}) {
  const column = 50;
  const row = 46;
  const left = 34 + 7 * Math.max(0, ...labels.map((l) => l.length));
  const free = new Array(n).fill(0);
  const placed = circuit.map((gate) => {
    const wires = gate[1];
    const span = free.slice(Math.min(...wires), Math.max(...wires) + 1);
    const at = Math.max(...span);
    for (let wire = Math.min(...wires); wire <= Math.max(...wires); wire++) free[wire] = at + 1;
    return [gate, at];
  });
  const width = left + column * Math.max(1, ...free) + 14;
  const y = (wire) => row * wire + row / 2;
  const lines = free.map((_, wire) =>
    svg("g", {}, svg("text", { x: 4, y: y(wire) + 4, text: labels[wire] ?? `q${wire}` }), svg("line", { x1: left - 8, x2: width, y1: y(wire), y2: y(wire), class: "qml-wire" })),
  );
  const gates = placed.map(([gate, at]) => {
    const [name, wires, angle, look = ""] = gate;
    const x = left + column * (at + 0.5);
    const group = svg("g", { class: `qml-gate ${look}` }, svg("title", { text: gateInWords(gate, show) }));
    if (wires.length === 2) {
      const [a, b] = wires.map(y);
      group.append(svg("line", { x1: x, x2: x, y1: a, y2: b, class: "qml-link" }), svg("circle", { cx: x, cy: a, r: 5, class: "qml-dot" }));
      if (name === "CZ") group.append(svg("circle", { cx: x, cy: b, r: 5, class: "qml-dot" }));
      else group.append(svg("circle", { cx: x, cy: b, r: 11, class: "qml-target" }), svg("path", { d: `M${x - 11},${b}h22M${x},${b - 11}v22`, class: "qml-link" }));
      return group;
    }
    group.append(svg("rect", { x: x - 22, y: y(wires[0]) - 18, width: 44, height: 36, rx: 3 }));
    const middle = { x, "text-anchor": "middle" };
    if (angle === undefined) group.append(svg("text", { ...middle, y: y(wires[0]) + 5, text: name }));
    else group.append(svg("text", { ...middle, y: y(wires[0]) - 2, text: name }), svg("text", { ...middle, y: y(wires[0]) + 12, class: "qml-small", text: show(angle) }));
    return group;
  });
  const said = circuit.length ? circuit.map((gate) => gateInWords(gate, show)).join(", ") : "no gate yet";
  return picture(`Circuit on ${n} ${n === 1 ? "qubit" : "qubits"}: ${said}.`, width, row * n, ...lines, ...gates);
}

/* A long circuit scrolls; the box stays when the drawing is replaced. */
export const scrollBox = (name) => element("div", { class: "qml-scroll", tabindex: 0, role: "region", "aria-label": name });

/* The direction from which Bloch spheres are seen, in degrees: around the vertical axis, and
   above the equator. */
export const VIEW = { around: 30, above: 20 };

/* Orthographic projection: where a point of space appears, [right, up, towards the viewer]. */
export function projected([x, y, z], view) {
  const [a, e] = [view.around, view.above].map((degrees) => (degrees * Math.PI) / 180);
  const ahead = Math.cos(a) * x + Math.sin(a) * y;
  return [-Math.sin(a) * x + Math.cos(a) * y, Math.cos(e) * z - Math.sin(e) * ahead, Math.cos(e) * ahead + Math.sin(e) * z];
}

const LETTERS = { "|0⟩": [0, 0, 1], "|1⟩": [0, 0, -1], x: [1, 0, 0], y: [0, 1, 0] };

/* One qubit's Bloch sphere with its vector as an arrow. */
export function blochSphere(vector, name, view, size = 190) {
  const radius = size / 2 - 24;
  const middle = size / 2;
  const place = (point) => {
    const [right, up, near] = projected(point, view);
    return [middle + radius * right, middle - radius * up, near];
  };
  const path = (points) => `M${points.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join("L")}`;
  const children = [svg("circle", { cx: middle, cy: middle, r: radius, class: "qml-sphere" })];
  // The equator and the circle through |0>, |1> and x; dashed where they run behind.
  const steps = Array.from({ length: 73 }, (_, i) => (i * Math.PI) / 36);
  for (const circle of [(t) => [Math.cos(t), Math.sin(t), 0], (t) => [Math.sin(t), 0, Math.cos(t)]]) {
    for (const front of [true, false]) {
      const pieces = steps.slice(1).map((t, i) => [place(circle(steps[i])), place(circle(t))]);
      const kept = pieces.filter(([a, b]) => a[2] + b[2] >= 0 === front);
      children.push(svg("path", { d: kept.map(path).join(""), class: front ? "qml-ring" : "qml-ring qml-behind" }));
    }
  }
  for (const [letter, end] of Object.entries(LETTERS)) {
    const [x, y] = place(end);
    const [tx, ty] = place(end.map((v) => 1.2 * v));
    children.push(
      svg("line", { x1: middle, y1: middle, x2: x, y2: y, class: "qml-axis" }),
      svg("text", { x: tx, y: ty + 4, "text-anchor": "middle", text: letter }),
    );
  }
  const [tipX, tipY, near] = place(vector);
  const [footX, footY] = place([vector[0], vector[1], 0]);
  children.push(svg("path", { d: `M${middle},${middle}L${footX.toFixed(2)},${footY.toFixed(2)}L${tipX.toFixed(2)},${tipY.toFixed(2)}`, class: "qml-shadow" }));
  children.push(
    svg("line", { x1: middle, y1: middle, x2: tipX, y2: tipY, class: "qml-arrow" }),
    // A full tip points towards the reader, a hollow one away.
    svg("circle", { cx: tipX, cy: tipY, r: 6, class: near >= -1e-9 ? "qml-tip" : "qml-tip qml-away" }),
  );
  const length = Math.hypot(...vector);
  const at = `(${vector.map((v) => fixed(v)).join(", ")})`;
  const sphere = picture(`Bloch sphere of ${name}: vector ${at}, length ${fixed(length)}.`, size, size, ...children);
  const caption = element("div", { class: "qml-caption" }, element("strong", { text: name }), element("br"), `length ${fixed(length)}`, element("br"), at);
  return element("div", { class: "qml-bloch" }, sphere, caption);
}

/* An element in which Bloch spheres can be turned: by dragging, and by arrow keys when it has the
   focus. One degree a pixel would be too fast for a finger. */
export function turntable(view, changed) {
  const host = element("div", { class: "qml-spheres", tabindex: 0, role: "group", "aria-label": "Bloch spheres; arrow keys turn them" });
  let last = null;
  function move(right, down) {
    view.around = ((view.around - right) % 360 + 360) % 360;
    view.above = Math.max(-90, Math.min(90, view.above + down));
    changed();
  }
  host.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    last = [event.clientX, event.clientY];
    host.setPointerCapture(event.pointerId);
  });
  host.addEventListener("pointermove", (event) => {
    if (!last) return;
    move((event.clientX - last[0]) / 2, (event.clientY - last[1]) / 2);
    last = [event.clientX, event.clientY];
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) host.addEventListener(end, () => (last = null));
  const KEYS = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] };
  host.addEventListener("keydown", (event) => {
    if (!(event.key in KEYS) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    move(...KEYS[event.key]);
  });
  return host;
}

/* The amplitudes of a state: probability as a bar, phase as the hand of a dial. */
export function amplitudes(state, width) {
  const n = Math.log2(state.length);
  const row = 28;
  const left = 30 + 9 * n;
  const right = 136;
  const bar = Math.max(40, width - left - right);
  const children = state.flatMap((amplitude, index) => {
    const p = squared(amplitude);
    const y = 24 + row * index + row / 2;
    const x = left + bar + 22;
    const shown = p > 1e-12;
    const angle = phase(amplitude);
    return [
      svg("text", { x: 2, y: y + 4, text: basisState(index, n) }),
      svg("rect", { x: left, y: y - 8, width: bar, height: 16, class: "qml-track" }),
      svg("rect", { x: left, y: y - 8, width: bar * Math.min(1, p), height: 16, class: "qml-bar" }),
      svg("circle", { cx: x, cy: y, r: 10, class: shown ? "qml-dial" : "qml-dial qml-behind" }),
      ...(shown ? [svg("line", { x1: x, y1: y, x2: x + 10 * Math.cos(angle), y2: y - 10 * Math.sin(angle), class: "qml-hand" })] : []),
      svg("text", { x: x + 18, y: y + 4, text: `${fixed(p, 3)}${shown ? `, ${phaseText(amplitude)}` : ""}` }),
    ];
  });
  const head = [svg("text", { x: left, y: 14, text: "probability" }), svg("text", { x: left + bar + 12, y: 14, text: "phase" })];
  const said = state.flatMap((a, i) => (squared(a) > 1e-12 ? [`${basisState(i, n)}: probability ${fixed(squared(a), 3)}, phase ${phaseText(a)}`] : []));
  const label = `Amplitudes. ${said.join("; ")}.`;
  return picture(label, width, 24 + row * state.length, ...head, ...children);
}

/* The same as rows of a table, with digits enough to check them. */
export function amplitudeTable(state) {
  const n = Math.log2(state.length);
  return {
    name: "Amplitudes",
    head: ["basis state", "real part", "imaginary part", "probability", "phase"],
    rows: state.map((a, i) => [basisState(i, n), fixed(a[0], 9), fixed(a[1], 9), fixed(squared(a), 9), squared(a) > 1e-12 ? phaseText(a, 6) : "–"]),
  };
}
