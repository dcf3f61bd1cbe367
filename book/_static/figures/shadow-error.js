/* Error of words read from a shadow against the number of measurements, as the chapter measured it. */
/* global Plot */
import { COLORS, DASHES, SYMBOLS, number } from "./kit.js";

const WEIGHTS = [1, 2, 3, 4];
const named = (weight) => `${weight} letter${weight > 1 ? "s" : ""}`;

export default function (stage, data) {
  const kinds = { mean: "the mean", median: `the median of ${data.groups} means` };
  const kind = stage.choice({ label: "Estimate", options: Object.entries(kinds) });
  const shown = Object.fromEntries(WEIGHTS.map((w) => [w, stage.toggle({ label: `Words of ${named(w)}`, value: true })]));
  const rows = data.shots.map((shots, i) => ({
    letters: named(data.weight[i]),
    weight: data.weight[i],
    shots,
    theory: data.theory[i],
    mean: data.mean[i],
    median: data.median[i],
  }));
  const values = rows.flatMap((r) => [r.theory, r.mean, r.median]);
  const domain = [Math.min(...values) / 1.2, Math.max(...values) * 1.2];
  const shots = [...new Set(data.shots)].sort((a, b) => a - b);

  stage.draw(() => {
    const error = kind.value;
    const chosen = WEIGHTS.filter((w) => shown[w].value);
    const part = rows.filter((r) => chosen.includes(r.weight)).sort((a, b) => a.weight - b.weight || a.shots - b.shots);
    const view = stage.plot({
      x: { label: "measurements", type: "log", ticks: shots, tickFormat: String },
      y: { label: "root mean square error", type: "log", domain, ticks: 5, tickFormat: "~g" },
      color: { domain: WEIGHTS.map(named), range: COLORS.slice(0, 4) },
      symbol: { domain: WEIGHTS.map(named), range: SYMBOLS.slice(0, 4) },
      marginRight: 70,
      marks: [
        Plot.gridY({ ticks: 5 }),
        ...chosen.map((w) =>
          Plot.line(part.filter((r) => r.weight === w), { x: "shots", y: "theory", stroke: "letters", strokeDasharray: DASHES[WEIGHTS.indexOf(w)], strokeWidth: 2 }),
        ),
        Plot.dot(part, { x: "shots", y: error, stroke: "letters", fill: "letters", symbol: "letters", r: 5 }),
        Plot.text(part, Plot.selectLast({ x: "shots", y: "theory", z: "letters", text: "letters", fill: "letters", dx: 10, textAnchor: "start" })),
        Plot.tip(part, Plot.pointer({ x: "shots", y: error, title: (r) => `${r.letters}, ${r.shots} measurements\nerror ${number(r[error], 3)}\ntheory of the mean ${number(r.theory, 3)}` })),
      ],
    });
    const ends = chosen.map((w) => {
      const line = part.filter((r) => r.weight === w);
      return `${named(w)}: from ${number(line[0][error], 2)} to ${number(line.at(-1)[error], 2)}`;
    });
    return {
      view,
      say: chosen.length
        ? `Error of ${kinds[error]} from ${shots[0]} to ${shots.at(-1)} measurements: ${ends.join("; ")}. Lines: theory of the mean.`
        : "No words are chosen.",
      table: {
        head: ["words", "measurements", "error", "theory of the mean"],
        rows: part.map((r) => [r.letters, r.shots, r[error], r.theory]),
      },
    };
  });
}
