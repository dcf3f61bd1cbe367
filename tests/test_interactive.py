"""Data for the interactive figures: plain JSON, rounded, safe inside a page."""

import json
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from displays import displayed

from qmlcourse.interactive import figure


def shown(*arguments, **options):
    """Return the bundle that a notebook would get."""
    with displayed() as outputs:
        figure(*arguments, **options)
    (output,) = outputs
    return output["data"]


def data_of(bundle):
    (text,) = re.findall(r'<script type="application/json">(.*?)</script>', bundle["text/html"])
    return json.loads(text)


def test_arrays_frames_and_numbers_become_rounded_json():
    data = {
        "array": np.array([[1.23456, -0.0], [np.nan, 1e-9]]),
        "frame": pd.DataFrame({"q": [2, 3], "v": [0.111111, np.inf]}),
        "rest": (True, None, np.int64(3), np.float32(0.1), "text", np.bool_(False)),
        7: range(2),
    }
    assert data_of(shown("a-figure", data, alt="What it shows.", digits=3)) == {
        "array": [[1.23, 0.0], [None, 1e-9]],
        "frame": {"q": [2, 3], "v": [0.111, None]},
        "rest": [True, None, 3, 0.1, "text", False],
        "7": [0, 1],
    }


def test_minus_zero_is_written_as_zero():
    # Which of the two comes out differs between machines.
    assert "-0" not in shown("f", [-0.0, -1e-400], alt="Zeros.")["text/html"]


def test_nothing_in_data_or_text_ends_the_element_it_stands_in():
    bundle = shown("f", ["</script><b>"], alt='A "quoted" <b> & more.')
    assert bundle["text/html"].count("</script>") == 1 and "<b>" not in bundle["text/html"]
    assert data_of(bundle) == ["</script><b>"]
    assert 'data-alt="A &quot;quoted&quot; &lt;b&gt; &amp; more."' in bundle["text/html"]


def test_a_reader_of_the_notebook_is_told_where_it_is_interactive():
    bundle = shown("f", alt="Variance.")
    assert "Variance." in bundle["text/plain"] and "website" in bundle["text/plain"]
    assert "website" in bundle["text/html"] and data_of(bundle) is None


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        (("Bad Name",), {}, ValueError, "name must be of lower-case"),
        (("../up",), {}, ValueError, "name must be of lower-case"),
        (("f",), {"alt": "  "}, ValueError, "alt must say"),
        (("f",), {"digits": 0}, ValueError, "digits must be an integer from 1 to 15"),
        (("f", {1, 2}), {}, TypeError, "got a set"),
        (("f", [1j]), {}, TypeError, "got a complex"),
    ],
)
def test_bad_arguments_are_told(arguments, options, error, words):
    with pytest.raises(error, match=words):
        figure(*arguments, **{"alt": "What it shows.", **options})


class Foreign:
    def __array__(self, dtype=None, copy=None):
        return np.array([1.0, 2.0])


def test_numbers_of_any_kind_and_what_is_missing():
    data = {
        "masked": np.ma.array([1.0, 2.0], mask=[True, False]),
        "missing": [pd.NA, np.ma.masked, Decimal("sNaN"), Fraction(10**400)],
        "nullable": pd.DataFrame({"n": pd.array([1, None], dtype="Int64")}),
        "exact": [Fraction(1, 3), Decimal("0.5"), np.longdouble("1e4000"), np.array(7)],
        "foreign": Foreign(),
    }
    assert data_of(shown("f", data, alt="Numbers.")) == {
        "masked": [None, 2.0],
        "missing": [None] * 4,
        "nullable": {"n": [1, None]},
        "exact": [0.3333, 0.5, None, 7],
        "foreign": [1.0, 2.0],
    }


@pytest.mark.parametrize(
    "data", [{1: 0, "1": 2}, pd.DataFrame([[1, 2]], columns=["a", "a"]), [{None: 1, "None": 2}]]
)
def test_two_entries_of_one_name_are_refused(data):
    with pytest.raises(ValueError, match="data must have different names in a mapping or table"):
        shown("f", data, alt="Numbers.")


def test_names_and_texts_of_another_type():
    with pytest.raises(ValueError, match=r"name must be of lower-case letters.*; got 3"):
        shown(3, alt="A.")
    with pytest.raises(TypeError, match="alt must be a text; got None"):
        shown("f", alt=None)
