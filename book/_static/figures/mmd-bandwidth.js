/* Even parity against all strings: what the MMD says at each bandwidth, and how many samples would
   tell it from nothing. The total variation is one half throughout. */
/* global d3, Plot */
import { COLORS, DASHES, number } from "./kit.js";

const LEAST = 1e-20; // the lower end of the axis of MMD²
const MOST = 1e20; // the upper end of the axis of samples

/* The probability of a Z in the words of the kernel. */
export function letter(sigma) {
  return -Math.expm1(-1 / (2 * sigma ** 2)) / 2;
}

/* The squared MMD: the weight of the one word that differs. */
export function squared(sigma, bits) {
  return letter(sigma) ** bits;
}

/* Samples of each for which that is three standard deviations of an unbiased estimate between two
   sets of all strings, whose variance is 8 / N² times the sum of the words' squared weights. */
export function samples(sigma, bits) {
  const p = letter(sigma);
  const ratio = (p / (1 - p)) ** 2;
  const weights = (1 - p) ** (2 * bits) * Math.expm1(bits * Math.log1p(ratio));
  return (3 * Math.sqrt(8 * weights)) / squared(sigma, bits);
}

export default function (stage, data) {
  const bits = stage.range({ label: "Bits", values: data.bits, value: 12, show: String });
  const sigma = stage.range({ label: "Bandwidth σ", min: 0.2, max: 3, step: 0.1, value: 1, show: (s) => number(s, 2) });
  const axis = stage.choice({ label: "Vertical axis", options: [["mmd", "MMD²"], ["samples", "samples to see it"]] });
  const grid = d3.range(0.2, 3.001, 0.05);

  stage.draw(() => {
    const mmd = axis.value === "mmd";
    const value = (s) => (mmd ? squared(s, bits.value) : samples(s, bits.value));
    const kept = (s) => Math.min(MOST, Math.max(LEAST, value(s)));
    const line = grid.map((s) => ({ s, v: kept(s) })).filter(({ v }) => v > LEAST && v < MOST);
    const view = stage.plot({
      x: { label: "bandwidth σ", domain: [0.15, 3.05] },
      y: { label: mmd ? "MMD²; above: total variation" : "samples of each", type: "log", domain: mmd ? [LEAST, 2] : [1, MOST], ticks: 6, tickFormat: "~e" },
      marks: [
        Plot.gridY({ ticks: 6 }),
        ...(mmd ? [Plot.ruleY([0.5], { stroke: COLORS[1], strokeDasharray: DASHES[1], strokeWidth: 2 })] : []),
        Plot.line(line, { x: "s", y: "v", stroke: COLORS[0], strokeWidth: 2 }),
        Plot.dot([0], { x: sigma.value, y: kept(sigma.value), r: 7, fill: COLORS[0] }),
      ],
    });
    const letters = bits.value * letter(sigma.value);
    return {
      view,
      say: `${bits.value} bits, σ = ${number(sigma.value, 2)}: a word has ${number(letters, 3)} letters Z on average. MMD² ${number(squared(sigma.value, bits.value), 3)}, total variation 0.5. About ${number(samples(sigma.value, bits.value), 2)} samples of each would see it.`,
      table: {
        head: ["σ", "letters Z, mean", "MMD²", "samples"],
        rows: [0.2, 0.3, 0.5, 1, 1.5, 2, 3].map((s) => [s, bits.value * letter(s), squared(s, bits.value), samples(s, bits.value)]),
      },
    };
  });
}
