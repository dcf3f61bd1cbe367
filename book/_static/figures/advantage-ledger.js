/* The ledger of advantage claims: choose a kind, a status, years or words; a picture over time and
   the rows that are left. */
/* global Plot */
import { COLORS, SYMBOLS, element, legend } from "./kit.js";

const ALL = "all";

/* The rows of a kind and a status, from the first year to the last one, with all words somewhere. */
export function select(rows, { kind = ALL, status = ALL, first = -Infinity, last = Infinity, words = "" } = {}) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if ((kind !== ALL && row.kind !== kind) || (status !== ALL && row.status !== status)) return false;
    if (row.year < first || row.year > last) return false;
    const counter = row.counter ?? {};
    const text = [row.id, row.claim, row.who, row.evidence, row.tested_by, counter.says, row.second_hand, row.source, counter.source].join(" ").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/* Dots of one kind and one half year, side by side above each other. */
function placed(rows) {
  const taken = new Map();
  return rows.map((row) => {
    const [year, month] = row.when.split("-").map(Number);
    const at = year + (month - 0.5) / 12;
    const place = `${row.kind} ${Math.round(at * 1.25)}`;
    const level = taken.get(place) ?? 0;
    taken.set(place, level + 1);
    return { ...row, at, dy: (level % 2 ? 1 : -1) * 8 * Math.ceil(level / 2) };
  });
}

export default function (stage, { kinds, statuses, sources, rows, checked }) {
  const years = [...new Set(rows.map((row) => row.year))].sort((a, b) => a - b);
  const kind = stage.choice({ label: "Kind", options: [[ALL, "all kinds"], ...kinds.map((k) => [k, k])] });
  const status = stage.choice({ label: "Status", options: [[ALL, "all"], ...statuses.map((s) => [s, s])] });
  const first = stage.range({ label: "Claims since", values: years, value: years[0], show: String });
  const words = stage.search({ label: "Words" });

  // The whole table of the page is for paper, and for readers without scripts.
  stage.root.closest(".cell_output, .cell")?.querySelectorAll("table.advantage-ledger").forEach((table) => {
    (table.closest(".output") ?? table).classList.add("qml-figure-still");
    table.closest("details")?.setAttribute("open", "");
  });

  const link = (key) => element("a", { href: sources[key].link, text: sources[key].name });

  function claim(row) {
    const note = row.second_hand ? [element("em", { text: ` Second-hand. ${row.second_hand}` })] : [];
    return [`${row.claim} (`, link(row.source), ")", ...note];
  }

  function answer({ counter, when, source }) {
    if (!counter) return ["none found"];
    const known = counter.when < when ? "Known before the claim: " : counter.source === source ? "Its authors' own caveat: " : "";
    const keys = [counter.source, ...(counter.also ?? [])];
    return [`${known}${counter.says} (${counter.when}: `, ...keys.flatMap((key, i) => (i ? ["; ", link(key)] : [link(key)])), ")"];
  }

  function listed(chosen) {
    const head = ["claim", "strongest answer", "status"];
    const body = chosen.map((row) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, element("span", { class: "qml-ledger-kind", text: `${row.id}: ${row.kind}, ${row.when}, ${row.who}` }), element("br"), ...claim(row)),
        element("td", {}, ...answer(row)),
        element("td", {}, element("strong", { text: row.status }), element("br"), `rests on ${row.evidence}, compared by ${row.tested_by}`),
      ),
    );
    const table = element(
      "table",
      { class: "qml-ledger" },
      element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col", text })))),
      element("tbody", {}, ...body),
    );
    return element("div", { class: "qml-ledger-rows", tabindex: 0, role: "region", "aria-label": "Claims that are left" }, table);
  }

  stage.draw(() => {
    const chosen = select(rows, { kind: kind.value, status: status.value, first: first.value, words: words.value });
    const look = { domain: statuses, range: COLORS };
    const dots = placed(chosen);
    const ticks = stage.width < 500 ? 3 : 6;
    const picture = stage.plot({
      height: 300,
      marginLeft: 150,
      marginBottom: 40,
      marginTop: 20,
      x: { label: "first public", domain: [first.value - 0.5, years.at(-1) + 1], tickFormat: (y) => (Number.isInteger(y) ? String(y) : ""), ticks },
      y: { label: null, type: "point", domain: kinds, padding: 0.6 },
      color: look,
      symbol: { domain: statuses, range: SYMBOLS },
      marks: [
        Plot.gridX({ ticks }),
        ...[...new Set(dots.map((d) => d.dy))].map((dy) => Plot.dot(dots.filter((d) => d.dy === dy), { x: "at", y: "kind", dy, stroke: "status", fill: "status", fillOpacity: 0.25, strokeWidth: 2, symbol: "status", r: 5 })),
        Plot.tip(dots, Plot.pointer({ x: "at", y: "kind", title: (d) => `${d.id}, ${d.when}\n${d.status}`, maxRadius: 25 })),
      ],
    });
    const counted = statuses.map((name) => [name, chosen.filter((row) => row.status === name).length]).filter(([, n]) => n);
    const say = chosen.length
      ? `${chosen.length} of ${rows.length} claims, last checked ${checked}: ${counted.map(([name, n]) => `${name} ${n}`).join(", ")}.`
      : `None of the ${rows.length} claims is like this.`;
    return {
      view: [legend(statuses.map((text, i) => ({ text, color: COLORS[i], symbol: SYMBOLS[i] }))), picture, listed(chosen)],
      say,
      table: {
        name: "Claims by kind and status",
        head: ["kind", ...statuses],
        rows: kinds.map((name) => [name, ...statuses.map((s) => chosen.filter((row) => row.kind === name && row.status === s).length)]),
      },
    };
  });
}
