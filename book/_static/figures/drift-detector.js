/* A CUSUM of reference kernel entries: its path after a loss of signal, and its alarm. */
/* global Plot */
import { COLORS, number } from "./kit.js";

const QUIET = 200; // days before the change

/* Both sums after the change, standardised by the last days before it. */
function sums(values, baseline, slack) {
  const before = values.slice(QUIET - baseline, QUIET);
  const mean = before.reduce((a, b) => a + b, 0) / baseline;
  const std = Math.sqrt(before.reduce((a, b) => a + (b - mean) ** 2, 0) / (baseline - 1));
  let upper = 0;
  let lower = 0;
  return values.slice(QUIET).map((value, i) => {
    const z = (value - mean) / std;
    upper = Math.max(0, upper + z - slack);
    lower = Math.max(0, lower - z - slack);
    return { day: i + 1, value, upper, lower };
  });
}

export default function (stage, data) {
  const { table } = data;
  const unique = (key) => [...new Set(table[key])].sort((a, b) => a - b);
  const percent = (share) => `${number(100 * share, 2)}%`;
  const loss = stage.range({ label: "Loss of signal", values: data.losses, value: 0.02, show: percent });
  const threshold = stage.range({ label: "Threshold", values: unique("threshold"), value: 9, show: String });
  const baseline = stage.range({ label: "Days of baseline", values: unique("baseline"), value: unique("baseline").at(-1), show: String });

  stage.draw(() => {
    const h = threshold.value;
    const path = sums(data.values[data.losses.indexOf(loss.value)], baseline.value, data.slack);
    const alarm = path.find((r) => Math.max(r.upper, r.lower) > h);
    const row = table.threshold.findIndex(
      (t, i) => t === h && table.baseline[i] === baseline.value && (loss.value === 0 || table.loss[i] === loss.value),
    );
    // An alarm ends the path.
    const shown = path.slice(0, alarm?.day ?? 60);
    const top = Math.max(1.5 * h, 12, ...shown.map((r) => Math.max(r.upper, r.lower)));
    const lines = ["upper", "lower"].flatMap((side) => shown.map((r) => ({ day: r.day, sum: r[side], side })));
    const view = stage.plot({
      x: { label: "day after the change", domain: [1, Math.max(30, shown.length)] },
      y: { label: "sums (standard deviations)", domain: [0, top] },
      color: { domain: ["upper", "lower"], range: COLORS.slice(0, 2) },
      marginRight: 50,
      marks: [
        Plot.gridY({ ticks: 5 }),
        Plot.ruleY([h], { strokeDasharray: "6 4", strokeWidth: 2 }),
        Plot.text([h], { y: (v) => v, text: () => "threshold", frameAnchor: "right", dy: -8 }),
        Plot.line(lines.filter((r) => r.side === "upper"), { x: "day", y: "sum", stroke: "side", strokeDasharray: "7 4", strokeWidth: 2 }),
        Plot.line(lines.filter((r) => r.side === "lower"), { x: "day", y: "sum", stroke: "side", strokeWidth: 2 }),
        Plot.dot(alarm ? [alarm] : [], { x: "day", y: (r) => Math.max(r.upper, r.lower), r: 6, fill: "currentColor", symbol: "star" }),
        Plot.text(lines, Plot.selectLast({ x: "day", y: "sum", z: "side", text: "side", fill: "side", dx: 8, dy: -10, textAnchor: "start" })),
      ],
    });
    const found = alarm ? `Alarm on day ${alarm.day}` : "No alarm within 60 days";
    const rate = `false alarm within ${data.horizon} days: ${percent(table.false[row])}`;
    const delay = loss.value === 0 ? "" : `; mean delay with a known baseline: ${number(table.delay[row], 2)} days`;
    return {
      view,
      say: `${found} after a loss of ${percent(loss.value)}. In theory, ${rate}${delay}.`,
      table: {
        head: ["day", "kernel entry", "upper sum", "lower sum"],
        rows: path.map((r) => [String(r.day), r.value, r.upper, r.lower]),
      },
    };
  });
}
