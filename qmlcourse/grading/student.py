"""One student of a class: a notebook whose experiments have data of their own, and whose it is."""

import copy
import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

_NUMBER = re.compile(r"(?m)^STUDENT *= *(\d{1,20})\b")


def plain(text: str) -> str:
    """Return a name as it is compared: capitals, spaces and accents' coding don't count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class Student(NamedTuple):
    """Somebody of a roster."""

    id: str
    name: str = ""

    @property
    def number(self) -> int:
        """The number that draws the data of the student's experiments; it follows from the id.

        >>> Student("ann").number == Student("Ann ").number != Student("bo").number
        True
        """
        digest = hashlib.sha256(f"qmlcourse student {plain(self.id)}".encode()).digest()
        return 1 + int.from_bytes(digest[:8], "big") % 999_999_999

    def is_called(self, name: str) -> bool:
        """Return whether a name, or an identifier, is the student's."""
        return plain(name) in {plain(self.id), plain(self.name)} - {""}


def own_copy(notebook: Mapping[str, Any], student: Student) -> dict[str, Any]:
    """Return a learner's notebook with a student's number in it, and whose it is at its top."""
    made: dict[str, Any] = copy.deepcopy(dict(notebook))
    for cell in made["cells"]:
        if _tagged(cell):
            cell["source"] = _NUMBER.sub(f"STUDENT = {student.number}", _source(cell))
    first = made["cells"][0]
    told = (
        f"This copy was made for **{student.id}**: the data of its experiments are yours alone. "
        f"Where your name is asked for, write `{student.id}`."
    )
    title, _, rest = _source(first).partition("\n")
    first["source"] = f"{title}\n\n{told}\n{rest}"
    return made


def other_data(
    notebook: Mapping[str, Any], given: Mapping[str, Any], student: Student
) -> list[str]:
    """Return in a sentence that a notebook's experiments had data of somebody else, if so."""
    if not any(_tagged(cell) for cell in given["cells"]):
        return []
    found = {n for c in notebook["cells"] if _tagged(c) for n in _NUMBER.findall(_source(c))}
    if found == {str(student.number)}:
        return []
    has = f"STUDENT is {' and '.join(sorted(found))}" if found else "no cell says STUDENT = NUMBER"
    return [
        f"Data of somebody else: {has}, and {student.id} was given {student.number}. What the "
        "experiments and the report show belongs to other data."
    ]


def _tagged(cell: Any) -> bool:
    metadata = cell.get("metadata") if isinstance(cell, Mapping) else None
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
    return isinstance(tags, list) and "student" in tags


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)
