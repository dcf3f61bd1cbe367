/* One layer of QAOA on a small graph: the landscape of its mean cut, as the chapter computed it, and
   the distribution of cuts at the reader's angles, computed here. */
/* global d3, Plot */
import { number } from "./kit.js";

/* The cut of each assignment; the first node is the most significant bit. */
export function cuts(edges, n) {
  const bit = (b, node) => (b >> (n - 1 - node)) & 1;
  return d3.range(2 ** n).map((b) => edges.filter(([i, j]) => bit(b, i) !== bit(b, j)).length);
}

/* The probability of each assignment after exp(-i gamma C) and exp(-i beta X) on each qubit. */
export function probabilities(values, gamma, beta) {
  const size = values.length;
  let re = values.map((c) => Math.cos(gamma * c) / Math.sqrt(size));
  let im = values.map((c) => -Math.sin(gamma * c) / Math.sqrt(size));
  const [cos, sin] = [Math.cos(beta), Math.sin(beta)];
  for (let flip = 1; flip < size; flip *= 2) {
    const [r, m] = [re, im];
    re = r.map((x, b) => cos * x + sin * m[b ^ flip]);
    im = m.map((x, b) => cos * x - sin * r[b ^ flip]);
  }
  return re.map((x, b) => x * x + im[b] * im[b]);
}

/* The probability of each cut, from 0 to the number of edges. */
export function distribution(values, chances, most) {
  const found = Array(most + 1).fill(0);
  values.forEach((c, b) => (found[c] += chances[b]));
  return found;
}

export default function (stage, data) {
  const { edges, nodes, gammas, betas, mean } = data;
  const values = cuts(edges, nodes);
  const best = d3.max(values);
  const [wide, high] = [gammas[1] - gammas[0], betas[1] - betas[0]];
  const cells = mean.flatMap((row, i) => row.map((value, j) => ({ gamma: gammas[j], beta: betas[i], value })));
  const gamma = stage.range({ label: "γ", min: 0, max: 3.14, step: 0.02, value: 0.3 });
  const beta = stage.range({ label: "β", min: 0, max: 1.57, step: 0.01, value: 0.2 });

  stage.draw(() => {
    const chances = probabilities(values, gamma.value, beta.value);
    const shares = distribution(values, chances, edges.length);
    const found = d3.sum(shares, (share, cut) => share * cut);
    const coin = distribution(values, values.map(() => 1 / values.length), edges.length);
    const bars = shares.map((share, cut) => ({ cut, share, coin: coin[cut] }));
    const map = stage.plot({
      ariaLabel: "Mean cut over both angles, with the chosen angles marked.",
      x: { label: "γ", domain: [gammas[0] - wide / 2, gammas.at(-1) + wide / 2] },
      y: { label: "β", domain: [betas[0] - high / 2, betas.at(-1) + high / 2] },
      color: { scheme: "viridis", label: "mean cut", legend: false },
      marks: [
        Plot.rect(cells, { x1: (c) => c.gamma - wide / 2, x2: (c) => c.gamma + 0.52 * wide, y1: (c) => c.beta - high / 2, y2: (c) => c.beta + 0.52 * high, fill: "value", inset: 0, shapeRendering: "crispEdges" }),
        Plot.dot([0], { x: gamma.value, y: beta.value, r: 7, fill: "white", stroke: "black", strokeWidth: 2 }),
      ],
    });
    const chart = stage.plot({
      ariaLabel: "Probability of each cut.",
      height: 260,
      x: { label: "cut", domain: [-0.5, edges.length + 0.5], ticks: edges.length, tickFormat: "d" },
      y: { label: "probability; line: a coin for each node", domain: [0, Math.max(0.5, d3.max(shares))] },
      marks: [
        Plot.ruleY([0]),
        Plot.rect(bars, { x1: (b) => b.cut - 0.4, x2: (b) => b.cut + 0.4, y1: 0, y2: "share", fill: "var(--qml-series-1)" }),
        Plot.ruleY(bars, { x1: (b) => b.cut - 0.45, x2: (b) => b.cut + 0.45, y: "coin", stroke: "currentColor", strokeWidth: 2 }),
      ],
    });
    return {
      view: [map, chart],
      say: `Mean cut ${number(found, 3)} of ${edges.length} edges, a share of ${number(found / edges.length, 3)}; the largest cut, ${best}, with probability ${number(shares[best], 2)}.`,
      table: { head: ["cut", "probability", "coin"], rows: bars.map((b) => [b.cut, b.share, b.coin]) },
    };
  });
}
