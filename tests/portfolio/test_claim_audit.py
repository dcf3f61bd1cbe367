"""The audit of a claim, for readers with other manuscripts than the worked solution's."""

import re

import numpy as np
import pytest

from qmlcourse.audit import RULES, manuscript
from qmlcourse.audit._case import case
from qmlcourse.audit._flaws import FLAWS
from qmlcourse.grading.exercise import load
from qmlcourse.grading.local import mark_cells
from qmlcourse.grading.submission import trusted_setup

AUDIT = load("claim_audit")
SETUP = trusted_setup(AUDIT)

CELLS = {
    "reader": "def reader():\n    return {reader!r}\n",
    "reproduce": "{code}\n\ndef reproduce(data):\n    return study(data)\n",
    "mend": """
CODES = {codes!r}

def run(code, data):
    names = {{}}
    exec(code, names)
    return names["study"](data)

def mended(data, rule):
    return run(CODES[rule], data) if rule in CODES else reproduce(data)
""",
    "correct": """
def corrected(data):
    return run({right!r}, data)

def verdict(low, high):
    return "supported" if low > 0 else "reversed" if high < 0 else "unresolved"
""",
    "audit": "def audit():\n    return {audit!r}\n",
}


def answers(reader):
    """Return what a reader hands in who made no mistake."""
    found = case(reader)
    flaws = [
        {
            "rule": FLAWS[flaw].rule,
            "number": (name := FLAWS[flaw].raises),
            "printed": round(found.printed[name], 3),
            "mended": round(found.mended[FLAWS[flaw].rule][name], 3),
        }
        for flaw in found.plan.flaws
    ]
    ends = {name: round(found.corrected[name], 3) for name in ("difference", "low", "high")}
    word = "reversed" if ends["high"] < 0 else "unresolved"
    facts = {
        "reader": reader,
        "code": manuscript(reader).code,
        "codes": {rule: found.plan.code(frozenset([rule])) for rule in found.mended},
        "right": found.plan.code(frozenset(found.mended)),
        "audit": {"flaws": flaws, **ends, "verdict": word},
    }
    return {question: cell.format(**facts) for question, cell in CELLS.items()}


def lost(cells, questions=AUDIT.questions, seed=0):
    """Return the hints of all checks that don't pass: name → hint."""
    results = []
    for question in questions:
        results += mark_cells(AUDIT, question, SETUP, cells, np.random.default_rng(seed))
    return {f"{r.question}.{r.check}": r.hint for r in results if r.status != "pass"}


READERS = [
    "Ada Lovelace", "Grace Hopper", "Emilie du Chatelet", "Rosalind Franklin", "Marie Curie",
]  # fmt: skip


def test_these_readers_see_every_rule_broken():
    assert {rule for reader in READERS for rule in case(reader).mended} == set(RULES)


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_whoever_finds_all_has_full_marks(reader):
    assert lost(answers(reader), seed=len(reader)) == {}


def test_the_audit_of_another_manuscript_is_worth_nothing():
    mine, theirs = answers("Ada Lovelace"), answers("Grace Hopper")
    assert not set(case("Ada Lovelace").mended) & set(case("Grace Hopper").mended)
    hints = lost({**mine, "audit": theirs["audit"]}, ["audit"])
    assert len(hints) == len(AUDIT.questions["audit"].checks)


def test_no_hint_tells_which_rules_are_broken():
    """Neither by a rule's name, nor by asking for the broken ones alone."""
    broken, asked = set(case("Ada Lovelace").mended), set()
    cells = answers("Ada Lovelace")
    cells["mend"] += "\n\ndef mended(data, rule):\n    raise KeyError(rule)\n"
    for seed in range(6):
        for hint in lost(cells, ["mend"], seed).values():
            (rule,) = re.findall(r"KeyError: '(\w+)'", hint)
            asked.add(rule)
    assert len(asked - broken) > len(broken)
    row = {"number": "quantum", "printed": 0, "mended": 0}
    for named in ([], [*sorted(broken)[:1], *sorted(set(RULES) - broken)[:1]]):
        audit = {"flaws": [row | {"rule": rule} for rule in named], "verdict": ""}
        audit |= dict.fromkeys(("difference", "low", "high"), 0)
        cells = answers("Ada Lovelace") | {"audit": f"def audit():\n    return {audit}\n"}
        hints = lost(cells, ["audit"])
        assert len(hints) >= 4
        assert not any(f"{rule!r}" in hint for rule in RULES for hint in hints.values())


