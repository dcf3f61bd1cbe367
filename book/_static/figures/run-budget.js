/* Shots, seconds and money of training, from the accuracy that is wanted: by the chapter's prices or
   the reader's. */
/* global Plot */
import { COLORS, DASHES, SYMBOLS, number } from "./kit.js";

const RULES = ["parameter shift", "SPSA"];

/* What training takes: circuits, shots in all, hours and dollars. */
export function budget({ error, angles, samples, steps, task, shot, pause }, rule) {
  const each = Math.ceil((1 / error ** 2) * (1 - 1e-12)); // rounding must not add a shot
  const circuits = (rule === "SPSA" ? 3 : 2 * angles + 1) * samples * steps;
  const shots = circuits * each;
  return { each, circuits, shots, hours: (shots * pause) / 3.6e6, usd: circuits * task + shots * shot };
}

function dollars(value) {
  return `${value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2)} USD`;
}

export default function (stage, data) {
  const count = (v) => v.toLocaleString("en");
  const error = stage.range({ label: "Standard error of a value", values: data.errors, value: 0.03, show: String });
  const angles = stage.range({ label: "Angles", values: data.angles, value: 20, show: count });
  const samples = stage.range({ label: "Samples a step", values: data.samples, value: 1, show: count });
  const steps = stage.range({ label: "Steps", values: data.steps, value: 1, show: count });
  const device = stage.choice({ label: "Price list (undated)", options: data.prices.map(({ name }) => name) });
  const factor = stage.range({ label: "Factor on these prices", min: 0.1, max: 3, step: 0.1, value: 1, show: (v) => v.toFixed(1) });
  const pause = stage.range({ label: "Milliseconds a shot", min: 0.1, max: 10, step: 0.1, value: 0.3, show: (v) => v.toFixed(1) });

  stage.draw(() => {
    const price = data.prices.find(({ name }) => name === device.value);
    const chosen = {
      angles: angles.value,
      samples: samples.value,
      steps: steps.value,
      task: factor.value * price.task,
      shot: factor.value * price.shot,
      pause: pause.value,
    };
    const rows = RULES.flatMap((rule) => data.errors.map((e) => ({ rule, error: e, ...budget({ ...chosen, error: e }, rule) })));
    const now = RULES.map((rule) => ({ rule, error: error.value, ...budget({ ...chosen, error: error.value }, rule) }));
    const view = stage.plot({
      x: { label: "standard error of each value", type: "log", ticks: data.errors, tickFormat: String },
      y: { label: "price in USD", type: "log", ticks: 5, tickFormat: "~s" },
      color: { domain: RULES, range: COLORS.slice(0, 2) },
      symbol: { domain: RULES, range: SYMBOLS.slice(0, 2) },
      marginRight: 100,
      marks: [
        Plot.gridY({ ticks: 5 }),
        ...RULES.map((rule, i) => Plot.line(rows.filter((d) => d.rule === rule), { x: "error", y: "usd", stroke: "rule", strokeDasharray: DASHES[i], strokeWidth: 2 })),
        Plot.dot(now, { x: "error", y: "usd", stroke: "rule", fill: "rule", symbol: "rule", r: 6 }),
        Plot.text(rows.filter((d) => d.error === data.errors.at(-1)), { x: "error", y: "usd", text: "rule", fill: "rule", dx: 10, textAnchor: "start" }),
      ],
    });
    const [shift, spsa] = now;
    return {
      view,
      say: `${count(shift.each)} shots a circuit. Parameter shift: ${count(shift.circuits)} circuits, ${number(shift.hours, 3)} hours, ${dollars(shift.usd)}. SPSA: ${count(spsa.circuits)} circuits, ${number(spsa.hours, 3)} hours, ${dollars(spsa.usd)}, if as many steps were enough.`,
      table: {
        head: ["rule", "error", "circuits", "shots in all", "hours", "USD"],
        rows: rows.map((r) => [r.rule, r.error, r.circuits.toLocaleString("en"), r.shots.toLocaleString("en"), r.hours, r.usd]),
      },
    };
  });
}
