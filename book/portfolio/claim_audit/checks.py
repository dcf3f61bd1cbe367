"""Trusted checks of the exercise `claim_audit`: they never enter a sandbox.

Which rules a manuscript breaks follows from the name that `reader()` gives, by the generator in
`qmlcourse.audit`. What `audit` returns is read from its source and never run; a rule that it names
counts where `mended` shows it. Known to pass: whoever reads the flaws from that generator (a note
says where an answer imports what is private), or the answers of somebody else under that name.
"""

import weakref

import numpy as np
from scipy import stats

from qmlcourse.audit import RULES
from qmlcourse.audit._case import SHOWN, Case, case, find, moved
from qmlcourse.audit._code import NUMBERS, run
from qmlcourse.audit._data import draw
from qmlcourse.audit._plan import plain_name
from qmlcourse.audit._style import renamed
from qmlcourse.grading import Exercise, number, quoted, table, untouched
from qmlcourse.grading.judge import Wrong
from qmlcourse.grading.reading import written

exercise = Exercise("claim_audit", "Audit of a claimed quantum win", without=["manuscript"])
exercise.question("reader", seconds=30)
exercise.question("reproduce", needs=["reader"], seconds=60)
exercise.question("mend", needs=["reader", "reproduce"], seconds=120)
exercise.question("correct", needs=["reader", "reproduce", "mend"], seconds=60)
exercise.question("audit", needs=["reader", "reproduce", "mend", "correct"], seconds=120)

PLACEHOLDER = "your name"
# Three decimals pass. A flaw moves some number by ten times as much.
TOLERANCE = 1e-3
# What a number must move by to show a flaw.
MOVED = 0.005


def _reader(answer):
    """Return the reader's name, or raise Wrong."""
    name = answer("reader")
    if not isinstance(name, str) or not any(letter.isalnum() for letter in name):
        raise Wrong("reader() must return your name, as text: the manuscript follows from it.")
    if " ".join(name.split()).casefold() == PLACEHOLDER:
        raise Wrong("reader() still returns the name that stood there: write your own.")
    if len(name) > 200:
        raise Wrong("reader() returns more than 200 characters.")
    if exercise.student is not None and not exercise.student.is_called(name):
        raise Wrong(
            f"reader() returns {name!r}, and this is the work of {exercise.student.id!r}: the "
            "manuscript is somebody else's."
        )
    return name


def _numbers(value, what, names=NUMBERS):
    """Return the named numbers of an answer's dictionary."""
    row = table([value], names, what)[0]
    return {name: number(row[name], f"{name} of {what}") for name in names}


def _same(got, right, names=NUMBERS):
    return all(moved(right, got, name) <= TOLERANCE for name in names)


def _off(got, right, names=NUMBERS):
    """Return the names of the numbers that differ, as text."""
    return ", ".join(name for name in names if moved(right, got, name) > TOLERANCE)


def _need_decimals(got, right, names):
    """Raise Wrong if the numbers that differ are right, but for decimals left out."""
    off = [name for name in names if moved(right, got, name) > TOLERANCE]
    for digits in (1, 2):
        if off and all(got[name] == round(right[name], digits) for name in off):
            raise Wrong(f"Right but for rounding: {', '.join(off)}. Write three decimals or more.")


def _fresh(plan, rng, *, more=True):
    """Return other data for the same study, on which each of its flaws shows.

    They have more rows, runs and circuits than the manuscript's; or fewer rows and runs.
    """
    if more:
        rows, runs = 2 * int(rng.integers(66, 75)), int(rng.integers(11, 14))
    else:
        rows, runs = 2 * int(rng.integers(26, 33)), int(rng.integers(4, 6))
    return find(plan, rng, claims=False, rows=rows, runs=runs, circuits=4)


BY_RIDGE = """def race_by_ridge(kernels, ridges, y, fit, choose, rows):
    pairs = [(K, ridge) for ridge in ridges for K in kernels]
    K, ridge = max(pairs, key=lambda pair: score(*pair, y, fit, choose))
    return score(K, ridge, y, fit, rows), K

"""


