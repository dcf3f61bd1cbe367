"""What a file is that is no notebook, and what to do about it: one sentence."""

import json
import re
from typing import Any

_HAND_IN = "hand in the notebook itself, the .ipynb file that Jupyter saves"
_UNPACK = "unpack it and hand in the .ipynb file"
_SAVE_AS = "save it in UTF-8, as Jupyter does"
_LAST = "hand in the last version that Jupyter opens"
_UTF16 = ("text in UTF-16", _SAVE_AS)
# First bytes → what the file is, what to do.
_BEGINS = {
    b"\x1f\x8b": ("a file packed by gzip", _UNPACK),
    b"BZh": ("a file packed by bzip2", _UNPACK),
    b"\xfd7zXZ": ("a file packed by xz", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("a 7-Zip archive", _UNPACK),
    b"Rar!": ("a RAR archive", _UNPACK),
    b"PK\x03\x04": ("a zip archive", _UNPACK),
    b"PK\x05\x06": ("an empty zip archive", _HAND_IN),
    b"%PDF": ("a PDF document", _HAND_IN),
    b"\xd0\xcf\x11\xe0": ("an Office document", _HAND_IN),
    b"{\\rtf": ("a document in Rich Text Format", _HAND_IN),
    b"\x89PNG": ("a picture", _HAND_IN),
    b"\xff\xd8\xff": ("a picture", _HAND_IN),
    b"\x00\x05\x16\x07": (
        "the companion that macOS makes of a file",
        "hand in the file whose name does not begin with ._",
    ),
    # With a mark of its byte order, and without.
    b"\xff\xfe": _UTF16,
    b"\xfe\xff": _UTF16,
    b"{\0": _UTF16,
    b"\0{": _UTF16,
}
# What a text holds near its beginning, in the order in which it is looked for.
_TEXTS = (
    (r"\A\s*<(!doctype html|html|head|body)\b",
     "a web page (HTML), an export or the page around a notebook", _HAND_IN),
    (r"\A\s*<", "a document in XML", _HAND_IN),
    (r"\Aversion https://git-lfs", "what Git LFS leaves in a file's place",
     "run git lfs pull and hand in the file that it brings"),
    (r"\A\[InternetShortcut\]", "a link to a web page", _HAND_IN),
    (r"\A---\s|^```", "a text in Markdown", _HAND_IN),
    (r"^(#!.*python|# ?%%|# In ?\[|# coding|import \w|from [\w.]+ import|def \w|\"{3})",
     "a Python program, perhaps an export", _HAND_IN),
)  # fmt: skip
CONFLICT = re.compile(r"^(<{7}|>{7}) .*$", re.MULTILINE)


def unlike_json(data: bytes, error: Exception) -> str:
    """Return what bytes are that JSON could not be read from, and what to do.

    Examples
    --------
    >>> unlike_json(b"%PDF-1.7 ...", ValueError())  # doctest: +ELLIPSIS
    'is a PDF document, not a notebook; hand in the notebook itself, ...'
    """
    for begins, (what, todo) in _BEGINS.items():
        if data.startswith(begins):
            if begins == b"PK\x03\x04" and b"[Content_Types].xml" in data:
                what, todo = _BEGINS[b"\xd0\xcf\x11\xe0"]
            return f"is {what}, not a notebook; {todo}"
    if data[257:262] == b"ustar":
        return f"is a tar archive, not a notebook; {_UNPACK}"
    if not data.strip(b"\xef\xbb\xbf \t\r\n\0"):
        return "is empty, so it is not JSON; save the notebook in Jupyter and hand it in again"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        todo = _SAVE_AS if data.lstrip().startswith(b"{") else _HAND_IN
        return f"is not text in UTF-8, so it is no notebook; {todo}"
    if conflict := CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        return (
            f"is not JSON: Git left the marks of a merge conflict in it (line {line}); settle the "
            "conflict and hand in a version that Jupyter opens"
        )
    if not text.lstrip().startswith("{"):
        for holds, what, todo in _TEXTS:
            if re.search(holds, text[:5000], re.IGNORECASE | re.MULTILINE):
                return f"is not JSON: it is {what}; {todo}"
        return f"is not JSON: it is plain text; {_HAND_IN}"
    cut = isinstance(error, json.JSONDecodeError) and (
        "Unterminated string" in error.msg or not text[error.pos :].strip()
    )
    return f"is not JSON: {'its end is missing' if cut else error}; {_LAST}"


def unlike_notebook(value: Any) -> str:
    """Return what a value of JSON is that is no notebook, and what to do; empty for a notebook.

    Examples
    --------
    >>> unlike_notebook({"nbformat": 4, "cells": []})
    ''
    >>> unlike_notebook([])  # doctest: +ELLIPSIS
    'is JSON, but no notebook: it has no list of cells; hand in ...'
    """
    if isinstance(value, dict):
        version = value.get("nbformat")
        if isinstance(value.get("worksheets"), list) or version in (1, 2, 3):
            return (
                f"is a notebook of the old format {version}; open it in Jupyter and save it, which "
                "makes it one of format 4, and hand it in again"
            )
        if isinstance(value.get("cells"), list):
            return ""
        if "out_of" in value and "results" in value:
            return f"is a report of qmlcourse, not a notebook; {_HAND_IN}"
    return f"is JSON, but no notebook: it has no list of cells; {_HAND_IN}"
