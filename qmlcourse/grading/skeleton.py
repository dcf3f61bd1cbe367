"""Begin an exercise of one's own: checks, notebook and rubric that work and can be changed."""

import json
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from .. import _files

_CELLS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("markdown", "# $title\n\nSay what is asked, and for whom.", ()),
    ("code", "import numpy as np", ("setup",)),
    ("markdown", "## A state\n\nThe gate $$R_Y(x)$$ turns $$|0\\rangle$$.", ()),
    (
        "code",
        'def state(x):\n    """Return the two amplitudes of RY(x)|0>; x in radians."""\n    ...',
        ("question-state",),
    ),
    (
        "code",
        'from qmlcourse.grading import check_answer\n\ncheck_answer("$name", "state", globals())',
        ("check",),
    ),
    ("markdown", "## Report\n\nSay how long, and for whom.", ()),
    ("markdown", "_What did you find, and with which interval?_", ("report",)),
)


def new_exercise(name: str, folder: Path | str) -> list[Path]:
    """Write the files of a new exercise and return their paths.

    It is a small exercise that works: change it. `QMLCOURSE_EXERCISES` must name the folder for
    `check` and `grade` to find it. Used by `qmlcourse exercises --new`, in the chapter on the
    portfolio.

    Parameters
    ----------
    name : str
        Small letters, digits and underscores.
    folder : path
        Where a folder of that name is made.

    Raises
    ------
    ValueError
        Where the name is not as above, or is taken.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in new_exercise("spin_echo", folder)]
    ['checks.py', 'rubric.md', 'spin_echo.ipynb']
    """
    if not (name.isascii() and name.isidentifier() and name == name.lower()):
        raise ValueError(f"name is {name!r}; allowed: small letters, digits and underscores")
    place = Path(folder) / name
    if place.exists():
        raise ValueError(f"name is {name!r}, and {place} is there already")
    place.mkdir(parents=True)
    names = {"name": name, "title": name.replace("_", " ").capitalize()}
    texts = resources.files(__package__) / "templates" / "exercise"
    written = {
        place / "checks.py": _filled((texts / "checks.txt").read_text("utf-8"), names),
        place / "rubric.md": _filled((texts / "rubric.txt").read_text("utf-8"), names),
        place / f"{name}.ipynb": json.dumps(_notebook(names), indent=1) + "\n",
    }
    for path, text in written.items():
        _files.write(path, text.encode("utf-8"))
    return list(written)


def _filled(text: str, names: dict[str, str]) -> str:
    return Template(text).substitute(names)


def _notebook(names: dict[str, str]) -> dict[str, Any]:
    cells: list[dict[str, Any]] = []
    for number, (kind, source, tags) in enumerate(_CELLS):
        cell = {
            "cell_type": kind,
            "id": f"cell-{number:03d}",
            "metadata": {"tags": list(tags)} if tags else {},
            "source": _filled(source, names),
        }
        cells.append(cell | ({"outputs": [], "execution_count": None} if kind == "code" else {}))
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "qmlcourse": {"exercise": names["name"]},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
