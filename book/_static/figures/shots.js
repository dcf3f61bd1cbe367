/* Parameter shift against finite differences under shots, at one angle of a circuit whose output
   is a + b cos(angle) + c sin(angle). Bias and noise are exact; the estimates are drawn here. */
/* global d3, Plot */
import { COLORS, DASHES, SYMBOLS, legend, number } from "./kit.js";

export const LIMITS = [0.01, 3];
const COUNT = 300;

/* Each estimate is (right run - left run) / denominator: two runs, at these distances. */
export const RULES = {
  "parameter shift": () => [Math.PI / 2, -Math.PI / 2, 2],
  "central difference": (step) => [step, -step, 2 * step],
  "forward difference": (step) => [step, 0, step],
};
const NAMES = Object.keys(RULES);

export const output = ({ a, b, c }, angle) => a + b * Math.cos(angle) + c * Math.sin(angle);
export const slope = ({ b, c }, angle) => -b * Math.sin(angle) + c * Math.cos(angle);

/* Bias and standard deviation of an estimate. A mean of outcomes +1 and -1 has the variance
   (1 - f^2) / shots. */
export function exact(wave, angle, rule, step, shots) {
  const [right, left, denominator] = RULES[rule](step);
  const [f, g] = [output(wave, angle + right), output(wave, angle + left)];
  const bias = (f - g) / denominator - slope(wave, angle);
  const noise = Math.sqrt((2 - f * f - g * g) / shots) / denominator;
  return { bias, noise, rmse: Math.hypot(bias, noise) };
}

/* The step with the least error: a grid, then golden sections around its best point. */
export function bestStep(wave, angle, rule, shots) {
  const error = (log) => exact(wave, angle, rule, Math.exp(log), shots).rmse;
  const [low, high] = LIMITS.map(Math.log);
  const grid = d3.range(401).map((i) => low + ((high - low) * i) / 400);
  const at = d3.minIndex(grid, error);
  let [left, right] = [grid[Math.max(0, at - 1)], grid[Math.min(400, at + 1)]];
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let i = 0; i < 60; i++) {
    const [x, y] = [right - golden * (right - left), left + golden * (right - left)];
    if (error(x) < error(y)) right = y;
    else left = x;
  }
  const step = Math.exp((left + right) / 2);
  return { step, edge: at === 400, ...exact(wave, angle, rule, step, shots) };
}

