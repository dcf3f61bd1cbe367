/* Extrapolation of noisy values to no noise, and the error that it leaves: bias, standard deviation
   and both together, against doing nothing with the same shots. */
/* global d3, Plot */
import { COLORS, DASHES, SYMBOLS, element, legend, number } from "./kit.js";

const FITS = ["linear", "richardson", "exponential"];
const SIMULATED = 1000;

/* Weights of the values at the factors, whose sum is the fitted curve at x: a least-squares line,
   or the polynomial through all points. */
export function weights(factors, kind, x = 0) {
  if (kind === "linear") {
    const mean = d3.mean(factors);
    const square = d3.sum(factors, (f) => (f - mean) ** 2);
    return factors.map((f) => 1 / factors.length + ((x - mean) * (f - mean)) / square);
  }
  return factors.map((own, i) => factors.reduce((product, f, j) => (j === i ? product : (product * (x - f)) / (own - f)), 1));
}

/* The least-squares fit of a exp(-b x): [a, b], or null where the values have different signs. */
export function exponential(factors, values) {
  const sign = Math.sign(values[0]);
  if (!sign || values.some((v) => Math.sign(v) !== sign)) return null;
  // A line through the logarithms, weighted so that their errors count as the values' do.
  const w = d3.sum(values, (v) => v * v);
  const mean = (f) => d3.sum(values, (v, i) => v * v * f(i)) / w;
  const [mx, my] = [mean((i) => factors[i]), mean((i) => Math.log(Math.abs(values[i])))];
  let b =
    -mean((i) => (factors[i] - mx) * (Math.log(Math.abs(values[i])) - my)) / mean((i) => (factors[i] - mx) ** 2);
  let a = sign * Math.exp(my + b * mx);
  const cost = (a_, b_) => d3.sum(factors, (x, i) => (a_ * Math.exp(-b_ * x) - values[i]) ** 2);
  let damping = 1e-3;
  for (let step = 0, old = cost(a, b); step < 500 && damping < 1e12; step++) {
    const { jj, jr } = normal(factors, values, a, b);
    const [p, q, r] = [jj[0] * (1 + damping), jj[1], jj[2] * (1 + damping)];
    const det = p * r - q * q;
    const [da, db] = [(r * jr[0] - q * jr[1]) / det, (p * jr[1] - q * jr[0]) / det];
    const next = cost(a - da, b - db);
    if (!(next <= old)) {
      damping *= 10;
      continue;
    }
    [a, b, old, damping] = [a - da, b - db, next, damping / 10];
    if (Math.abs(da) <= 1e-15 * Math.abs(a) && Math.abs(db) <= 1e-15 * Math.abs(b)) break;
  }
  return Number.isFinite(a) && Number.isFinite(b) ? [a, b] : null;
}

/* J'J as [aa, ab, bb], J' times the residuals, and the rows of J. */
function normal(factors, values, a, b) {
  const rows = factors.map((x) => [Math.exp(-b * x), -a * x * Math.exp(-b * x)]);
  const residuals = rows.map((row, i) => a * row[0] - values[i]);
  const sum = (f) => d3.sum(rows, f);
  return {
    rows,
    jj: [sum((r) => r[0] * r[0]), sum((r) => r[0] * r[1]), sum((r) => r[1] * r[1])],
    jr: [sum((r, i) => r[0] * residuals[i]), sum((r, i) => r[1] * residuals[i])],
  };
}

/* The fitted curve: its value at x, and how much that moves with each of the values. Where no
   exponential fits, it is the line, as in the package. */
export function fit(factors, values, kind) {
  const found = kind === "exponential" ? exponential(factors, values) : null;
  if (!found) {
    const used = kind === "exponential" ? "linear" : kind;
    const moves = (x) => weights(factors, used, x);
    return { kind: used, at: (x) => d3.sum(moves(x), (c, i) => c * values[i]), moves };
  }
  const [a, b] = found;
  const { rows, jj: [p, q, r] } = normal(factors, values, a, b);
  const det = p * r - q * q;
  return {
    kind,
    at: (x) => a * Math.exp(-b * x),
    moves: (x) => {
      const [ga, gb] = [Math.exp(-b * x), -a * x * Math.exp(-b * x)];
      const [u, v] = [(r * ga - q * gb) / det, (p * gb - q * ga) / det];
      return rows.map((row) => u * row[0] + v * row[1]);
    },
  };
}

/* Bias, standard deviation and total error of an extrapolation with so many shots in all, and the
   shots from which it beats the first value alone: null where that is never. */
