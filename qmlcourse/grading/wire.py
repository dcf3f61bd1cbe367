"""What crosses the border between a grader and an answer: plain numbers and arrays, as JSON.

Nothing is unpickled. What the worker sends is data to be checked, never an object to be trusted.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._typing import Array

ELEMENTS = 200_000
DEPTH = 20
CHARACTERS = 100_000
_KINDS = {"b": bool, "i": int, "u": np.uint64, "f": float, "c": complex}


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

    Numbers, text, arrays, and lists and dictionaries of these pass; a table of pandas becomes a
    list of rows. Two examples that are exact:

    >>> encode((1, 2.5))
    [1, 2.5]
    >>> encode(np.eye(2)[0])
    {'$array': [1.0, 0.0], 'shape': [2], 'kind': 'f'}

    Raises
    ------
    TypeError
        Where a value is something else, or nested or large beyond reason.
    """
    if depth > DEPTH:
        raise TypeError(f"the value is nested more than {DEPTH} deep")
    if isinstance(value, Seed):
        return {"$seed": value.value}
    if isinstance(value, Function):
        return {"$function": value.source}
    if type(value) is int and value.bit_length() > 1024:
        raise TypeError("a whole number beyond every float came back")
    if value is None or type(value) in (bool, int, float):
        return value
    if type(value) is str:
        if len(value) > CHARACTERS:
            raise TypeError(f"a text of {len(value):,} characters; at most {CHARACTERS:,} pass")
        return value
    if type(value) is complex:
        return {"$complex": [value.real, value.imag]}
    if isinstance(value, dict):
        if not all(isinstance(key, str) and not key.startswith("$") for key in value):
            raise TypeError("the keys of a dictionary must be text that does not start with $")
        return {str(key): encode(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        if len(value) > ELEMENTS:
            raise TypeError(f"a list of {len(value):,} items; at most {ELEMENTS:,} pass")
        return [encode(item, depth + 1) for item in value]
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return encode(value.to_dict(orient="records"), depth + 1)
    if not hasattr(value, "__array__") and not isinstance(value, np.generic):
        allowed = "numbers, arrays, text, lists and dictionaries"
        raise TypeError(f"an object of type {type(value).__name__} came back; allowed: {allowed}")
    array = np.asarray(value)
    if array.dtype.kind == "U" and array.ndim == 0:
        return encode(str(array), depth + 1)
    if array.dtype.kind not in _KINDS:
        raise TypeError(f"an array of {array.dtype} came back; allowed: numbers")
    if array.size > ELEMENTS:
        raise TypeError(f"an array of {array.size:,} numbers; at most {ELEMENTS:,} pass")
    flat: Array = array.astype(_KINDS[array.dtype.kind]).ravel()
    if array.dtype.kind == "c":
        data = [list(map(float, flat.real)), list(map(float, flat.imag))]
    else:
        data = flat.tolist()
    if array.ndim == 0 and array.dtype.kind != "c":
        return data[0]
    return {"$array": data, "shape": list(array.shape), "kind": array.dtype.kind}


def decode(value: Any, *, trusted: bool = False) -> Any:
    """Return what `encode` wrote; with `trusted`, generators and functions are made too.

    >>> decode(encode({"K": np.eye(2)}))["K"].shape
    (2, 2)

    Raises
    ------
    ValueError
        Where the data are not what `encode` writes.
    """
    if isinstance(value, list):
        return [decode(item, trusted=trusted) for item in value]
    if not isinstance(value, dict):
        return value
    keys = set(value)
    if trusted and keys == {"$seed"}:
        return np.random.default_rng(value["$seed"])
    if trusted and keys == {"$function"}:
        return eval(value["$function"], {"np": np})  # the source comes from the exercise
    if keys == {"$complex"}:
        return complex(*_numbers(value["$complex"], 2))
    if keys == {"$array", "shape", "kind"}:
        return _array(value["$array"], value["shape"], value["kind"])
    if any(key.startswith("$") for key in keys):
        raise ValueError("an unknown kind of value came back")
    return {key: decode(item, trusted=trusted) for key, item in value.items()}


def _numbers(data: Any, size: int) -> list[float]:
    if not isinstance(data, list) or len(data) != size:
        raise ValueError("an array came back whose length is not that of its shape")
    if not all(type(item) in (int, float) for item in data):
        raise ValueError("an array came back with something that is no number")
    try:
        return [float(item) for item in data]
    except OverflowError:
        raise ValueError("a number came back that no float can hold") from None


def _array(data: Any, shape: Any, kind: Any) -> Array:
    if not isinstance(shape, list) or len(shape) > DEPTH or kind not in list(_KINDS):
        raise ValueError("an array came back without a shape")
    if not all(type(length) is int and 0 <= length <= ELEMENTS for length in shape):
        raise ValueError("an array came back without a shape")
    size = 1
    for length in shape:
        size *= length
    if size > ELEMENTS:
        raise ValueError(f"an array of {size:,} numbers; at most {ELEMENTS:,} pass")
    if kind == "c":
        if not isinstance(data, list) or len(data) != 2:
            raise ValueError("a complex array came back without its two parts")
        flat = np.empty(size, dtype=complex)
        # Not a sum: 1j * inf would make the real part NaN.
        flat.real, flat.imag = _numbers(data[0], size), _numbers(data[1], size)
        return flat.reshape(shape)
    if kind == "b":
        if not isinstance(data, list) or len(data) != size or set(map(type, data)) - {bool}:
            raise ValueError("an array of truth values came back with something else in it")
        return np.array(data, dtype=bool).reshape(shape)
    numbers = np.array(_numbers(data, size)).reshape(shape)
    # Counts and positions stay whole; a float holds them exactly up to 2^53.
    whole = kind in "iu" and bool(np.all(np.abs(numbers) <= 2**53))
    return numbers.astype(np.int64) if whole else numbers
