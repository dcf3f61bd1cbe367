"""Data that differ by student: own notebooks, judged with own data; copied work fails or shows."""

import copy
import functools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from class_run import SOLUTION, TOY, save

from qmlcourse.cli import main
from qmlcourse.grading import grade
from qmlcourse.grading.exercise import load, mark, names
from qmlcourse.grading.gradebook import class_reports
from qmlcourse.grading.local import LocalAnswers
from qmlcourse.grading.numbers import NOTHING, Shown, shared, shown_numbers
from qmlcourse.grading.student import Student, other_data, own_copy
from qmlcourse.grading.submission import cell_source, cell_tags, trusted_notebook

ROSTER = "id,name\nann,Ann Example\nbo,Bo Müller\ncy-9,Cy\n"
NONE = NOTHING.report
ANN, BO = Student("ann", "Ann Example"), Student("bo", "Bo Müller")


def with_experiment(notebook, text="", number=0):
    """Return a notebook with a student's number and an experiment that put out a text."""
    made = copy.deepcopy(notebook)
    made["cells"] += [
        {"cell_type": "code", "metadata": {"tags": [tag]}, "source": source, "outputs": outputs}
        for tag, source, outputs in (
            ("student", f"# Yours.\nSTUDENT = {number}", []),
            ("experiment", "run()", [{"output_type": "stream", "name": "stdout", "text": text}]),
        )
    ]
    return made


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Work in an empty folder with a roster, on the toy with an experiment."""
    place = tmp_path / "exercises" / "toy"
    place.mkdir(parents=True)
    for name in ("checks.py", "rubric.md"):
        (place / name).write_bytes((TOY / name).read_bytes())
    learner = json.loads((TOY / "toy.ipynb").read_text("utf-8"))
    save(with_experiment(learner), place / "toy.ipynb")
    monkeypatch.setenv("QMLCOURSE_EXERCISES", str(place.parent))
    monkeypatch.chdir(tmp_path)
    Path("roster.csv").write_text(ROSTER, "utf-8")
    return tmp_path


def numbers_of(path):
    cells = json.loads(Path(path).read_text("utf-8"))["cells"]
    return [cell_source(cell) for cell in cells if "student" in cell_tags(cell)]


# --- the copies


def test_each_student_of_a_roster_gets_notebooks_with_data_of_their_own(folder, capsys):
    assert main(["exercises", "out", "--per-student", "roster.csv"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{Path('out') / who}: 1 notebooks" for who in ("ann", "bo", "cy-9")
    ]
    mine, yours = "out/ann/toy_ann.ipynb", "out/bo/toy_bo.ipynb"
    assert numbers_of(mine) == [f"# Yours.\nSTUDENT = {ANN.number}"] != numbers_of(yours)
    first = json.loads(Path(mine).read_text("utf-8"))["cells"][0]
    assert cell_source(first).startswith("# A toy\n\nThis copy was made for **ann**: ")
    Path(mine).write_text("a weekend's work")
    assert main(["exercises", "out", "--per-student", "roster.csv"]) == 0
    assert "0 notebooks, 1 left as they are" in capsys.readouterr().out
    assert Path(mine).read_text() == "a weekend's work"


@pytest.mark.parametrize(
    ("roster", "argv", "words"),
    [
        ("id\n../up\n", ["out"], "line 2: the id is '../up'; allowed: letters and digits"),
        ("id\nann\nann\n", ["out"], "has the id 'ann' twice"),
        ("name\nAnn\n", ["out"], "has no column 'id'"),
        (ROSTER, [], "--per-student needs the FOLDER"),
        (ROSTER, ["out", "--new", "echo"], "choose one"),
    ],
)
def test_copies_that_cannot_be_made_are_refused(roster, argv, words, folder, capsys):
    Path("roster.csv").write_text(roster, "utf-8")
    assert main(["exercises", *argv, "--per-student", "roster.csv"]) == 2
    assert words in capsys.readouterr().err and not Path("out").exists()


@pytest.mark.parametrize("name", sorted(set(names()) - {"claim_audit"}))
def test_the_experiments_of_an_exercise_draw_by_the_students_number(name):
    cells = own_copy(trusted_notebook(load(name)), ANN)["cells"]
    (k,) = (k for k, cell in enumerate(cells) if "student" in cell_tags(cell))
    namespace = {}
    exec(cell_source(cells[k]), namespace)
    assert namespace["STUDENT"] == ANN.number
    users = [k for k, cell in enumerate(cells) if "STUDENT" in cell_source(cell)]
    assert all("experiment" in cell_tags(cells[user]) for user in users[1:])
    assert users[0] == k and len(users) > 1


def test_numbers_follow_from_the_id_and_fit_every_seed():
    numbers = {Student(f"s{k}").number for k in range(2000)}
    assert len(numbers) == 2000 and min(numbers) > 0 and max(numbers) < 2**30
    assert Student(" ANN ").number == ANN.number and ANN.is_called("ann  example")
    assert not BO.is_called("ann") and not Student("x").is_called("")
    # Seeds of NumPy: a learner without a number has the data of the book.
    assert np.random.default_rng([2, 3, 0]).random() == np.random.default_rng([2, 3]).random()


# --- grading


def handed_in(**numbers):
    """Hand in the toy's solution for each name, with the experiment of a student's number."""
    paths = []
    for who, number in numbers.items():
        rng = np.random.default_rng(number)
        text = " ".join(f"{x:.4f}" for x in rng.random(30))
        paths.append(save(with_experiment(SOLUTION, text, number), Path(f"{who}_toy.ipynb")))
    return list(map(str, paths))


def graded(paths, capsys, *more):
    argv = ["grade", "toy", *paths, "--out", "out", "--trust-submissions", "--seed", "1"]
    status = main([*argv, "--per-student", "roster.csv", *more])
    return status, capsys.readouterr()


def test_a_copied_notebook_shows(folder, capsys):
    paths = handed_in(ann=ANN.number, bo=ANN.number)
    assert graded(paths, capsys)[0] == 0
    mine, copied = class_reports("out").values()
    assert (mine.student, copied.student) == ("ann", "bo")
    assert not [note for note in mine.notes if "Data of somebody" in note]
    said = f"Data of somebody else: STUDENT is {ANN.number}, and bo was given {BO.number}."
    assert any(note.startswith(said) for note in copied.notes)
    pages = [path.read_text("utf-8") for path in sorted(Path("out").glob("*/report.html"))]
    assert "graded with the data of bo" in pages[1] and "Data of somebody else" in pages[1]
    assert main(["class", "out", "--roster", "roster.csv"]) == 0
    (pair,) = Path("out/similar.csv").read_text("utf-8").splitlines()[1:]
    assert pair == "ann_toy.ipynb,bo_toy.ipynb,1,True,1"


def test_own_work_shows_nothing(folder, capsys):
    paths = handed_in(ann=ANN.number, bo=BO.number)
    assert graded(paths, capsys)[0] == 0
    assert [r.notes for r in class_reports("out").values() if "Data" in str(r.notes)] == []
    assert main(["class", "out", "--roster", "roster.csv"]) == 0
    # Both handed in the course's solution, which is told; of its numbers they share none.
    assert Path("out/similar.csv").read_text("utf-8").splitlines()[1].endswith(",1,True,0")


def test_a_report_that_took_anothers_numbers_is_a_pair(folder, capsys):
    paths = handed_in(ann=ANN.number, bo=BO.number)
    notebooks = [json.loads(Path(path).read_text("utf-8")) for path in paths]
    taken = notebooks[0]["cells"][-1]["outputs"][0]["text"]
    prose = {"cell_type": "markdown", "metadata": {"tags": ["report"]}, "source": f"So: {taken}."}
    for cell in notebooks[1]["cells"]:
        if "question-expectation" in cell_tags(cell):
            cell["source"] = "import math\ndef expectation(x):\n    return math.cos(x)"
        if "question-amplitudes" in cell_tags(cell):
            cell["source"] = "def amplitudes(x):\n    return [np.cos(x/2), -1j * np.sin(x/2)]"
    notebooks[1]["cells"].append(prose)
    save(notebooks[1], Path(paths[1]))
    assert graded(paths, capsys)[0] == 0
    assert main(["class", "out"]) == 0
    first, second, share, same, numbers = (
        Path("out/similar.csv").read_text("utf-8").splitlines()[1].split(",")
    )
    assert (first, second, same, numbers) == (*paths, "False", "1") and float(share) < 0.8


def test_without_own_data_numbers_are_not_compared(folder, capsys):
    paths = handed_in(ann=1, bo=1)
    argv = ["grade", "toy", *paths, "--out", "out", "--trust-submissions"]
    assert main(argv) == 0 and main(["class", "out"]) == 0
    assert Path("out/similar.csv").read_text("utf-8").splitlines()[1].endswith(",1,True,")


def test_a_submission_of_nobody_is_told_before_it_is_graded(folder, capsys):
    status, said = graded(handed_in(ann=1, zoe=2), capsys)
    assert status == 2 and not Path("out").exists()
    assert "zoe_toy.ipynb belongs to nobody of roster.csv: name it there in a column" in said.err


def test_another_roster_grades_anew(folder, capsys):
    paths = handed_in(ann=ANN.number, bo=BO.number)
    graded(paths, capsys)
    before = {path: path.read_bytes() for path in Path("out").glob("*/report.json")}
    Path("roster.csv").write_text("id,file\nann,ann_toy\nx7,bo_toy\n", "utf-8")
    graded(paths, capsys)
    changed = [path for path, data in before.items() if path.read_bytes() != data]
    assert len(changed) == 1 and changed[0].parent.name.startswith("bo_toy")
    assert [report.student for report in class_reports("out").values()] == ["ann", "x7"]


@pytest.mark.parametrize(
    "tags_and_source",
    [None, ("student", "STUDENT = name"), ("student", "# nothing"), ("other", "STUDENT = 5")],
)
def test_a_notebook_without_a_number_shows_too(tags_and_source):
    given = with_experiment(SOLUTION)
    cells = []
    if tags_and_source:
        tag, source = tags_and_source
        cells = [{"cell_type": "code", "metadata": {"tags": [tag]}, "source": [source]}]
    (said,) = other_data({"cells": cells}, given, ANN)
    assert said.startswith("Data of somebody else: no cell says STUDENT = NUMBER, and ann was ")
    # Where nothing was given to keep there is nothing to miss.
    assert other_data({"cells": cells}, SOLUTION, ANN) == []


def test_an_audit_of_somebody_elses_manuscript_has_the_verdicts_points_alone():
    other = Student("7", "bo  MÜLLER")
    for student, name, passes in (
        (BO, "BO", True), (other, "Bo Müller", True), (ANN, "Bo Müller", False),
    ):  # fmt: skip
        exercise = load("claim_audit")
        exercise.student = student
        answer = LocalAnswers({"reader": functools.partial(str, name)})
        results = mark(exercise.questions["reader"], answer, np.random.default_rng(0))
        assert [r.status == "pass" for r in results] == [passes] * len(results)
    assert "reader() returns 'Bo Müller', and this is the work of 'ann'" in results[0].hint
    # Each question of it asks whose manuscript it is.
    for question in exercise.questions.values():
        values = {"verdict": lambda low, high: "unresolved"}
        answer = LocalAnswers(answer.namespace | values)
        results = mark(question, answer, np.random.default_rng(0))
        assert [r.check for r in results if r.status == "pass"] in ([], ["verdicts"])


def test_a_learners_own_grading_needs_no_roster(folder):
    report = grade(handed_in(ann=3)[0], isolated=False)
    assert (report.student, report.points) == ("", 10)
    assert not any("Data" in note for note in report.notes)


# --- numbers


def test_numbers_are_read_from_experiments_and_the_report_alone():
    def cell(tag, *texts, kind="text/plain"):
        outputs = [{"data": {kind: text, "text/html": "<b>9.999</b>"}} for text in texts]
        return {"cell_type": "code", "metadata": {"tags": [tag]}, "source": "8.888",
                "outputs": outputs}  # fmt: skip

    notebook = {
        "cells": [
            cell("experiment", "0.123 and 12.5 and 3.140, 0.003", ["-1.", "2345\n", "x0.777 4.00"]),
            cell("report", "mean 0.6789", kind="text/markdown"),
            cell("check", "7.7777"),
            {"cell_type": "markdown", "metadata": {"tags": ["report"]}, "source": "It is 0.1234."},
            {"cell_type": "code", "metadata": {"tags": ["experiment"]}, "outputs": "none"},
            "no cell",
        ]
    }
    assert shown_numbers(notebook) == ({"0.123", "3.140", "1.2345"}, {"0.6789", "0.1234"})


def numbers(*ranges):
    return frozenset(f"{k}.5" for some in ranges for k in some)


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [
        # Of fewer numbers in all.
        (Shown(numbers(range(20)), NONE), Shown(numbers(range(15, 27)), NONE), 5 / 12),
        (Shown(numbers(range(10)), NONE), Shown(numbers(range(10)), NONE), 1),
        (Shown(numbers(range(10)), NONE), Shown(numbers(range(10, 20)), NONE), 0),
        # A report taken over, beside experiments of one's own.
        (
            Shown(numbers(range(50, 90)), numbers(range(12), range(50, 53))),
            Shown(numbers(range(40)), numbers(range(12))), 1,
        ),
        (
            Shown(numbers(range(40)), numbers(range(12))),
            Shown(numbers(range(50, 90)), numbers(range(12))), 1,
        ),
        (Shown(numbers(range(20)), NONE), Shown(numbers(range(5)), NONE), math.nan),
    ],
)  # fmt: skip
def test_a_share_is_of_all_numbers_or_of_a_report_that_was_taken_over(first, second, share):
    assert shared(first, second) == pytest.approx(share, nan_ok=True)
    assert shared(second, first) == pytest.approx(share, nan_ok=True)
