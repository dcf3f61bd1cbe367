"""Write book/claims_history.toml from the repository's log, for the claims that it lacks.

    claim_log.py

An interval counts from the first commit that holds it, in book/claims.toml or in a claim's box in
an executed chapter: some chapters were committed before their claims. What the file holds already,
with reasons written by hand, stays as it is.
"""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from catalog import ROOT
from claim_history import PATH, History, Interval, Withdrawal, load

MIME = "application/vnd.qmlcourse.claim+json"
BOX = re.compile(r": (?P<sentence>.*): .* \(claimed: (?P<low>\S+) to (?P<high>[^;\s]+);", re.S)
UNKNOWN = "not recorded"
# Where a commit's message says why an interval was changed, its words.
REASONS = {
    ("302ac82", "intro.quantum-minus-logistic"): "five were too few for its interval",
    ("0359126", "training-loops.tie"): "interval for two folds",
    ("62aeb61", "benchmarking.time-per-qubit"): "an interval that the smallest sizes break",
    ("4f8545f", "benchmarking.variational-ablation"): "Replication with every qubit read",
}
HEAD = """\
# When each claim was first stated, and each change of its interval since, with its reason. Until
# 30 November 2026 from the log, by book/tools/claim_log.py, where few commits say a reason.
# Keys: see CONTRIBUTING.md.
"""


class Shown(NamedTuple):
    """A claim as one commit has it, in the list or in a box; the list has no value."""

    low: float
    high: float
    chapter: str
    sentence: str
    value: str = ""


Claims = dict[str, Shown]


def from_log(root: Path = ROOT) -> dict[str, History]:
    """Return the histories that a repository's log tells, by the claims' ids."""
    found: dict[str, History] = {}
    said: dict[str, str] = {}
    for commit, day, message in _commits(root):
        listed, boxes = _state(root, commit)
        parents = [_state(root, p) for p in _git(root, "rev-parse", f"{commit}^@").split()]
        # A chapter was run before its commit: what its box says is no younger than the list.
        for now, before in (boxes, [b for _, b in parents]), (listed, [a for a, _ in parents]):
            for id in now:
                if any(id in past and _same(now[id], past[id]) for past in before):
                    continue
                if id in found and _same(now[id], found[id].last):
                    continue
                value = boxes[id].value if id in boxes else ""
                new = Interval(day, now[id].low, now[id].high, value, commit)
                if id in found:
                    reason = REASONS.get((commit, id), UNKNOWN)
                    assert reason == UNKNOWN or reason in message, commit
                    was = "" if said[id] == now[id].sentence else said[id]
                    new = replace(new, reason=reason, was=was)
                    found[id] = History((*found[id].intervals, new))
                else:
                    found[id] = History((replace(new, before_run=not value),))
                said[id] = now[id].sentence
        gone = {id: old for a, b in parents for id, old in (b | a).items()}
        for id, old in gone.items():
            if id not in listed | boxes and all(id in a | b for a, b in parents):
                end = Withdrawal(day, old.chapter, old.sentence, UNKNOWN, commit)
                found[id] = replace(found[id], withdrawn=end)
    return found


def _same(one: Shown, other: Shown | Interval) -> bool:
    """Return whether two intervals are the same to the six digits that a box shows."""
    pairs = (one.low, other.low), (one.high, other.high)
    return all(f"{a:g}" == f"{b:g}" for a, b in pairs)


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _commits(root: Path) -> Iterator[tuple[str, date, str]]:
    """Yield the commits that may hold a change, parents first: name, day and message."""
    order = ("--reverse", "--topo-order", "--full-history", "-z", "--format=%H %cs %B")
    for entry in _git(root, "log", *order, "--", "book").split("\0"):
        if entry:
            commit, day, message = entry.split(" ", 2)
            yield commit[:7], date.fromisoformat(day), message


def _state(root: Path, commit: str) -> tuple[Claims, Claims]:
    """Return the claims in the list and in the boxes of the chapters, as a commit has them."""
    listed, boxes = Claims(), Claims()
    for line in _git(root, "ls-tree", "-r", commit, "book").splitlines():
        (_, _, blob), path = line.split("\t")[0].split(), line.split("\t")[1]
        if path == "book/claims.toml":
            listed = _listed(root, blob)
        elif path.endswith(".ipynb") and not path.startswith("book/portfolio/"):
            boxes |= _boxes(root, blob, path.removeprefix("book/").removesuffix(".ipynb"))
    return listed, boxes


@cache
def _listed(root: Path, blob: str) -> Claims:
    entries = tomllib.loads(_git(root, "cat-file", "blob", blob)).get("claim", [])
    return {e["id"]: Shown(e["low"], e["high"], e["chapter"], e["sentence"]) for e in entries}


@cache
def _boxes(root: Path, blob: str, chapter: str) -> Claims:
    found = {}
    for cell in json.loads(_git(root, "cat-file", "blob", blob))["cells"]:
        for output in cell.get("outputs", []):
            if made := output.get("data", {}).get(MIME):
                text = "".join(output["data"]["text/plain"]).replace("\N{MINUS SIGN}", "-")
                if box := BOX.search(text):
                    low, high = float(box["low"]), float(box["high"])
                    found[made["id"]] = Shown(low, high, chapter, box["sentence"], made["value"])
    return found


def text(histories: dict[str, History]) -> str:
    """Return the histories as the file holds them."""
    lines = [HEAD]
    for id, history in sorted(histories.items()):
        lines.append(f"\n[{_toml(id)}]\n")
        lines.append(f"stated = {_table(history.stated, 'before_run')}\n")
        if history.revisions:
            changes = "".join(f"  {_table(change)},\n" for change in history.revisions)
            lines.append(f"revised = [\n{changes}]\n")
        if history.withdrawn:
            lines.append(f"withdrawn = {_table(history.withdrawn)}\n")
    return "".join(lines)


def _table(entry: Interval | Withdrawal, *always: str) -> str:
    """Return a record as a TOML table, without what is empty."""
    kept = {k: v for k, v in vars(entry).items() if k in always or (v != "" and v is not False)}
    return "{ " + ", ".join(f"{key} = {_toml(value)}" for key, value in kept.items()) + " }"


def _toml(value: Any) -> str:
    # JSON's texts, numbers and truth values are TOML's too.
    return str(value) if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def main() -> None:
    kept = load() if PATH.is_file() else {}
    histories = from_log() | kept
    PATH.write_text(text(histories), encoding="utf-8")
    print(f"{PATH.name}: {len(histories) - len(kept)} histories added")


if __name__ == "__main__":
    main()