/* Random numbers in [0, 1) that are the same for the same seed (mulberry32). */
function generator(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/* Estimates from drawn shots: the number of +1 in a run is binomial. */
export function samples(wave, angle, rule, step, shots, seed, count = COUNT) {
  const [right, left, denominator] = RULES[rule](step);
  const binomial = d3.randomBinomial.source(generator(seed * 8 + NAMES.indexOf(rule)));
  const runs = [right, left].map((distance) => binomial(shots, (1 + output(wave, angle + distance)) / 2));
  return d3.range(count).map(() => (2 * (runs[0]() - runs[1]())) / shots / denominator);
}

export default function (stage, data) {
  const { wave } = data;
  const shotCounts = [1, 2, 3, 4].flatMap((p) => [1, 2, 5].map((m) => m * 10 ** p)).concat(1e5);
  const shots = stage.range({ label: "Shots a run", values: shotCounts, value: 100, show: (v) => d3.format(",")(v) });
  const logStep = stage.range({ label: "Step h", min: -2, max: 0.475, step: 0.025, value: -1, show: (v) => `${number(10 ** v, 2)} rad` });
  const angle = stage.range({ label: "Angle", min: -3.14, max: 3.14, step: 0.02, value: data.angle, show: (v) => `${number(v, 3)} rad` });
  const hindsight = stage.toggle({ label: "Lines of hindsight", value: false });
  let seed = 1;
  stage.button({ label: "Draw again", press: () => seed++ });

  stage.draw(() => {
    const [N, t, h] = [shots.value, angle.value, 10 ** logStep.value];
    const truth = slope(wave, t);
    const now = NAMES.map((rule, i) => {
      const drawn = samples(wave, t, rule, h, N, seed);
      return { rule, i, drawn, ...exact(wave, t, rule, h, N), mean: d3.mean(drawn), spread: d3.deviation(drawn) };
    });
    const shift = now[0].rmse;
    const best = NAMES.slice(1).map((rule, i) => ({ rule, i: i + 1, ...bestStep(wave, t, rule, N) }));

    const wide = stage.width >= 620;
    const width = wide ? Math.floor(stage.width / 2) - 6 : stage.width;
    const steps = d3.range(121).map((i) => LIMITS[0] * (LIMITS[1] / LIMITS[0]) ** (i / 120));
    const curves = NAMES.map((rule) => steps.map((step) => ({ step, error: exact(wave, t, rule, step, N).rmse })));
    // The best factor for an estimate with this signal and noise, had one known them.
    const shrunk = Math.abs(truth) * shift / Math.hypot(truth, shift);
    const extra = hindsight.value ? [{ y: Math.abs(truth), text: "answer zero", dy: -8 }, { y: shrunk, text: "parameter shift, shrunk", dy: 10 }] : [];
    const left = stage.plot({
      width,
      height: 320,
      ariaLabel: "Error against the step, both logarithmic.",
      x: { label: "step h (rad)", type: "log", domain: LIMITS, ticks: [0.01, 0.03, 0.1, 0.3, 1, 3], tickFormat: (v) => String(v) },
      y: { label: "root-mean-square error (1/rad)", type: "log", domain: [5e-4, 100], clamp: true, ticks: d3.range(-3, 3).map((p) => 10 ** p), tickFormat: (v) => String(v) },
      marks: [
        Plot.gridY({ ticks: d3.range(-3, 3).map((p) => 10 ** p) }),
        Plot.ruleX([h], { stroke: "currentColor", strokeOpacity: 0.5 }),
        Plot.ruleY(extra, { y: "y", stroke: COLORS[4], strokeDasharray: DASHES[2], strokeWidth: 1.5 }),
        ...extra.map((line) => Plot.text([line], { x: () => LIMITS[0], y: "y", text: "text", textAnchor: "start", dx: 4, dy: line.dy, fill: COLORS[4] })),
        ...curves.map((curve, i) => Plot.line(curve, { x: "step", y: "error", stroke: COLORS[i], strokeDasharray: DASHES[i], strokeWidth: 2 })),
        ...best.map((point) => Plot.dot([point], { x: "step", y: "rmse", stroke: COLORS[point.i], fill: "var(--pst-color-background)", symbol: SYMBOLS[point.i], r: 6, strokeWidth: 2 })),
        ...now.map((point) => Plot.dot([point], { x: h, y: "rmse", fill: COLORS[point.i], symbol: SYMBOLS[point.i], r: 5 })),
        Plot.tip([...now.map((p) => ({ ...p, step: h, what: "your step" })), ...best.map((p) => ({ ...p, what: "best step" }))], Plot.pointer({ x: "step", y: "rmse", title: (p) => `${p.rule}\n${p.what}: ${number(p.step, 2)} rad\nbias ${number(p.bias, 2)}, noise ${number(p.noise, 2)}\nerror ${number(p.rmse, 2)}` })),
      ],
    });

    // Deterministic jitter: each strip fills its band evenly.
    const strip = now.flatMap((r) => r.drawn.map((x, j) => ({ x, y: r.i + (((j * 0.618034) % 1) - 0.5) * 0.4 })).map((p) => ({ ...p, i: r.i })));
    const reach = Math.max(...now.map((r) => Math.abs(r.bias) + 3.5 * r.noise));
    const bars = now.map((r) => ({ ...r, center: truth + r.bias, from: truth + r.bias - r.noise, to: truth + r.bias + r.noise }));
    const right = stage.plot({
      width,
      height: 320,
      marginLeft: 20,
      ariaLabel: `${COUNT} drawn estimates of the slope by each rule.`,
      x: { label: "estimate of the slope (1/rad)", domain: [truth - reach, truth + reach], ticks: 5, tickFormat: (v) => number(v, 3) },
      y: { axis: null, domain: [2.5, -0.7] },
      marks: [
        Plot.ruleX([truth], { stroke: "currentColor", strokeDasharray: "4 3" }),
        Plot.text([truth], { x: (v) => v, y: -0.7, text: () => "true slope", dy: -6, lineAnchor: "bottom" }),
        ...now.map((r) => Plot.dot(strip.filter((p) => p.i === r.i), { x: "x", y: "y", r: 2.2, fill: COLORS[r.i], fillOpacity: 0.45, symbol: SYMBOLS[r.i], clip: true })),
        ...bars.flatMap((r) => [
          Plot.ruleY([r], { x1: "from", x2: "to", y: r.i + 0.32, stroke: COLORS[r.i], strokeWidth: 4 }),
          Plot.dot([r], { x: "center", y: r.i + 0.32, fill: "var(--pst-color-background)", stroke: COLORS[r.i], strokeWidth: 2, symbol: SYMBOLS[r.i], r: 5 }),
          Plot.text([r], { frameAnchor: "left", y: r.i - 0.33, text: "rule", fill: COLORS[r.i], fontWeight: 600, textAnchor: "start" }),
        ]),
      ],
    });

    const compared = (point) => {
      const percent = Math.round(100 * (point.rmse / shift - 1));
      const place = point.edge ? `is the largest here, ${number(point.step, 2)} rad` : `is ${number(point.step, 2)} rad`;
      if (Math.abs(percent) <= 2) return `${place}: level with parameter shift (${number(point.rmse, 2)})`;
      return percent > 100
        ? `${place}: error ${number(point.rmse, 2)}, ${number(point.rmse / shift, 2)} times that of parameter shift`
        : `${place}: error ${number(point.rmse, 2)}, ${Math.abs(percent)}% ${percent > 0 ? "above" : "below"} parameter shift`;
    };
    const say = [
      `The output is ${number(output(wave, t), 2)} and its slope ${number(truth, 2)}.`,
      `With two runs of ${d3.format(",")(N)} shots, parameter shift has no bias and an error of ${number(shift, 2)}.`,
      `At a step of ${number(h, 2)} rad the central difference has a bias of ${number(now[1].bias, 2)}, noise of ${number(now[1].noise, 2)} and an error of ${number(now[1].rmse, 2)}; the forward difference has an error of ${number(now[2].rmse, 2)}.`,
      `The best step of the central difference ${compared(best[0])}.`,
      `The best step of the forward difference ${compared(best[1])}.`,
    ];
    return {
      view: [
        legend([
          ...NAMES.map((text, i) => ({ text, color: COLORS[i], dash: DASHES[i], symbol: SYMBOLS[i] })),
          { text: "Hollow mark on a curve: best step. Bar: exact mean and standard deviation." },
        ]),
        left,
        right,
      ],
      say: say.join(" "),
      table: {
        head: ["rule", "bias", "noise", "error", `mean of ${COUNT} drawn`, "their standard deviation", "best step", "error there"],
        rows: now.map((r) => {
          const top = best.find((point) => point.rule === r.rule);
          // The shift rule has no step, and what is left of its bias is rounding.
          return [r.rule, top ? r.bias : 0, r.noise, r.rmse, r.mean, r.spread, top?.step ?? "–", top?.rmse ?? "–"];
        }),
      },
    };
  });
}
