/* The Fourier spectrum of a one-qubit circuit that reads its feature several times, beside the
   least-squares fit with the same frequencies. Everything is computed here from the angles; the
   chapter's own coefficients come along for comparison. */
/* global d3, Plot */
import { COLORS, DASHES, legend, number } from "./kit.js";

const TURN = 2 * Math.PI;
const ROUNDING = 1e-12;
const FLOOR = 1e-18;
const N_POINTS = 200;
export const GRID = Array.from({ length: N_POINTS }, (_, i) => (TURN * i) / N_POINTS);

/* What gate l = 1, 2, ... sees of the feature. */
export const SCALES = {
  same: (layers) => Array(layers).fill(1),
  double: (layers) => Array(layers).fill(2),
  "one and a half": (layers) => Array(layers).fill(1.5),
  powers: (layers) => Array.from({ length: layers }, (_, l) => 2 ** l),
};

/* Turn a Bloch vector [x, y, z] about axis 0, 1 or 2. */
function turn(v, axis, angle) {
  const [c, s, i, j] = [Math.cos(angle), Math.sin(angle), (axis + 1) % 3, (axis + 2) % 3];
  const turned = [...v];
  turned[i] = c * v[i] - s * v[j];
  turned[j] = s * v[i] + c * v[j];
  return turned;
}

/* The gates in order, as [axis, angle at x]: Rot(theta_0), then RX(scale x) and Rot(theta_l). */
function gates(x, theta, scales) {
  const list = [];
  theta.slice(0, scales.length + 1).forEach(([a, b, c], layer) => {
    if (layer) list.push([0, scales[layer - 1] * x, false]);
    list.push([2, a, true], [1, b, true], [2, c, true]);
  });
  return list;
}

/* The expectation value of Z at each x. */
export function model(xs, theta, scales) {
  return xs.map((x) => gates(x, theta, scales).reduce((v, [axis, angle]) => turn(v, axis, angle), [0, 0, 1])[2]);
}

/* f(x) and its derivative by each angle, from one pass forward and one back. */
export function withGradient(x, theta, scales) {
  const list = gates(x, theta, scales);
  const states = [];
  let v = [0, 0, 1];
  for (const [axis, angle] of list) states.push((v = turn(v, axis, angle)));
  const gradient = [];
  let w = [0, 0, 1];
  for (let g = list.length - 1; g >= 0; g--) {
    const [axis, angle, trained] = list[g];
    const [i, j] = [(axis + 1) % 3, (axis + 2) % 3];
    if (trained) gradient.unshift(states[g][i] * w[j] - states[g][j] * w[i]);
    w = turn(w, axis, -angle);
  }
  return [v[2], gradient];
}

/* c_0, ..., c_K of values at n even points of one period, as [real, imaginary]. */
export function coefficients(values, highest) {
  const n = values.length;
  return Array.from({ length: highest + 1 }, (_, k) => {
    let [re, im] = [0, 0];
    values.forEach((value, i) => {
      // The product is reduced first: a large angle would cost digits.
      const angle = (TURN * ((k * i) % n)) / n;
      re += value * Math.cos(angle);
      im -= value * Math.sin(angle);
    });
    return [re / n, im / n];
  });
}

/* Every difference of two exponents: the frequencies that theory allows, those from 0 on. */
export function allowed(scales) {
  let found = new Set([0]);
  for (const s of scales) found = new Set([...found].flatMap((k) => [k - s, k, k + s]));
  return [...found].filter((k) => k >= 0).sort((a, b) => a - b);
}

/* Solve A x = b for a symmetric positive definite A, by Cholesky's method. */
function solve(A, b) {
  const n = b.length;
  const L = A.map((row) => [...row]);
  const x = [...b];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = L[i][j];
      for (let k = 0; k < j; k++) sum -= L[i][k] * L[j][k];
      L[i][j] = i === j ? Math.sqrt(sum) : sum / L[j][j];
    }
    for (let k = 0; k < i; k++) x[i] -= L[i][k] * x[k];
    x[i] /= L[i][i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= L[k][i] * x[k];
    x[i] /= L[i][i];
  }
  return x;
}

