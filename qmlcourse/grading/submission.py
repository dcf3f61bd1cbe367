"""Reading a submitted notebook as data: its answer cells by tag, and nothing of it is run."""

import functools
import hashlib
import json
import operator
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .exercise import Exercise, folder, load, names
from .formats import unlike_json, unlike_notebook

# A notebook with its figures stays far below.
MEBIBYTES = 20


class Unreadable(ValueError):
    """A submission that is no notebook; the message says what it is."""


@dataclass
class Submission:
    """A notebook that was handed in: what it is, and its answers by question."""

    path: Path
    sha256: str
    notebook: dict[str, Any]

    @property
    def exercise(self) -> str | None:
        """The exercise that the notebook's metadata names."""
        metadata = self.notebook.get("metadata")
        course = metadata.get("qmlcourse") if isinstance(metadata, dict) else None
        name = course.get("exercise") if isinstance(course, dict) else None
        return name if isinstance(name, str) else None

    def check_exercise(self, exercise: Exercise) -> None:
        """Raise ValueError where this is a notebook of another exercise."""
        name = self.exercise if self.exercise in names() else self._exercise_by_tags(exercise)
        if name not in (exercise.name, None):
            raise ValueError(
                f"{self.path.name} is a notebook of the exercise {name}, not of {exercise.name}: "
                f"leave it out here, and grade it as {name}"
            )

    def _exercise_by_tags(self, exercise: Exercise) -> str | None:
        """Return the one exercise to which most of the tags belong; None where it can't be told."""
        tags = {tag for cell in self.notebook["cells"] for tag in cell_tags(cell)}
        asked = {tag.removeprefix("question-") for tag in tags if tag.startswith("question-")}
        if asked <= set(exercise.questions):
            return None
        shared = {name: len(asked & set(load(name).questions)) for name in names()}
        best = [name for name, count in shared.items() if count == max(shared.values()) > 0]
        return best[0] if len(best) == 1 else None


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a regular file of bounded size; no link is followed, no pipe waited on.

    Raises
    ------
    Unreadable
        Where it is a link, a folder, a pipe or a device, or too large.
    """
    # Windows would change the ends of lines, and with them the digest.
    wanted = ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")
    flags = functools.reduce(operator.or_, (getattr(os, name, 0) for name in wanted), os.O_RDONLY)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        what = "a symbolic link" if path.is_symlink() else (error.strerror or str(error)).lower()
        raise Unreadable(f"{path.name} cannot be read: {what}") from None
    # Asked before it becomes a file of Python's, which a folder cannot.
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable(f"{path.name} is not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MEBIBYTES * 2**20 + 1)
    if len(data) > MEBIBYTES * 2**20:
        raise Unreadable(f"{path.name} is larger than {MEBIBYTES} MiB")
    return data


def read(path: Path | str) -> Submission:
    """Return a submission.

    Raises
    ------
    Unreadable
        Where the file is not a notebook; the message says what it is and what to do.
    """
    path = Path(path)
    data = read_bytes(path)
    try:
        # Some editors begin a file with a mark of its byte order.
        notebook = json.loads(data.decode("utf-8-sig"))
    except RecursionError:
        raise Unreadable(f"{path.name} is nested too deep for a notebook") from None
    except ValueError as error:
        raise Unreadable(f"{path.name} {unlike_json(data, error)}") from None
    if problem := unlike_notebook(notebook):
        raise Unreadable(f"{path.name} {problem}")
    return Submission(path, hashlib.sha256(data).hexdigest(), notebook)


def cell_source(cell: Any) -> str:
    """Return a cell's text, whichever way the notebook stores it; an odd cell has none."""
    source = cell.get("source") if isinstance(cell, Mapping) else None
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    return source if isinstance(source, str) else ""


def cell_tags(cell: Any) -> list[str]:
    """Return a cell's tags."""
    metadata = cell.get("metadata") if isinstance(cell, Mapping) else None
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def answers(notebook: Mapping[str, Any], exercise: Exercise) -> dict[str, list[str]]:
    """Return the answers: question → the sources of its code cells, in their order.

    A learner may split an answer over several cells of one tag; a question without a cell is
    left out.
    """
    found: dict[str, list[str]] = {}
    for cell in notebook["cells"]:
        if not isinstance(cell, Mapping) or cell.get("cell_type") != "code":
            continue
        for question in tagged_questions(cell, exercise):
            found.setdefault(question, []).append(cell_source(cell))
    return found


def tagged_questions(cell: Any, exercise: Exercise) -> list[str]:
    """Return the questions that a cell answers by its tags; one that stands there often, once."""
    asked = [t.removeprefix("question-") for t in cell_tags(cell) if t.startswith("question-")]
    return [question for question in dict.fromkeys(asked) if question in exercise.questions]


def answer_cells(notebook: Mapping[str, Any], exercise: Exercise) -> dict[str, str]:
    """Return the answers as one text each: question → source."""
    return {q: "\n".join(sources) for q, sources in answers(notebook, exercise).items()}


def setup_cell(notebook: Mapping[str, Any]) -> str:
    """Return the source of the cells tagged `setup`: the imports every answer may rely on."""
    cells = [c for c in notebook["cells"] if "setup" in cell_tags(c)]
    return "\n".join(cell_source(cell) for cell in cells)


def trusted_notebook(exercise: Exercise) -> dict[str, Any]:
    """Return the notebook that learners of the exercise begin with."""
    return read(folder() / exercise.name / f"{exercise.name}.ipynb").notebook


def trusted_setup(exercise: Exercise) -> str:
    """Return the setup of the exercise's own notebook, whatever a submission made of it."""
    return setup_cell(trusted_notebook(exercise))
