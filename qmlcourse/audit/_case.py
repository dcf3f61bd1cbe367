"""A plan with data on which it does what it should: the claim stands by its flaws alone."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._code import NUMBERS, run
from ._data import draw
from ._flaws import FLAWS
from ._plan import Plan, generator, plan, rule_sets

Numbers = dict[str, float]
#: A flaw moves at least one number by as much; the geometric difference counts a tenth.
SHOWN = 0.01
_TRIES = 500


@dataclass(frozen=True)
class Case:
    """A study's data, and its numbers as printed, with one broken rule kept, and with all."""

    plan: Plan
    data: dict[str, Any]
    printed: Numbers
    mended: dict[str, Numbers]
    corrected: Numbers


def moved(before: Mapping[str, float], after: Mapping[str, float], name: str) -> float:
    """Return how far a number moved, on the scale of scores."""
    return abs(after[name] - before[name]) * (0.1 if name == "geometry" else 1.0)


def _clear(numbers: Numbers) -> bool:
    """Return whether no end of the interval is so close to zero that rounding could move it."""
    return min(abs(numbers["low"]), abs(numbers["high"])) > 0.002


def find(plan: Plan, rng: np.random.Generator, *, claims: bool = True, **sizes: int) -> Case:
    """Draw data until each flaw moves a number.

    With `claims` it raises the number that it is there to raise, the interval printed lies above
    zero, and the corrected one doesn't.
    """
    rules = plan.rules
    for _ in range(_TRIES):
        data = draw(plan.draft(), plan.story.chip, rng, **sizes)
        printed = run(plan.code(), data)
        if claims and not (printed["low"] > 0 and _clear(printed)):
            continue
        corrected = run(plan.code(frozenset(rules)), data)
        if claims and not (corrected["low"] < 0 and _clear(corrected)):
            continue
        mended = {rule: run(plan.code(frozenset([rule])), data) for rule in rules}
        if claims:
            raised = [(mended[FLAWS[f].rule], printed, FLAWS[f].raises) for f in plan.flaws]
            shown = all(
                moved(after, before, name) >= SHOWN and after[name] < before[name]
                for after, before, name in raised
            )
        else:
            shown = all(
                any(moved(mended[rule], printed, name) >= SHOWN for name in NUMBERS)
                for rule in rules
            )
        if shown:
            return Case(plan, data, printed, mended, corrected)
    raise RuntimeError(f"no data show the flaws {', '.join(plan.flaws)}: report it as a bug")


@functools.lru_cache(maxsize=32)
def case(reader: str) -> Case:
    """Return the case that a reader gets."""
    rng = generator(reader)
    chosen = rule_sets()
    return find(plan(chosen[rng.integers(len(chosen))], rng), rng)