def _by_ridge(plan, kept):
    """Return the code with some rules kept where the baseline has another first of equal pairs."""
    draft = plan.draft(frozenset(kept))
    draft.code["baseline"] = draft.code["baseline"].replace("race(", "race_by_ridge(")
    code = draft.source()
    return code.replace("def study(", renamed(BY_RIDGE, draft.style) + "def study(")


def _nearly_equal(data, rng):
    """Return data with rows in each run that agree up to 0.001, of those that stand once."""
    X = data["X"].copy()
    for rows in X:
        _, first, often = np.unique(rows, axis=0, return_index=True, return_counts=True)
        for one, other in rng.permutation(first[often == 1])[:8].reshape(-1, 2):
            rows[other] = rows[one]
            rows[other, rng.integers(rows.shape[1])] += 0.001
    return {**data, "X": X}


def _delicate(plan, rng, **shape):
    """Return data with ties and nearly equal rows, where it shows who mistakes them."""
    while True:
        data = draw(plan.draft(), plan.story.chip, rng, **shape)
        data = _nearly_equal(data, rng)
        mended = {rule: run(plan.code(frozenset([rule])), data) for rule in plan.rules}
        ties = [not _same(run(_by_ridge(plan, [r]), data), mended[r]) for r in mended]
        if any(ties):
            printed, every = run(plan.code(), data), run(plan.code(frozenset(plan.rules)), data)
            if all(
                any(moved(right, printed, name) >= SHOWN for name in NUMBERS)
                for right in mended.values()
            ):
                return Case(plan, data, printed, mended, every)


def _both(answer, rng):
    """Return other data of both sizes."""
    plan = case(_reader(answer)).plan
    return [_fresh(plan, rng, more=more) for more in (False, True)]


# --- reader ------------------------------------------------------------------------------------


@exercise.check("reader", points=2)
def named(answer, rng):
    """The name is your own, and the same whenever it is asked for."""
    name = _reader(answer)
    if name != _reader(answer):
        raise Wrong("reader() returned two names: one reader has one manuscript.")
    return f"Manuscript of: {plain_name(name)}"


# --- reproduce ---------------------------------------------------------------------------------


@exercise.check("reproduce", points=4)
def printed(answer, rng):
    """On the manuscript's data you get the numbers that the manuscript prints."""
    found = case(_reader(answer))
    got = _numbers(answer("reproduce", found.data), "reproduce(data)")
    if _same(got, found.printed):
        return
    if _same(got, found.corrected):
        raise Wrong("Those are corrected numbers: reproduce runs the code as it is printed.")
    _need_decimals(got, found.printed, NUMBERS)
    raise Wrong(
        f"Not as in your manuscript: {_off(got, found.printed)}. Is the code that of the name in "
        "reader(), with nothing changed?"
    )


@exercise.check("reproduce", points=6)
def other_data(answer, rng):
    """On other data of the same kind you get what the manuscript's code gives."""
    for found in _both(answer, rng):
        got = _numbers(untouched(answer, "reproduce", found.data), "reproduce(data)")
        if not _same(got, found.printed):
            _need_decimals(got, found.printed, NUMBERS)
            runs, rows, _ = found.data["X"].shape
            raise Wrong(
                "On other data another result than the manuscript's code: "
                f"{_off(got, found.printed)}. Does every number come from the argument, whatever "
                f"its numbers of runs, rows and circuits? Here: {runs}, {rows} and "
                f"{len(found.data['circuits'])}."
            )
    same_shape(answer, found, rng)