export function budget(factors, values, kind, exact, shots) {
  const curve = fit(factors, values, kind);
  const moves = curve.moves(0);
  const once = factors.length * d3.sum(moves, (c, i) => c * c * (1 - values[i] ** 2)); // variance at one shot
  const bias = curve.at(0) - exact;
  const [bareBias, bareOnce] = [values[0] - exact, 1 - values[0] ** 2];
  const gain = bareBias ** 2 - bias ** 2;
  const level = (once - bareOnce) / gain;
  return {
    curve,
    bias,
    deviation: Math.sqrt(once / shots),
    total: Math.hypot(bias, Math.sqrt(once / shots)),
    value: curve.at(0),
    pays: gain > 0 ? Math.max(level, 0) : null,
  };
}

/* Experiments with shots: pairs of the first value alone with all shots, and the extrapolation. */
export function simulate(factors, values, kind, shots, repeats, seed) {
  const binomial = d3.randomBinomial.source(d3.randomLcg((seed * 0.618034) % 1));
  const sampler = (value, count) => {
    const draw = binomial(count, (1 + value) / 2);
    return () => (2 * draw()) / count - 1;
  };
  const bare = sampler(values[0], shots);
  const each = values.map((v) => sampler(v, Math.floor(shots / factors.length)));
  return d3.range(repeats).map(() => [bare(), fit(factors, each.map((draw) => draw()), kind).at(0)]);
}

