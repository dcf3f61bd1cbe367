"""Trusted checks of the exercise `claim_audit`: they never enter a sandbox.

Which rules a manuscript breaks follows from the name that `reader()` gives, by the generator in
`qmlcourse.audit`. Known to pass: whoever reads the flaws from that generator, or the answers of
somebody else under that person's name.
"""

import numpy as np
from scipy import stats

from qmlcourse.audit import RULES
from qmlcourse.audit._case import case, find, moved
from qmlcourse.audit._code import NUMBERS, run
from qmlcourse.grading import Exercise, number, table
from qmlcourse.grading.judge import Wrong

exercise = Exercise("claim_audit", "Audit of a claimed quantum win")
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


def _fresh(plan, rng):
    """Return other data for the same study, of other sizes, on which each of its flaws shows."""
    rows, runs = 2 * int(rng.integers(26, 33)), int(rng.integers(4, 6))
    return find(plan, rng, claims=False, rows=rows, runs=runs, circuits=4)


# --- reader ------------------------------------------------------------------------------------


@exercise.check("reader", points=2)
def named(answer, rng):
    """The name is your own, and the same whenever it is asked for."""
    if _reader(answer) != _reader(answer):
        raise Wrong("reader() returned two names: one reader has one manuscript.")


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
    raise Wrong(
        f"Not as in your manuscript: {_off(got, found.printed)}. Is the code that of the name in "
        "reader(), with nothing changed?"
    )


@exercise.check("reproduce", points=6)
def other_data(answer, rng):
    """On other data of the same kind you get what the manuscript's code gives."""
    found = _fresh(case(_reader(answer)).plan, rng)
    got = _numbers(answer("reproduce", found.data), "reproduce(data)")
    if not _same(got, found.printed):
        raise Wrong(
            f"On other data another result than the manuscript's code: {_off(got, found.printed)}. "
            "Does every number come from the argument, whatever its numbers of runs, rows and "
            "circuits?"
        )


# --- mend --------------------------------------------------------------------------------------


def _mended(answer, found, rng, kept=3):
    """Return what the answer makes of fresh data: rule → numbers, of all broken rules.

    Some that are kept are asked for too, in random order: an exception would tell which are broken.
    """
    others = [rule for rule in RULES if rule not in found.mended]
    rules = [*found.mended, *rng.choice(others, size=kept, replace=False).tolist()]
    return {
        rule: _numbers(answer("mended", found.data, rule), "mended(data, rule)")
        for rule in rng.permutation(rules).tolist()
    }


def _unmoved(got, found):
    """Return whether nothing moves, whichever broken rule is to be kept."""
    return all(_same(got[rule], found.printed) for rule in found.mended)


NOTHING = "mended returns the manuscript's own numbers for every rule that it breaks."


@exercise.check("mend", points=8)
def one_rule(answer, rng):
    """For at least one rule that the manuscript breaks, the numbers with that rule kept."""
    found = _fresh(case(_reader(answer)).plan, rng)
    got = _mended(answer, found, rng)
    if any(_same(got[rule], right) for rule, right in found.mended.items()):
        return
    if _unmoved(got, found):
        raise Wrong(NOTHING)
    if any(_same(got[rule], found.corrected) for rule in found.mended):
        raise Wrong("All broken rules are kept at once: keep one, and leave the others broken.")
    raise Wrong(
        "For no broken rule are these the numbers of the manuscript's code with that rule alone "
        "kept. Read the rule's words again, and change as little as it asks for."
    )


@exercise.check("mend", points=8)
def every_rule(answer, rng):
    """For each rule that the manuscript breaks, the numbers with that rule alone kept."""
    found = _fresh(case(_reader(answer)).plan, rng)
    got = _mended(answer, found, rng)
    if _unmoved(got, found):
        raise Wrong(NOTHING)
    for rule, right in found.mended.items():
        if _same(got[rule], right):
            continue
        if _same(got[rule], found.printed):
            raise Wrong("For a rule that the manuscript breaks, mended changes nothing.")
        if _same(got[rule], found.corrected):
            raise Wrong("All broken rules are kept at once: keep one, and leave the others broken.")
        raise Wrong(
            f"A broken rule is not kept as its words say: {_off(got[rule], right)} differ from a "
            "run with that rule alone kept."
        )


@exercise.check("mend", points=6)
def kept_rules(answer, rng):
    """For the rules that the manuscript keeps, decoy included, no number moves."""
    found = _fresh(case(_reader(answer)).plan, rng)
    got = _mended(answer, found, rng, kept=len(RULES) - len(found.mended))
    if _unmoved(got, found):
        raise Wrong(NOTHING)
    if not all(_same(got[rule], found.printed) for rule in RULES if rule not in found.mended):
        raise Wrong(
            "A number moves for a rule that the manuscript keeps. What looks wrong may be right: "
            "what does the rule ask for, and what does the code do?"
        )


# --- correct -----------------------------------------------------------------------------------

SCORES = [name for name in NUMBERS if name not in ("low", "high")]


def _all_but_one(found):
    """Return the numbers where all broken rules but one are kept."""
    every = set(found.mended)
    return [run(found.plan.code(frozenset(every - {rule})), found.data) for rule in found.mended]


def _corrected(answer, found):
    """Return the answer's corrected numbers; wrong if they are the manuscript's own."""
    got = _numbers(answer("corrected", found.data), "corrected(data)")
    if _same(got, found.printed):
        raise Wrong("corrected returns the manuscript's own numbers.")
    return got


