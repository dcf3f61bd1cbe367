/* Features as a state: circuit, Bloch spheres, amplitudes and cost under five encodings. */
/* global Plot */
import { COLORS, DASHES, SYMBOLS, element, legend, number } from "./kit.js";
import { VIEW, amplitudeTable, amplitudes, blochSphere, circuitDrawing, fixed, scrollBox, turntable } from "./pictures.js";
import { blochVectors, difference, resources, run } from "./quantum.js";

const ENCODINGS = ["basis", "angle", "amplitude", "iqp", "reupload"];
/* The options of each encoding that have a control here. */
const OPTIONS = {
  basis: [],
  angle: ["rotation", "bandwidth"],
  amplitude: [],
  iqp: ["bandwidth", "repeats", "entangle"],
  reupload: ["rotation", "bandwidth", "repeats", "entangle", "weights"],
};
const COUNTS = [["two_qubit_gates", "gates on two qubits"], ["gates", "gates"], ["depth", "depth"], ["qubits", "qubits"]];

/* The circuit of an encoding, with the options of qmlcourse.encodings.encoded_states. A fourth
   entry of a gate says what its angle is: made from a feature, or trained. */
export function encodingCircuit(encoding, x, options = {}) {
  const { rotation = "X", bandwidth = 1, n_repeats = 1, n_layers = 2, weights = null, entangle = true } = options;
  const d = x.length;
  const circuit = [];
  const upload = () => x.forEach((value, k) => circuit.push([`R${rotation}`, [k], bandwidth * value, "qml-feature"]));

  if (encoding === "basis") {
    x.forEach((bit, k) => bit && circuit.push(["X", [k], undefined, "qml-feature"]));
  } else if (encoding === "angle") {
    upload();
  } else if (encoding === "iqp") {
    for (let repeat = 0; repeat < n_repeats; repeat++) {
      x.forEach((_, k) => circuit.push(["H", [k]]));
      x.forEach((value, k) => circuit.push(["RZ", [k], bandwidth * value, "qml-feature"]));
      // e^(-i angle Z Z / 2): the second qubit carries the parity of both while it is turned.
      for (let j = 0; entangle && j < d; j++) {
        for (let k = j + 1; k < d; k++) {
          circuit.push(["CNOT", [j, k]], ["RZ", [k], bandwidth ** 2 * x[j] * x[k], "qml-feature"], ["CNOT", [j, k]]);
        }
      }
    }
  } else if (encoding === "reupload") {
    for (let layer = 0; layer < n_layers; layer++) {
      upload();
      for (let k = 0; k < d; k++) {
        const [a, b, c] = weights ? weights[layer][k] : [0, 0, 0];
        circuit.push(["RZ", [k], a, "qml-trained"], ["RY", [k], b, "qml-trained"], ["RZ", [k], c, "qml-trained"]);
      }
      if (entangle && d > 1) for (let k = 0; k < (d === 2 ? 1 : d); k++) circuit.push(["CZ", [k, (k + 1) % d]]);
    }
  } else {
    amplitudeCascade(x, circuit);
  }
  return { circuit, n: encoding === "amplitude" ? Math.max(1, Math.ceil(Math.log2(d))) : d };
}

/* RY gates and CNOTs that turn |0...0> into the vector x over its length. Qubit after qubit, half
   of a block of entries gets its share by a rotation whose angle depends on the qubits before. */
function amplitudeCascade(x, circuit) {
  const n = Math.max(1, Math.ceil(Math.log2(x.length)));
  const padded = [...x, ...new Array(2 ** n - x.length).fill(0)];
  for (let target = 0; target < n; target++) {
    const blocks = 2 ** target; // one for each setting of the qubits before
    const size = padded.length / blocks;
    const wanted = Array.from({ length: blocks }, (_, b) => {
      const block = padded.slice(b * size, (b + 1) * size);
      // At the last qubit the halves are single numbers, and the angle carries their signs.
      const half = (part) => (size === 2 ? part[0] : Math.hypot(...part));
      return 2 * Math.atan2(half(block.slice(size / 2)), half(block.slice(0, size / 2)));
    });
    for (let step = 0; step < blocks; step++) {
      // Between the rotations CNOTs flip their sense, in the order of a Gray code. So each setting
      // sees a sum of angles with signs, and these sums must be the wanted angles.
      const gray = step ^ (step >> 1);
      const angle = wanted.reduce((sum, value, b) => sum + (odd(b & gray) ? -value : value), 0) / blocks;
      circuit.push(["RY", [target], angle, "qml-feature"]);
      if (target > 0) {
        const next = step + 1;
        const changed = next < blocks ? Math.log2(next & -next) : target - 1;
        circuit.push(["CNOT", [target - 1 - changed, target]]);
      }
    }
  }
}