def same_shape(answer, found, rng):
    """Raise Wrong unless other data of the same shape have numbers of their own."""
    runs, rows, _ = np.shape(found.data["X"])
    plan, sizes = found.plan, {"rows": len(found.data["y"][0]), "runs": runs, "circuits": 4}
    if plan.draft().repeats:
        sizes["rows"] = round(rows / (1 + plan.draft().repeats))
    data = draw(plan.draft(), plan.story.chip, rng, **sizes)
    got = _numbers(untouched(answer, "reproduce", data), "reproduce(data)")
    if not _same(got, run(plan.code(), data)):
        raise Wrong("Data of the same shape as those before have the numbers of those before.")


# --- mend --------------------------------------------------------------------------------------


class Mended:
    """What the answer makes of each rule on fresh data, asked for in random order.

    The data are of three sorts: large, small with ties and nearly equal rows, and others of that
    shape. `wrong` are the rules for which numbers move otherwise than in a run with that rule
    alone kept, `still` the broken ones for which none moves. What is said of the first must not
    tell whether the manuscript breaks the rule: else a rule could be tried by moving anything.
    """

    def __init__(self, answer, rng):
        plan, rows = case(_reader(answer)).plan, 2 * int(rng.integers(26, 33))
        shape = {"rows": rows, "runs": 24, "circuits": 2}
        others = find(plan, rng, claims=False, **shape)
        self.cases = [_fresh(plan, rng), _delicate(plan, rng, **shape), others]
        self.got, self.changed = [], False
        moved_ones, wrong, still = set(), set(), set()
        for found in self.cases:
            got = {}
            for rule in rng.permutation(list(RULES)).tolist():
                value = answer("mended", found.data, rule)
                self.changed |= answer.changed
                got[rule] = _numbers(value, "mended(data, rule)")
            self.got.append(got)
            moves = {rule for rule in RULES if not _same(got[rule], found.printed)}
            due = dict.fromkeys(RULES, found.printed) | found.mended
            wrong |= {rule for rule in moves if not _same(got[rule], due[rule])}
            still |= set(found.mended) - moves
            moved_ones |= moves
        broken = self.broken = set(self.cases[0].mended)
        self.wrong, self.right = wrong, broken - wrong - still
        self.unmoved = not moved_ones

    def gives(self, code):
        """Return whether a wrong rule has the numbers of some code on the small data."""
        found, got, made = self.cases[1], self.got[1], {}
        for rule in self.wrong:
            kept = frozenset({rule} & self.broken)
            if kept not in made:
                made[kept] = run(code(found.plan, kept), found.data)
            right = found.mended.get(rule, found.printed)
            if _same(got[rule], made[kept]) and not _same(got[rule], right):
                return True
        return False

    def complain(self):
        """Raise Wrong for rules whose numbers move in a wrong way, or if none moves at all."""
        if self.unmoved:
            raise Wrong("On data drawn anew mended moves no number, whichever rule is to be kept.")
        if any(
            _same(got[rule], found.corrected)
            for found, got in zip(self.cases, self.got, strict=True)
            for rule in self.wrong
        ):
            raise Wrong("All broken rules are kept at once: keep one, and leave the others broken.")
        if "repeats" in self.wrong and self.gives(_cleaned(UNSORTED)):
            raise Wrong("The rows that are left have changed their order: the first parts differ.")
        if self.gives(_by_ridge):
            raise Wrong(
                "Of equal pairs of kernel and ridge the first counts, in the order of the "
                "manuscript: all ridges of a kernel, then the next kernel."
            )
        if any(self.gives(_cleaned(NEARLY.format(digits))) for digits in (1, 2)):
            raise Wrong("Rows that nearly agree count as equal: only equal features repeat a row.")
        if self.wrong:
            # Which numbers are off would tell whether the rule is broken.
            raise Wrong(
                "For a rule numbers move, and not as in a run with that rule alone kept as its "
                "words say. Either it is mended in another way than they ask for, or the "
                "manuscript keeps it: what looks wrong may be right."
            )


# What an answer gave is kept while it is marked: runs take time.
_ASKED = weakref.WeakKeyDictionary()


