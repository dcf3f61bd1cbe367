"""Which flaws and which decoy a manuscript has, drawn from its reader's name."""

import hashlib
import unicodedata
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ._decoys import DECOYS
from ._flaws import FLAWS, Draft
from ._text import STORIES, Story

#: Rules that are not broken together: one would hide the other, or turn its effect round.
APART = (
    {"choice", "held_out"},
    {"held_out", "circuits"},
    {"baseline", "tuning"},
    {"baseline", "geometry"},
    {"tuning", "geometry"},
)


def rule_sets() -> list[tuple[str, ...]]:
    """Return all sets of rules that a manuscript may break: two or three, of which two lift."""
    lifting = {flaw.rule for flaw in FLAWS.values() if flaw.raises in ("difference", "low")}
    rules = list(dict.fromkeys(flaw.rule for flaw in FLAWS.values()))
    return [
        chosen
        for size in (2, 3)
        for chosen in combinations(rules, size)
        if len(lifting & set(chosen)) >= 2 and not any(pair <= set(chosen) for pair in APART)
    ]


@dataclass(frozen=True)
class Plan:
    """The flaws and the decoy of a manuscript, and what it is about."""

    flaws: tuple[str, ...]
    decoy: str
    story: Story
    chip: int
    style: int = 0

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that are broken."""
        return tuple(FLAWS[flaw].rule for flaw in self.flaws)

    def draft(self, mended: frozenset[str] = frozenset()) -> Draft:
        """Return the study as planned, with some of the broken rules kept."""
        draft = Draft(self.chip, self.style)
        DECOYS[self.decoy].plant(draft)
        for flaw in self.flaws:
            if FLAWS[flaw].rule not in mended:
                FLAWS[flaw].plant(draft)
        return draft

    def code(self, mended: frozenset[str] = frozenset()) -> str:
        """Return the code, with some of the broken rules kept."""
        return self.draft(mended).source()


def plan(rules: tuple[str, ...], rng: np.random.Generator) -> Plan:
    """Draw the rest of a plan that breaks some rules."""
    flaws = []
    for rule in rules:
        ways = [name for name, flaw in FLAWS.items() if flaw.rule == rule]
        flaws.append(ways[rng.integers(len(ways))])
    decoys = [name for name, decoy in DECOYS.items() if decoy.rule not in rules]
    return Plan(
        tuple(flaws),
        decoys[rng.integers(len(decoys))],
        STORIES[rng.integers(len(STORIES))],
        int(rng.integers(2)),
        int(rng.integers(2**32)),
    )


def plain_name(reader: str) -> str:
    """Return a name without what doesn't count: case, marks, spaces, how accents are coded.

    >>> plain_name(" Chien-Shiung  WU.")
    'chien shiung wu'
    """
    name = unicodedata.normalize("NFKC", reader).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in name).split())


def generator(reader: str) -> np.random.Generator:
    """Return the generator that a name stands for."""
    # Another number gives everybody another manuscript.
    digest = hashlib.sha256(f"claim_audit 4455 {plain_name(reader)}".encode()).digest()
    return np.random.default_rng(list(digest))
