/* Which framework? A few answers give the first rule that fits, with its reason, its cost and, where
   it was timed, its place among the others. */
/* global Plot */
import { COLORS, SYMBOLS, element, number } from "./kit.js";

/* The first rule that fits: task, library and qubits, each as answered or "any". */
export function advise(rules, task, library, qubits) {
  const answers = [task, library, qubits];
  const rule = rules.find((r) => answers.every((answer, i) => r[i] === "any" || r[i] === answer));
  const [pick, reason, cost] = rule.slice(3);
  return { pick, reason, cost };
}

export default function (stage, { rules, tasks, libraries, qubits, timed, clock }) {
  const task = stage.choice({ label: "You want to", options: tasks });
  const library = stage.choice({ label: "You work in", options: libraries, value: "torch" });
  const size = stage.choice({ label: "Qubits", options: qubits });
  const rows = clock.framework.flatMap((framework, i) => [
    { framework, ms: clock.one[i], samples: "1 sample" },
    { framework, ms: clock.hundred[i], samples: "100 samples" },
  ]);
  const kinds = ["1 sample", "100 samples"];
  const order = clock.framework.toSorted((a, b) => clock.hundred[clock.framework.indexOf(a)] - clock.hundred[clock.framework.indexOf(b)]);

  stage.draw(() => {
    const { pick, reason, cost } = advise(rules, task.value, library.value, size.value);
    // Some are timed under a longer name, some not at all.
    const row = timed[pick] ?? pick;
    const known = clock.framework.includes(row);
    const view = stage.plot({
      height: 340,
      marginLeft: 190,
      insetBottom: 14,
      x: { label: "processor milliseconds of a training step", type: "log", tickFormat: "~s", ticks: [1, 100, 1e4] },
      y: { domain: order, label: null },
      color: { domain: kinds, range: COLORS.slice(0, 2) },
      symbol: { domain: kinds, range: SYMBOLS.slice(0, 2), legend: false },
      marks: [
        Plot.gridX({ ticks: [1, 100, 1e4] }),
        Plot.ruleY(known ? [row] : [], { y: (d) => d, stroke: "currentColor", strokeWidth: 24, strokeOpacity: 0.15 }),
        Plot.dot(rows, { x: "ms", y: "framework", stroke: "samples", fill: "samples", symbol: "samples", r: 5 }),
        // At the slowest, where both have room on a phone too.
        ...kinds.map((kind, i) => Plot.text(rows.filter((r) => r.framework === order.at(-1) && r.samples === kind), { x: "ms", y: "framework", text: "samples", textAnchor: "end", dx: i ? 6 : -9, dy: i ? 14 : 0 })),
        Plot.tip(rows, Plot.pointer({ x: "ms", y: "framework", title: (r) => `${r.framework}\n${r.samples}: ${number(r.ms)} ms` })),
      ],
    });
    const chosen = element("p", { class: "qml-chooser" }, element("strong", { text: pick }), `: ${reason}. It costs: ${cost}.`);
    return {
      view: [chosen, view],
      say: `Take ${pick}. Because ${reason}. What it costs: ${cost}.${known ? "" : " It was not timed here."}`,
      table: {
        head: ["framework", "1 sample, ms", "100 samples, ms"],
        rows: order.map((name) => {
          const i = clock.framework.indexOf(name);
          return [name === row ? `${name} (chosen)` : name, clock.one[i], clock.hundred[i]];
        }),
      },
    };
  });
}
