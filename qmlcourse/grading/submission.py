"""Reading a submitted notebook as data: its answer cells by tag, and nothing of it is run."""

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .exercise import Exercise, folder

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


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a regular file of bounded size; no link is followed, no pipe waited on.

    Raises
    ------
    Unreadable
        Where it is a link, a folder, a pipe or a device, or too large.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
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
        Where the file is not a notebook; the message says why.
    """
    path = Path(path)
    data = read_bytes(path)
    try:
        notebook = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise Unreadable(f"{path.name} is not text in UTF-8") from None
    except RecursionError:
        raise Unreadable(f"{path.name} is nested too deep for a notebook") from None
    except ValueError as error:
        raise Unreadable(f"{path.name} is not JSON: {error}") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise Unreadable(f"{path.name} is JSON, but no notebook: it has no list of cells")
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


def answer_cells(notebook: Mapping[str, Any], exercise: Exercise) -> dict[str, str]:
    """Return the answers: question → source of its cells, in their order.

    A learner may split an answer over several cells of one tag; a question without a cell is
    left out.
    """
    found: dict[str, list[str]] = {}
    for cell in notebook["cells"]:
        if not isinstance(cell, Mapping) or cell.get("cell_type") != "code":
            continue
        # A tag that stands there a thousand times counts once.
        for tag in dict.fromkeys(cell_tags(cell)):
            question = tag.removeprefix("question-")
            if tag.startswith("question-") and question in exercise.questions:
                found.setdefault(question, []).append(cell_source(cell))
    return {question: "\n".join(sources) for question, sources in found.items()}


def setup_cell(notebook: Mapping[str, Any]) -> str:
    """Return the source of the cells tagged `setup`: the imports every answer may rely on."""
    cells = [c for c in notebook["cells"] if "setup" in cell_tags(c)]
    return "\n".join(cell_source(cell) for cell in cells)


def trusted_setup(exercise: Exercise) -> str:
    """Return the setup of the exercise's own notebook, whatever a submission made of it."""
    return setup_cell(read(folder() / exercise.name / f"{exercise.name}.ipynb").notebook)