def _mended(answer, rng):
    """Return what an answer makes of the rules, asked once for all checks."""
    given = _ASKED.setdefault(answer, {})
    if None not in given:
        given[None] = Mended(answer, rng)
    return given[None]


def _cleaned(fragment):
    """Return what writes the code with some rules kept and rows cleaned in a given way."""

    def code(plan, kept):
        draft = plan.draft(frozenset(kept))
        draft.code["cleaned"] = fragment
        return draft.source()

    return code


UNSORTED = "once = np.unique(X, axis=0, return_index=True)[1]\nX, y = X[once], y[once]"
NEARLY = (
    "once = np.sort(np.unique(X.round({}), axis=0, return_index=True)[1])\nX, y = X[once], y[once]"
)


@exercise.check("mend", points=8)
def one_rule(answer, rng):
    """For at least one rule that the manuscript breaks, the numbers with that rule kept."""
    mended = _mended(answer, rng)
    if not mended.right:
        mended.complain()


@exercise.check("mend", points=8)
def every_rule(answer, rng):
    """For each rule that the manuscript breaks, the numbers with that rule alone kept."""
    mended = _mended(answer, rng)
    if mended.right == mended.broken:
        return
    mended.complain()
    raise Wrong(
        "On data drawn anew, mended moves no number for a rule that the manuscript breaks: the "
        "rule is not kept there, or not as its words say."
    )


@exercise.check("mend", points=6)
def kept_rules(answer, rng):
    """No number moves for a rule that is kept, decoy included, nor wrongly for a broken one."""
    mended = _mended(answer, rng)
    mended.complain()
    if mended.changed:
        raise Wrong("mended changes in place the data that it is given: work on a copy.")


# --- correct -----------------------------------------------------------------------------------

SCORES = [name for name in NUMBERS if name not in ("low", "high")]


def _all_but_one(found):
    """Return the numbers where all broken rules but one are kept."""
    every = set(found.mended)
    return [run(found.plan.code(frozenset(every - {rule})), found.data) for rule in found.mended]


def _corrected(answer, found):
    """Return the answer's corrected numbers; wrong if they are the manuscript's own."""
    got = _numbers(untouched(answer, "corrected", found.data), "corrected(data)")
    if _same(got, found.printed):
        raise Wrong("On data drawn anew corrected returns what the manuscript's own code gives.")
    return got


@exercise.check("correct", points=12)
def scores(answer, rng):
    """With every rule kept: both scores, their difference, the chip's score, the geometry."""
    for found in _both(answer, rng):
        judge_scores(_corrected(answer, found), found)


def judge_scores(got, found):
    """Raise Wrong unless the corrected scores of some data are right."""
    if _same(got, found.corrected, SCORES):
        return
    if _same({**got, "difference": -got["difference"]}, found.corrected, SCORES):
        raise Wrong("The difference has the wrong sign: it is the quantum minus the classical one.")
    if any(_same(got, numbers, SCORES) for numbers in _all_but_one(found)):
        raise Wrong(
            "On data drawn anew these are the numbers with all broken rules but one kept: one is "
            "still broken, or kept in part only."
        )
    if any(_same(got, numbers, SCORES) for numbers in found.mended.values()):
        raise Wrong("On data drawn anew only one broken rule is kept: the others are still broken.")
    raise Wrong(
        f"Not as a run with every rule kept: {_off(got, found.corrected, SCORES)}. Does each rule "
        "give what mended gives for it, and is nothing else changed?"
    )


@exercise.check("correct", points=6)
def interval(answer, rng):
    """The interval of the corrected difference is the one that the rules ask for."""
    for found in _both(answer, rng):
        judge_interval(_corrected(answer, found), found)


