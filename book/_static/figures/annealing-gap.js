/* Gap along the schedule, and success or time to 99% against the anneal time, by a bias. */
/* global Plot */
import { COLORS, number } from "./kit.js";

export default function (stage, data) {
  const bias = stage.range({ label: "Bias λ of the weak cluster", values: data.biases, value: data.biases.at(-1), show: String });
  const shown = stage.choice({ label: "Second picture", options: [["success", "success of one anneal"], ["total", "time to 99% in all"]] });
  const extra = stage.range({ label: "Time of a read beside the anneal", values: [0, 1, 10, 50], value: 0, show: String });

  stage.draw(() => {
    const i = data.biases.indexOf(bias.value);
    const gaps = data.schedule.map((s, k) => ({ s, gap: data.gap[i][k] }));
    const smallest = gaps.reduce((a, b) => (b.gap < a.gap ? b : a));
    const anneals = data.times.map((time, k) => {
      const success = data.success[i][k];
      const runs = success >= 0.99 ? 1 : Math.log(0.01) / Math.log(1 - success);
      return { time, success, runs, total: runs * (time + extra.value) };
    });
    const best = anneals.reduce((a, b) => (b.total < a.total ? b : a));
    const total = shown.value === "total";
    const along = stage.plot({
      height: 240,
      x: { label: "s, from the field to the problem", domain: [0, 1] },
      y: { label: "gap of the lowest two levels", domain: [0, 2] },
      marks: [
        Plot.gridY(),
        Plot.line(gaps, { x: "s", y: "gap", stroke: COLORS[0], strokeWidth: 2, clip: true }),
        Plot.dot([smallest], { x: "s", y: "gap", fill: COLORS[0], r: 5 }),
        Plot.tip(gaps, Plot.pointer({ x: "s", y: "gap", title: (r) => `s ${number(r.s)}\ngap ${number(r.gap, 3)}` })),
      ],
    });
    const y = total ? "total" : "success";
    const against = stage.plot({
      height: 240,
      x: { label: "anneal time", type: "log", ticks: data.times, tickFormat: String },
      y: total ? { label: "time to 99% in all", type: "log", ticks: 5, tickFormat: "~s" } : { label: "success of one anneal", domain: [0, 1] },
      marks: [
        Plot.gridY({ ticks: 5 }),
        Plot.line(anneals, { x: "time", y, stroke: COLORS[1], strokeWidth: 2 }),
        Plot.dot(anneals, { x: "time", y, fill: COLORS[1], symbol: "square", r: 5 }),
        Plot.tip(anneals, Plot.pointer({ x: "time", y, title: (r) => `anneal ${r.time}\nsuccess ${number(r.success, 3)}\n${number(r.runs, 3)} anneals, ${number(r.total, 3)} in all` })),
      ],
    });
    const last = anneals.at(-1);
    return {
      view: [along, against],
      say: `λ = ${bias.value}: smallest gap ${number(smallest.gap)} near s = ${number(smallest.s)}. An anneal of ${last.time} succeeds with ${number(last.success)}. Least time to 99%: ${number(best.total, 3)} with anneals of ${best.time}.`,
      table: [
        { head: ["anneal time", "success", "anneals to 99%", "time in all"], rows: anneals.map((r) => [r.time, number(r.success, 3), number(r.runs, 3), number(r.total, 3)]) },
        { head: ["s", "gap"], rows: gaps.map((r) => [r.s, number(r.gap, 3)]) },
      ],
    };
  });
}