/* J'J and J'r for rows J and residuals r. */
function normal(rows, residuals) {
  const n = rows[0].length;
  const A = Array.from({ length: n }, () => Array(n).fill(0));
  const b = Array(n).fill(0);
  rows.forEach((row, t) => {
    for (let i = 0; i < n; i++) {
      b[i] += row[i] * residuals[t];
      for (let j = 0; j <= i; j++) A[i][j] += row[i] * row[j];
    }
  });
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) A[j][i] = A[i][j];
  return [A, b];
}

/* The best sum of cosines and sines of these frequencies: its values and the size of each c_k. */
export function leastSquares(xs, ys, frequencies) {
  const positive = frequencies.filter((k) => k > 0);
  const rows = xs.map((x) => [1, ...positive.map((k) => Math.cos(k * x)), ...positive.map((k) => Math.sin(k * x))]);
  const weights = solve(...normal(rows, ys));
  const sizes = new Map([[0, Math.abs(weights[0])]]);
  positive.forEach((k, i) => sizes.set(k, Math.hypot(weights[1 + i], weights[1 + positive.length + i]) / 2));
  return { values: rows.map((row) => row.reduce((sum, value, i) => sum + value * weights[i], 0)), sizes };
}

/* Angles after damped Gauss-Newton steps (Levenberg and Marquardt) from the given ones. */
export function fit(xs, ys, theta, scales, steps = 150) {
  const unflatten = (v) => Array.from({ length: v.length / 3 }, (_, i) => v.slice(3 * i, 3 * i + 3));
  const errorOf = (v) => model(xs, unflatten(v), scales).reduce((sum, f, i) => sum + (f - ys[i]) ** 2, 0);
  let angles = theta.slice(0, scales.length + 1).flat();
  let error = errorOf(angles);
  let damping = 0.01 * xs.length;
  for (let step = 0; step < steps && error > 1e-24 * xs.length; step++) {
    const pairs = xs.map((x) => withGradient(x, unflatten(angles), scales));
    const [A, b] = normal(pairs.map((p) => p[1]), pairs.map((p, i) => ys[i] - p[0]));
    let better = false;
    while (!better && damping < 1e6 * xs.length) {
      const move = solve(A.map((row, i) => row.map((a, j) => a + (i === j ? damping : 0))), b);
      const tried = angles.map((a, i) => a + move[i]);
      const now = errorOf(tried);
      better = now < error;
      if (better) [angles, error] = [tried, now];
      // Two angles change nothing, so some damping has to stay.
      damping = better ? Math.max(damping / 4, 1e-9 * xs.length) : damping * 4;
    }
    if (!better) break;
  }
  return unflatten(angles.map((a) => a - TURN * Math.round(a / TURN)));
}

/* Mean square distance of f from y, in units of the variance of y. */
export function relativeError(f, y) {
  const mean = y.reduce((a, b) => a + b) / y.length;
  const sum = (values) => values.reduce((a, v) => a + v * v, 0);
  return sum(f.map((v, i) => v - y[i])) / sum(y.map((v) => v - mean));
}