def judge_interval(got, found):
    """Raise Wrong unless the interval of the corrected difference is right."""
    right, ends = found.corrected, ("low", "high")
    if _same(got, right, ends):
        return
    if got["low"] > got["high"]:
        raise Wrong("low lies above high.")
    if not _same(got, right, ["difference"]):
        raise Wrong("The corrected difference is off, and so is its interval.")
    below, above = got["difference"] - got["low"], got["high"] - got["difference"]
    if abs(below - above) > 2 * TOLERANCE:
        raise Wrong("The interval isn't centred on the difference, as Student's is.")
    wide = below / (right["difference"] - right["low"])
    widths = _widths(len(found.data["X"]))
    nearest = min(widths, key=lambda what: abs(wide - widths[what]))
    if abs(wide - widths[nearest]) < 0.02 * wide:
        raise Wrong(nearest)
    raise Wrong(f"The interval is {wide:.2f} times as wide as the one that the rules ask for.")


def _widths(runs):
    """Return how wide other intervals are, against Student's 95%."""
    t = stats.t.ppf(0.975, runs - 1)
    return {
        "That is one standard error on either side, not 95%.": 1 / t,
        "That is the spread of single runs: divide by the root of their number.": np.sqrt(runs),
        "That is the standard deviation on either side, not an interval of the mean.": (
            np.sqrt(runs) / t
        ),
        "That takes the normal quantile; with few runs take Student's t.": (
            stats.norm.ppf(0.975) / t
        ),
        "That is an interval of 90%, or a one-sided quantile.": stats.t.ppf(0.95, runs - 1) / t,
        "That is an interval of 99%.": stats.t.ppf(0.995, runs - 1) / t,
        "The standard deviation has the divisor J; take J - 1.": np.sqrt((runs - 1) / runs),
        "The quantile has J degrees of freedom; take J - 1.": stats.t.ppf(0.975, runs) / t,
        "The quantile is that of ten runs; count the runs of the data.": stats.t.ppf(0.975, 9) / t,
    }


@exercise.check("correct", points=5)
def verdict(answer, rng):
    """supported above zero, reversed below it, unresolved where the interval holds zero."""
    a, b = sorted(rng.uniform(0.001, 0.3, size=2))
    cases = [(a, b, "supported"), (-b, -a, "reversed"), (-a, b, "unresolved")]
    cases += [(-b, a, "unresolved"), (0.0, b, "unresolved"), (-b, 0.0, "unresolved")]
    cases += [(1e-4, 2e-4, "supported"), (-2e-4, -1e-4, "reversed"), (-1e-4, b, "unresolved")]
    for i in rng.permutation(len(cases)):
        low, high, right = cases[i]
        got = answer("verdict", low, high)
        if not isinstance(got, str) or got not in ("supported", "reversed", "unresolved"):
            raise Wrong(f"verdict returned {quoted(got, 40)!r}: supported, reversed or unresolved.")
        if got != right:
            edge = " An end that is zero belongs to the interval." if 0 in (low, high) else ""
            raise Wrong(f"The interval from {low:.4f} to {high:.4f} is not {got}.{edge}")


# --- audit -------------------------------------------------------------------------------------

FIELDS = ("flaws", "difference", "low", "high", "verdict")


def _audit(answer):
    """Return the reader's case, and the audit as it is written: the function is not run."""
    found = case(_reader(answer))
    audit = table([written(answer.source("audit"), "audit")], FIELDS, "audit()")[0]
    flaws = table(audit["flaws"], ["rule", "number", "printed", "mended"], "flaws of audit()")
    for row in flaws:
        if not isinstance(row["rule"], str) or row["rule"] not in RULES:
            raise Wrong(f"A rule is {quoted(row['rule'], 40)!r}; allowed: {', '.join(RULES)}.")
    named = [row["rule"] for row in flaws]
    if not 1 <= len(named) <= 3:
        raise Wrong(f"audit() names {len(named)} flaws; a manuscript has two or three.")
    if len(set(named)) < len(named):
        raise Wrong("A rule is named twice: a manuscript breaks each in one way.")
    return found, flaws, audit


NOT_SHOWN = (
    "A rule that is named counts where mended shows it on the manuscript's data. {}: numbers stand "
    "still, or move otherwise than in a run with that rule alone kept, or the manuscript keeps it. "
    "Something that looks wrong isn't, and a choice that you don't like breaks no rule."
)


