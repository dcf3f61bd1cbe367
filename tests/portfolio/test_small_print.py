"""Small print of the grader: defaults, limits at their very edge, and what is in a line."""

import contextlib
import platform
import re
from importlib import metadata
from types import SimpleNamespace

import numpy as np
import pytest
from class_run import make_class

from qmlcourse.grading import Exercise, Wrong, array, check_answer, doctor, grade_class, same
from qmlcourse.grading.local import explain
from qmlcourse.grading.report import environment


def test_marks_name_what_they_were_made_with(monkeypatch):
    found = environment()
    assert found["python"] == platform.python_version()
    assert found["qmlcourse"] == metadata.version("qmlcourse")
    assert re.fullmatch("[0-9a-f]{64}", found["packages_sha256"])

    def digest(*listed):
        one = [SimpleNamespace(name=name, version=version) for name, version in listed]
        monkeypatch.setattr(metadata, "distributions", lambda: one)
        return environment.__wrapped__()["packages_sha256"]

    numpy, scipy, newer = ("numpy", "2"), ("scipy", "1"), ("scipy", "2")
    # In whatever order they are found, and wherever one is found twice.
    assert digest(numpy, scipy) == digest(scipy, ("NumPy", "2"), scipy)
    assert len({digest(numpy), digest(numpy, scipy), digest(numpy, newer)}) == 3


def test_check_answer_prints_a_column_for_what_is_said(toy, capsys):
    check_answer("toy", "expectation", {"expectation": np.cos})
    assert capsys.readouterr().out == (
        "expectation: 3 of 3 points\n  pass  3 of 3  The expectation is cos(x).\n"
    )
    check_answer("toy", "expectation", {"expectation": lambda x: -np.cos(x)})
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  wrong 0 of 3  The expectation is cos(x).",
        "                The sign of Z is + on |0> and - on |1>.",
    ]


def test_a_long_message_is_told_by_its_beginning():
    assert explain(ValueError("x" * 3000)) == f"ValueError: {'x' * 2000}"
    assert explain(KeyError(3)) == "KeyError: 3"


def test_a_question_has_half_a_minute_and_needs_nothing():
    exercise = Exercise("small", "Small")
    exercise.question("a")
    exercise.question("b", needs=["a"], seconds=5)
    assert [(q.needs, q.seconds) for q in exercise.questions.values()] == [((), 30), (("a",), 5)]


@pytest.mark.parametrize(
    ("value", "passes"),
    [(1 + 1e-10j, True), (1 + 1e-8j, False), (1e99, True), (-1e99j, False), (-1e101, False)],
)
def test_what_is_real_and_finite_enough(value, passes):
    with contextlib.nullcontext() if passes else pytest.raises(Wrong):
        assert array([value], (1,), "it").tolist() == [np.real(value)]


def test_nothing_is_the_same_as_nothing():
    same(np.zeros(0), np.zeros(0), "it")
    same(np.zeros((0, 2)), np.zeros((0, 2)), "it", phase=True)


def test_others_than_the_grader_read_no_marks(toy, tmp_path):
    paths, out = make_class(tmp_path / "in", 1), tmp_path / "out"
    grade_class("toy", paths, out, isolated=False)
    names = ("run.json", "grades.csv", "*/report.json", "*/report.html")
    modes = {path.name: path.stat().st_mode & 0o777 for name in names for path in out.glob(name)}
    assert len(modes) == 4 and set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    ("version", "good"),
    [((3, 10, 9), False), ((3, 11, 0), True), ((3, 12, 9), True), ((3, 13, 0), False)],
)
def test_doctor_knows_which_pythons_will_do(version, good, monkeypatch):
    monkeypatch.setattr(doctor, "sys", SimpleNamespace(version_info=version))
    first = doctor.examine()[0]
    assert (first.good, first.needed) == (good, True)


@pytest.mark.parametrize("free", [2**30, 2**30 + 1, 1.5 * 2**30])
def test_doctor_wants_a_gibibyte_of_memory_and_of_disk(free, monkeypatch):
    room = SimpleNamespace(available=free, free=free)
    monkeypatch.setattr(doctor.psutil, "virtual_memory", lambda: room)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: room)
    found = [f for f in doctor.examine() if " GiB of free " in f.what]
    assert [f.what.split()[0] for f in found] == ["1.5" if free > 1.4 * 2**30 else "1.0"] * 2
    assert [(f.good, f.needed) for f in found] == [(free > 2**30, False)] * 2
