"""Answers that prove an exercise's checks: right ones, and edits of the solution that are wrong.

`equivalents/*.py` hold whole answers, each below a line `# %% question`. `wrong.toml` holds named
mistakes: which checks each loses, words of the hint it gets, and what it makes of the solution.

    [degrees]
    mistake = "Takes the angle in degrees."
    loses = ["state.amplitudes"]
    hint = "radians"
    [[degrees.edits.state]]    # the question; more edits follow in the same way
    old = 'np.cos(x / 2)'      # must occur exactly once in the answer
    new = 'np.cos(np.deg2rad(x) / 2)'

`code.<question>` gives a whole answer where edits would say less.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qmlcourse.grading.exercise import Exercise, Result


class Misstated(ValueError):
    """An entry of wrong.toml that can't be meant so; the message says why."""


@dataclass(frozen=True)
class Variant:
    """The solution with some answers replaced: which checks fail, and what the hint says."""

    name: str
    cells: dict[str, str]
    loses: frozenset[str]
    hint: str


def variants(folder: Path, exercise: Exercise, solution: Mapping[str, str]) -> list[Variant]:
    """Return the equivalents, which lose nothing, and the wrong answers in an exercise's folder.

    Raises
    ------
    Misstated
        Where `wrong.toml` names what isn't there, or an edit doesn't fit the solution.
    """
    found = []
    for path in sorted(folder.glob("equivalents/*.py")):
        parts = re.split(r"^# %% (\w+)$", path.read_text("utf-8"), flags=re.MULTILINE)
        cells = dict(zip(parts[1::2], parts[2::2], strict=True))
        found.append(Variant(f"equivalents/{path.stem}", cells, frozenset(), ""))
    path = folder / "wrong.toml"
    try:
        entries = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise Misstated(f"{exercise.name}/wrong.toml is not TOML: {error}") from None
    for name, entry in entries.items():
        try:
            found.append(_wrong(name, entry, exercise, solution))
        except Misstated as error:
            raise Misstated(f"{exercise.name}/wrong.toml, {name}: {error}") from None
    return found


def _wrong(name: str, entry: Any, exercise: Exercise, solution: Mapping[str, str]) -> Variant:
    fields = _table("the entry", entry, needed=("mistake", "loses", "hint"), may=("edits", "code"))
    for key in ("mistake", "hint"):
        if not _text(key, fields[key]).strip():
            raise Misstated(f"{key} is empty")
    loses, questions = fields["loses"], exercise.questions.values()
    checks = [f"{q.name}.{check.name}" for q in questions for check in q.checks]
    if not isinstance(loses, list) or not loses:
        raise Misstated(f"loses is {loses!r}; it must be a list of checks, at least one")
    for check in loses:
        if check not in checks:
            raise Misstated(f"loses names {check!r}; the checks are {', '.join(checks)}")
    edits = _table("edits", fields.get("edits", {}), may=solution)
    code = _table("code", fields.get("code", {}), may=solution)
    if both := set(edits) & set(code):
        raise Misstated(f"{both.pop()} has edits and code; give one of them")
    cells = {question: _edited(question, edits[question], solution[question]) for question in edits}
    cells |= {question: _text(f"code.{question}", code[question]) for question in code}
    if not cells:
        raise Misstated("it changes no answer; give edits or code")
    for question, source in cells.items():
        try:
            changed = ast.dump(ast.parse(source)) != ast.dump(ast.parse(solution[question]))
        except SyntaxError as error:
            says = f"{error.msg} (line {error.lineno})"
            raise Misstated(f"its answer to {question} is not Python: {says}") from None
        if not changed:
            raise Misstated(f"without effect: its answer to {question} is the solution's")
    return Variant(f"wrong/{name}", cells, frozenset(loses), fields["hint"])


def _edited(question: str, edits: Any, source: str) -> str:
    """Return an answer with edits applied, one after the other."""
    if not isinstance(edits, list):
        raise Misstated(f"edits.{question} is not a list; write its header as [[...]]")
    source = source.rstrip("\n") + "\n"  # so that an edit can take the last line whole
    for number, edit in enumerate(edits, 1):
        what = f"edit {number} of {question}"
        _table(what, edit, needed=("old", "new"))
        old, new = (_text(f"{key} in {what}", edit[key]) for key in ("old", "new"))
        if not old.strip():
            raise Misstated(f"old in {what} is empty")
        if (count := source.count(old)) != 1:
            said = f"{count} times, not once" if count else "nowhere in the solution"
            raise Misstated(f"old in {what} occurs {said}: {old.strip().splitlines()[0]}")
        source = source.replace(old, new)
    return source


def _table(
    what: str, value: Any, *, needed: Iterable[str] = (), may: Iterable[str] = ()
) -> dict[str, Any]:
    """Return a table that has all keys it needs, and none but those and what it may have."""
    allowed = [*needed, *may]
    if not isinstance(value, dict):
        raise Misstated(f"{what} is {value!r}; it must be a table")
    for key in value:
        if key not in allowed:
            raise Misstated(f"{what} has {key!r}; allowed: {', '.join(allowed)}")
    for key in needed:
        if key not in value:
            raise Misstated(f"{what} lacks {key!r}")
    return value


def _text(what: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Misstated(f"{what} is {value!r}; it must be text")
    return value


def affected(exercise: Exercise, variant: Variant) -> list[str]:
    """Return the questions whose marks a variant can change."""
    changed = set(variant.cells)
    return [q for q in exercise.questions if changed & set(exercise.cells_for(q))]


def complaints(variant: Variant, results: list[Result]) -> list[str]:
    """Return what is not as the variant says: points lost or kept, and hints."""
    lost = {f"{r.question}.{r.check}": r for r in results if r.status != "pass"}
    found = []
    for check in sorted(set(lost) - variant.loses):
        found.append(f"{check} lost: {lost[check].status}: {lost[check].hint}")
    found += [f"{check} kept" for check in sorted(variant.loses - set(lost))]
    for check in sorted(set(lost) & variant.loses):
        result = lost[check]
        if result.status != "wrong":
            found.append(f"{check} is {result.status}: {result.hint}")
    if variant.hint and not any(variant.hint in r.hint for r in lost.values()):
        found.append(f"no hint says {variant.hint!r}: {[r.hint for r in lost.values()]}")
    return found
