/* Error of truncated Pauli propagation against what is kept, as the chapter measured it. */
/* global Plot */
import { COLORS, DASHES, SYMBOLS, number } from "./kit.js";

const KINDS = ["small", "uniform", "equal"];
const FLOOR = 1e-6; // smaller errors are rounding

export default function (stage, data) {
  const rows = data.error.map((error, i) => ({
    angles: data.angles[i],
    layers: data.layers[i],
    cut: data.cut[i],
    limit: data.limit[i],
    words: data.words[i],
    error: Math.max(error, FLOOR),
    low: Math.max(data.low[i], FLOOR),
    high: Math.max(data.high[i], FLOOR),
  }));
  const unique = (key) => [...new Set(rows.map((row) => row[key]))].sort((a, b) => a - b);
  const cut = stage.choice({ label: "What is cut", options: [["threshold", "small coefficients"], ["weight", "heavy words"]] });
  const along = stage.choice({ label: "Horizontal axis", options: [["limit", "the limit"], ["words", "words that are left"]] });
  const layers = stage.range({ label: "Layers", values: unique("layers"), value: unique("layers").at(-1), show: String });
  const shown = Object.fromEntries(KINDS.map((kind) => [kind, stage.toggle({ label: `${kind} angles`, value: true })]));
  const domain = [FLOOR, Math.max(...rows.map((r) => r.high)) * 1.2];

  stage.draw(() => {
    const weight = cut.value === "weight";
    const chosen = KINDS.filter((kind) => shown[kind].value);
    // From few words to many, in the table and along each line.
    const part = rows
      .filter((r) => r.cut === cut.value && r.layers === layers.value && chosen.includes(r.angles))
      .sort((a, b) => KINDS.indexOf(a.angles) - KINDS.indexOf(b.angles) || (weight ? a.limit - b.limit : b.limit - a.limit));
    const words = along.value === "words";
    const at = words ? (r) => Math.max(r.words, 1) : "limit";
    const name = weight ? "largest weight" : "threshold";
    const view = stage.plot({
      x: {
        label: words ? "words that are left, mean" : name,
        type: words || !weight ? "log" : "linear",
        reverse: !words && !weight,
        tickFormat: words ? "~s" : String,
        ticks: words ? 5 : [...new Set(part.map((r) => r.limit))],
      },
      y: { label: "error of the loss: mean, smallest to largest", type: "log", domain, ticks: 6, tickFormat: "~e" },
      color: { domain: KINDS, range: COLORS.slice(0, 3) },
      symbol: { domain: KINDS, range: SYMBOLS.slice(0, 3) },
      marginRight: 70,
      marks: [
        Plot.gridY({ ticks: 6 }),
        Plot.ruleX(part, { x: at, y1: "low", y2: "high", stroke: "angles", strokeWidth: 2 }),
        ...chosen.map((kind) =>
          Plot.line(part.filter((r) => r.angles === kind), { x: at, y: "error", stroke: "angles", strokeDasharray: DASHES[KINDS.indexOf(kind)], strokeWidth: 2 }),
        ),
        Plot.dot(part, { x: at, y: "error", stroke: "angles", fill: "angles", symbol: "angles", r: 5 }),
        Plot.text(part, Plot.selectLast({ x: at, y: "error", z: "angles", text: "angles", fill: "angles", dx: 10, textAnchor: "start" })),
        Plot.tip(part, Plot.pointer({ x: at, y: "error", title: (r) => `${r.angles} angles\n${name} ${number(r.limit, 3)}\nerror ${number(r.error, 3)}\n${number(r.words, 3)} words` })),
      ],
    });
    const ends = chosen.map((kind) => {
      const line = part.filter((r) => r.angles === kind);
      return `${kind}: from ${number(line[0].error, 2)} to ${number(line.at(-1).error, 2)}`;
    });
    return {
      view,
      say: chosen.length
        ? `Error at ${layers.value} layers, as the ${name} ${weight ? "grows" : "falls"}: ${ends.join("; ")}.`
        : "No angles are chosen.",
      table: {
        head: ["angles", name, "mean error", "smallest", "largest", "words"],
        rows: part.map((r) => [r.angles, r.limit, r.error, r.low, r.high, r.words]),
      },
    };
  });
}
