"""A plan with data on which it does what it should: the claim stands by its flaws alone."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._code import NUMBERS, run
from ._data import draw
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
    """Draw data until every flaw shows and, with `claims`, the claim falls with the flaws."""
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
        shown = [max(moved(printed, mended[r], name) for name in NUMBERS) for r in rules]
        if min(shown) >= SHOWN:  # false where a number is none
            return Case(plan, data, printed, mended, corrected)
    raise RuntimeError(f"no data show the flaws {', '.join(plan.flaws)}: report it as a bug")


@functools.lru_cache(maxsize=32)
def case(reader: str) -> Case:
    """Return the case that a reader gets."""
    rng = generator(reader)
    chosen = rule_sets()
    return find(plan(chosen[rng.integers(len(chosen))], rng), rng)
