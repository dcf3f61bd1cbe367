/* Circuits on two qubits: their drawing, both Bloch spheres, the four amplitudes. */
import { element, number } from "./kit.js";
import { VIEW, amplitudeTable, amplitudes, blochSphere, circuitDrawing, fixed, gateInWords, scrollBox, turntable } from "./pictures.js";
import { GATES, blochVectors, concurrence, difference, entropy, run, turns } from "./quantum.js";

const MOST = 12; // gates in a circuit
const PARTS = 24; // of pi: the steps of the angle
const pi = Math.PI;

const NAMED = {
  "no gate": [],
  "product state": [["RY", [0], pi / 3], ["H", [1]], ["S", [1]]],
  "Bell state": [["H", [0]], ["CNOT", [0, 1]]],
  "between product and Bell": [["RY", [0], pi / 4], ["CNOT", [0, 1]]],
  "Bell state with CZ": [["H", [0]], ["H", [1]], ["CZ", [0, 1]], ["H", [1]]],
  interference: [["H", [0]], ["RZ", [0], pi / 4], ["H", [0]]],
  "phase kickback": [["H", [0]], ["X", [1]], ["H", [1]], ["CNOT", [0, 1]]],
  "swap by three CNOTs": [["RY", [0], pi / 3], ["CNOT", [0, 1]], ["CNOT", [1, 0]], ["CNOT", [0, 1]]],
};
const OWN = "your own";

/* The state of two qubits in words. */
export function entanglement(state) {
  const c = concurrence(state);
  const length = Math.hypot(...blochVectors(state)[0]);
  const kind = c < 1e-6 ? "not entangled" : c > 1 - 1e-6 ? "maximally entangled" : "partly entangled";
  return `The qubits are ${kind}: concurrence ${fixed(c)}, entanglement entropy ${fixed(entropy(length))} bit, length of both Bloch arrows ${fixed(length)}.`;
}

export default function (stage, data) {
  const view = { ...VIEW };
  let circuit = [];
  let full = false;
  let grown = false;

  const named = stage.choice({ label: "Circuit", options: [...Object.keys(NAMED), OWN], value: "between product and Bell" });
  const qubit = stage.choice({ label: "Gate on qubit (CNOT: control)", options: [[0, "0"], [1, "1"]] });
  const group = element("div", { class: "qml-buttons", role: "group", "aria-label": "Add a gate" });
  for (const name of GATES) group.append(stage.button({ label: name, press: () => place(name) }));
  qubit.input.closest(".qml-figure-control").after(group);
  const angle = stage.range({ label: "Angle of the latest rotation", min: -PARTS, max: PARTS, step: 1, value: PARTS / 4, show: (v) => `${number(v / PARTS, 3)}π` });
  stage.button({ label: "Undo", press: () => change(circuit.slice(0, -1)) });
  stage.button({ label: "Reset", press: () => load("no gate") });
  stage.button({ label: "Reset view", press: () => Object.assign(view, VIEW) });
  named.input.addEventListener("change", () => named.value !== OWN && load(named.value));

  /* The slider turns the latest rotation, so it always shows that gate's angle. */
  const latest = () => circuit.findLast(([name]) => turns(name));
  function change(gates) {
    grown = gates.length > circuit.length;
    circuit = gates;
    full = false;
    if (latest()) angle.value = Math.round((latest()[2] * PARTS) / pi);
    if (named.value !== OWN) named.value = OWN;
  }
  function load(name) {
    change(NAMED[name].map((gate) => [...gate]));
    named.value = name;
  }
  function place(name) {
    full = circuit.length === MOST;
    if (full) return;
    const wires = name.startsWith("C") ? [qubit.value, 1 - qubit.value] : [qubit.value];
    change([...circuit, turns(name) ? [name, wires, (angle.value * pi) / PARTS] : [name, wires]]);
  }

  const largest = Math.max(...data.circuits.map((c) => difference(run(c.gates, c.qubits), c.re.map((re, i) => [re, c.im[i]]))));
  const check = element("p", {
    class: "qml-check",
    text: `This page's simulator against the chapter's, ${data.circuits.length} random circuits with all of the gates: largest difference of an amplitude ${number(largest)}. The chapter's numbers come with nine digits.`,
  });
  // The parts stay, so that a drag or the focus outlives a new drawing.
  const drawing = scrollBox("Circuit");
  const spheres = turntable(view, stage.redraw);
  const bars = element("div");
  const host = element("div", {}, drawing, element("div", { class: "qml-pair" }, spheres, bars), check);
  load(named.value);

  stage.draw(() => {
    angle.input.disabled = !latest();
    if (latest()) latest()[2] = (angle.value * pi) / PARTS;
    const state = run(circuit, 2);
    const wide = stage.width >= 640;
    const size = wide ? 180 : Math.min(180, stage.width / 2 - 8);
    drawing.replaceChildren(circuitDrawing(circuit, 2));
    if (grown) drawing.scrollLeft = drawing.scrollWidth;
    grown = false;
    spheres.replaceChildren(...blochVectors(state).map((vector, k) => blochSphere(vector, `qubit ${k}`, view, size)));
    bars.replaceChildren(amplitudes(state, wide ? stage.width - 2 * size - 40 : stage.width));
    const gates = circuit.length ? `Circuit: ${circuit.map((gate) => gateInWords(gate)).join(", ")}.` : "Circuit without a gate.";
    return {
      view: host,
      say: `${full ? `No more than ${MOST} gates fit; undo one first. ` : ""}${gates} ${entanglement(state)}`,
      table: amplitudeTable(state),
    };
  });
}
