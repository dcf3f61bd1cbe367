"""What every function says of its arguments, word for word: one sentence with name and value."""

from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from qmlcourse import _checks

ROWS = np.ma.masked_array([1.0, 2.0], mask=[False, True])


@pytest.mark.parametrize(
    ("check", "value", "sentence"),
    [
        ("array", [[1.0], [2.0, 3.0]], "x must be a 1-D array of numbers; got ragged rows."),
        ("numeric", [[1.0], [2.0, 3.0]], "x must be an array of numbers; got ragged rows."),
        ("array", [[1.0]], "x must be a 1-D array; got shape (1, 1)."),
        ("array", [], "x must not be empty; got shape (0,)."),
        ("array", [1.0, np.nan, np.inf], "x must hold finite numbers; got NaN."),
        ("array", [1.0, -np.inf], "x must hold finite numbers; got infinity."),
        ("array", [10**400], "x must hold numbers that fit a float; got another."),
        ("array", [1j], "x must hold real numbers; got complex ones."),
        ("array", ["1"], "x must hold numbers; got dtype <U1."),
        ("array", [None], "x must hold numbers; got dtype object, with None."),
        ("array", ROWS, "x must hold no masked entries: drop or fill them first."),
        ("array", [ROWS], "x must hold no masked entries: drop or fill them first."),
        ("features", [1.0], "x must be a 2-D array; got shape (1,)."),
        ("boolean", 1, "x must be True or False; got 1."),
        ("integer", 1.0, "x must be an integer at least 1; got 1.0."),
        ("integer", True, "x must be an integer at least 1; got True."),
        ("integer", np.True_, "x must be an integer at least 1; got np.True_."),
        ("integer", 0, "x must be an integer at least 1; got 0."),
        ("real", "0.5", "x must be a finite number; got '0.5'."),
        ("real", True, "x must be a finite number; got True."),
        ("real", np.nan, "x must be a finite number; got nan."),
        ("real", 10**5000, "x must be a finite number; got an integer of more than 4300 digits."),
        ("real", Decimal("sNaN"), "x must be a finite number; got Decimal('sNaN')."),
    ],
    ids=range(23),
)
def test_sentences(check, value, sentence):
    more = {"ndim": 1} if check == "array" else {}
    with pytest.raises((TypeError, ValueError)) as caught:
        getattr(_checks, check)(value, "x", **more)
    assert str(caught.value) == sentence


def test_what_is_allowed_is_said():
    with pytest.raises(ValueError, match=r"^n must be an integer from 2 to 3; got 4\.$"):
        _checks.integer(4, "n", low=2, high=3)
    with pytest.raises(ValueError, match=r"^n must be an integer from 2 to 3; got 1\.$"):
        _checks.integer(1, "n", low=2, high=3)
    assert [_checks.integer(n, "n", low=2, high=3) for n in (2, 3)] == [2, 3]
    for bounds, words in [
        ({"above": 0}, "above 0"),
        ({"below": 1}, "below 1"),
        ({"above": 0.5, "below": 1}, "above 0.5 and below 1"),
    ]:
        with pytest.raises(ValueError, match=rf"^p must be a finite number {words}; got inf\.$"):
            _checks.real(np.inf, "p", **bounds)
    for edge in (0.5, 1):
        with pytest.raises(ValueError, match=f"got {edge}"):
            _checks.real(edge, "p", above=0.5, below=1)
    assert _checks.real(Decimal("0.75"), "p", above=0.5, below=1) == 0.75
    with pytest.raises(ValueError, match=r"^fit must be one of 'a', 'b'; got 'c'\.$"):
        _checks.choice("c", "fit", ["a", "b"])
    with pytest.raises(ValueError, match=r"^X must have 3 features; got 2\.$"):
        _checks.features([[1, 2]], n_features=3)
    with pytest.raises(TypeError, match=r"^rng must be .* numpy\.random\.default_rng\(0\); got 0"):
        _checks.generator(0)


def test_values_are_shown_on_one_line_and_not_too_long():
    assert _checks.shown(np.zeros((2, 2))) == "array([[0., 0.], [0., 0.]])"
    assert _checks.shown("a" * 198) == repr("a" * 198)
    assert _checks.shown("a" * 199) == "'" + "a" * 199 + "..."


def test_memory(monkeypatch):
    free = SimpleNamespace(available=3 * 2**30)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    _checks.memory(3 * 2**30, "a state")
    with pytest.raises(ValueError, match=r"^a state would need 4 GiB of memory; 3 GiB is avail"):
        _checks.memory(4 * 2**30, "a state")
    with pytest.raises(ValueError, match=r"need over 9\.98e\+291 GiB of memory; 3 GiB"):
        _checks.memory(2**2000, "a state")


def test_numbers_of_any_dtype_are_floats_of_full_length():
    for value in ([1, 2], np.array([1, 2], np.float16), [True, 2], [Decimal(1), 2]):
        assert _checks.array(value, "x", ndim=1).dtype == np.float64
    assert _checks.array([], "x", ndim=None).shape == (0,)
