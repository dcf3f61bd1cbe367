"""A class's roster: who is in it, and who handed in what."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from .student import Student
from .tables import read_table

# An id that is given a folder of its own.
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")


def roster(path: Path | str) -> pd.DataFrame:
    """Return a roster: CSV with a column `id`, and perhaps `name`, `file` and others.

    Raises
    ------
    ValueError
        Where it is no such table, or an id stands there twice.
    """
    table = read_table(path, ("id",))
    twice = table["id"][table["id"].duplicated()]
    if len(twice):
        raise ValueError(f"{Path(path).name} has the id {twice.iloc[0]!r} twice")
    return table


def students(path: Path | str) -> list[Student]:
    """Return the students of a roster whose ids can name a folder; refuse others."""
    found = [Student(row["id"], row.get("name", "")) for row in roster(path).to_dict("records")]
    for line, student in enumerate(found, 2):
        if not _SAFE.fullmatch(student.id):
            raise ValueError(
                f"{Path(path).name}, line {line}: the id is {student.id!r}; allowed: letters and "
                "digits without accents, and . _ @ - after the first"
            )
    return found


def handed_in(table: pd.DataFrame, submissions: Iterable[str], name: str) -> list[str]:
    """Return what each person of a roster handed in, or "".

    Raises
    ------
    ValueError
        Where somebody handed in two, or a submission is two people's.
    """
    paths, owner, found = list(submissions), dict[str, str](), []
    for row in table.to_dict("records"):
        mine = [path for path in paths if _belongs(path, row)]
        if len(mine) > 1:
            raise ValueError(
                f"{name}: {row['id']!r} has {len(mine)} submissions, {mine[0]} and {mine[1]}; "
                "give the path in a column 'file'"
            )
        for path in mine:
            if path in owner:
                raise ValueError(f"{name}: {path} belongs to {owner[path]!r} and to {row['id']!r}")
            owner[path] = row["id"]
        found.append(mine[0] if mine else "")
    return found


def owners(path: Path | str, submissions: Sequence[str]) -> dict[Path, Student]:
    """Return whose each submission is, by a roster.

    Raises
    ------
    ValueError
        Where one is nobody's.
    """
    table, name = roster(path), Path(path).name
    whose = {
        Path(mine): Student(row["id"], row.get("name", ""))
        for row, mine in zip(
            table.to_dict("records"), handed_in(table, submissions, name), strict=True
        )
        if mine
    }
    for submission in submissions:
        if Path(submission) not in whose:
            raise ValueError(
                f"{submission} belongs to nobody of {name}: name it there in a column 'file', or "
                "put an id of the roster into its name"
            )
    return whose


def _belongs(path: str, row: dict[str, Any]) -> bool:
    file = row.get("file", "")
    if file:
        return path == file or Path(path).name == file or Path(path).stem == file
    whole = rf"(?<![A-Za-z0-9]){re.escape(row['id'])}(?![A-Za-z0-9])"
    return bool(row["id"]) and re.search(whole, path) is not None
