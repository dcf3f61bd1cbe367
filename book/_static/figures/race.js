/* Quantum kernel against tuned RBF kernel, a dot a data set, as the page measured it. */
/* global Plot */
import { COLORS } from "./kit.js";

const SIDES = ["quantum kernel ahead", "RBF kernel ahead", "equal"];
const SYMBOLS = ["circle", "triangle", "square"];

function points(share) {
  const text = Math.abs(100 * share).toFixed(1);
  return share < 0 && +text ? `\u2212${text}` : text;
}

export default function (stage, data) {
  const tuned = "tuned";
  const widths = [tuned, ...data.bandwidths];
  const kind = stage.choice({ label: "Data", options: data.kinds });
  const size = stage.range({ label: "Training samples", values: data.sizes, value: data.sizes.at(-1), show: String });
  const width = stage.range({ label: "Bandwidth", values: widths, value: tuned, show: String });
  const places = { [tuned]: 1 };
  data.bandwidths.forEach((b, i) => (places[b] = 2 + i));
  const all = data.accuracy.flat(2).flatMap(([rbf, ...quantum]) => quantum.map((q) => Math.abs(q - rbf)));
  const reach = 100 * Math.max(...all) + 2;

  stage.draw(() => {
    const of = data.accuracy[data.kinds.indexOf(kind.value)].map((sizes) => sizes[data.sizes.indexOf(size.value)]);
    const rows = of.map((cell, i) => {
      const [rbf, quantum] = [cell[0], cell[places[width.value]]];
      const difference = quantum - rbf;
      // Accuracies are shares of the same test samples: less than this is rounding.
      const side = Math.abs(difference) < 1e-6 ? SIDES[2] : SIDES[difference > 0 ? 0 : 1];
      return { set: i + 1, rbf, quantum, difference, side };
    });
    const n = rows.length;
    const mean = rows.reduce((sum, r) => sum + r.difference, 0) / n;
    const spread = Math.sqrt(rows.reduce((sum, r) => sum + (r.difference - mean) ** 2, 0) / (n - 1));
    const half = (data.quantile * spread) / Math.sqrt(n);
    const [low, high] = [mean - half, mean + half];
    const view = stage.plot({
      height: 230,
      marginTop: 15,
      marginLeft: 20,
      marginRight: 20,
      x: { domain: [-reach, reach], label: "points of accuracy, quantum minus RBF", labelAnchor: "center", labelArrow: "none", ticks: 5 },
      y: { domain: [-1.5, n + 2], axis: null },
      color: { domain: SIDES, range: [COLORS[0], COLORS[1], COLORS[4]] },
      symbol: { domain: SIDES, range: SYMBOLS },
      marks: [
        Plot.ruleX([0], { stroke: "currentColor" }),
        Plot.text(["\u2190 RBF better"], { x: -reach, y: n + 1.6, text: (d) => d, textAnchor: "start", fill: COLORS[1], fontWeight: "bold" }),
        Plot.text(["quantum better \u2192"], { x: reach, y: n + 1.6, text: (d) => d, textAnchor: "end", fill: COLORS[0], fontWeight: "bold" }),
        Plot.link([0], { x1: 100 * low, x2: 100 * high, y1: -0.5, y2: -0.5, stroke: "currentColor", strokeWidth: 5 }),
        Plot.dot([mean], { x: 100 * mean, y: -0.5, r: 4, fill: "currentColor", symbol: "diamond" }),
        Plot.dot(rows, { x: (r) => 100 * r.difference, y: "set", fill: "side", symbol: "side", r: 5 }),
        Plot.tip(rows, Plot.pointer({ x: (r) => 100 * r.difference, y: "set", title: (r) => `data set ${r.set}\nquantum ${points(r.quantum)}%\nRBF ${points(r.rbf)}%` })),
      ],
    });
    const verdict = low > 0 ? "The quantum kernel wins" : high < 0 ? "The RBF kernel wins" : "Neither wins for certain";
    const made = kind.value === data.kinds.at(-1) ? " Its own kind of function made these labels." : "";
    const said = `${verdict}: quantum minus RBF is ${points(mean)} points on average over ${n} data sets, with a 95% interval from ${points(low)} to ${points(high)}.${made}`;
    const percent = (share) => `${points(share)}%`;
    return {
      view,
      say: said,
      table: {
        head: ["data set", "quantum kernel", "RBF kernel", "difference, points"],
        rows: [
          ...rows.map((r) => [String(r.set), percent(r.quantum), percent(r.rbf), points(r.difference)]),
          ["mean", percent(rows.reduce((s, r) => s + r.quantum, 0) / n), percent(rows.reduce((s, r) => s + r.rbf, 0) / n), points(mean)],
          ["95% interval", "", "", `${points(low)} to ${points(high)}`],
        ],
      },
    };
  });
}
