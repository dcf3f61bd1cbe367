/* What a run costs against its shots: IBM's seconds and both providers' money, by the chapter's
   prices or the reader's. */
/* global Plot */
import { COLORS, DASHES, SYMBOLS, number } from "./kit.js";

const NAMES = ["IBM", "IonQ"];

/* Seconds at IBM, and dollars at both, for circuits of so many gates. */
export function bill({ circuits, shots, one, two, alone, debias, second, factor }, prices) {
  const { ibm, ionq } = prices;
  const jobs = alone ? circuits : Math.ceil(circuits / ibm.most);
  const seconds = ibm.start * jobs + ibm.shot * circuits * shots;
  const gates = shots * (ionq.one * one + ionq.two * two);
  const least = debias ? ionq.debiased : ionq.least;
  return { seconds, IBM: seconds * second, IonQ: factor * circuits * Math.max(least, gates), least: gates <= least };
}

function dollars(value) {
  const text = value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2);
  return `${text} USD`;
}

export default function (stage, data) {
  const kind = stage.choice({ label: "Circuit", options: data.kinds.map(({ name }) => name) });
  const circuits = stage.range({ label: "Circuits", values: data.circuits, value: 40, show: (v) => v.toLocaleString("en") });
  const shots = stage.range({ label: "Shots per circuit", values: data.shots, value: 1000, show: (v) => v.toLocaleString("en") });
  const second = stage.range({ label: "IBM: USD a second", min: 0.1, max: 4, step: 0.1, value: data.ibm.second, show: (v) => v.toFixed(2) });
  const factor = stage.range({ label: "IonQ: factor on the published prices", min: 0.1, max: 3, step: 0.1, value: 1, show: (v) => v.toFixed(1) });
  const alone = stage.toggle({ label: "IBM: a job for each circuit" });
  const debias = stage.toggle({ label: "IonQ: error mitigation on" });

  stage.draw(() => {
    const { one, two } = data.kinds.find(({ name }) => name === kind.value);
    const chosen = { circuits: circuits.value, one, two, alone: alone.value, debias: debias.value, second: second.value, factor: factor.value };
    const at = (n) => bill({ ...chosen, shots: n }, data);
    const rows = data.shots.map((n) => ({ shots: n, ...at(n) }));
    const lines = rows.flatMap((row) => NAMES.map((name) => ({ name, shots: row.shots, usd: row[name] })));
    const now = at(shots.value);
    const marks = NAMES.map((name) => ({ name, shots: shots.value, usd: now[name] }));
    const overhead = at(0).seconds;
    const last = (data.ibm.free - overhead) / (data.ibm.shot * circuits.value);
    const ends = last > data.shots[0] && last < data.shots.at(-1) ? [last] : [];
    const view = stage.plot({
      x: { label: "shots per circuit", type: "log", domain: [data.shots[0], data.shots.at(-1)], ticks: 4, tickFormat: "~s" },
      y: { label: "price of the run in USD", type: "log", ticks: 5, tickFormat: "~s" },
      color: { domain: NAMES, range: COLORS.slice(0, 2) },
      symbol: { domain: NAMES, range: SYMBOLS.slice(0, 2) },
      marginRight: 60,
      marks: [
        Plot.gridY({ ticks: 5 }),
        Plot.ruleX(ends, { stroke: "currentColor", strokeDasharray: DASHES[2] }),
        Plot.text(ends, { x: (d) => d, frameAnchor: "top", dy: -18, text: () => "open plan ends" }),
        ...NAMES.map((name, i) => Plot.line(lines.filter((d) => d.name === name), { x: "shots", y: "usd", stroke: "name", strokeDasharray: DASHES[i], strokeWidth: 2 })),
        Plot.dot(marks, { x: "shots", y: "usd", stroke: "name", fill: "name", symbol: "name", r: 6 }),
        Plot.text(lines.filter((d) => d.shots === data.shots.at(-1)), { x: "shots", y: "usd", text: "name", fill: "name", dx: 10, textAnchor: "start" }),
      ],
    });
    const share = now.seconds / data.ibm.free;
    const fits = share <= 1 ? `${number(100 * share, 2)}% of the open plan's 28 days` : `${number(share, 2)} times what the open plan gives in 28 days`;
    const why = now.least ? "the least price of each job" : "its gates";
    return {
      view,
      say: `IBM: ${number(now.seconds, 3)} seconds, ${fits}, or ${dollars(now.IBM)}. IonQ: ${dollars(now.IonQ)}, set by ${why}.`,
      table: {
        head: ["shots", "IBM, s", "IBM, USD", "IonQ, USD"],
        rows: rows.map((r) => [r.shots.toLocaleString("en"), r.seconds, r.IBM, r.IonQ]),
      },
    };
  });
}
