/* When a question comes back: a record {answer, step, due} for each question by its id. The day
   is one of the reader's own calendar; after the last step a question rests, and due is null. */
export const DAYS = [1, 3, 7, 21];

/* The day in so many days, as 2026-12-01. */
export function day(after = 0) {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + after).toLocaleDateString("sv");
}

/* What is kept of a question, undefined where it was never met. With another right answer than
   the one that was learned it begins anew, at once. */
export function record(all, { id, answer }) {
  const kept = all.review[id];
  const rests = kept?.step === DAYS.length && kept.due === null;
  const waits = DAYS[kept?.step] !== undefined && /^\d{4}-\d\d-\d\d$/.test(kept.due);
  if (!rests && !waits) return undefined;
  return kept.answer === answer ? kept : { answer, step: 0, due: day() };
}

/* A question was answered in a quiz: from now on it comes back. */
export function meet(all, question) {
  all.review[question.id] = record(all, question) ?? at(question, 0);
}

/* A question was asked again: one step on, or back to the first. */
export function judge(all, question, right) {
  all.review[question.id] = at(question, right ? record(all, question).step + 1 : 0);
}

/* Forget what is no question of the course any more. */
export function keepOnly(all, ids) {
  for (const id of Object.keys(all.review)) if (!ids.has(id)) delete all.review[id];
}

function at({ answer }, step) {
  return { answer, step, due: step < DAYS.length ? day(DAYS[step]) : null };
}
