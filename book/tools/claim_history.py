"""When each claim was stated, and each change of its interval: book/claims_history.toml.

A claim has a table there:

    ["states.chsh"]
    stated = { date = 2026-11-21, low = 2.78, high = 2.88, before_run = false }
    revised = [
      { date = 2026-12-01, low = 2.8, high = 2.86, reason = "More shots." },
    ]

`before_run` says whether the interval was committed before any value that a run had measured. Also
known may be the `value` that the chapter showed then, and the `commit`. A claim that is taken back
keeps its table, which gets `withdrawn`. One that is new needs the first two lines.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from catalog import ROOT

PATH = ROOT / "book" / "claims_history.toml"


@dataclass(frozen=True)
class Interval:
    """An interval as it was written on one day, and if it replaced another, why.

    ``was`` is the claim's sentence before, if that was changed too.
    """

    date: date
    low: float
    high: float
    value: str = ""
    commit: str = ""
    reason: str = ""
    was: str = ""
    before_run: bool = False


@dataclass(frozen=True)
class Withdrawal:
    """A claim that the course doesn't make any more."""

    date: date
    chapter: str
    sentence: str
    reason: str
    commit: str = ""


@dataclass(frozen=True)
class History:
    """What became of one claim; the first interval is the one that was stated."""

    intervals: tuple[Interval, ...]
    withdrawn: Withdrawal | None = None

    @property
    def stated(self) -> Interval:
        return self.intervals[0]

    @property
    def revisions(self) -> tuple[Interval, ...]:
        return self.intervals[1:]

    @property
    def last(self) -> Interval:
        return self.intervals[-1]


def load(path: Path = PATH) -> dict[str, History]:
    """Return the histories by the claims' ids; each revision must have its reason."""
    found = {}
    for id, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
        revised = [Interval(**change) for change in entry.pop("revised", [])]
        withdrawn = entry.pop("withdrawn", None)
        stated = Interval(**entry.pop("stated"))
        if entry:
            raise ValueError(f"{path.name}: {id!r} must not hold {', '.join(entry)}.")
        if not all(change.reason.strip() for change in revised):
            raise ValueError(f"{path.name}: each revision of {id!r} must have its reason.")
        end = Withdrawal(**withdrawn) if withdrawn else None
        found[id] = History((stated, *revised), end)
    return found


def standing(histories: Mapping[str, History]) -> dict[str, History]:
    """Return the histories of the claims that the course makes."""
    return {id: history for id, history in histories.items() if not history.withdrawn}


def disagreements(claims: Iterable[Any], histories: Mapping[str, History]) -> list[str]:
    """Return, a sentence each, where the claims are not what their histories end with."""
    made, found = {claim.id: claim for claim in claims}, []
    for id, claim in made.items():
        now = f"low = {claim.low}, high = {claim.high}"
        if id not in histories:
            found.append(
                f'{id} has no history: add to {PATH.name}, under ["{id}"], when it was stated: '
                f"stated = {{ date = {date.today()}, {now}, before_run = ... }}"
            )
        elif histories[id].withdrawn:
            found.append(f"{id} is claimed, but withdrawn in {PATH.name}.")
        elif (claim.low, claim.high) != (histories[id].last.low, histories[id].last.high):
            last = histories[id].last
            found.append(
                f"{id} claims {claim.low} to {claim.high}, but its history ends with {last.low} to "
                f"{last.high}: add a revision with its reason to {PATH.name}: "
                f'{{ date = {date.today()}, {now}, reason = "..." }}'
            )
    for id in standing(histories):
        if id not in made:
            found.append(
                f"{id} is claimed no more: say in {PATH.name} when and why: withdrawn = "
                f'{{ date = {date.today()}, chapter = "...", sentence = "...", reason = "..." }}'
            )
    return found
