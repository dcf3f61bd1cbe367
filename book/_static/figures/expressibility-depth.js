/* Divergence from Haar against layers for nineteen circuits, with the fidelities behind a point. */
/* global Plot */
import { COLORS, DASHES, SYMBOLS, element, legend, number } from "./kit.js";

const NONE = "none";

export default function (stage, data) {
  const names = Object.keys(data.circuits);
  const depth = data.circuits[names[0]].D.length;
  const options = names.map((name) => [name, `circuit ${name}`]);
  const first = stage.choice({ label: "Circuit", options, value: "9" });
  const second = stage.choice({ label: "Beside it", options: [[NONE, "no other"], ...options], value: "10" });
  const layers = stage.range({ label: "Layers, for the fidelities", values: Array.from({ length: depth }, (_, i) => i + 1), value: 1, show: String });
  const [mean, low, high] = data.null;
  const all = Object.values(data.circuits).flatMap((c) => [...c.low.filter((v) => v > 0), ...c.high]);
  const domain = [Math.min(low, ...all) * 0.8, Math.max(...all) * 1.2];
  const host = element("div");

  stage.draw(() => {
    const chosen = [first.value, ...(second.value === NONE || second.value === first.value ? [] : [second.value])];
    const rows = chosen.flatMap((name) => {
      const c = data.circuits[name];
      return c.D.map((D, i) => ({ name: `circuit ${name}`, layers: i + 1, D, low: c.low[i], high: c.high[i], Q: c.Q[i], slope: c.slope[i] }));
    });
    const shown = chosen.map((name) => `circuit ${name}`);
    const divergences = stage.plot({
      ariaLabel: "Divergence from Haar against layers.",
      height: 280,
      x: { label: "layers", ticks: Array.from({ length: depth }, (_, i) => i + 1), tickFormat: String, domain: [0.8, depth + 0.2] },
      y: { label: "divergence (nats), 95% interval", type: "log", domain, ticks: 4, tickFormat: "~g" },
      color: { domain: shown, range: COLORS },
      symbol: { domain: shown, range: SYMBOLS },
      marks: [
        Plot.rect([0], { x1: 0.8, x2: depth + 0.2, y1: low, y2: high, fill: "currentColor", fillOpacity: 0.15 }),
        Plot.gridY({ ticks: 4 }),
        Plot.ruleX([layers.value], { stroke: "currentColor", strokeDasharray: "2 3" }),
        Plot.ruleX(rows, { x: "layers", y1: (r) => Math.max(r.low, domain[0]), y2: "high", stroke: "name", strokeWidth: 2 }),
        ...shown.map((name, i) => Plot.line(rows.filter((r) => r.name === name), { x: "layers", y: "D", stroke: "name", strokeWidth: 2, strokeDasharray: DASHES[i] })),
        Plot.dot(rows, { x: "layers", y: "D", fill: "name", stroke: "name", symbol: "name", r: 5 }),
        Plot.tip(rows, Plot.pointer({ x: "layers", y: "D", title: (r) => `${r.name}, ${r.layers} layers\ndivergence ${number(r.D)}\nentangling capability ${number(r.Q)}\nmean square derivative ${number(r.slope)}` })),
      ],
    });
    const bins = data.haar.length;
    const bars = chosen.flatMap((name, k) => data.circuits[name].counts[layers.value - 1].map((count, i) => ({ name: shown[k], from: i / bins, to: (i + 1) / bins, share: count / data.pairs })));
    const floor = 0.5 / data.pairs;
    const curve = data.haar.map((share, i) => ({ at: (i + 0.5) / bins, share })).filter((c) => c.share > floor);
    const fidelities = stage.plot({
      ariaLabel: `Fidelities of pairs of states, ${layers.value} layers.`,
      height: 240,
      x: { label: "fidelity of two states", domain: [0, 1] },
      y: { label: "share of the pairs", type: "log", domain: [floor, 1], ticks: 4, tickFormat: "~g" },
      color: { domain: shown, range: COLORS },
      marks: [
        Plot.gridY({ ticks: 4 }),
        Plot.rect(bars.filter((b) => b.share > 0), { x1: "from", x2: "to", y1: floor, y2: "share", fill: "name", fillOpacity: 0.45, inset: 0 }),
        Plot.line(curve, { x: "at", y: "share", stroke: "currentColor", strokeWidth: 2 }),
      ],
    });
    host.replaceChildren(
      legend([
        ...shown.map((text, i) => ({ text, color: COLORS[i], dash: DASHES[i], symbol: SYMBOLS[i] })),
        { text: "95% of Haar-random samples", swatch: true },
        { text: "Haar's fidelities", dash: "" },
      ]),
      divergences,
      fidelities,
      element("p", { class: "qml-check", text: `One layer. ${chosen.map((name) => `Circuit ${name}: ${data.circuits[name].gates}`).join(". ")}.` }),
    );
    const words = rows
      .filter((r) => r.layers === layers.value)
      .map((r) => `${r.name} has a divergence of ${number(r.D)}, ${r.D <= high ? "not to be told from Haar" : `${number(r.D / mean)} times the null's mean`}, and entangling capability ${number(r.Q)}`);
    return {
      view: host,
      say: `With ${layers.value} layer${layers.value > 1 ? "s" : ""}, ${words.join("; ")}.`,
      table: {
        head: ["circuit", "layers", "divergence", "low", "high", "entangling capability", "mean square derivative"],
        rows: [...rows.map((r) => [r.name, String(r.layers), r.D, r.low, r.high, r.Q, r.slope]), ["Haar", "", mean, low, high, "", ""]],
      },
    };
  });
}
