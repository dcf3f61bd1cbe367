"""A teacher's own exercise: what is begun works, from the learner's notebook to the marks."""

import json
from pathlib import Path

import pytest

from qmlcourse.cli import main
from qmlcourse.grading import grade


def test_a_new_exercise_can_be_solved_and_graded(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["exercises", "mine", "--new", "spin_echo"]) == 0
    said = capsys.readouterr().out
    assert f"QMLCOURSE_EXERCISES={tmp_path / 'mine'}" in said
    monkeypatch.setenv("QMLCOURSE_EXERCISES", str(tmp_path / "mine"))
    assert main(["exercises", "handed_out"]) == 0
    copy = Path("handed_out/spin_echo.ipynb")
    blank = grade(copy, isolated=False)
    assert (blank.title, blank.points, blank.out_of) == ("Spin echo", 0, 10)
    assert blank.needs_human == ["Honesty", "Limits"]
    notebook = json.loads(copy.read_text("utf-8"))
    assert "$R_Y(x)$" in notebook["cells"][2]["source"]
    (answer,) = (c for c in notebook["cells"] if c["metadata"].get("tags") == ["question-state"])
    solved = "return 1j * np.array([np.cos(x / 2), np.sin(x / 2)])"
    for code, points, hint in (
        (solved, 10, ""),
        (solved.replace("x / 2", "x"), 5, "Does the gate turn by half the angle?"),
        (solved.replace("1j", "2"), 0, "does not have norm 1"),
    ):
        answer["source"] = f"def state(x):\n    {code}"
        copy.write_text(json.dumps(notebook), "utf-8")
        report = grade(copy, isolated=False)
        assert report.points == points and hint in "".join(r.hint for r in report.results)


@pytest.mark.parametrize("name", ["Spin", "a b", "../up", "", "ü", "1a", "a-b"])
def test_a_name_that_is_no_name_is_refused(name, tmp_path, capsys):
    assert main(["exercises", str(tmp_path), "--new", name]) == 2
    assert f"name is {name!r}; allowed: small letters" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path, capsys):
    assert main(["exercises", str(tmp_path), "--new", "echo"]) == 0
    assert main(["exercises", str(tmp_path), "--new", "echo"]) == 2
    assert "is there already" in capsys.readouterr().err
