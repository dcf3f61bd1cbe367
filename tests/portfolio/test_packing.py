"""Values as people return them: what Python and its libraries count as one crosses as one."""

import collections
import dataclasses
import datetime
import enum
import types
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import sympy
from scipy import sparse

from qmlcourse.grading import Wrong, array, table, texts
from qmlcourse.grading.wire import arrived, encode


def crossed(value):
    """Return a value as it arrives at the other side."""
    return arrived(encode(value))


class Colour(enum.StrEnum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: float
    y: object


Pair = collections.namedtuple("Pair", ["low", "high"])


class Tracked:
    """A tensor as PyTorch has them: no numbers while it tracks their gradient."""

    def __init__(self, values):
        self.values, self.tracked = np.array(values), True

    def detach(self):
        self.tracked = False
        return self

    def cpu(self):
        return self

    def __array__(self, dtype=None, copy=None):
        assert not self.tracked
        return self.values


COUNTED = {
    "fraction": (Fraction(1, 4), 0.25),
    "decimal": (Decimal("0.25"), 0.25),
    "index": (np.int8(3), 3),
    "Boolean of NumPy": (np.bool_(True), True),
    "whole number of its own": (enum.IntEnum("N", "a b").b, 2),
    "complex of SymPy": (sympy.I + 2, 2 + 1j),
    "SymPy": (sympy.Rational(1, 4), 0.25),
    "range": (range(3), [0, 1, 2]),
    "deque": (collections.deque([1, 2]), [1, 2]),
    "generator": ((i for i in (1, 2)), [1, 2]),
    "views": ([{"a": 1}.keys(), {"a": 1}.values(), {"a": 1}.items()], [["a"], [1], [["a", 1]]]),
    "memory": (memoryview(b"ab"), [97, 98]),
    "sets": ([{1, "a"}, frozenset()], [{1, "a"}, set()]),
    "named tuple": (Pair(1, 2), [1, 2]),
    "data class": (Point(1, Point(2, None)), {"x": 1, "y": {"x": 2, "y": None}}),
    "enumeration": ([Colour.RED, {Colour.RED: Colour.RED}], ["red", {"red": "red"}]),
    "read-only": (types.MappingProxyType({np.str_("a"): 1}), {"a": 1}),
    "dates": ([datetime.date(2024, 1, 2), np.datetime64("2024-01-02")], ["2024-01-02"] * 2),
    "array of dates": (np.array(["2024-01-02"], "M8[ns]"), ["2024-01-02T00:00:00.000000000"]),
    "texts": (np.array([["a"], ["b"]]), [["a"], ["b"]]),
    "objects": (np.array([Fraction(1, 2), None]), [0.5, None]),
    "records": (np.array([(1, "a")], "i4,U1"), [{"f0": 1, "f1": "a"}]),
    "one record": (np.array([(1, "a")], "i4,U1")[0], {"f0": 1, "f1": "a"}),
    "masks nothing": (np.ma.array([1.0, 2.0]).tolist(), [1.0, 2.0]),
    "indexed frame": (pd.DataFrame({"a": [1], "b": ["x"]}).set_index("b"), [{"b": "x", "a": 1}]),
    "frame with an index": (pd.DataFrame({"a": [1]}, index=[7]), [{"a": 1}]),
    "series of texts": (pd.Series(["a", "b"]), ["a", "b"]),
    "mixed frame without names": (pd.DataFrame({0: [1], 1: ["a"]}), [[1, "a"]]),
}  # fmt: skip


@pytest.mark.parametrize(("value", "wanted"), COUNTED.values(), ids=COUNTED)
def test_what_python_counts_as_a_value_crosses(value, wanted):
    assert repr(crossed(value)) == repr(wanted)


def test_what_libraries_count_as_an_array_crosses_as_one():
    square = [[1.0, 2.0], [3.0, 4.0]]
    for value in (pd.DataFrame(square), sparse.csr_array(square),
                  np.ma.array(square, mask=False), Tracked(square)):  # fmt: skip
        got = crossed(value)
        assert isinstance(got, np.ndarray) and got.tolist() == square
    named = crossed([Pair(1, np.eye(2))])[0]
    assert named.names == ["low", "high"] and named[1].shape == (2, 2)
    assert table([named], ["low", "high"], "it")[0]["low"] == 1
    assert array(crossed([Pair(1, 2), Pair(3, 4)]), (2, 2), "it").tolist() == [[1, 2], [3, 4]]


def test_texts_take_a_list_of_texts_and_an_array_of_nothing():
    assert texts(crossed(np.array(["a", "b"])), "it") == ["a", "b"]
    assert texts(crossed([]), "it") == texts(crossed(np.array(sorted([]))), "it") == []
    with pytest.raises(Wrong, match="it is None: is the answer filled in"):
        texts(None, "it")
    for value in ("ab", {"a"}, ["a", 1], {"a": 1}, np.array([1.0])):
        with pytest.raises(Wrong, match="it must be a list of texts; what came back is"):
            texts(value, "it")
