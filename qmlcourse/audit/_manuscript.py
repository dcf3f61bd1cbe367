"""A manuscript as its reader gets it. Public through audit."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import _files
from ._case import case
from ._code import NUMBERS
from ._text import page


@dataclass(frozen=True)
class Manuscript:
    """A page that claims a quantum win, with its data and its code.

    Attributes
    ----------
    text : str
        The page, as Markdown; a notebook shows it with the code below.
    code : str
        Python, at most 66 lines. Its function `study(data)` returns the numbers of the page.
    data : dict
        What `study` takes: "X", one data set a run, shape (runs, rows, columns), and "y", labels
        ±1, shape (runs, rows); "circuits", rotations, shape (circuits, 4, 4); "limits" of the
        instrument, shape (2, columns); "jobs", two records with "backend", "shots", "y", and
        "counts" of all zeros, a number for each pair of rows.
    numbers : dict
        The numbers that the page prints, to three decimals.
    """

    text: str
    code: str
    data: dict[str, Any]
    numbers: dict[str, float]

    def _repr_markdown_(self) -> str:
        # In a notebook it stands below a section: its title is no title of the page.
        return f"##{self._whole()}"

    def _whole(self) -> str:
        return f"{self.text}\n```python\n{self.code}```\n"

    def save(self, folder: str | Path) -> None:
        """Write `manuscript.md`, `study.py` and `data.json` into a new or empty folder's place.

        Parameters
        ----------
        folder : path
            Made if it isn't there.
        """
        folder = _files.path(folder, "folder")
        folder.mkdir(parents=True, exist_ok=True)
        plain = json.dumps(self.data, default=lambda array: np.asarray(array).tolist())
        for name, content in (
            ("manuscript.md", self._whole()),
            ("study.py", self.code),
            ("data.json", plain),
        ):
            _files.write(folder / name, content)


def manuscript(reader: str) -> Manuscript:
    """Return the manuscript that a reader is to audit; each name has its own.

    Two or three rules of :data:`RULES` are broken, none twice, and the numbers follow from it:
    running the code on the data gives them. Something else looks wrong and keeps the rules.

    Parameters
    ----------
    reader : str
        A name, or whatever tells readers apart; capitals, spaces and marks don't count.

    Returns
    -------
    Manuscript

    Raises
    ------
    ValueError
        If the name has no letter and no digit.

    Notes
    -----
    Used in the portfolio's exercise *Audit of a claim*, a chapter of its own.

    Examples
    --------
    >>> paper = manuscript("Ada Lovelace")
    >>> paper.text.splitlines()[0]
    '# A quantum advantage for ball bearings'
    """
    if not isinstance(reader, str) or not any(letter.isalnum() for letter in reader):
        raise ValueError(f"reader must be a name, with a letter or a digit; got {reader!r}.")
    reader = " ".join(reader.split())
    found = case(reader)
    data, printed = found.data, found.printed
    runs, rows, columns = np.shape(data["X"])
    facts = {"reader": reader, "runs": runs, "n": rows, "d": columns} | printed
    facts |= {"circuits": len(data["circuits"]), "shots": data["jobs"][0]["shots"]}
    return Manuscript(
        text=page(found.plan.story, found.plan.draft().text, facts),
        code=found.plan.code(),
        data=data,
        numbers={name: round(printed[name], 3) for name in NUMBERS},
    )
