"""What crosses the border between a grader and an answer: plain numbers and arrays, as JSON.

Nothing is unpickled. What the worker sends is data to be checked, never an object to be trusted.
"""

import json
from typing import Any

import numpy as np

from .._typing import Array
from .packing import CHARACTERS, DEPTH, ELEMENTS, KINDS, Function, Seed, encode

__all__ = [
    "CHARACTERS", "DEPTH", "ELEMENTS", "REPLY", "Function", "Named", "Seed", "arrived", "decode",
    "encode",
]  # fmt: skip

# A reply of this many bytes holds more numbers than any check asks for.
REPLY = 8 * 2**20


class Named(list[Any]):
    """A named tuple that came back: a list whose items have `names`."""

    names: list[str]


def arrived(data: Any) -> Any:
    """Return what the other side makes of what `encode` gave.

    Raises
    ------
    ValueError
        Where it is more than may cross at once, or JSON cannot hold it.
    """
    text = json.dumps(data)
    if len(text) > REPLY:
        raise ValueError(f"The reply is larger than {REPLY // 2**20} MiB.")
    return decode(json.loads(text))


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
    if keys == {"$set"}:
        return _set(value["$set"])
    if keys == {"$named", "names"}:
        return _named(value["$named"], value["names"], trusted)
    if keys == {"$complex"}:
        return complex(*_numbers(value["$complex"], 2))
    if keys == {"$array", "shape", "kind"}:
        return _array(value["$array"], value["shape"], value["kind"])
    if any(key.startswith("$") for key in keys):
        raise ValueError("an unknown kind of value came back")
    return {key: decode(item, trusted=trusted) for key, item in value.items()}


def _list(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise ValueError("something came back that is no list")
    return data


def _set(data: Any) -> set[Any]:
    items = [decode(item) for item in _list(data)]
    try:
        return set(items)
    except TypeError:
        raise ValueError("a set came back with something in it that no set can hold") from None


def _named(data: Any, names: Any, trusted: bool) -> Named:
    if len(_list(data)) != len(_list(names)):
        raise ValueError("a named tuple came back whose names are not as many as its items")
    if not all(isinstance(name, str) for name in names):
        raise ValueError("a named tuple came back with a name that is no text")
    named = Named(decode(item, trusted=trusted) for item in data)
    named.names = names
    return named


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
    if not isinstance(shape, list) or len(shape) > DEPTH or kind not in list(KINDS):
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