def test_rows_that_changed_their_order_are_told():
    reader = next(name for name in READERS if "repeats" in case(name).mended)
    cells = answers(reader)
    draft = case(reader).plan.draft(frozenset(["repeats"]))
    draft.code["cleaned"] = (
        "once = np.unique(X, axis=0, return_index=True)[1]\nX, y = X[once], y[once]"
    )
    cells["mend"] += f"\nCODES['repeats'] = {draft.source()!r}\n"
    assert "changed their order" in lost(cells, ["mend"])["mend.every_rule"]


def test_an_audit_is_read_and_not_run():
    cells = answers("Ada Lovelace")
    data = cells["audit"].partition("return ")[2].strip()
    for plain in (
        f"def audit():\n    'Findings.'\n    found = {data}\n    return found\n",
        f"%matplotlib inline\ndef audit():\n    return {data}\n\naudit()\n",
    ):
        assert lost({**cells, "audit": plain}, ["audit"]) == {}
    for computed, shown in (
        (f"def audit():\n    return sorted({data})\n", "return sorted("),
        (f"def audit():\n    open('x')\n    return {data}\n", "open('x')"),
        (f"FOUND = {data}\ndef audit():\n    return FOUND\n", "return FOUND"),
        (f"def audit():\n    for _ in [1]:\n        return {data}\n", "for _ in [1]:"),
        (f"audit = lambda: {data}\n", "a plain function"),
        ("def audit():\n    'Nothing.'\n", "returns nothing"),
    ):
        hints = lost({**cells, "audit": computed}, ["audit"])
        assert len(hints) == 5 and all(shown in hint for hint in hints.values()), computed


MOVES = """
def mended(data, rule):
    row = reproduce(data)
    return {**row, "quantum": row["quantum"] + 0.1} if rule == RULE else row
"""
STILL = """
def mended(data, rule):
    return reproduce(data)
"""
NAMES = """
def audit():
    row = {"rule": RULE, "number": "quantum", "printed": 0.5, "mended": 0.6}
    return {"flaws": [row], "difference": 0, "low": -1, "high": 1, "verdict": "unresolved"}
"""


@pytest.mark.parametrize("mended", [MOVES, STILL])
def test_rules_cannot_be_tried_one_by_one(mended):
    """Whoever names a rule, or moves any number for it, learns nothing of the manuscript."""
    cells, told = answers("Ada Lovelace"), []
    broken = [*case("Ada Lovelace").mended]
    for rule in (broken[0], next(rule for rule in RULES if rule not in broken)):
        tried = {"mend": mended.replace("RULE", repr(rule))}
        tried["audit"] = NAMES.replace("RULE", repr(rule))
        told.append(lost(cells | tried, ["mend", "audit"]))
    assert told[0] == told[1] and len(told[0]) >= 7


def test_the_report_says_whose_manuscript_it_is():
    cells = {"reader": CELLS["reader"].format(reader=" Ana  TESTER-Li ")}
    (result,) = mark_cells(AUDIT, "reader", SETUP, cells, np.random.default_rng(0))
    assert (result.status, result.hint) == ("pass", "Manuscript of: ana tester li")


@pytest.mark.parametrize(
    ("reader", "hint"),
    [
        ("return None", "must return your name"),
        ("return 7", "must return your name"),
        ("return ' your   NAME '", "write your own"),
        ("return 'x' * 300", "200 characters"),
        ("import random\n    return str(random.random())", "two names"),
    ],
)
def test_a_reader_is_one_person_with_a_name(reader, hint):
    hints = lost({"reader": f"def reader():\n    {reader}\n"}, ["reader"])
    assert hint in hints["reader.named"]