@exercise.check("correct", points=12)
def scores(answer, rng):
    """With every rule kept: both scores, their difference, the chip's score, the geometry."""
    found = _fresh(case(_reader(answer)).plan, rng)
    got = _corrected(answer, found)
    if _same(got, found.corrected, SCORES):
        return
    if _same({**got, "difference": -got["difference"]}, found.corrected, SCORES):
        raise Wrong("The difference has the wrong sign: it is the quantum minus the classical one.")
    if any(_same(got, numbers, SCORES) for numbers in _all_but_one(found)):
        raise Wrong("All broken rules but one are kept: one is still broken.")
    if any(_same(got, numbers, SCORES) for numbers in found.mended.values()):
        raise Wrong("One broken rule is kept: the others are still broken.")
    raise Wrong(
        f"Not as a run with every rule kept: {_off(got, found.corrected, SCORES)}. Does each rule "
        "give what mended gives for it, and is nothing else changed?"
    )


@exercise.check("correct", points=6)
def interval(answer, rng):
    """The interval of the corrected difference is the one that the rules ask for."""
    found = _fresh(case(_reader(answer)).plan, rng)
    got = _corrected(answer, found)
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
            raise Wrong(f"verdict returned {str(got)[:40]!r}: supported, reversed or unresolved.")
        if got != right:
            edge = " An end that is zero belongs to the interval." if 0 in (low, high) else ""
            raise Wrong(f"The interval from {low:.4f} to {high:.4f} is not {got}.{edge}")


# --- audit -------------------------------------------------------------------------------------

FIELDS = ("flaws", "difference", "low", "high", "verdict")


def _audit(answer):
    """Return the reader's case, the flaws that the audit names, and the audit."""
    found = case(_reader(answer))
    audit = table([answer("audit")], FIELDS, "audit()")[0]
    flaws = table(audit["flaws"], ["rule", "number", "printed", "mended"], "flaws of audit()")
    for row in flaws:
        if not isinstance(row["rule"], str) or row["rule"] not in RULES:
            raise Wrong(f"A rule is {str(row['rule'])[:40]!r}; allowed: {', '.join(RULES)}.")
    named = [row["rule"] for row in flaws]
    if not 1 <= len(named) <= 3:
        raise Wrong(f"audit() names {len(named)} flaws; a manuscript has two or three.")
    if len(set(named)) < len(named):
        raise Wrong("A rule is named twice: a manuscript breaks each in one way.")
    return found, flaws, audit


NONE_RIGHT = "None of the rules named is broken. Run the code with one kept: what moves?"


@exercise.check("audit", points=4)
def one_flaw(answer, rng):
    """At least one of the rules named is broken."""
    found, flaws, _ = _audit(answer)
    if not any(row["rule"] in found.mended for row in flaws):
        raise Wrong(NONE_RIGHT)


@exercise.check("audit", points=6)
def all_flaws(answer, rng):
    """Every rule that the manuscript breaks is named."""
    found, flaws, _ = _audit(answer)
    missing = set(found.mended) - {row["rule"] for row in flaws}
    if missing == set(found.mended):
        raise Wrong(NONE_RIGHT)
    if missing:
        raise Wrong(
            "A rule that the manuscript breaks isn't named. Go through the rules one by one: some "
            "are broken in the code, some show only in the data."
        )


@exercise.check("audit", points=4)
def none_invented(answer, rng):
    """No rule is named that the manuscript keeps."""
    found, flaws, _ = _audit(answer)
    named = {row["rule"] for row in flaws}
    if not named & set(found.mended):
        raise Wrong(NONE_RIGHT)
    if named - set(found.mended):
        raise Wrong(
            "A rule is named that the manuscript keeps. One thing in it looks wrong and isn't; and "
            "a choice you don't like breaks no rule. Which number moves when you mend it?"
        )


@exercise.check("audit", points=5)
def evidence(answer, rng):
    """Each broken rule that is named comes with a number that moves, as printed and as mended."""
    found, flaws, _ = _audit(answer)
    flaws = [row for row in flaws if row["rule"] in found.mended]
    if not flaws:
        raise Wrong(NONE_RIGHT)
    for row in flaws:
        name = row["number"]
        if not isinstance(name, str) or name not in NUMBERS:
            raise Wrong(f"number is {str(name)[:40]!r}; allowed: {', '.join(NUMBERS)}.")
        before, after = number(row["printed"], "printed"), number(row["mended"], "mended")
        right = found.mended[row["rule"]]
        if moved({name: before}, found.printed, name) > TOLERANCE:
            raise Wrong(
                f"A flaw's printed {name} isn't the manuscript's. Is it that of the name in "
                "reader()?"
            )
        if moved({name: before}, right, name) < MOVED:
            raise Wrong(f"{name} hardly moves when that rule is kept: show a number that does.")
        if moved({name: after}, right, name) > TOLERANCE:
            if moved({name: after}, found.corrected, name) <= TOLERANCE:
                raise Wrong(f"A mended {name} has every rule kept; keep that one alone.")
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
        raise Wrong(
            f"Not as corrected(data) of the manuscript's data: {_off(got, found.corrected, names)}."
        )
    right = "reversed" if found.corrected["high"] < 0 else "unresolved"
    if audit["verdict"] != right:
        raise Wrong("The verdict doesn't follow from the corrected interval.")
