/* The matrix of a quantum kernel against bandwidth and qubits, exact or measured with shots, beside
   an RBF kernel of the same samples. */
/* global d3, Plot */
import { COLORS, DASHES, SYMBOLS, element, legend, number } from "./kit.js";

/* A symmetric matrix with ones on the diagonal, from its upper triangle row by row. */
export function matrix(upper, n) {
  const K = Array.from({ length: n }, () => Array(n).fill(1));
  let at = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) K[i][j] = K[j][i] = upper[at++];
  return K;
}

/* Mean, standard deviation and the shots that tell entries apart, of the upper triangle. */
export function concentration(upper) {
  const mean = d3.mean(upper);
  const variance = d3.variance(upper);
  return { mean, deviation: Math.sqrt(variance), shots: variance > 0 ? (mean * (1 - mean)) / variance : null };
}

/* The cosine between K and the matrix of the labels, which are 0 and 1. */
export function alignment(K, labels) {
  const sign = labels.map((label) => (label ? 1 : -1));
  let along = 0;
  let square = 0;
  K.forEach((row, i) =>
    row.forEach((k, j) => {
      along += sign[i] * k * sign[j];
      square += k * k;
    }),
  );
  return square > 0 ? along / (K.length * Math.sqrt(square)) : null;
}

/* Without the constant part. Scale does not matter to the alignment. */
export function centred(K) {
  const means = K.map((row) => d3.mean(row));
  const mean = d3.mean(means);
  return K.map((row, i) => row.map((k, j) => k - means[i] - means[j] + mean));
}

/* Squared distances in the first few features, in the order of the upper triangle. */
export function distances(samples, features) {
  const found = [];
  samples.forEach((a, i) =>
    samples.slice(i + 1).forEach((b) => found.push(d3.sum(d3.range(features), (k) => (a[k] - b[k]) ** 2))),
  );
  return found;
}

/* Each entry as a share of successes in its own shots. */
export function measured(upper, shots, seed) {
  // Neighbouring seeds of this generator would start alike.
  const binomial = d3.randomBinomial.source(d3.randomLcg((seed * 0.618034) % 1));
  return upper.map((k) => binomial(shots, k)() / shots);
}

function looks(mean, deviation) {
  if (mean > 0.95) return "Nearly all ones: every sample looks like every other.";
  if (mean + deviation < 0.05) return "Nearly the identity: each sample is similar to itself only.";
  return "Entries differ: some samples are more alike than others.";
}

