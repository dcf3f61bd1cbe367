"""The grader's parts: what crosses the border, how a value is judged, what a report shows."""

import hashlib
import itertools
import json
import os
import re
import time
import warnings
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from class_run import SOLUTION, TOY, answered, save, variant
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pages import Page, check_that_nothing_is_loaded

from qmlcourse.grading import (
    AnswerError,
    Exercise,
    Function,
    Mistakes,
    NoSandbox,
    Report,
    Result,
    Seed,
    Wrong,
    array,
    check_answer,
    grade,
    number,
    quoted,
    same,
    sandbox,
    table,
)
from qmlcourse.grading.exercise import load, mark, names
from qmlcourse.grading.local import LocalAnswers, mark_cells
from qmlcourse.grading.marking import checks_sha256, rubric
from qmlcourse.grading.reading import written
from qmlcourse.grading.submission import Unreadable, answer_cells, read, setup_cell
from qmlcourse.grading.wire import CHARACTERS, DEPTH, ELEMENTS, REPLY, arrived, decode, encode

# --- wire: what crosses the border


def crossed(value):
    """Return a value as it arrives at the other side."""
    return arrived(encode(value))


whole = st.integers(-(2**200), 2**200)
keys = st.text(max_size=5).filter(lambda key: not key.startswith("$"))
plain = st.recursive(
    st.none() | st.booleans() | whole | st.floats() | st.complex_numbers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_plain_values_cross_exactly(value):
    # repr tells 1 from 1.0 and True, 0.0 from -0.0, and calls NaN by its name.
    assert repr(crossed(value)) == repr(value)


kinds = st.one_of(
    hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(),
    hnp.floating_dtypes(sizes=(16, 32, 64)), hnp.complex_number_dtypes(sizes=(64, 128)),
)  # fmt: skip
some_array = hnp.arrays(kinds, hnp.array_shapes(min_dims=0, min_side=0, max_side=3))


@given(some_array)
@example(np.array([2**64 - 1], dtype=np.uint64))
@example(np.array([complex(1, np.inf), complex(-0.0, 0.0)]))
def test_arrays_cross_exactly(sent):
    got = crossed({"a": [sent]})["a"][0]
    assert np.shape(got) == sent.shape
    wide = {"b": bool, "c": complex}.get(sent.dtype.kind, float)
    if sent.dtype.kind in "iu" and np.all(np.abs(sent.astype(float)) <= 2**53):
        wide = np.int64  # a count stays whole; beyond, a float can't tell neighbours apart
    if sent.ndim:
        assert got.dtype == wide
        assert repr(got.tolist()) == repr(sent.astype(wide).tolist())
    else:
        # A number is a number, whatever made it; a whole one keeps all its digits.
        assert repr(np.asarray(got).item()) == repr(
            sent.astype(complex if wide is complex else sent.dtype).item()
        )


def test_what_libraries_return_crosses():
    frame = pd.DataFrame({"seed": [0, 1], "score": [0.25, np.nan], "model": ["a", "b"]})
    rows = crossed(frame)
    assert rows[0] == {"seed": 0, "score": 0.25, "model": "a"}
    assert rows[1]["model"] == "b" and np.isnan(rows[1]["score"])
    assert crossed(frame["seed"]).tolist() == [0, 1]
    assert crossed((1, (2, "x"))) == [1, [2, "x"]]
    assert crossed(np.str_("x")) == "x" and crossed(np.float32(0.1)) == float(np.float32(0.1))
    pennylane = pytest.importorskip("pennylane")
    assert crossed(pennylane.numpy.array([[0.1, 0.2]])).tolist() == [[0.1, 0.2]]
    jax = pytest.importorskip("jax")
    assert crossed(jax.numpy.array([1, 2])).tolist() == [1, 2]


def test_a_reply_has_its_largest_size():
    many = [[1.0 / 3] * 50_000] * 9
    with pytest.raises(ValueError, match=f"The reply is larger than {REPLY // 2**20} MiB"):
        crossed(many)
    assert crossed(many[:8])[6][0] == 1 / 3


def nested(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


def test_the_largest_values_cross():
    assert crossed(nested(DEPTH)) == nested(DEPTH)
    assert len(crossed("x" * CHARACTERS)) == CHARACTERS
    assert crossed(np.ones(ELEMENTS)).sum() == crossed([1] * ELEMENTS).count(1) == ELEMENTS
    assert crossed(2**1024 - 1) == 2**1024 - 1


REFUSED = {
    "object": (object(), "an object of type object came back"),
    "bytes": (b"1", "type bytes"),
    "function": (len, "type builtin_function_or_method"),
    "class": (float, "type type"),
    "without end": (itertools.repeat(0), "a list of more than 200,000 items"),
    "number as key": ({1: 2}, "keys of a dictionary must be text"),
    "key of ours": ([{"$seed": 2}], "must be text that does not start with $"),
    "depth": (nested(DEPTH + 1), "nested more than 20 deep"),
    "list": ([0] * (ELEMENTS + 1), "a list of 200,001 items; at most 200,000"),
    "array": (np.zeros(ELEMENTS + 1), "an array of 200,001 numbers"),
    "text": ("x" * (CHARACTERS + 1), "a text of 100,001 characters; at most 100,000"),
    "whole number": (2**1024, "a whole number beyond every float"),
    "objects": (np.array([1, object()]), "an object of type object came back"),
    "masked": (np.ma.array([1.0, 2.0], mask=[0, 1]), "an array with masked entries came back"),
    "fraction": (Fraction(10**400), "a number beyond every float"),
    "raw bytes": (np.bytes_(b"a"), "an array of |S1"),
    "times": (np.array([1], "m8[D]"), "an array of timedelta64"),
    "frame of objects": (pd.DataFrame({"a": [object()]}), "type object"),
}


@pytest.mark.parametrize(("value", "words"), REFUSED.values(), ids=REFUSED)
def test_other_values_are_refused_in_a_sentence(value, words):
    with pytest.raises(TypeError, match=re.escape(words)):
        encode(value)


def packed(data, shape, kind="f"):
    return {"$array": data, "shape": shape, "kind": kind}


FORGED = {
    "seed": ({"$seed": 1}, "unknown kind"),
    "function": ({"$function": "open('/etc/passwd')"}, "unknown kind"),
    "own kind": ({"$magic": 1}, "unknown kind"),
    "seed and more": ({"$seed": 1, "a": 1}, "unknown kind"),
    "complex and more": ({"$complex": [1, 2], "a": 1}, "unknown kind"),
    "array and more": (packed([1], [1]) | {"a": 1}, "unknown kind"),
    "array and less": ({"$array": [1], "shape": [1]}, "unknown kind"),
    "inside a list": ([[{"$seed": 1}]], "unknown kind"),
    "complex of three": ({"$complex": [1, 2, 3]}, "length"),
    "complex of text": ({"$complex": ["1", 2]}, "no number"),
    "complex of nothing": ({"$complex": None}, "length"),
    "too few": (packed([1.0], [2]), "length is not that of its shape"),
    "too many": (packed([1.0, 2.0], [1]), "length is not that of its shape"),
    "text": (packed("12", [2]), "length is not"),
    "texts": (packed(["1"], [1]), "no number"),
    "truth as number": (packed([True], [1]), "no number"),
    "number as truth": (packed([1], [1], "b"), "truth values"),
    "truth too short": (packed([True], [2], "b"), "truth values"),
    "nested": (packed([[1.0]], [1]), "no number"),
    "nothing": (packed([None], [1]), "no number"),
    "huge number": (packed([10**400], [1]), "no float can hold"),
    "negative shape": (packed([], [-1]), "without a shape"),
    "fraction as shape": (packed([1.0], [1.0]), "without a shape"),
    "truth as shape": (packed([1.0], [True]), "without a shape"),
    "text as shape": (packed([1.0], "1"), "without a shape"),
    "large": (packed([], [500, 500]), "an array of 250,000 numbers"),
    "one side too large": (packed([], [0, ELEMENTS + 1]), "without a shape"),
    "many sides": (packed([1.0], [1] * (DEPTH + 1)), "without a shape"),
    "product beyond memory": (
        packed([], [0] + [ELEMENTS] * 15),
        "Maximum allowed dimension|too big|too large",
    ),
    "unknown kind": (packed([1], [1], "O"), "without a shape"),
    "kind of another type": (packed([1], [1], ["f"]), "without a shape"),
    "set of lists": ({"$set": [[1]]}, "no set can hold"),
    "set of nothing": ({"$set": None}, "no list"),
    "set and more": ({"$set": [], "a": 1}, "unknown kind"),
    "forged in a set": ({"$set": [{"$seed": 1}]}, "unknown kind"),
    "names too few": ({"$named": [1, 2], "names": ["a"]}, "not as many as its items"),
    "names that are numbers": ({"$named": [1], "names": [1]}, "no text"),
    "names that are no list": ({"$named": [1], "names": "a"}, "no list"),
    "forged under a name": ({"$named": [{"$seed": 1}], "names": ["a"]}, "unknown kind"),
    "half a complex": (packed([[1.0]], [1], "c"), "two parts"),
    "uneven complex": (packed([[1.0], []], [1], "c"), "length"),
}


@pytest.mark.parametrize(("data", "words"), FORGED.values(), ids=FORGED)
def test_what_encode_never_writes_is_refused(data, words):
    with pytest.raises(ValueError, match=words):
        decode(data)


def test_generators_and_functions_are_made_only_for_trusted_data():
    sent = json.loads(json.dumps(encode([Seed(7), Function("lambda x: np.sin(x) + 1")])))
    generator, function = decode(sent, trusted=True)
    assert generator.random() == np.random.default_rng(7).random()
    assert function(0.0) == 1.0
    for one in sent:
        with pytest.raises(ValueError, match="unknown kind"):
            decode(one)


# --- judge


def hint(judge, *args, **kwargs):
    """Return what a learner reads."""
    with pytest.raises(Wrong) as caught:
        judge(*args, **kwargs)
    return str(caught.value)


NO_ARRAYS = {
    "nothing": (None, "is the answer filled in"),
    "text": ("abc", "str 'abc', not an array of numbers"),
    "truth": (True, "has shape ()"),
    "set": ({1.0, 2.0}, "a set of length 2, not an array"),
    "rows that differ": ([{"a": 1.0}, {"b": 2.0}], "a list of length 2, not an array"),
    "texts": (["1", "2"], "not an array of numbers"),
    "holes": ([1.0, None], "not an array of numbers"),
    "ragged": ([[1.0], [1.0, 2.0]], "not an array of numbers"),
    "dictionary": ({"a": 1}, "a dict of length 1"),
    "beyond floats": ([10**400, 1], "not an array of numbers"),
    "objects": (np.array([1, None]), "an array of shape (2,), not an array of numbers"),
    "NaN": ([1.0, np.nan], "not finite"),
    "infinite": ([1.0, -np.inf], "not finite"),
    "complex NaN": ([1.0, complex(0, np.nan)], "not finite"),
    "complex": ([1.0, 1j], "is complex; it must be real"),
    "short": ([1.0], "has shape (1,); asked for: (2,)"),
    "deep": ([[1.0, 2.0]], "has shape (1, 2)"),
    "enormous": ([1e100, 1.0], "is not finite, or beyond 1e100"),
    # As an array of texts it would take 2 TiB.
    "one long text": (["x" * 10**7, *["y"] * 50_000], "a list of length 50001, not an array"),
    "number": (1.0, "has shape ()"),
}


@pytest.mark.parametrize(("value", "words"), NO_ARRAYS.values(), ids=NO_ARRAYS)
def test_array_says_what_a_value_is_instead(value, words):
    said = hint(array, value, (2,), "the gradient")
    assert said.startswith("the gradient ") and words in said


def test_array_takes_every_right_form():
    for value in (
        [1, 2],
        (1.0, 2.0),
        np.float32([1, 2]),
        [1 + 1e-12j, 2],
        np.uint8([1, 2]),
        np.array([1, 2], dtype=object),
    ):
        got = array(value, (2,), "it")
        assert got.dtype == float and got.tolist() == [1.0, 2.0]
    assert array([True, False], (2,), "it").tolist() == [1.0, 0.0]
    assert array([2**70, 1], (2,), "it").tolist() == [2.0**70, 1.0]
    assert array([{"a": 1, "b": 2}, {"a": 3, "b": 4}], (2, 2), "it").tolist() == [[1, 2], [3, 4]]
    assert array([[1], [2]], (None, 1), "it").shape == (2, 1)
    assert array([], (None,), "it").shape == (0,)
    assert array([1, 2j], (2,), "it", real=False).dtype == complex
    said = hint(array, [1], (None, 1), "it")
    assert said == "it has shape (1,); asked for: (any, 1)"


def test_number_takes_one_number_within_its_range():
    for value in (0.5, np.float64(0.5), np.array([[0.5]]), np.array(0.5)):
        got = number(value, "the score", low=0, high=1)
        assert type(got) is float and got == 0.5
    assert number(0, "it", low=0) == 0.0 and number(1, "it", high=1) == 1.0
    assert hint(number, 1.5, "the score", low=0, high=1) == (
        "the score is 1.5; it must lie between 0 and 1"
    )
    assert "not finite" in hint(number, np.nan, "it")
    assert "shape (2,)" in hint(number, [1, 2], "it")
    assert number(True, "it") == 1.0
    for value in ("0.5", None, 10**400):
        assert hint(number, value, "the score")


def test_table_takes_rows_with_the_columns():
    rows = [{"seed": 0, "score": 1.0}, {"seed": 1, "score": 0.5, "more": "x"}]
    assert table(rows, ["seed", "score"], "it") == rows
    assert hint(table, rows, ["seed", "more"], "it") == "it has a row without 'more'"
    assert "is the answer filled in" in hint(table, None, [], "it")
    by_columns = {"seed": [0, 1], "score": np.array([1.0, 0.5])}
    assert table(by_columns, ["seed", "score"], "it") == [
        {"seed": 0, "score": 1.0}, {"seed": 1, "score": 0.5},
    ]  # fmt: skip
    for value in (
        {"seed": [0], "score": [1, 2]},
        {"seed": 0},
        {},
        [[0, 1.0]],
        [rows[0], None],
        "seed",
        np.zeros((2, 2)),
    ):
        assert "asked for: a list of dictionaries" in hint(table, value, ["seed"], "it")


def test_two_mistakes_at_once_are_tried_after_single_ones_and_only_when_needed():
    made = []

    def make(sign=1, factor=1, shift=0):
        made.append((sign, factor, shift))
        return sign * factor * (2 + shift)

    options = {"Sign?": {"sign": -1}, "Factor?": {"factor": 3}, "Half?": {"factor": 0.5}}
    mistakes = Mistakes(make, options)
    same(2.0, 2.0, "it", mistakes=mistakes)
    assert made == [] and len(mistakes) == 5
    assert hint(same, -2.0, 2.0, "it", mistakes=mistakes) == "Sign?"
    assert hint(same, -6.0, 2.0, "it", mistakes=mistakes) == "Two mistakes at once. Sign? Factor?"
    assert hint(same, -1.0, 2.0, "it", mistakes=mistakes) == "Two mistakes at once. Sign? Half?"
    # The same option twice is one mistake in another's place.
    assert "off" in hint(same, 1.5 * 2, 2.0, "it", mistakes=mistakes)


def test_same_names_the_mistake_that_fits_first():
    mistakes = {"Sign?": -1.0, "Also minus one.": -1.0, "Doubled?": 2.0, "No number.": np.nan}
    same(1.0 + 9e-7, 1.0, "it", mistakes=mistakes)
    assert hint(same, -1.0, 1.0, "it", mistakes=mistakes) == "Sign?"
    assert hint(same, 2.0 + 9e-7, 1.0, "it", mistakes=mistakes) == "Doubled?"
    assert hint(same, 1.5, 1.0, "it", mistakes=mistakes, otherwise="Look.") == (
        "it is off by up to 0.5. Look."
    )
    assert hint(same, 1.0 + 2e-6, 1.0, "it") == "it is off by up to 2e-06."
    laws = {"It is positive.": True, "It is whole.": False, "It is odd.": False}
    assert hint(same, 1.5, 1.0, "it", mistakes=mistakes, laws=laws, otherwise="Look.") == (
        "It is whole. it is off by up to 0.5. Look."
    )
    assert hint(same, -1.0, 1.0, "it", mistakes=mistakes, laws=laws) == "Sign?"
    same(1.01, 1.0, "it", tolerance=0.02)
    # A mistake of another shape is not that mistake, and shapes that broadcast are not equal.
    assert "off" in hint(same, np.ones(2), np.zeros(2), "it", mistakes={"Shape?": np.ones(1)})
    assert "off" in hint(same, np.ones(2), np.ones(1), "it")


@given(hnp.arrays(float, 3, elements=st.floats(-10, 10)), st.floats(-1e-6, 1e-6))
def test_a_right_answer_is_right_whatever_the_mistakes_give(right, error):
    same(right + 0.99 * error, right, "it", mistakes={"Never said.": right, "Nor this.": -right})


@given(st.floats(0, 7), st.integers(0, 2**32))
def test_a_global_phase_is_free_where_it_is_said_to_be(angle, seed):
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(2, 4)) + 1j * rng.normal(size=(2, 4))
    states /= np.linalg.norm(states, axis=1, keepdims=True)
    # Each state has a phase of its own.
    turned = states * np.exp(1j * np.array([[angle], [2.0]]))
    same(turned, states, "the states", phase=True)
    assert "off" in hint(same, turned, states, "the states")
    assert "off" in hint(same, 0.9 * turned, states, "the states", phase=True)
    # A phase that differs between amplitudes is not global.
    twisted = turned * np.array([1, 1, 1, -1])
    assert "off" in hint(same, twisted, states, "the states", phase=True)
    assert hint(same, twisted, states, "it", phase=True, mistakes={"Sign?": twisted * 1j}) == (
        "Sign?"
    )


def test_orthogonal_and_zero_states_are_not_the_same():
    one, other = np.array([1, 0]), np.array([0, 1j])
    assert "off by up to 1" in hint(same, other, one, "it", phase=True)
    assert "off by up to 1" in hint(same, 0 * one, one, "it", phase=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # that such numbers overflow is their fault
        assert "off" in hint(same, np.full(2, 1e300 + 1e300j), one, "it", phase=True)


# --- exercise


def small_exercise():
    exercise = Exercise("small", "Small")
    exercise.question("a")
    exercise.question("b", needs=["a"])
    exercise.question("c")
    exercise.question("d", needs=["b", "c"])
    return exercise


def test_a_question_runs_with_what_its_needs_need():
    exercise = small_exercise()
    wanted = {"a": ["a"], "b": ["a", "b"], "c": ["c"], "d": ["a", "b", "c", "d"]}
    assert {name: exercise.cells_for(name) for name in exercise.questions} == wanted


def test_names_are_new_and_needs_are_earlier():
    exercise = small_exercise()
    for name, needs in (("a", []), ("e", ["f"]), ("e", ["e"])):
        with pytest.raises(ValueError, match="must be new, and need only earlier"):
            exercise.question(name, needs=needs)

    def twin(answer, rng):
        """It is."""

    def silent(answer, rng): ...

    assert exercise.check("a", points=2)(twin) is twin
    exercise.check("b", points=3)(twin)
    assert exercise.points == 5
    with pytest.raises(ValueError, match=re.escape("a.twin: a name must be new")):
        exercise.check("a", points=1)(twin)
    for function, points in ((silent, 1), (twin, 0)):
        with pytest.raises(ValueError, match="needs a docstring and points"):
            exercise.check("c", points=points)(function)


def noting(order):
    """Return a question with five checks, which note when they ran and what they drew."""
    exercise = small_exercise()
    for name in "vwxyz":

        def check(answer, rng, name=name):
            """It notes."""
            order.append((name, rng.random()))

        check.__name__ = name
        exercise.check("a", points=1)(check)
    return exercise.questions["a"]


def test_checks_run_in_an_order_drawn_anew_and_are_told_in_theirs():
    orders = []
    for seed in range(8):
        order = []
        results = mark(noting(order), None, np.random.default_rng(seed))
        assert [r.check for r in results] == list("vwxyz")
        assert all((r.status, r.points, r.question) == ("pass", 1, "a") for r in results)
        assert sorted(name for name, _ in order) == list("vwxyz")
        assert len({drawn for _, drawn in order}) == 5
        # The inputs of a check are the same wherever it stands.
        streams = np.random.default_rng(seed).spawn(5)
        assert dict(order) == dict(zip("vwxyz", (s.random() for s in streams), strict=True))
        orders.append(tuple(name for name, _ in order))
    assert len(set(orders)) > 4


def test_a_result_says_what_happened():
    exercise = small_exercise()

    @exercise.check("a", points=1)
    def passes(answer, rng):
        """It
        passes."""

    @exercise.check("a", points=2)
    def fails(answer, rng):
        """It fails."""
        raise Wrong("a hint")

    @exercise.check("a", points=3)
    def asks(answer, rng):
        """It asks."""
        answer("f")

    @exercise.check("a", points=4)
    def breaks(answer, rng):
        """It breaks."""
        return {}["a key of the check's own"]

    def answer(function):
        raise AnswerError("timeout", "f took long")

    results = mark(exercise.questions["a"], answer, np.random.default_rng(0))
    assert [(r.status, r.points, r.out_of) for r in results] == [
        ("pass", 1, 1), ("wrong", 0, 2), ("timeout", 0, 3), ("grader_error", 0, 4),
    ]  # fmt: skip
    assert [r.hint for r in results[:3]] == ["", "a hint", "f took long"]
    assert "a key of the check's own" in results[3].hint
    assert results[0].says == "It passes."


def test_exercises_are_found_by_name(toy):
    assert names() == ["toy"] and load("toy").points == 10
    for name in ("nope", "../toy", "toy/", ""):
        with pytest.raises(ValueError, match=f"exercise is '{re.escape(name)}'; allowed: toy"):
            load(name)


# --- submission


def cell(source, *tags, kind="code"):
    return {"cell_type": kind, "source": source, "metadata": {"tags": list(tags)}}


def test_answers_are_taken_by_tag(toy):
    cells = [
        cell("first = 1", "question-amplitudes"),
        cell("# not an answer"),
        cell(["second = 2\n", "third = 3"], "hide-input", "question-amplitudes"),
        cell("text", "question-expectation", kind="markdown"),
        cell("x", "question-unknown"),
        cell("x", "expectation"),
    ]
    exercise = load("toy")
    found = answer_cells({"cells": cells}, exercise)
    assert found == {"amplitudes": "first = 1\nsecond = 2\nthird = 3"}
    odd = [None, 3, [], {}, {"cell_type": "code"}, {"cell_type": "code", "metadata": []}]
    odd += [cell("x") | {"metadata": {"tags": tags}} for tags in (None, "question-amplitudes", [3])]
    assert answer_cells({"cells": odd}, exercise) == {}
    sources = [cell(source, "question-expectation") for source in (None, 3, ["a", 3], {"a": "b"})]
    assert answer_cells({"cells": sources}, exercise) == {"expectation": "\n\n\n"}
    assert setup_cell({"cells": [cell("a", "setup"), *cells, cell(["b"], "setup")]}) == "a\nb"


def test_a_notebook_is_read_with_its_digest(tmp_path):
    path = save(SOLUTION, tmp_path / "a.ipynb")
    submission = read(str(path))
    assert submission.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert submission.exercise == "toy" and submission.notebook == SOLUTION
    for metadata in (None, [], {}, {"qmlcourse": "toy"}, {"qmlcourse": {"exercise": 3}}):
        path = save(SOLUTION | {"metadata": metadata}, tmp_path / "a.ipynb")
        assert read(path).exercise is None


def make_link(path):
    path.with_suffix(".real").write_text(json.dumps(SOLUTION))
    path.symlink_to(path.with_suffix(".real"))


UNREADABLE = {
    "missing": (lambda path: None, "cannot be read: no such file or directory"),
    "link": (make_link, "cannot be read: a symbolic link"),
    "folder": (lambda path: path.mkdir(), "is not a regular file"),
    "pipe": (os.mkfifo, "is not a regular file"),
    "large": (lambda path: path.write_bytes(b" " * 25 * 2**20), "larger than 20 MiB"),
    "binary": (lambda path: path.write_bytes(b"\xff\x00"), "is not text in UTF-8"),
    "cut": (lambda path: path.write_text(json.dumps(SOLUTION)[:-2]), "is not JSON"),
    "deep": (lambda path: path.write_text("[" * 10**5 + "]" * 10**5), "nested too deep"),
    "long number": (lambda path: path.write_text("1" * 5000), "is not JSON"),
    "list": (lambda path: path.write_text("[]"), "no notebook: it has no list of cells"),
    "no cells": (lambda path: path.write_text('{"cells": {}}'), "no list of cells"),
}


@pytest.mark.parametrize(("make", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_notebook_has_no_points_and_a_reason(make, words, toy, tmp_path):
    path = tmp_path / "a.ipynb"
    make(path)
    with pytest.raises(Unreadable, match=f"^a.ipynb .*{words}"):
        read(path)
    report = grade(path, "toy", isolated=False)
    assert (report.status, report.points, report.out_of) == ("unreadable", 0, 10)
    assert words in report.problem and report.sha256 == "" and report.results == []


def test_a_notebook_of_20_mebibytes_is_read(tmp_path):
    path = tmp_path / "a.ipynb"
    text = json.dumps(SOLUTION)
    path.write_text(text + " " * (20 * 2**20 - len(text)))
    assert read(path).exercise == "toy"


# --- marking


def lost(report):
    return {f"{r.question}.{r.check}" for r in report.results if r.status != "pass"}


def test_the_reference_has_all_points_in_the_sandbox(toy, walls, tmp_path):
    report = grade(save(SOLUTION, tmp_path / "a.ipynb"), seed=3)
    assert report.points == report.out_of == 10 and report.isolation == "bubblewrap"
    assert report.title == "A toy" and report.seed == 3 and report.submission == "a.ipynb"
    assert report.needs_human == rubric("toy") == ["Honesty (20)"]
    digest = hashlib.sha256((TOY / "checks.py").read_bytes()).hexdigest()
    assert report.environment["checks_sha256"] == checks_sha256("toy") == digest
    assert 0 < report.seconds < 60 and 5 < report.peak_mebibytes < 500
    assert grade(TOY / "toy.ipynb", seed=3).points == 0


def test_wrong_answers_lose_their_points_and_are_told_why(toy, tmp_path):
    path = save(variant("wrong/degrees"), tmp_path / "a.ipynb")
    report = grade(path, seed=1, isolated=False)
    assert report.isolation == "none"
    assert lost(report) == {"amplitudes.formula", "amplitudes.normalised", "expectation.cosine"}
    assert [r.hint for r in report.results if r.check == "formula"] == ["The angle is in radians."]
    sign = save(answered(expectation="def expectation(x):\n    return -np.cos(x)"), path)
    report = grade(sign, isolated=False, jobs=2)
    assert report.points == 7 and lost(report) == {"expectation.cosine"}
    # Without a seed one is drawn, and told, so that the marks can be had again.
    assert grade(sign, isolated=False, seed=report.seed).results == report.results
    assert report.seed != grade(sign, isolated=False).seed


def test_an_answer_without_its_cell_is_not_run(toy, tmp_path):
    notebook = answered()
    for one in notebook["cells"]:
        if "question-amplitudes" in one["metadata"].get("tags", []):
            one["metadata"]["tags"] = []
    report = grade(save(notebook, tmp_path / "a.ipynb"), isolated=False)
    assert report.points == 0 and {r.status for r in report.results} == {"not_run"}
    assert all("No cell carries the tag question-amplitudes" in r.hint for r in report.results)


def test_a_failure_while_loading_is_told_in_every_check(toy, tmp_path):
    path = save(answered(amplitudes="x = 1\ny = x / 0"), tmp_path / "a.ipynb")
    report = grade(path, isolated=False)
    assert {r.status for r in report.results} == {"error"} and report.points == 0
    words = "The cell of amplitudes raised ZeroDivisionError: division by zero"
    assert all(words in r.hint and "(line 2 of" in r.hint for r in report.results)


def test_the_setup_is_the_exercises_own(toy, tmp_path):
    notebook = answered()
    (setup,) = (c for c in notebook["cells"] if "setup" in c["metadata"].get("tags", []))
    setup["source"] = "raise SystemExit"
    assert grade(save(notebook, tmp_path / "a.ipynb"), isolated=False).points == 10


def test_some_questions_can_be_marked_alone(toy, tmp_path):
    path, told = save(SOLUTION, tmp_path / "a.ipynb"), []
    twice = ["expectation", "expectation"]
    report = grade(path, isolated=False, questions=twice, progress=told.append)
    assert report.points == report.out_of == 3 and told == ["expectation"]
    # The inputs of a question do not depend on which others are marked.
    degrees = save(variant("wrong/degrees"), tmp_path / "b.ipynb")
    one = grade(degrees, seed=5, isolated=False, questions=["expectation"]).results
    assert one == grade(degrees, seed=5, isolated=False).questions["expectation"]
    with pytest.raises(ValueError, match="question is 'magic'; allowed: amplitudes, expectation"):
        grade(path, isolated=False, questions=["magic"])
    assert grade(path, isolated=False, questions=[]).out_of == 0


def test_the_exercise_is_named_by_the_call_or_the_notebook(toy, tmp_path):
    path = save(SOLUTION | {"metadata": {}}, tmp_path / "a.ipynb")
    assert grade(path, "toy", isolated=False).points == 10
    with pytest.raises(ValueError, match=r"a.ipynb: its metadata name no exercise; name it"):
        grade(path, isolated=False)
    with pytest.raises(ValueError, match=r"^b.ipynb cannot be read: no such file or directory$"):
        grade(tmp_path / "b.ipynb", isolated=False)


def test_without_a_sandbox_nothing_is_run(toy, monkeypatch, tmp_path):
    monkeypatch.setattr(sandbox, "problem", lambda: "there are no walls")
    trap = tmp_path / "ran"
    path = save(answered(amplitudes=f"open({str(trap)!r}, 'w')"), tmp_path / "a.ipynb")
    with pytest.raises(NoSandbox, match="there are no walls"):
        grade(path)
    assert not trap.exists()


# --- local: checks in a learner's own kernel


def test_check_answer_prints_points_and_hints(toy, capsys):
    space = {"amplitudes": lambda x: [np.cos(x / 2), -1j * np.sin(x / 2)]}
    check_answer("toy", "amplitudes", space)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "amplitudes: 7 of 7 points" and len(said) == 4
    assert max(map(len, said)) < 80
    check_answer("toy", "amplitudes", {"amplitudes": lambda x: [np.cos(x), 1j * np.sin(x)]})
    said = capsys.readouterr().out
    assert said.startswith("amplitudes: 2 of 7 points") and "off by up to" in said
    check_answer("toy", "expectation", space)
    assert "There is no function expectation: has its cell run?" in capsys.readouterr().out
    check_answer("toy", "amplitudes", {"amplitudes": lambda x: object()})
    assert "amplitudes: an object of type object came back" in capsys.readouterr().out
    check_answer("toy", "amplitudes", {"amplitudes": lambda x: 10**5000})
    assert "protocol 0 of 5" in capsys.readouterr().out
    check_answer("toy", "amplitudes", {"amplitudes": lambda x: 1 / 0})
    assert "amplitudes raised ZeroDivisionError: division by zero" in capsys.readouterr().out
    with pytest.raises(ValueError, match="question is 'magic'; allowed: amplitudes, expectation"):
        check_answer("toy", "magic", space)


def test_check_answer_draws_inputs_anew_unless_told(toy):
    asked = []

    def amplitudes(x):
        asked.append(x)

    for seed in (None, None, 1, 1):
        rng = None if seed is None else np.random.default_rng(seed)
        check_answer("toy", "amplitudes", {"amplitudes": amplitudes}, rng=rng)
    calls = [tuple(sorted(asked[i : i + 2])) for i in range(0, 8, 2)]
    assert len(asked) == 8 and len(set(calls)) == 3 and calls[2] == calls[3]


def test_a_local_answer_gets_copies_and_gives_data():
    kept = []
    sent = np.zeros(2)

    def function(values, *, rng):
        values += 1
        kept.append(values)
        return {"drawn": rng.random(), "values": values}

    answer = LocalAnswers({"function": function})
    got = answer("function", sent, rng=Seed(3))
    assert sent.tolist() == [0, 0], "an answer must not change the check's own arrays"
    assert got["drawn"] == np.random.default_rng(3).random()
    kept[0][:] = 9
    assert got["values"].tolist() == [1, 1]


def test_a_local_answer_has_the_time_that_check_allows():
    slow = LocalAnswers({"f": lambda: time.sleep(0.05), "g": lambda: 1}, seconds=0.01)
    for status, words in (
        ("timeout", "f took too long: all calls of the question together may take 1 s."),
        ("not_run", "time of 1 s was used up"),
    ):
        with pytest.raises(AnswerError, match=words) as caught:
            slow("f")
        assert caught.value.status == status
    assert LocalAnswers(slow.namespace, seconds=60)("g") == 1


class Mute(Exception):
    def __str__(self):
        raise ValueError


def failing(error):
    def function():
        raise error

    return function


def test_what_ends_an_answer_ends_no_notebook():
    def lazy():
        yield 1 / 0

    functions = {"exit": failing(SystemExit(1)), "mute": failing(Mute()), "lazy": lazy,
                 "memory": failing(MemoryError()), "stop": failing(KeyboardInterrupt)}  # fmt: skip
    answer = LocalAnswers(functions)
    for name, status, words in (
        ("exit", "error", "exit raised SystemExit: 1"),
        ("mute", "error", "mute raised Mute: and what it says cannot be shown"),
        ("lazy", "error", "lazy returned what raised ZeroDivisionError: division by zero"),
        ("memory", "died", "memory asked for more memory than it may have."),
    ):
        with pytest.raises(AnswerError) as caught:
            answer(name)
        assert (caught.value.status, caught.value.hint) == (status, words)
    with pytest.raises(KeyboardInterrupt):
        answer("stop")


def test_a_function_without_a_text_is_told_so():
    namespace = {"number": 3}
    exec("def audit():\n    return {}", namespace)
    answer = LocalAnswers(namespace)
    for name, words in (
        ("audit", "The source of audit could not be read here"),
        ("number", "There is no function number: has its cell run?"),
        ("absent", "There is no function absent: has its cell run?"),
    ):
        with pytest.raises(AnswerError) as caught:
            answer.source(name)
        assert caught.value.status == "error" and caught.value.hint.startswith(words)
        assert "plain function" not in caught.value.hint
    read = LocalAnswers({"failing": failing}).source("failing")
    assert read.startswith("def failing(error):")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short  and\n well", "short and well"),
        ("one two three four", "one two ..."),
        ("x" * 40, "x" * 11 + " ..."),
        ("x" * 40 + " two", "x" * 11 + " ..."),
        ("x" * 15, "x" * 15),
        (("a", 1), "('a', 1)"),
    ],
)
def test_an_answers_text_is_cut_where_a_word_ends(text, shown):
    assert quoted(text, 15) == shown


def test_code_in_a_hint_is_cut_where_a_word_ends():
    line = "return {'flaws': [{'rule': rule, 'number': number} for rule, number in found]}"
    with pytest.raises(Wrong, match=r"loops or comprehensions .* in place of: .*} for \.\.\.$"):
        written(f"def audit():\n    {line}", "audit")


def test_mark_cells_runs_an_answer_with_those_it_needs(toy):
    exercise, rng = load("toy"), np.random.default_rng(0)
    cells = answer_cells(SOLUTION, exercise)
    setup = setup_cell(SOLUTION)
    (result,) = mark_cells(exercise, "expectation", setup, cells, rng)
    assert result.status == "pass"
    (result,) = mark_cells(exercise, "expectation", setup, {"expectation": ""}, rng)
    assert (result.status, result.hint) == ("not_run", "No answer cell amplitudes.")
    broken = cells | {"amplitudes": "a = 1\nraise KeyError(a)"}
    (result,) = mark_cells(exercise, "expectation", setup, broken, rng)
    assert result.status == "error"
    assert result.hint == "The cell of amplitudes raised KeyError: 1 (line 2 of answer amplitudes)"


# --- report

SCRIPT = "<script>alert(1)</script><img src=http://x.example/ onerror=a>&\"'\x00\ud800"


def report_with(**changes):
    values = {
        "exercise": "toy", "title": "A toy", "submission": "a.ipynb", "sha256": "0" * 64,
        "seed": 5, "isolation": "bubblewrap", "environment": {"python": "3"}, "out_of": 8,
        "results": [
            Result("a", "one", "It is.", 5, "pass", 5),
            Result("a", "two", "It is too.", 3, "wrong", 0, "a hint"),
        ],
        "needs_human": ["Honesty"], "seconds": 1.5, "peak_mebibytes": 40.0,
    }  # fmt: skip
    return Report(**(values | changes))


def test_a_report_survives_json():
    report = report_with(problem="", results=[Result("a", "b", SCRIPT, 3, "wrong", 0, SCRIPT)])
    text = report.to_json()
    assert text.isascii() and Report.from_json(text) == report
    assert json.loads(text)["status"] == "graded" and json.loads(text)["points"] == 0
    assert report_with().points == 5 and list(report_with().questions) == ["a"]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", '{"status": 1, "points": 2}'])
def test_another_text_is_no_report(text):
    with pytest.raises(ValueError, match="this is not a grading report: "):
        Report.from_json(text)
    half = json.loads(report_with().to_json())
    for broken in (half | {"results": 3}, half | {"results": [{}]}, half | {"more": 1}):
        with pytest.raises(ValueError, match="this is not a grading report"):
            Report.from_json(json.dumps(broken))


def test_a_failed_check_is_nobodys_zero():
    broken = Result("a", "three", "It is.", 2, "grader_error", 0, "KeyError")
    report = report_with(results=[*report_with().results, broken])
    assert report.status == "grader_error" and report.points is None
    assert json.loads(report.to_json())["points"] is None
    page = Page(report.to_html())
    assert "No score yet" in page.text and "of 8 points" not in page.text
    assert "a person must look" in page.text


def test_an_unreadable_submission_has_zero_points_and_a_reason():
    report = report_with(results=[], problem="a.ipynb is not JSON", sha256="")
    assert report.status == "unreadable" and report.points == 0
    assert "0 of 8 points" in report.to_html() and "a.ipynb is not JSON" in report.to_html()


def test_the_report_page_says_what_was_found():
    page = Page(report_with().to_html())
    for words in ("5 of 8 points", "a: 5 of 8", "a hint", "Honesty", "0" * 64, "bubblewrap"):
        assert words in page.text
    assert "without a sandbox" not in page.text
    assert "without a sandbox" in Page(report_with(isolation="none").to_html()).text
    check_that_nothing_is_loaded(page)


def test_every_text_on_the_report_page_is_escaped():
    clean = Page(report_with().to_html())
    texts = dict.fromkeys(("title", "submission", "sha256", "isolation"), SCRIPT)
    results = [Result(SCRIPT, SCRIPT, SCRIPT, 5, SCRIPT, 0, SCRIPT), report_with().results[1]]
    page = Page(
        report_with(
            **texts, results=results, needs_human=[SCRIPT], environment={SCRIPT: SCRIPT}
        ).to_html()
    )
    check_that_nothing_is_loaded(page)
    assert page.text.count("<script>alert(1)</script>") == 12
    assert "script" not in {t for t, _ in page.tags} and len(clean.tags) < len(page.tags)
    page = Page(report_with(problem=SCRIPT, results=[]).to_html())
    check_that_nothing_is_loaded(page)
    assert "<script>alert(1)</script>" in page.text


def test_saving_writes_both_files_whole(tmp_path):
    report = report_with(submission=SCRIPT)
    report.save(tmp_path / "new" / "folder")
    written = tmp_path / "new" / "folder"
    assert sorted(p.name for p in written.iterdir()) == ["report.html", "report.json"]
    assert Report.from_json((written / "report.json").read_text("utf-8")) == report
    assert "alert(1)" in (written / "report.html").read_text("utf-8")
