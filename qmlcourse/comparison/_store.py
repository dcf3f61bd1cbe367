"""Results on disk: a file per finished cell, whole or absent, found again by what decided it."""

import hashlib
import json
import os
import re
import tempfile
import warnings
from pathlib import Path
from pickle import PicklingError
from types import FunctionType
from typing import Any, ClassVar

import numpy as np
from joblib.hashing import NumpyHasher

from .. import _files

# Stores of version 0.1.0 know it by the module that it stood in then.
_KNOWN_AS = {
    "qmlcourse.models.QuantumKernelClassifier": (
        "qmlcourse._kernel_classifier.QuantumKernelClassifier"
    )
}


_LONGEST = 255  # bytes of a file's name, on most systems


def digest(value: object) -> str:
    """Return the SHA-256 of a value that JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def describe(value: Any) -> Any:
    """Return what decides how a setting behaves, as JSON holds it.

    Equal for equal settings, also in another process; the code of a class or a function is not
    looked at. Raises TypeError for a function without a name, which can't be told from another.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if isinstance(value, dict):
        return {str(k): describe(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [describe(v) for v in value]
    kind = _public_name(type(value))
    if hasattr(value, "get_params") and not isinstance(value, type):
        return [kind, describe(value.get_params(deep=False))]
    if all(hasattr(value, a) for a in ("dist", "args", "kwds")):  # a frozen SciPy distribution
        return [type(value.dist).__qualname__, describe(value.args), describe(value.kwds)]
    try:
        return [kind, _Hasher("md5").hash(value)]
    except (PicklingError, AttributeError, TypeError) as error:
        raise TypeError(
            f"store must know settings again in a later run; {value!r} has no importable name: "
            "define it at the top of a module."
        ) from error


def _public_name(kind: type) -> str:
    """Return where a class is imported from: the place of its code may change."""
    name = f"{_public_module(kind.__module__)}.{kind.__qualname__}"
    return _KNOWN_AS.get(name, name)


def _public_module(module: str) -> str:
    parts = module.split(".")
    if parts[0] == "qmlcourse":
        parts = [part for part in parts if not part.startswith("_")]
    return ".".join(parts)


class _Hasher(NumpyHasher):
    """What joblib.hash uses, but a function of the course counts as where it is imported from."""

    def save_global(self, obj: Any, name: str | None = None, **options: Any) -> None:
        module = getattr(obj, "__module__", None) or ""
        if _public_module(module) == module:
            super().save_global(obj, name, **options)
            return
        obj.__module__ = _public_module(module)
        try:
            super().save_global(obj, name, **options)
        finally:
            obj.__module__ = module

    dispatch: ClassVar[dict[Any, Any]] = {**NumpyHasher.dispatch, FunctionType: save_global}


def file_name(dataset: str, model: str, seed: int, key: str) -> str:
    """Return a file name that people can read and no two cells share."""
    names = [re.sub(r"[^\w.-]+", "-", name)[:60] for name in (dataset, model)]
    name = f"{names[0]}__{names[1]}__{seed}__{key[:8]}.json"
    return name if len(os.fsencode(name)) <= _LONGEST else f"{key}.json"


def check(folder: Path) -> None:
    """Make the folder; raise ValueError if no cell could be kept in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # It has no name, and it takes as much of the disk as a cell.
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
    except OSError as error:
        raise ValueError(
            f"store must be a folder to write to; got {str(folder)!r}: {error.strerror}."
        ) from error


def save(path: Path, key: str, row: dict[str, Any]) -> None:
    """Write a row so that a reader finds all of it or nothing, whenever we are killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _files.write(path, json.dumps({"key": key, "check": digest(row), "row": row}, indent=1))


def load(path: Path, key: str) -> dict[str, Any] | None:
    """Return a finished row, or None where there is none; warn if the file is damaged."""
    try:
        stored = json.loads(path.read_bytes())
        if stored["key"] == key and stored["check"] == digest(stored["row"]):
            return stored["row"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        pass
    warnings.warn(f"store: {path} is damaged; its cell runs again.", stacklevel=3)
    return None
