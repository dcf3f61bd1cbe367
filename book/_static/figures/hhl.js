/* The factor by which HHL multiplies an eigenvector, beside the exact inverse: the average of
   C/eigenvalue over the readings of a clock. With it the error and the success for one system. */
/* global d3, Plot */
import { COLORS, DASHES, SYMBOLS, legend, number } from "./kit.js";

const BELOW = 0.7; // C in units of the smallest eigenvalue

/* The probability of each reading k of m clock qubits; the eigenvalue 1 is half a turn. */
export function readings(eigenvalue, m) {
  const M = 2 ** m;
  const top = Math.sin((Math.PI * M * eigenvalue) / 2);
  return d3.range(M).map((k) => {
    const below = M * Math.sin(Math.PI * (eigenvalue / 2 - k / M));
    return Math.abs(below) < 1e-9 ? 1 : (top / below) ** 2;
  });
}

/* The factor over C: readings below C turn the flag fully, reading 0 not at all. */
export function factor(eigenvalue, m, C) {
  const M = 2 ** m;
  return d3.sum(readings(eigenvalue, m), (p, k) => (k ? p * Math.min(1 / C, M / (2 * k)) : 0));
}

/* Eigenvalues from 1/kappa to 1, and b in the basis of the eigenvectors, of length 1. */
export function system({ uniform, solution, noise }, kappa, source) {
  const eigenvalues = [0, ...uniform, 1].map((u) => 1 / kappa + (1 - 1 / kappa) * u);
  const b = source === "noise" ? noise : solution.map((x, j) => x * eigenvalues[j]);
  const size = Math.hypot(...b);
  return { eigenvalues, b: b.map((v) => v / size) };
}

/* The distance of the normalised result to the normalised solution, and the success. */
export function outcome({ eigenvalues, b }, m) {
  const C = BELOW * eigenvalues[0];
  const factors = eigenvalues.map((value) => factor(value, m, C));
  const got = b.map((v, j) => v * factors[j]);
  const exact = b.map((v, j) => v / eigenvalues[j]);
  const [n, e] = [Math.hypot(...got), Math.hypot(...exact)];
  return { C, factors, success: (C * n) ** 2, error: Math.hypot(...got.map((v, j) => v / n - exact[j] / e)) };
}

export default function (stage, data) {
  const kappas = [4, 8, 16, 32, 64, 128];
  const kappa = stage.range({ label: "Condition number", values: kappas, value: data.kappa, show: String });
  const clock = stage.range({ label: "Clock qubits", values: d3.range(3, 11), value: data.clock, show: String });
  const source = stage.choice({ label: "Random is", options: [["solution", "the solution x"], ["noise", "the right side b"]] });

  stage.draw(() => {
    const [k, m] = [kappa.value, clock.value];
    const one = system(data, k, source.value);
    const { C, factors, success, error } = outcome(one, m);
    const fine = d3.range(161).map((i) => k ** (i / 160 - 1));
    const curve = fine.map((value) => ({ value, factor: factor(value, m, C) }));
    const points = one.eigenvalues.map((value, j) => ({ value, factor: factors[j] }));
    const ticks = d3.range(Math.log2(k) + 1).map((i) => 2 ** i);
    const view = stage.plot({
      ariaLabel: "Factor for each eigenvalue, both axes logarithmic.",
      x: { label: "eigenvalue (no unit)", type: "log", base: 2, domain: [1 / k, 1], ticks: ticks.map((t) => 1 / t), tickFormat: (v) => (v < 1 ? `1/${1 / v}` : "1") },
      y: { label: "factor f / C (no unit)", type: "log", base: 2, domain: [0.5, 2 * k], clamp: true, ticks, tickFormat: String },
      marks: [
        Plot.gridY({ ticks }),
        Plot.line(fine, { x: (v) => v, y: (v) => 1 / v, stroke: "currentColor", strokeDasharray: DASHES[1] }),
        Plot.line(curve, { x: "value", y: "factor", stroke: COLORS[0], strokeWidth: 2 }),
        Plot.dot(points, { x: "value", y: "factor", fill: COLORS[1], symbol: SYMBOLS[1], r: 4 }),
        Plot.tip(points, Plot.pointer({ x: "value", y: "factor", title: (p) => `eigenvalue ${number(p.value, 3)}\nfactor ${number(p.factor, 3)}\nexact ${number(1 / p.value, 3)}` })),
      ],
    });
    const tries = 1 / success;
    return {
      view: [
        legend([
          { text: "exact inverse", dash: DASHES[1] },
          { text: `HHL, ${m} clock qubits`, color: COLORS[0], dash: "" },
          { text: "eigenvalues of the system", color: COLORS[1], symbol: SYMBOLS[1] },
        ]),
        view,
      ],
      say: [
        `With a condition number of ${k} and ${m} clock qubits, the error of x is ${number(error, 2)}.`,
        `One run in ${number(tries, 2)} succeeds, and each uses ${d3.format(",")(2 * (2 ** m - 1))} evolutions.`,
        2 ** m < 2 * k ? "The smallest eigenvalue is less than one tick from zero: the clock can't see it." : "",
      ].join(" ").trim(),
      table: {
        head: ["eigenvalue", "part of b", "factor f / C", "exact inverse"],
        rows: points.map((p, j) => [p.value, one.b[j], p.factor, 1 / p.value]),
      },
    };
  });
}
