/* What the reader has done, in this browser's own storage and nowhere else. */
const KEY = "qmlcourse.progress";
const PARTS = ["read", "quiz", "solved", "handed", "review", "interview"];

/* {read: {page: true}, quiz: {page: {question: {chosen, right, answer}}}, solved: {page: {n: true}},
   handed: {exercise: true}, review: {question: {answer, step, due}},
   interview: {question: {grade, on}}}. A question goes by its id;
   answer is the digest of what was right when it was answered. Anything else in the storage counts as nothing done. */
export function load() {
  try {
    return whole(JSON.parse(localStorage.getItem(KEY)));
  } catch {
    return whole(null);
  }
}

/* Throws if it can't be what save() wrote. */
export function parse(text) {
  const value = JSON.parse(text);
  if (value?.course !== KEY) throw new Error("this is no file of this course's progress");
  return whole(value);
}

export function serialize() {
  return JSON.stringify({ course: KEY, ...load() }, null, 2);
}

export function save(all) {
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // Storage may be full or forbidden: the page works, and forgets.
  }
  dispatchEvent(new Event("qml-progress"));
}

/* Change what is stored by a function of it. */
export function change(edit) {
  const all = load();
  edit(all);
  save(all);
}

function whole(value) {
  const plain = (v) => (v && typeof v === "object" && !Array.isArray(v) ? v : {});
  const given = plain(value);
  return Object.fromEntries(PARTS.map((part) => [part, plain(given[part])]));
}
