"""Values as what JSON can write: whatever Python and its libraries count as a number, a sequence
or a mapping passes as one."""

import dataclasses
import datetime
import enum
import itertools
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._typing import Array

ELEMENTS = 200_000
DEPTH = 20
CHARACTERS = 100_000
KINDS = {"b": bool, "i": int, "u": np.uint64, "f": float, "c": complex}


@dataclass(frozen=True)
class Seed:
    """A random generator, made where the answer runs: `numpy.random.default_rng(value)`."""

    value: int


@dataclass(frozen=True)
class Function:
    """A function, made where the answer runs from its source, an expression that may use `np`."""

    source: str


def encode(value: Any, depth: int = 0) -> Any:
    """Return a value as what `json` can write.

    Numbers of any type, text, arrays, sequences, sets and mappings pass; a table of pandas becomes
    a list of rows, or an array where its columns have no names; an enumeration its value, a data
    class its fields. Three examples that are exact:

    >>> encode((1, 2.5, range(2)))
    [1, 2.5, [0, 1]]
    >>> from fractions import Fraction
    >>> encode(Fraction(1, 4))
    0.25
    >>> encode(np.eye(2)[0])
    {'$array': [1.0, 0.0], 'shape': [2], 'kind': 'f'}

    Raises
    ------
    TypeError
        Where a value is something else, or nested or large beyond reason.
    """
    if depth > DEPTH:
        raise TypeError(f"the value is nested more than {DEPTH} deep")
    if value is None or type(value) in (bool, float):
        return value
    if isinstance(value, Seed):
        return {"$seed": value.value}
    if isinstance(value, Function):
        return {"$function": value.source}
    if isinstance(value, enum.Enum):
        return encode(value.value, depth + 1)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return {_key(key): encode(item, depth + 1) for key, item in value.items()}
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return encode(_rows(value), depth + 1)
    if isinstance(value, np.generic) or hasattr(value, "__array__") or hasattr(value, "toarray"):
        return _encoded(value, depth)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    # A class of numbers or of fields is none itself, nor are bytes a list of numbers.
    if not isinstance(value, type | bytes | bytearray):
        if hasattr(value, "__index__") or hasattr(value, "__float__"):
            return _number(value)
        if hasattr(value, "__complex__"):
            number = complex(value)
            return {"$complex": [number.real, number.imag]}
        if dataclasses.is_dataclass(value):
            fields = (field.name for field in dataclasses.fields(value))
            return {name: encode(getattr(value, name), depth + 1) for name in fields}
        if isinstance(value, Iterable) or hasattr(value, "__getitem__"):
            return _sequence(value, depth)
    allowed = "numbers, arrays, text, lists and dictionaries"
    raise TypeError(f"an object of type {type(value).__name__} came back; allowed: {allowed}")


def _text(value: str) -> str:
    if len(value) > CHARACTERS:
        raise TypeError(f"a text of {len(value):,} characters; at most {CHARACTERS:,} pass")
    # Plain text of NumPy's, and of a class of the answer's own.
    return str.__str__(value)


def _key(key: Any) -> str:
    key = key.value if isinstance(key, enum.Enum) else key
    if not isinstance(key, str) or key.startswith("$"):
        raise TypeError("the keys of a dictionary must be text that does not start with $")
    return str.__str__(key)


def _number(value: Any) -> Any:
    if hasattr(value, "__index__"):
        whole = int(value.__index__())
        if whole.bit_length() > 1024:
            raise TypeError("a whole number beyond every float came back")
        return whole
    try:
        return float(value)
    except OverflowError:
        raise TypeError("a number beyond every float came back") from None
    except TypeError:
        # SymPy's numbers may be complex.
        if not hasattr(value, "__complex__"):
            raise
        number = complex(value)
        return {"$complex": [number.real, number.imag]}


def _sequence(value: Any, depth: int) -> Any:
    # A generator may have no end.
    items = list(itertools.islice(iter(value), ELEMENTS + 1))
    if len(items) > ELEMENTS:
        count = f"{len(value):,}" if hasattr(value, "__len__") else f"more than {ELEMENTS:,}"
        raise TypeError(f"a list of {count} items; at most {ELEMENTS:,} pass")
    encoded = [encode(item, depth + 1) for item in items]
    if isinstance(value, Set) and not hasattr(value, "__reversed__"):
        return {"$set": encoded}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {"$named": encoded, "names": [_key(name) for name in value._fields]}
    return encoded


def _rows(frame: Any) -> Any:
    """Return a table's rows as dictionaries, or its numbers where no column has a name."""
    if not all(isinstance(name, str) for name in frame.columns):
        return frame.to_numpy()
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    return frame.to_dict(orient="records")


def _encoded(value: Any, depth: int) -> Any:
    """Return an array of any library as what `json` can write."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()  # of PyTorch, which gives no numbers it tracks
    if hasattr(value, "toarray"):
        value = value.toarray()
    if isinstance(value, np.ma.MaskedArray) and np.any(value.mask):
        raise TypeError("an array with masked entries came back: fill them, or leave them out")
    array = np.asarray(value)
    if array.size > ELEMENTS:
        raise TypeError(f"an array of {array.size:,} numbers; at most {ELEMENTS:,} pass")
    if array.dtype.names:
        rows = [dict(zip(array.dtype.names, row, strict=True)) for row in array.ravel().tolist()]
        return encode(rows if array.ndim else rows[0], depth + 1)
    if array.dtype.kind == "M":
        array = np.datetime_as_string(array)
    if array.dtype.kind in "OUT":
        return encode(array.tolist(), depth + 1)
    if array.dtype.kind not in KINDS:
        raise TypeError(f"an array of {array.dtype} came back; allowed: numbers")
    flat: Array = array.astype(KINDS[array.dtype.kind]).ravel()
    if array.dtype.kind == "c":
        data = [list(map(float, flat.real)), list(map(float, flat.imag))]
    else:
        data = flat.tolist()
    if array.ndim == 0 and array.dtype.kind != "c":
        return data[0]
    return {"$array": data, "shape": list(array.shape), "kind": array.dtype.kind}
