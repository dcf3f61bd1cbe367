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


READERS = ["Ada Lovelace", "Grace Hopper", "Jocelyn Bell", "Reader", "Referee"]


def test_these_readers_see_every_rule_broken():
    assert {rule for reader in READERS for rule in case(reader).mended} == set(RULES)


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_whoever_finds_all_has_full_marks(reader):
    assert lost(answers(reader), seed=len(reader)) == {}


def test_the_audit_of_another_manuscript_is_worth_nothing():
    mine, theirs = answers("Ada Lovelace"), answers("Reader")
    assert not set(case("Ada Lovelace").mended) & set(case("Reader").mended)
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
    for wrong in (
        "return {'flaws': [], 'difference': 0, 'low': 0, 'high': 0, 'verdict': ''}",
        "row = {'number': 'quantum', 'printed': 0, 'mended': 0}\n"
        f"    flaws = [{{**row, 'rule': r}} for r in {[*sorted(broken)[:1], 'metric']}]\n"
        "    return {'flaws': flaws, 'difference': 0, 'low': 0, 'high': 0, 'verdict': ''}",
    ):
        hints = lost({**cells, "audit": f"def audit():\n    {wrong}\n"}, ["audit"])
        assert len(hints) >= 4
        assert not any(f"{rule!r}" in hint for rule in RULES for hint in hints.values())


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