export default function (stage, data) {
  const targets = {
    smooth: GRID.map((x) => data.amplitude * data.phases.reduce((sum, p, i) => sum + Math.cos((i + 1) * x + p), 0)),
    // Zero where it jumps, as the chapter has it; a plain sign would see the rounding of sin(pi).
    square: GRID.map((x, i) => (i % (N_POINTS / 2) ? data.height * Math.sign(Math.PI - x) : 0)),
  };
  const maxLayers = data.draws[0].length - 1;
  const layers = stage.range({ label: "Layers L", values: Array.from({ length: maxLayers }, (_, i) => i + 1), value: 3, show: String });
  const scale = stage.choice({
    label: "Gate l sees",
    options: [["same", "x"], ["double", "2x"], ["one and a half", "1.5x"], ["powers", "x, 2x, 4x, 8x, …"]],
  });
  const draw = stage.choice({ label: "Random angles", options: data.draws.map((_, i) => [i, `draw ${i + 1}`]) });
  const target = stage.choice({ label: "Target", options: [["square", "square wave"], ["smooth", `${data.phases.length} frequencies`]] });
  stage.button({
    label: "Fit the angles",
    press() {
      const scales = SCALES[scale.value](layers.value);
      fit(GRID, targets[target.value], theta, scales).forEach((row, i) => (theta[i] = row));
      changed = true;
      fitted = setting();
      shownAngle = null;
    },
  });
  stage.button({ label: "Back to the draw", press: () => (current = null) });
  const names = Array.from({ length: 3 * (maxLayers + 1) }, (_, i) => [i, `${"abc"[i % 3]} of rotation ${Math.floor(i / 3)} (about ${"ZYZ"[i % 3]})`]);
  const which = stage.choice({ label: "Angle", options: names, value: 4 });
  const angle = stage.range({ label: "Its value", min: -3.14, max: 3.14, step: 0.02, show: (v) => `${number(v, 3)} rad` });

  let current = null;
  let theta = [];
  let changed = false;
  // The layers, scales and target to which the angles were fitted last.
  let fitted = null;
  const setting = () => [layers.value, scale.value, target.value].join();
  let shownAngle = null;
  // Its value is written to the angle only when the reader moves it, so that a draw stays exact.
  angle.input.addEventListener("input", () => {
    theta[Math.floor(which.value / 3)][which.value % 3] = angle.value;
    changed = true;
    fitted = null;
  });

  stage.draw(() => {
    const L = layers.value;
    if (current !== draw.value) {
      current = draw.value;
      theta = data.draws[current].map((row) => [...row]);
      changed = false;
      fitted = null;
      shownAngle = null;
    }
    [...which.input.options].forEach((option, i) => (option.disabled = i >= 3 * (L + 1)));
    if (which.value >= 3 * (L + 1)) which.value = 4;
    if (shownAngle !== which.value) {
      shownAngle = which.value;
      angle.value = theta[Math.floor(shownAngle / 3)][shownAngle % 3];
    }

    const scales = SCALES[scale.value](L);
    const may = allowed(scales);
    const top = may.at(-1);
    const K = Math.ceil(top) + 2;
    const points = 4 * K + 1;
    const sampled = model(Array.from({ length: points }, (_, i) => (TURN * i) / points), theta, scales);
    const c = coefficients(sampled, K);
    const values = model(GRID, theta, scales);
    const y = targets[target.value];
    const best = leastSquares(GRID, y, may);

    const sizes = c.map((pair) => Math.hypot(...pair));
    const spectrum = d3.range(-K, K + 1).map((k) => ({ k, size: sizes[Math.abs(k)], inside: may.includes(Math.abs(k)) }));
    const linear = may.flatMap((k) => (k ? [-k, k] : [0]).map((q) => ({ k: q, size: best.sizes.get(k) })));
    const outside = Math.max(...spectrum.filter((r) => !r.inside).map((r) => r.size));
    const wide = stage.width >= 620;
    const width = wide ? Math.floor(stage.width / 2) - 6 : stage.width;
    const small = K > 20;
    const every = Math.ceil((24 * (2 * K + 1)) / (width - 80));
    const lines = [
      { y, color: COLORS[4], dash: DASHES[2], width: 1.5 },
      { y: values, color: COLORS[0], dash: DASHES[0], width: 2.5 },
      { y: best.values, color: COLORS[1], dash: DASHES[1], width: 2 },
    ];
    const left = stage.plot({
      width,
      height: 300,
      ariaLabel: "Output against the feature, one period.",
      x: { label: "x (rad)", domain: [0, TURN], ticks: [0, 0.5, 1, 1.5, 2].map((t) => t * Math.PI), tickFormat: (v) => (v ? `${v === Math.PI ? "" : number(v / Math.PI, 2)}π` : "0") },
      y: { label: "f(x)", domain: [-1.15, 1.15], ticks: 5 },
      marks: [
        Plot.gridY({ ticks: 5 }),
        ...lines.map((l) => Plot.line(l.y, { x: GRID, y: (v) => v, clip: true, stroke: l.color, strokeDasharray: l.dash, strokeWidth: l.width })),
      ],
    });
    const right = stage.plot({
      width,
      height: 300,
      ariaLabel: "Size of each Fourier coefficient on a logarithmic scale.",
      x: { label: "frequency k", domain: [-K - 0.5, K + 0.5], tickFormat: (v) => number(v, 3), ticks: small ? 7 : d3.range(-K, K + 1).filter((k) => k % every === 0) },
      y: { label: "|cₖ|", type: "log", domain: [FLOOR, 3], ticks: d3.range(-18, 1, 3).map((p) => 10 ** p), tickFormat: "~e", clamp: true },
      marks: [
        Plot.rectY([0], { x1: -top - 0.5, x2: top + 0.5, y1: FLOOR, y2: 3, fill: "currentColor", fillOpacity: 0.08 }),
        Plot.ruleX(spectrum, { x: "k", y1: FLOOR, y2: "size", stroke: COLORS[0], strokeWidth: small ? 1 : 2 }),
        Plot.dot(linear.filter((r) => r.size > ROUNDING), { x: "k", y: "size", symbol: "triangle", stroke: COLORS[1], strokeWidth: 2, r: small ? 2.5 : 6 }),
        Plot.dot(spectrum, { x: "k", y: "size", r: small ? 1.5 : 4, stroke: COLORS[0], fill: (r) => (r.inside ? COLORS[0] : "var(--pst-color-background)") }),
        Plot.tip(spectrum, Plot.pointerX({ x: "k", y: "size", title: (r) => `k = ${number(r.k, 3)}, ${r.inside ? "allowed" : "not allowed"}\n|cₖ| = ${number(r.size, 3)}` })),
      ],
    });
    const own = changed ? null : data.chapter[scale.value][L - 1][current];
    const distance = own && Math.max(...c.map(([re, im], k) => Math.hypot(re - own.re[k], im - own.im[k])));
    const [circuitError, linearError] = [relativeError(values, y), relativeError(best.values, y)];
    const isFitted = fitted === setting();
    const verdict = !isFitted ? "." : circuitError < linearError + 0.001 ? ": as good as any model with these frequencies." : ": the fit found no way further down. Fit again, or start from another draw.";
    const whole = scales.every(Number.isInteger);
    const say = [
      `${L} ${L === 1 ? "layer" : "layers"}: theory allows ${2 * may.length - 1} frequencies, from ${number(-top, 3)} to ${number(top, 3)}.`,
      whole
        ? `Outside them, the largest size is ${number(outside, 2)}: rounding.`
        : `They aren't whole numbers: f doesn't repeat after 2π, and the transform over one period leaks, up to ${number(outside, 2)}.`,
      distance === null ? "" : `The chapter's coefficients of this circuit, from Python, differ by at most ${number(distance, 1)}; they came with ten decimals.`,
      `Distance from the target (mean square over its variance): circuit with ${isFitted ? "fitted" : changed ? "changed" : "random"} angles ${number(circuitError, 3)}, least squares ${number(linearError, 3)}${verdict}`,
    ];
    return {
      view: [
        legend([
          { text: "circuit", color: COLORS[0], dash: DASHES[0], symbol: "circle" },
          { text: "least squares, same frequencies", color: COLORS[1], dash: DASHES[1], symbol: "triangle" },
          { text: "target", color: COLORS[4], dash: DASHES[2] },
          { text: "shaded: allowed", swatch: true },
        ]),
        left,
        right,
      ],
      say: say.filter(Boolean).join(" "),
      table: {
        head: ["k", "allowed", "circuit |cₖ|", "least squares |cₖ|"],
        rows: d3.sort(new Set([...d3.range(K + 1), ...may])).map((k) => [number(k, 4), may.includes(k) ? "yes" : "no", sizes[k] ?? "–", best.sizes.get(k) ?? "–"]),
      },
    };
  });
}