def _shown(answer, found, flaws):
    """Return the flaws that are broken rules which mended keeps as it should.

    A name alone says nothing, else the rules could be tried one by one before they are read.
    """
    shown, given = [], _ASKED.setdefault(answer, {})
    for row in flaws:
        rule = row["rule"]
        if rule not in given:
            given[rule] = _numbers(answer("mended", found.data, rule), "mended(data, rule)")
        if rule in found.mended and _same(given[rule], found.mended[rule]):
            shown.append(row)
    if not shown:
        raise Wrong(NOT_SHOWN.format("None that audit() names is shown"))
    return shown


@exercise.check("audit", points=4)
def one_flaw(answer, rng):
    """At least one of the rules named is broken, and mended shows it."""
    found, flaws, _ = _audit(answer)
    _shown(answer, found, flaws)


@exercise.check("audit", points=6)
def all_flaws(answer, rng):
    """Every rule that the manuscript breaks is named, and mended shows it."""
    found, flaws, _ = _audit(answer)
    shown = _shown(answer, found, flaws)
    if len(shown) == len(found.mended):
        return
    if len(shown) < len(flaws):
        raise Wrong(NOT_SHOWN.format("One that audit() names is not shown"))
    raise Wrong(
        "A rule that the manuscript breaks isn't named. Go through the rules one by one: some "
        "are broken in the code, some show only in the data."
    )


@exercise.check("audit", points=4)
def none_invented(answer, rng):
    """No rule is named that the manuscript keeps, or that mended doesn't show."""
    found, flaws, _ = _audit(answer)
    if len(_shown(answer, found, flaws)) < len(flaws):
        raise Wrong(NOT_SHOWN.format("One that audit() names is not shown"))


@exercise.check("audit", points=5)
def evidence(answer, rng):
    """Each broken rule that is named comes with a number that moves, as printed and as mended."""
    found, flaws, _ = _audit(answer)
    for row in _shown(answer, found, flaws):
        name = row["number"]
        if not isinstance(name, str) or name not in NUMBERS:
            raise Wrong(f"number is {quoted(name, 40)!r}; it must be one of: {', '.join(NUMBERS)}.")
        before, after = number(row["printed"], "printed"), number(row["mended"], "mended")
        right = found.mended[row["rule"]]
        if moved({name: before}, found.printed, name) > TOLERANCE:
            _need_decimals({name: before}, found.printed, [name])
            raise Wrong(
                f"A flaw's printed {name} isn't the manuscript's. Is it that of the name in "
                "reader(), with three decimals or more?"
            )
        if moved({name: before}, right, name) < MOVED:
            raise Wrong(f"{name} hardly moves when that rule is kept: show a number that does.")
        if moved({name: after}, right, name) > TOLERANCE:
            if moved({name: after}, found.corrected, name) <= TOLERANCE:
                raise Wrong(f"A mended {name} has every rule kept; keep that one alone.")
            _need_decimals({name: after}, right, [name])
            raise Wrong(f"A mended {name} isn't what a run gives with that rule alone kept.")


@exercise.check("audit", points=4)
def conclusion(answer, rng):
    """The corrected difference of the manuscript's data, its interval, and the verdict on it."""
    found, _, audit = _audit(answer)
    names = ("difference", "low", "high")
    got = {name: number(audit[name], f"{name} of audit()") for name in names}
    if _same(got, found.printed, names):
        raise Wrong("The corrected difference and its interval are the printed ones.")
    if not _same(got, found.corrected, names):
        _need_decimals(got, found.corrected, names)
        raise Wrong(
            f"Not as corrected(data) of the manuscript's data: {_off(got, found.corrected, names)}."
        )
    right = "reversed" if found.corrected["high"] < 0 else "unresolved"
    if audit["verdict"] != right:
        raise Wrong("The verdict doesn't follow from the corrected interval.")