export default function (stage, data) {
  const { factors: all, strengths, exact: truths, values } = data;
  const sets = all.slice(1).map((_, i) => all.slice(0, i + 2));
  if (all.length > 2) sets.push([all[0], all.at(-1)]);
  const which = stage.choice({
    label: "Circuit",
    options: truths.map((v, i) => [i, `exact value ${number(v, 2)}`]),
    value: Math.min(1, truths.length - 1),
  });
  const strength = stage.range({ label: "Strength of the gate errors", values: strengths, value: strengths.includes(1) ? 1 : strengths[0], show: (s) => `× ${number(s)}` });
  const chosen = stage.choice({ label: "Noise factors", options: sets.map((s) => [s, s.join(", ")]), value: sets[Math.min(1, sets.length - 1)] });
  const kind = stage.choice({ label: "Fit", options: [["linear", "line"], ["richardson", "Richardson"], ["exponential", "exponential"]], value: "richardson" });
  // Divisible by 2, 3 and 4: every factor gets the same.
  const counts = [2, 3, 4, 5].flatMap((k) => [1.2, 3.6].map((x) => Math.round(x * 10 ** k))).concat(1200000);
  const shots = stage.range({ label: "Shots in all", values: counts, value: 1200, show: (v) => v.toLocaleString("en-GB") });
  let seed = 1;
  stage.button({ label: "Draw again", press: () => (seed += 1) });
  const names = { linear: "line", richardson: "Richardson", exponential: "exponential" };

  const title = (text) => element("div", { class: "qml-figure-title", text });
  function labelled(picture, text) {
    const svg = picture.matches("svg") ? picture : picture.querySelector("svg");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", text);
    return picture;
  }

  function extrapolation(factors, y, truth, own, drawn) {
    const xs = d3.range(0, 1 + 1e-9, 0.02).map((t) => t * factors.at(-1));
    const each = shots.value / factors.length;
    const spread = (x) => Math.sqrt(d3.sum(own.curve.moves(x), (c, i) => (c * c * (1 - y[i] ** 2)) / each));
    const band = xs.map((x) => ({ x, y: own.curve.at(x), low: own.curve.at(x) - spread(x), high: own.curve.at(x) + spread(x) }));
    const points = factors.map((x, i) => ({ x, y: y[i], bar: Math.sqrt((1 - y[i] ** 2) / each) }));
    // The strip left of zero holds the simulated experiments.
    const strip = 0.09 * factors.at(-1);
    const cloud = drawn.slice(0, 150).map(([, v], i) => ({ x: -strip * (0.25 + 0.75 * ((i * 0.618034) % 1)), y: v }));
    const reach = Math.min(1.5, Math.max(...points.map((p) => Math.abs(p.y) + p.bar), Math.abs(truth), Math.abs(own.value) + 2.5 * own.deviation) * 1.05);
    const shown = truth < 0 ? [-reach, Math.min(reach / 2, 2.5 * own.deviation)] : [Math.max(-reach / 2, -2.5 * own.deviation), reach];
    return labelled(
      stage.plot({
        title: title("Extrapolation to no noise"),
        height: 300,
        marginRight: 20,
        x: { label: "noise factor", domain: [-1.1 * strip, factors.at(-1) * 1.04], ticks: [0, ...factors], tickFormat: String },
        y: { label: "expectation value", domain: shown, ticks: 6 },
        marks: [
          Plot.gridY({ ticks: 6 }),
          Plot.areaY(band, { x: "x", y1: "low", y2: "high", fill: COLORS[0], fillOpacity: 0.22, clip: true }),
          Plot.line(band, { x: "x", y: "y", stroke: COLORS[0], strokeWidth: 2, strokeDasharray: DASHES[1], clip: true }),
          Plot.dot(cloud, { x: "x", y: "y", r: 2, fill: COLORS[0], fillOpacity: 0.7, clip: true }),
          Plot.ruleY([truth], { stroke: COLORS[2], strokeWidth: 2, strokeDasharray: DASHES[2] }),
          Plot.text([truth], { y: (v) => v, text: () => "exact", frameAnchor: "right", fill: COLORS[2], dy: truth < 0 ? 10 : -9, dx: -4 }),
          Plot.ruleX(points, { x: "x", y1: (p) => p.y - p.bar, y2: (p) => p.y + p.bar, stroke: "currentColor", strokeWidth: 2, clip: true }),
          Plot.dot(points, { x: "x", y: "y", fill: "currentColor", r: 4.5 }),
          Plot.dot([own.value], { x: 0, y: (v) => v, fill: COLORS[0], symbol: SYMBOLS[3], r: 7, clip: true }),
          Plot.tip([...points, { x: 0, y: own.value, bar: own.deviation }], Plot.pointer({ x: "x", y: "y", title: (p) => `noise factor ${p.x}\n${number(p.y, 3)} ± ${number(p.bar, 2)}` })),
        ],
      }),
      `Values at the noise factors, the ${names[own.curve.kind]} back to factor 0 with a band of one standard deviation, simulated results as dots beside 0, and the exact value as a dotted line.`,
    );
  }

  function bars(own, bare, size) {
    const parts = [["bias", "bias"], ["deviation", "st. deviation"], ["total", "total"]];
    const rows = [["nothing", bare], ["extrapolated", own]].flatMap(([name, b]) => parts.map(([key, part]) => ({ name, part, value: Math.abs(b[key]) })));
    const names_ = ["nothing", "extrapolated"];
    return labelled(
      stage.plot({
        title: title("Error budget"),
        width: size,
        height: 250,
        marginLeft: 50,
        marginTop: 45,
        marginBottom: 25,
        marginRight: 10,
        fx: { domain: parts.map((p) => p[1]), label: null, axis: "top" },
        x: { domain: names_, axis: null },
        y: { label: "error (absolute)", labelOffset: 50, domain: [0, 1.12 * d3.max(rows, (r) => r.value)], ticks: 5 },
        color: { domain: names_, range: [COLORS[4], COLORS[0]] },
        marks: [
          Plot.gridY({ ticks: 5 }),
          Plot.barY(rows, { fx: "part", x: "name", y: "value", fill: "name" }),
          Plot.text(rows, { fx: "part", x: "name", y: 0, dy: 12, text: (r) => (r.name === "nothing" ? "none" : "extr."), fill: "currentColor" }),
          Plot.text(rows, { fx: "part", x: "name", y: "value", dy: -7, text: (r) => number(r.value, 2), fill: "currentColor", fontSize: 11 }),
          Plot.ruleY([0]),
        ],
      }),
      "Bars: bias, standard deviation and total error, with nothing done and extrapolated.",
    );
  }

  function against(factors, y, truth, own, size) {
    const ns = d3.range(2, 6.101, 0.05).map((k) => 10 ** k);
    const curve = (name, f) => ns.map((n) => ({ name, n, error: f(n) }));
    const nothing = curve("nothing", (n) => Math.hypot(y[0] - truth, Math.sqrt((1 - y[0] ** 2) / n)));
    const remedy = curve("extrapolated", (n) => Math.hypot(own.bias, own.deviation * Math.sqrt(shots.value / n)));
    const crossing = own.pays !== null && own.pays > ns[0] && own.pays < ns.at(-1) ? [own.pays] : [];
    return labelled(
      stage.plot({
        title: title("Total error against shots"),
        width: size,
        height: 250,
        marginLeft: 55,
        marginRight: 20,
        x: { label: "shots in all", type: "log", ticks: 4, tickFormat: "~s" },
        y: { label: "total error", type: "log", ticks: 4, tickFormat: "~g" },
        marks: [
          Plot.gridY({ ticks: 4 }),
          Plot.ruleX([shots.value], { stroke: "var(--qml-edge)", strokeWidth: 1.5 }),
          Plot.line(nothing, { x: "n", y: "error", stroke: COLORS[4], strokeWidth: 2.5 }),
          Plot.line(remedy, { x: "n", y: "error", stroke: COLORS[0], strokeWidth: 2.5, strokeDasharray: DASHES[1] }),
          Plot.dot(crossing, { x: (n) => n, y: (n) => Math.hypot(y[0] - truth, Math.sqrt((1 - y[0] ** 2) / n)), symbol: SYMBOLS[3], r: 6, fill: COLORS[1] }),
          Plot.tip([...nothing, ...remedy], Plot.pointer({ x: "n", y: "error", title: (p) => `${p.name}\n${Math.round(p.n).toLocaleString("en-GB")} shots\nerror ${number(p.error, 2)}` })),
        ],
      }),
      "Total error against shots: doing nothing as a full line, extrapolated as a dashed one; a diamond where they cross, a grey line at the chosen shots.",
    );
  }

  stage.draw(() => {
    const factors = chosen.value;
    const [truth, n] = [truths[which.value], shots.value];
    const row = values[strengths.indexOf(strength.value)][which.value];
    const y = factors.map((f) => row[all.indexOf(f)]);
    const own = budget(factors, y, kind.value, truth, n);
    const deviation = Math.sqrt((1 - y[0] ** 2) / n);
    const bare = { value: y[0], bias: y[0] - truth, deviation, total: Math.hypot(y[0] - truth, deviation) };
    const drawn = simulate(factors, y, kind.value, n, SIMULATED, seed);
    const closer = d3.mean(drawn, ([b, m]) => (Math.abs(m - truth) < Math.abs(b - truth) ? 1 : 0));
    const weakest = d3.min(y, (v) => Math.abs(v) / Math.sqrt((1 - v * v) / (n / factors.length)));
    const rough = own.curve.kind === "exponential" && weakest < 3;
    const experiments = `${SIMULATED.toLocaleString("en-GB")} simulated experiments`;
    const rms = (k) => Math.sqrt(d3.mean(drawn, (pair) => (pair[k] - truth) ** 2));
    // [remedy, nothing done]: by the formula where it holds, else by the experiments.
    const [error, without] = rough ? [rms(1), rms(0)] : [own.total, bare.total];
    const verdict = `${error < without ? "Mitigation helps here" : "Mitigation hurts here"}: total error ${number(error, 2)}, against ${number(without, 2)} for doing nothing with the same ${n.toLocaleString("en-GB")} shots${rough ? `, by ${experiments}` : ""}. `;
    const size = stage.width >= 560 ? Math.floor((stage.width - 16) / 2) : stage.width;
    const count = (v) => Number(v.toPrecision(2)).toLocaleString("en-GB");
    const pays =
      own.pays === null
        ? "It pays at no number of shots: it leaves no less bias than doing nothing."
        : own.pays < 1
          ? "It pays at any number of shots."
          : `It pays from about ${count(own.pays)} shots on.`;
    return {
      view: [
        legend([
          { text: "nothing done", color: COLORS[4], dash: "" },
          { text: "extrapolated", color: COLORS[0], dash: DASHES[1] },
          { text: "its standard deviation", color: COLORS[0], swatch: true },
          { text: "simulated results", color: COLORS[0], symbol: "circle" },
          { text: "exact", color: COLORS[2], dash: DASHES[2] },
          { text: "pays from here on", color: COLORS[1], symbol: SYMBOLS[3] },
        ]),
        extrapolation(factors, y, truth, own, drawn),
        element("div", { class: "qml-figure-pair" }, bars(own, bare, size), against(factors, y, truth, own, size)),
      ],
      say:
        verdict +
        `Bias goes from ${number(Math.abs(bare.bias), 2)} to ${number(Math.abs(own.bias), 2)}, standard deviation from ${number(bare.deviation, 2)} to ${number(own.deviation, 2)}. ${rough ? "" : `${pays} `}` +
        `Of ${experiments}, the remedy came closer in ${Math.round(100 * closer)}%.` +
        (kind.value === "exponential" && own.curve.kind === "linear" ? " Values of both signs: no exponential fits, the line is taken." : "") +
        (rough ? " A value is nearly lost in shot noise: the standard deviation of the exponential, which holds to first order, is unreliable here, too large or too small. The verdict is that of the simulation." : ""),
      table: {
        head: ["estimate", "value", "bias", "deviation", "total", "pays from"],
        rows: [
          ["nothing", bare.value, bare.bias, bare.deviation, bare.total, "–"],
          ...FITS.map((f) => {
            const b = budget(factors, y, f, truth, n);
            return [names[f], b.value, b.bias, b.deviation, b.total, b.pays === null ? "never" : b.pays];
          }),
        ],
      },
    };
  });
}
