/* Which questions an exam asks: the same number draws the same ones again. */
const COUNT = 30;

/* A lot for a word, by the exam's number: FNV-1a, then the last steps of MurmurHash3, which
   spread its bits. As each question has a lot of its own, an exam changes little with the course:
   a question that is added, changed or removed leaves the others where they are. */
export function lot(number, word) {
  let hash = 0x811c9dc5;
  for (const letter of `${number}:${word}`) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/* One question of each quiz by lot, then a second of each, until there are enough; the quizzes of
   the last round by lot too. They come back in the order of the course. */
export function draw(number, questions, count = COUNT) {
  const taken = new Map();
  const ranked = [...questions].sort((a, b) => lot(number, a.id) - lot(number, b.id)).map((question) => {
    const round = taken.get(question.from) ?? 0;
    taken.set(question.from, round + 1);
    return { question, round, place: lot(number, question.from) };
  });
  ranked.sort((a, b) => a.round - b.round || a.place - b.place);
  const drawn = new Set(ranked.slice(0, count).map(({ question }) => question));
  return questions.filter((question) => drawn.has(question));
}
