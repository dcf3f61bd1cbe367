"""Results on disk: a file per finished cell, whole or absent, found again by what decided it."""

import errno
import hashlib
import json
import os
import re
import stat
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from pickle import PicklingError
from types import FunctionType
from typing import Any, ClassVar

import numpy as np
from joblib.hashing import NumpyHasher
from scipy import stats

from .. import _files

# Stores of version 0.1.0 know it by the module that it stood in then.
_KNOWN_AS = {
    "qmlcourse.models.QuantumKernelClassifier": (
        "qmlcourse._kernel_classifier.QuantumKernelClassifier"
    )
}


#: What a row holds, in this order.
COLUMNS = [
    "dataset", "drawn", "model", "seed", "score", "low", "high", "train_score", "n_train", "n_test",
    "tried", "search_seconds", "fit_seconds", "predict_seconds", "circuits", "params", "split",
]  # fmt: skip
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
        if all(isinstance(k, str) for k in value):
            return {str(k): describe(v) for k, v in value.items()}
        return ["dict", sorted(([describe(k), describe(v)] for k, v in value.items()), key=repr)]
    if isinstance(value, (list, tuple)):
        return [describe(v) for v in value]
    kind = _public_name(type(value))
    if hasattr(value, "get_params") and not isinstance(value, type):
        return [kind, describe(_settings(kind, value.get_params(deep=False)))]
    if isinstance(value, (stats.rv_continuous, stats.rv_discrete)):
        return [kind, _hashed(_definition(value), value)]
    if isinstance(getattr(value, "dist", None), (stats.rv_continuous, stats.rv_discrete)):
        if type(value) in _FROZEN and _is_scipys(value.dist):
            return [type(value.dist).__qualname__, describe(value.args), describe(value.kwds)]
        rest = {k: v for k, v in vars(value).items() if k != "dist"}
        return [kind, describe(value.dist), describe(rest)]
    return [kind, _hashed(value, value)]


def _hashed(what: Any, setting: Any) -> Any:
    try:
        return _Hasher("md5").hash(what)
    except (PicklingError, AttributeError, TypeError) as error:
        raise TypeError(
            f"store must know settings again in a later run; {setting!r} has no importable name: "
            "define it at the top of a module."
        ) from error


_FROZEN = (type(stats.norm()), type(stats.randint(0, 1)))


def _definition(dist: Any) -> list[Any]:
    """Return what SciPy makes a distribution of, and what a class of one's own adds to it.

    Its random state is none of it: a search draws from one of its own.
    """
    made_of = {
        k: v for k, v in dist._updated_ctor_param().items() if k not in ("name", "longname", "seed")
    }
    plain = stats.rv_discrete() if isinstance(dist, stats.rv_discrete) else stats.rv_continuous()
    common = {*vars(plain), "_support"}  # which stands in those of scipy.stats, not in copies
    added = {k: v for k, v in vars(dist).items() if k not in common}
    return [type(dist), made_of, added]


def _is_scipys(dist: Any) -> bool:
    """Return whether a distribution is one that scipy.stats has by name, told by its class."""
    same = [d for d in vars(stats).values() if type(d) is type(dist)]
    given = _Hasher("md5").hash(_definition(dist)) if same else None
    return bool(same) and all(_Hasher("md5").hash(_definition(d)) == given for d in same)


def _settings(kind: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of an estimator, less those that older stores did not know of."""
    if _public_module(kind).startswith("qmlcourse.") and params.get("class_weight") is None:
        return {name: value for name, value in params.items() if name != "class_weight"}
    return params


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


def folder(store: object) -> Path:
    """Return the absolute path of a store: the working directory may change while cells run."""
    return _files.path(store, "store", "the path of a folder")


def check(folder: Path) -> None:
    """Make the folder; raise ValueError if no cell could be kept in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # It has no name, and it takes as much of the disk as a cell.
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
    except OSError as error:
        reason = error.strerror
        if os.path.islink(folder) and not os.path.exists(folder):
            reason = f"a link that leads nowhere, to {os.readlink(folder)!r}"
        raise ValueError(
            f"store must be a folder to write to; got {str(folder)!r}: {reason}."
        ) from error


def _claim(path: Path, key: str) -> Path:
    return path.with_name(f".{key[:16]}")


def begun(path: Path, key: str) -> bool:
    """Return whether a process began this cell and ended, or is at it still."""
    return os.path.lexists(f"{_claim(path, key)}.lock")


@contextmanager
def claimed(path: Path, key: str) -> Iterator[bool]:
    """Keep other runs off a cell; give False where another is at it.

    What a killed process leaves is the lock's file without the lock.
    """
    with ExitStack() as stack:
        claim = _claim(path, key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(_files.locked(claim))
            stack.callback(Path(f"{claim}.lock").unlink, missing_ok=True)
        except _files.Held:
            yield False
            return
        except (_files.NoLock, OSError):
            pass  # twice at worst: two runs side by side write the same row
        yield True


def save(path: Path, key: str, row: dict[str, Any]) -> None:
    """Write a row so that a reader finds all of it or nothing, whenever we are killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.path.exists(path) and not path.is_file():
        # A pipe would wait for a reader.
        raise OSError(errno.EEXIST, "what has its name is no regular file", os.fspath(path))
    _files.write(path, json.dumps({"key": key, "check": digest(row), "row": row}, indent=1))


def read(path: Path, key: str) -> tuple[dict[str, Any] | None, str]:
    """Return a finished row, or None and what is wrong with its file, if there is one."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None, "no regular file"
        stored = json.loads(path.read_bytes())
        row = stored["row"]
        if stored["key"] != key or stored["check"] != digest(row):
            return None, "damaged"
        return (row, "") if list(row) == COLUMNS else (None, "of another version")
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        return None, f"not to be read ({error.strerror})"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, MemoryError):
        return None, "damaged"


def load(path: Path, key: str) -> dict[str, Any] | None:
    """Return a finished row, or None where there is none; warn if its file is no good."""
    row, problem = read(path, key)
    if problem:
        warnings.warn(f"store: {path} is {problem}; its cell runs again.", stacklevel=4)
    return row