export default function (stage, data) {
  const { samples, labels, classes, qubits, bandwidths, entries } = data;
  const n = samples.length;
  const border = labels.indexOf(1);
  const bandwidth = stage.range({ label: "Bandwidth", values: bandwidths, value: 0.3, show: (c) => number(c, 2) });
  const width = stage.range({ label: "Qubits, one a feature", values: qubits, value: qubits[Math.min(2, qubits.length - 1)], show: String });
  const shots = stage.choice({ label: "Shots per entry", options: [[0, "exact"], 10, 100, 1000] });
  let seed = 1;
  const again = stage.button({ label: "Measure again", press: () => (seed += 1) });
  const peer = stage.choice({
    label: "RBF width",
    options: [["median", "median distance"], ["same", "same bandwidth, γ = c²/4"]],
  });

  function heatMap(K, title, size, say) {
    const cells = K.flatMap((row, i) => row.map((value, j) => ({ i, j, value })));
    const name = (k) => `sample ${k + 1}, a ${classes[labels[k]]}`;
    const ticks = [border / 2, (border + n) / 2];
    const scale = { domain: [0, n], ticks, tickSize: 0, tickFormat: (v) => `${classes[v < border ? 0 : 1]}s` };
    const picture = stage.plot({
      title: element("div", { class: "qml-figure-title", text: title }),
      width: size,
      height: size + 5,
      marginLeft: 36,
      marginRight: 12,
      marginTop: 12,
      marginBottom: 42,
      x: { ...scale, label: "column sample", labelAnchor: "center", labelArrow: "none" },
      y: { ...scale, reverse: true, label: "row sample", labelAnchor: "center", labelArrow: "none" },
      color: { type: "linear", scheme: "cividis", domain: [0, 1], clamp: true },
      marks: [
        Plot.rect(cells, { x1: "j", x2: (d) => d.j + 1, y1: "i", y2: (d) => d.i + 1, fill: "value", shapeRendering: "crispEdges" }),
        // A dark line on a light one stands out from every colour of the scale.
        ...["white", "black"].map((stroke, k) => [
          Plot.ruleX([border], { y1: 0, y2: n, stroke, strokeWidth: 3 - 2 * k }),
          Plot.ruleY([border], { x1: 0, x2: n, stroke, strokeWidth: 3 - 2 * k }),
        ]),
        Plot.tip(cells, Plot.pointer({ x: (d) => d.j + 0.5, y: (d) => d.i + 0.5, maxRadius: 20, title: (d) => `row: ${name(d.i)}\ncolumn: ${name(d.j)}\n${number(d.value, 3)}` })),
      ],
    });
    const svg = picture.matches("svg") ? picture : picture.querySelector("svg");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${title}. ${say}`);
    return picture;
  }

  function histogram(series, size) {
    const width = 0.04;
    const bars = series.flatMap(({ name, upper }) =>
      d3
        .bin()
        .domain([0, 1])
        .thresholds(d3.range(width, 1 - width / 2, width))(upper.map((k) => Math.min(1, Math.max(0, k))))
        .map((bin) => ({ name, low: bin.x0, high: bin.x1, count: bin.length })),
    );
    const names = series.map((s) => s.name);
    const outline = bars.filter((b) => b.name === names[1]);
    return labelled(
      stage.plot({
        title: element("div", { class: "qml-figure-title", text: "Entries beside the diagonal" }),
        width: size,
        height: 250,
        marginLeft: 50,
        marginRight: 20,
        x: { label: "kernel value", domain: [0, 1], ticks: 5 },
        y: { label: "entries (count)", domain: [0, Math.max(10, d3.max(bars, (b) => b.count))], ticks: 5 },
        color: { domain: names, range: COLORS.slice(0, 2) },
        marks: [
          Plot.gridY({ ticks: 5 }),
          Plot.rectY(bars.filter((b) => b.name === names[0]), { x1: "low", x2: "high", y: "count", fill: "name", inset: 0.5 }),
          Plot.line(
            outline.flatMap((b) => [b, { ...b, low: b.high }]),
            { x: "low", y: "count", stroke: "name", strokeWidth: 2.5, strokeDasharray: DASHES[1] },
          ),
          Plot.ruleY([0]),
          Plot.tip(bars, Plot.pointerX({ x: (b) => (b.low + b.high) / 2, y: "count", title: (b) => `${b.name}\n${b.count} entries from ${number(b.low)} to ${number(b.high)}` })),
        ],
      }),
      `Histogram of the entries beside the diagonal: ${names[0]} as bars, ${names[1]} as a dashed outline.`,
    );
  }

  function needed(c, q, size) {
    const rows = qubits.flatMap((width, i) =>
      bandwidths.map((bandwidth, j) => ({ width, bandwidth, shots: concentration(entries[i][j]).shots })),
    );
    const own = rows.filter((r) => r.width === q);
    return labelled(
      stage.plot({
        title: element("div", { class: "qml-figure-title", text: "Shots to tell entries apart" }),
        width: size,
        height: 250,
        marginLeft: 50,
        marginRight: 45,
        x: { label: "bandwidth", type: "log", ticks: bandwidths.filter((b, k) => k % 2 === 0 || bandwidths.length < 5), tickFormat: String },
        y: { label: "shots per entry", type: "log", ticks: 4, tickFormat: "~s" },
        marks: [
          Plot.gridY({ ticks: 4 }),
          Plot.line(rows, { x: "bandwidth", y: "shots", z: "width", stroke: "var(--qml-edge)", strokeWidth: 1 }),
          Plot.line(own, { x: "bandwidth", y: "shots", stroke: COLORS[0], strokeWidth: 2.5 }),
          Plot.dot(own, { x: "bandwidth", y: "shots", fill: (r) => (r.bandwidth === c ? COLORS[1] : COLORS[0]), r: (r) => (r.bandwidth === c ? 7 : 3.5), symbol: (r) => (r.bandwidth === c ? SYMBOLS[3] : SYMBOLS[0]) }),
          Plot.text(rows.filter((r) => r.bandwidth === bandwidths.at(-1) && [qubits[0], q, qubits.at(-1)].includes(r.width)), {
            x: "bandwidth",
            y: "shots",
            text: (r) => `${r.width} q.`,
            fontWeight: (r) => (r.width === q ? "bold" : "normal"),
            fill: "currentColor",
            dx: 8,
            textAnchor: "start",
          }),
          Plot.tip(rows, Plot.pointer({ x: "bandwidth", y: "shots", title: (r) => `${r.width} qubits, bandwidth ${number(r.bandwidth)}\n${number(r.shots, 3)} shots` })),
        ],
      }),
      `Shots per entry against bandwidth, a line for each number of qubits; ${q} qubits stand out, and the chosen bandwidth is marked.`,
    );
  }

  function labelled(picture, text) {
    const svg = picture.matches("svg") ? picture : picture.querySelector("svg");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", text);
    return picture;
  }

  stage.draw(() => {
    const [c, q, N] = [bandwidth.value, width.value, shots.value];
    again.disabled = N === 0;
    const exact = entries[qubits.indexOf(q)][bandwidths.indexOf(c)];
    const upper = N ? measured(exact, N, seed) : exact;
    const squared = distances(samples, q);
    const gamma = peer.value === "median" ? 1 / d3.median(squared) : (c * c) / 4;
    const rbf = squared.map((d) => Math.exp(-gamma * d));
    const [K, R] = [matrix(upper, n), matrix(rbf, n)];
    const row = (name, entries_, M) => {
      const { mean, deviation, shots: apart } = concentration(entries_);
      return [name, mean, deviation, alignment(M, labels), alignment(centred(M), labels), apart];
    };
    const quantum = row("quantum", upper, K);
    const classical = row("RBF", rbf, R);
    const apart = concentration(exact).shots;
    const zeros = upper.filter((k) => k === 0).length / upper.length;
    const wide = stage.width >= 560;
    const half = wide ? Math.floor((stage.width - 16) / 2) : stage.width;
    const size = Math.min(half, 400);
    const name = `Quantum, ${N ? `${N} shots` : "exact"}`;
    const colours = Plot.legend({
      color: { type: "linear", scheme: "cividis", domain: [0, 1] },
      label: "kernel value",
      width: Math.min(240, stage.width),
      marginLeft: 12,
      marginRight: 12,
      ticks: 5,
      style: { background: "none", color: "inherit", fontFamily: "inherit", fontSize: "13px" },
    });
    labelled(colours, "Colours: dark blue is 0, yellow is 1.");
    const pair = (...pictures) => element("div", { class: "qml-figure-pair" }, ...pictures);
    const said = (r) => `mean ${number(r[1], 2)}, standard deviation ${number(r[2], 2)}, alignment ${number(r[3], 2)}, centred ${number(r[4], 2)}`;
    return {
      view: [
        colours,
        pair(
          heatMap(K, `${name}: ${q} qubits, c = ${number(c)}`, size, said(quantum)),
          heatMap(R, `RBF, γ = ${number(gamma, 2)}`, size, said(classical)),
        ),
        legend([
          { text: "quantum kernel", color: COLORS[0], symbol: "square" },
          { text: "RBF", color: COLORS[1], dash: DASHES[1] },
          { text: "chosen bandwidth", color: COLORS[1], symbol: SYMBOLS[3] },
        ]),
        pair(histogram([{ name: "quantum", upper }, { name: "RBF", upper: rbf }], half), needed(c, q, half)),
      ],
      say:
        `${looks(quantum[1], quantum[2])} Quantum kernel, ${q} qubits, bandwidth ${number(c)}, ` +
        `${N ? `${N} shots an entry` : "exact"}: ${said(quantum)}. ` +
        (apart === null ? "No number of shots tells its entries apart. " : `It takes ${number(Math.max(1, apart), 2)} shots an entry to tell its entries apart. `) +
        (N ? `${Math.round(100 * zeros)}% of the entries were never seen: they read 0. ` : "") +
        `RBF: ${said(classical)}.`,
      table: {
        head: ["kernel", "mean", "deviation", "alignment", "centred alignment", "shots"],
        rows: [
          quantum,
          classical,
          ...bandwidths.map((b, j) => {
            const exact_ = entries[qubits.indexOf(q)][j];
            return row(`exact, c = ${number(b)}`, exact_, matrix(exact_, n));
          }),
        ],
      },
    };
  });
}
