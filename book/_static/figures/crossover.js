/* When a polynomial speed-up pays: a quantum algorithm that calls a function N times races a
   classical one that calls it N^k times. */
/* global d3, Plot */
import { COLORS, DASHES, legend, number } from "./kit.js";

const DEADLINE = 1e6;
const UNITS = [
  [1e-3, "milliseconds"],
  [1, "seconds"],
  [60, "minutes"],
  [3600, "hours"],
  [86400, "days"],
  [31557600, "years"],
];
const LINES = [
  [1, "second"],
  [3600, "hour"],
  [86400, "day"],
  [31557600, "year"],
  [31557600e2, "century"],
];

/* Quantum calls and seconds at which both take as long; the function costs the same on both. */
export function breakEven(degree, gate, rate, oracle) {
  const calls = (gate * rate) ** (1 / (degree - 1));
  return { calls, seconds: oracle * gate * calls };
}

/* The operations a call that still break even by a deadline. */
export const affordable = (degree, gate, rate, deadline = DEADLINE) => deadline / breakEven(degree, gate, rate, 1).seconds;

/* A time in the largest unit of which it has at least one. */
export function duration(seconds) {
  const [size, name] = UNITS.findLast(([length]) => seconds >= length) ?? UNITS[0];
  return `${number(seconds / size, 2)} ${name}`;
}

const DEGREES = [2, 3, 4];
const NAMES = ["quadratic", "cubic", "quartic"];

export default function (stage, data) {
  const degree = stage.choice({ label: "Speed-up", options: DEGREES.map((k, i) => [k, NAMES[i]]), value: data.degree });
  const power = (label, min, max, value, show) => {
    const values = d3.range(Math.round((max - min) * 20) + 1).map((i) => 10 ** (min + i / 20));
    const at = d3.leastIndex(values, (a, b) => Math.abs(Math.log(a / value)) - Math.abs(Math.log(b / value)));
    values[at] = value; // the step beside it gives way, so that the page's own numbers can be set
    return stage.range({ label, values, value, show });
  };
  const gate = power("Time of a quantum operation", -9, -2, data.gate, duration9);
  const rate = power("Classical operations a second", 8, 18, data.rate, (v) => number(v, 2));
  const oracle = power("Operations a call of the function", 0, 9, data.oracle, (v) => number(v, 2));

  stage.draw(() => {
    const [k, t, c, M] = [degree.value, gate.value, rate.value, oracle.value];
    const all = DEGREES.map((d) => ({ degree: d, ...breakEven(d, t, c, M), most: affordable(d, t, c) }));
    const now = all.find((row) => row.degree === k);
    const pays = now.calls > 1;
    const last = Math.max(1e3, 100 * now.calls);
    const ends = [1, last];
    const quantum = ends.map((n) => ({ n, time: n * M * t }));
    const classical = ends.map((n) => ({ n, time: (n ** k * M) / c }));
    const domain = [Math.min(quantum[0].time, Math.max(classical[0].time, quantum[0].time / 1e6)), 100 * Math.max(now.seconds, quantum[0].time)];
    const marks = LINES.filter(([length]) => length > domain[0] && length < domain[1]);
    const view = stage.plot({
      ariaLabel: "Time against the number of quantum calls, both logarithmic.",
      marginLeft: 70,
      x: { label: "quantum calls of the function", type: "log", domain: ends, ticks: 5, tickFormat: "~e" },
      y: { label: "time (s)", type: "log", domain, ticks: 6, tickFormat: "~e" },
      marks: [
        Plot.ruleY(marks, { y: (m) => m[0], stroke: "currentColor", strokeOpacity: 0.3 }),
        Plot.text(marks, { x: () => 1, y: (m) => m[0], text: (m) => m[1], textAnchor: "start", dx: 4, dy: -7 }),
        Plot.line(quantum, { x: "n", y: "time", stroke: COLORS[0], strokeDasharray: DASHES[0], strokeWidth: 2, clip: true }),
        Plot.line(classical, { x: "n", y: "time", stroke: COLORS[1], strokeDasharray: DASHES[1], strokeWidth: 2, clip: true }),
        ...(pays ? [Plot.dot([now], { x: "calls", y: "seconds", r: 6, fill: "currentColor" })] : []),
        Plot.tip(pays ? [now] : [], Plot.pointer({ x: "calls", y: "seconds", title: (p) => `break-even\n${number(p.calls, 2)} quantum calls\n${duration(p.seconds)}` })),
      ],
    });
    const name = NAMES[DEGREES.indexOf(k)];
    const say = pays
      ? `A ${name} speed-up breaks even after ${duration(now.seconds)}, at ${number(now.calls, 2)} quantum calls. To break even within a million seconds, the function may take ${number(now.most, 2)} operations a call${now.most < 1 ? ": less than one" : ""}.`
      : "Here a quantum operation is no slower than a classical one, so the quantum algorithm leads from the first call.";
    return {
      view: [
        legend([
          { text: "quantum", color: COLORS[0], dash: DASHES[0] },
          { text: `classical, ${name} speed-up`, color: COLORS[1], dash: DASHES[1] },
        ]),
        view,
      ],
      say,
      table: {
        head: ["speed-up", "quantum calls at break-even", "break-even (s)", "in words", "operations a call for a million seconds"],
        rows: all.map((row, i) => [NAMES[i], row.calls, row.seconds, duration(row.seconds), row.most]),
      },
    };
  });
}

/* Times of operations are shorter than a millisecond. */
function duration9(seconds) {
  const [size, name] = [[1e-9, "ns"], [1e-6, "µs"], [1e-3, "ms"]].findLast(([length]) => seconds >= length * 0.9999) ?? [1e-9, "ns"];
  return `${number(seconds / size, 2)} ${name}`;
}
