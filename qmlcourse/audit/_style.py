"""How a manuscript is put: which of some forms it has, and what its variables are called.

The same study is written in many ways, so that no list of replacements mends the code of another
reader. Names in capitals, keys and arguments of libraries stay.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

#: Names of the frame and its fragments → what they may be called.
NAMES: Final[dict[str, tuple[str, ...]]] = {
    "train": ("train", "learn", "known"),
    "valid": ("valid", "check", "tune"),
    "test": ("test", "held", "final"),
    "later": ("later", "rest", "others"),
    "results": ("results", "entries", "listed"),
    "ours": ("ours", "vals", "found"),
    "theirs": ("theirs", "rival", "base"),
    "value": ("value", "got", "top"),
    "kernels": ("kernels", "grams", "Ks"),
    "Z": ("Z", "A", "F"),
    "Q": ("Q", "E", "B"),
    "C": ("C", "R", "G"),
    "K": ("K", "M", "L"),
    "q": ("q", "u", "a"),
    "c": ("c", "v", "s"),
    "d": ("d", "gap", "delta"),
    "half": ("half", "arm", "reach"),
    "job": ("job", "log", "rec"),
    "once": ("once", "keep", "unique"),
    "hit": ("hit", "right", "agree"),
    "weights": ("weights", "alpha", "coef"),
    "race": ("race", "match", "duel"),
    "score": ("score", "grade", "rate"),
    "scaled": ("scaled", "standard", "unified"),
    "strongest": ("strongest", "telling", "leading"),
    "g": ("g", "room", "geo"),
}


def pick(style: int, about: str, options: Sequence[T]) -> T:
    """Return one of some options, as a style has it."""
    digest = hashlib.sha256(f"{style} {about}".encode()).digest()
    return options[int.from_bytes(digest[:4], "big") % len(options)]


def renamed(code: str, style: int) -> str:
    """Return code with the names that a style has; texts and attributes stay.

    >>> renamed('C = job["C"].C', 3) != 'C = job["C"].C'
    True
    """
    names = {name: pick(style, name, options) for name, options in NAMES.items()}
    one = rf"\"[^\"]*\"|(?<![\w.])(?:{'|'.join(NAMES)})\b"
    return re.sub(one, lambda found: names.get(found[0], found[0]), code)
