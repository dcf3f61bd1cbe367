/* What to read for a role: minutes in each part of the course, and the list with its links. */
/* global Plot */
import { load } from "../course/store.js";
import { COLORS, element, legend } from "./kit.js";

const STAGES = ["first", "then"];
const PALE = 0.55; // the second stage differs by more than its colour

/* The chapters and exercises of a role in the order of the course. A chapter that two skills name
   counts once, where it is needed sooner. */
export function plan(data, role, skip = () => false) {
  const chapters = new Map();
  const exercises = new Map();
  for (const stage of STAGES) {
    for (const skill of role[stage].map((key) => data.skills[key])) {
      for (const name of skill.chapters) if (!chapters.has(name)) chapters.set(name, { stage, skill: skill.name });
      for (const name of skill.exercises) if (!exercises.has(name)) exercises.set(name, { stage, skill: skill.name });
    }
  }
  const rows = Object.entries(data.chapters)
    .filter(([name]) => chapters.has(name) && !skip(name))
    .map(([name, chapter]) => ({ name, ...chapter, ...chapters.get(name) }));
  const todo = [...exercises].map(([name, found]) => ({ name, title: data.exercises[name], ...found }));
  return { rows, todo };
}

function spoken(minutes) {
  return minutes < 100 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}

function listed(title, rows, address) {
  const items = rows.map((row) => element("li", {}, element("a", { href: address(row), text: row.title })));
  return element("div", {}, element("p", {}, element("strong", { text: title })), element("ol", {}, ...items));
}

export default function (page, data) {
  const names = data.roles.map((role) => role.name);
  const chosen = page.choice({ label: "Role", options: names });
  const stages = page.choice({ label: "Show", options: [["both", "first and then"], ["first", "first only"]] });
  const unread = page.toggle({ label: "leave out what I have ticked as read" });

  page.draw(() => {
    const role = data.roles[names.indexOf(chosen.value)];
    const read = unread.value ? load().read : {};
    const all = plan(data, role, (name) => read[name]);
    const wanted = (row) => stages.value === "both" || row.stage === "first";
    const rows = all.rows.filter(wanted);
    const todo = all.todo.filter(wanted);
    const minutes = (several) => several.reduce((sum, row) => sum + row.minutes, 0);
    const total = minutes(rows);
    const picture = page.plot({
      height: 60 + 30 * data.parts.length,
      marginLeft: 130,
      x: { label: "minutes of reading", ticks: 4, domain: [0, 110] },
      y: { label: null, domain: data.parts },
      color: { domain: STAGES, range: COLORS.slice(0, 2), legend: false },
      marks: [
        Plot.gridX({ ticks: 4 }),
        Plot.barX(rows, {
          x: "minutes", y: "part", fill: "stage", order: STAGES, fillOpacity: (row) => (row.stage === "first" ? 1 : PALE), stroke: "var(--pst-color-background)", strokeWidth: 2,
          title: (row) => `${row.title}, ${row.minutes} minutes: ${row.skill} (${row.stage})`,
        }),
        Plot.ruleX([0]),
      ],
    });
    const signs = legend(STAGES.map((stage, i) => ({ text: stage, color: COLORS[i], symbol: "square" })));
    const lists = STAGES.map((stage) => [stage, rows.filter((row) => row.stage === stage)])
      .filter(([, several]) => several.length)
      .map(([stage, several]) => listed(stage === "first" ? "Read first" : "Then", several, (row) => `../${row.name}.html`));
    if (todo.length) lists.push(listed("Exercises to show", todo, (row) => `../portfolio/${row.name}/brief.html`));
    return {
      view: [signs, picture, element("div", { class: "qml-skills-lists" }, ...lists)],
      say: rows.length
        ? `${role.name}: ${role.work} ${rows.length} chapters, ${spoken(total)} of reading, and ${todo.length} of the portfolio's exercises.`
        : `${role.name}: ${role.work} You have read every chapter of this list; ${todo.length} exercises of the portfolio are left to show it.`,
      table: {
        head: ["chapter", "part", "minutes", "when", "skill"],
        rows: rows.map((row) => [row.title, row.part, row.minutes, row.stage, row.skill]),
      },
    };
  });
}