function odd(bits) {
  let parity = false;
  for (let rest = bits; rest; rest &= rest - 1) parity = !parity;
  return parity;
}

const pairs = (re, im) => re.map((value, i) => [value, im[i]]);

export default function (stage, data) {
  const view = { ...VIEW };
  const rows = data.counts.encoding.map((encoding, i) => Object.fromEntries(Object.keys(data.counts).map((key) => [key, data.counts[key][i]])));

  const encoding = stage.choice({ label: "Encoding", options: ENCODINGS, value: "angle" });
  const many = stage.range({ label: "Number of features", values: [2, 3, 4], value: 2, show: String });
  const bit = (value) => (value > 0 ? 1 : 0);
  const features = [0, 1, 2, 3].map((k) =>
    stage.range({ label: `Feature x${k + 1}`, min: -4, max: 4, step: 0.1, value: data.x[k] ?? [-0.8, 2][k - 2], show: (v) => `${fixed(v, 1)}${encoding.value === "basis" ? `, bit ${bit(v)}` : ""}` }),
  );
  const options = {
    rotation: stage.choice({ label: "Rotation about", options: ["X", "Y", "Z"] }),
    bandwidth: stage.range({ label: "Bandwidth, factor on features", values: [0.25, 0.5, 1, 2], value: 1, show: String }),
    repeats: stage.range({ label: "Repeats or layers", values: [1, 2, 3], value: 1, show: String }),
    entangle: stage.toggle({ label: "Gates on two qubits", value: true }),
    weights: stage.choice({ label: "Trained angles", options: [["random", "random"], ["zero", "all 0"]] }),
  };
  const count = stage.choice({ label: "Cost shown", options: COUNTS });
  stage.button({ label: "Reset view", press: () => Object.assign(view, VIEW) });
  const show = (control, shown) => (control.input.closest(".qml-figure-control").hidden = !shown);
  encoding.input.addEventListener("change", () => features.forEach((f) => (f.value = f.value)));

  /* The chapter's states and counts, computed here a second time. */
  const largest = Math.max(
    ...data.cases.map((c) => {
      const { circuit, n } = encodingCircuit(c.encoding, c.x, c.options);
      return difference(run(circuit, n), pairs(c.re, c.im));
    }),
  );
  const check = element("p", { class: "qml-check" });
  const frames = element("p", { class: "qml-check" });
  const drawing = scrollBox("Circuit");
  const spheres = turntable(view, stage.redraw);
  const bars = element("div");
  const key = legend(ENCODINGS.map((text, i) => ({ text, color: COLORS[i], dash: DASHES[i], symbol: SYMBOLS[i] })));
  const cost = element("div");
  const host = element("div", {}, drawing, frames, element("div", { class: "qml-pair" }, spheres, bars), key, cost, check);

  const matches = (row, name, repeats, entangle) => row.encoding === name && (OPTIONS[name].includes("repeats") ? row.repeats === repeats && row.entangle === entangle : true);

  const costRows = (repeats, entangle) => rows.filter((row) => matches(row, row.encoding, repeats, entangle));

  function costs(wide, d, repeats, entangle) {
    const [counted, label] = COUNTS.find(([name]) => name === count.value);
    const lines = costRows(repeats, entangle);
    const order = [...ENCODINGS.filter((name) => name !== encoding.value), encoding.value];
    const drawn = stage.plot({
      width: wide ? Math.min(stage.width, 760) : stage.width,
      height: 300,
      ariaLabel: `Cost of the five encodings against the number of features: ${label}. The numbers are in the table below.`,
      x: { label: "features", type: "log", base: 2, ticks: [2, 4, 8, 16, 32], tickFormat: String },
      y: { label: `${label} (count)`, type: "symlog", ticks: [0, 1, 10, 100, 1000, 10000].filter((t) => t <= Math.max(...lines.map((r) => r[counted])) * 1.5), tickFormat: String, domain: [0, Math.max(...lines.map((row) => row[counted])) * 1.6] },
      color: { domain: ENCODINGS, range: COLORS },
      symbol: { domain: ENCODINGS, range: SYMBOLS },
      marks: [
        Plot.gridY({ ticks: 5 }),
        Plot.ruleX([d], { stroke: "currentColor", strokeDasharray: "2 3" }),
        ...order.map((name) => Plot.line(lines.filter((row) => row.encoding === name), { x: "features", y: counted, stroke: "encoding", strokeDasharray: DASHES[ENCODINGS.indexOf(name)], strokeWidth: name === encoding.value ? 3.5 : 1.5 })),
        Plot.dot(lines, { x: "features", y: counted, stroke: "encoding", symbol: "encoding", r: 3, sort: (row) => row.encoding === encoding.value }),
        Plot.tip(lines, Plot.pointer({ x: "features", y: counted, title: (row) => `${row.encoding}, ${row.features} features\n${row.qubits} qubits, depth ${row.depth}\n${row.gates} gates, ${row.two_qubit_gates} on two qubits` })),
      ],
    });
    drawn.setAttribute("role", "img");
    return drawn;
  }

  stage.draw(() => {
    const name = encoding.value;
    const d = many.value;
    const x = features.slice(0, d).map((f) => (name === "basis" ? bit(f.value) : f.value));
    features.forEach((f, k) => show(f, k < d));
    for (const [option, control] of Object.entries(options)) show(control, OPTIONS[name].includes(option));
    const repeats = options.repeats.value;
    const entangle = options.entangle.value;
    const chosen = {
      rotation: options.rotation.value,
      bandwidth: options.bandwidth.value,
      n_repeats: repeats,
      n_layers: repeats,
      entangle,
      weights: options.weights.value === "random" ? data.weights.map((layer) => layer.slice(0, d)) : null,
    };
    const { circuit, n } = encodingCircuit(name, x, chosen);
    const none = name === "amplitude" && x.every((value) => value === 0);
    const state = run(circuit, n);
    const counted = resources(circuit, n);
    const wide = stage.width >= 640;
    const size = wide ? 150 : Math.min(160, stage.width / 2 - 8);
    const across = wide ? Math.min(n, 2) * size : stage.width;
    const bloch = blochVectors(state);
    drawing.replaceChildren(...(none ? [] : [circuitDrawing(circuit, n, { show: (v) => fixed(v) })]));
    frames.textContent = `Solid frame: made from features.${name === "reupload" ? " Dashed frame: trained angles." : ""} Angles in radians.`;
    spheres.style.width = `${across}px`;
    spheres.replaceChildren(...(none ? [] : bloch.map((vector, k) => blochSphere(vector, `qubit ${k}`, view, size))));
    bars.replaceChildren(...(none ? [] : [amplitudes(state, wide ? stage.width - across - 20 : stage.width)]));
    cost.replaceChildren(costs(wide, d, repeats, entangle));
    const theirs = rows.find((row) => matches(row, name, repeats, entangle) && row.features === d);
    check.textContent =
      `Against the chapter's encoded_states, ${data.cases.length} cases: largest difference of an amplitude ${number(largest)}. ` +
      "The chapter's numbers come with nine digits.";
    const shortest = Math.min(...bloch.map((vector) => Math.hypot(...vector)));
    const worst = name === "basis" && counted.gates < d ? `; all ones need ${theirs.gates} gates` : "";
    const cells = `${d} features on ${n} ${n === 1 ? "qubit" : "qubits"}: depth ${counted.depth}, ${counted.gates} ${counted.gates === 1 ? "gate" : "gates"}, ${counted.two_qubit_gates} on two qubits${worst}.`;
    return {
      view: host,
      say: none
        ? "Amplitude encoding has no state for features that are all 0: there is no length to divide by."
        : `${name} encoding, ${cells} ${shortest > 1 - 1e-9 ? "A product state: every Bloch arrow has length 1." : `An entangled state: the shortest Bloch arrow has length ${fixed(shortest)}.`}`,
      table: [
        ...(none ? [] : [amplitudeTable(state)]),
        {
          name: "Cost",
          head: ["encoding", "features", "qubits", "depth", "gates", "on two qubits"],
          rows: costRows(repeats, entangle).map((row) => [row.encoding, row.features, row.qubits, row.depth, row.gates, row.two_qubit_gates].map(String)),
        },
      ],
    };
  });
}
