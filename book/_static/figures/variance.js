/* Gradient variance against qubits or layers, for three costs, as the chapter measured it. */
/* global Plot */
import { COLORS, DASHES, SYMBOLS, number } from "./kit.js";

const COSTS = ["global", "local", "zz"];

export default function (stage, data) {
  const rows = data.cost.map((cost, i) => ({
    cost,
    qubits: data.n_qubits[i],
    layers: data.depth[i],
    value: data.value[i],
    low: data.low[i],
    high: data.high[i],
  }));
  const unique = (key) => [...new Set(rows.map((row) => row[key]))].sort((a, b) => a - b);
  const along = stage.choice({ label: "Horizontal axis", options: [["qubits", "qubits"], ["layers", "layers"]] });
  const layers = stage.range({ label: "Layers, where qubits vary", values: unique("layers"), value: unique("layers")[1], show: String });
  const qubits = stage.range({ label: "Qubits, where layers vary", values: unique("qubits"), value: unique("qubits").at(-2), show: String });
  const shown = Object.fromEntries(COSTS.map((cost) => [cost, stage.toggle({ label: `${cost} cost`, value: true })]));
  const domain = [Math.min(...rows.map((r) => r.low).filter((v) => v > 0)), Math.max(...rows.map((r) => r.high))];

  stage.draw(() => {
    const axis = along.value;
    const [fixed, at] = axis === "qubits" ? ["layers", layers.value] : ["qubits", qubits.value];
    layers.input.disabled = axis !== "qubits";
    qubits.input.disabled = axis !== "layers";
    const chosen = COSTS.filter((cost) => shown[cost].value);
    const part = rows.filter((row) => row[fixed] === at && chosen.includes(row.cost));
    const looks = { domain: COSTS, range: COLORS.slice(0, 3) };
    const view = stage.plot({
      x: { label: axis, type: axis === "layers" ? "log" : "linear", base: 2, ticks: unique(axis), tickFormat: String },
      y: { label: "gradient variance, 95% bootstrap interval", type: "log", domain, ticks: 6, tickFormat: "~e" },
      color: looks,
      symbol: { domain: COSTS, range: SYMBOLS.slice(0, 3) },
      marginRight: 60,
      marks: [
        Plot.gridY({ ticks: 5 }),
        Plot.ruleX(part, { x: axis, y1: "low", y2: "high", stroke: "cost", strokeWidth: 2 }),
        ...chosen.map((cost) =>
          Plot.line(part.filter((r) => r.cost === cost), { x: axis, y: "value", stroke: "cost", strokeDasharray: DASHES[COSTS.indexOf(cost)], strokeWidth: 2 }),
        ),
        Plot.dot(part, { x: axis, y: "value", stroke: "cost", fill: "cost", symbol: "cost", r: 5 }),
        Plot.text(part, Plot.selectLast({ x: axis, y: "value", z: "cost", text: "cost", fill: "cost", dx: 10, textAnchor: "start" })),
        Plot.tip(part, Plot.pointer({ x: axis, y: "value", title: (r) => `${r.cost} cost\n${r.qubits} qubits, ${r.layers} layers\n${number(r.value, 3)} (${number(r.low, 2)} to ${number(r.high, 2)})` })),
      ],
    });
    const ends = chosen.map((cost) => {
      const line = part.filter((r) => r.cost === cost);
      const factor = line[0].value / line.at(-1).value;
      return `${cost}: ${factor >= 1 ? "falls" : "grows"} by a factor of ${number(Math.max(factor, 1 / factor), 2)}`;
    });
    const [first, last] = [unique(axis)[0], unique(axis).at(-1)];
    return {
      view,
      say: chosen.length
        ? `At ${at} ${fixed}, from ${first} to ${last} ${axis}: ${ends.join("; ")}.`
        : "No cost is chosen.",
      table: {
        head: ["cost", "qubits", "layers", "variance", "low", "high"],
        rows: part.map((r) => [r.cost, r.qubits, r.layers, r.value, r.low, r.high]),
      },
    };
  });
}
