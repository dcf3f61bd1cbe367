"""A class's tables: who handed in what, points of the rubric, exports, statistics, likeness."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from class_run import answered, make_class, save

from qmlcourse.cli import main
from qmlcourse.grading.gradebook import check_statistics, class_reports, criteria, gradebook
from qmlcourse.grading.similarity import similar
from qmlcourse.grading.tables import csv_text, read_table


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Return a graded class of eight, in a folder of its own."""
    place = tmp_path_factory.mktemp("class")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QMLCOURSE_EXERCISES", str(Path(__file__).parent / "exercises"))
        patch.chdir(place)
        paths = list(map(str, make_class(Path("in"), 8)))
        argv = ["grade", "toy", *paths, "--out", "out", "--seed", "1", "--trust-submissions"]
        assert main(argv) == 1, "one of them is no notebook"
    return place


@pytest.fixture(autouse=True)
def folder(graded, toy, monkeypatch, tmp_path):
    """Work in an empty folder beside the graded class."""
    monkeypatch.chdir(tmp_path)
    Path("in").symlink_to(graded / "in")
    Path("out").symlink_to(graded / "out")
    return tmp_path


def rows(path):
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


ROSTER = """id,name,file,email
s1,Ann Example,in/000_reference.ipynb,ann@example.org
s2,"Müller, Bo",001_degrees.ipynb,bo@example.org
s3,Cy,005_sign,cy@example.org
s4,Di,nothing.ipynb,di@example.org
"""


def test_a_class_is_joined_with_roster_and_rubric(capsys):
    Path("roster.csv").write_text(ROSTER, "utf-8")
    assert criteria("toy") == {"Honesty": 20}
    Path("rubric.csv").write_text("submission,Honesty\nin/000_reference.ipynb,17.5\n", "utf-8")
    argv = ["--roster", "roster.csv", "--rubric", "rubric.csv", "--moodle", "m.csv"]
    assert main(["class", "out", *argv, "--canvas", "c.csv"]) == 0
    out, err = capsys.readouterr()
    assert out.split() == ["out/class.csv", "out/checks.csv", "out/similar.csv", "m.csv", "c.csv"]
    assert "Nothing was handed in by s4." in err
    assert err.count("Nobody of the roster handed in in/") == 5
    assert "7 without a total: points of the rubric are missing." in err
    table = {row["id"]: row for row in rows("out/class.csv") if row["id"]}
    first = {k: table["s1"][k] for k in ("name", "status", "points", "Honesty", "total", "out_of")}
    assert first == {
        "name": "Ann Example", "status": "graded", "points": "10", "Honesty": "17.5",
        "total": "27.5", "out_of": "30",
    }  # fmt: skip
    assert (table["s3"]["points"], table["s3"]["Honesty"], table["s3"]["total"]) == ("7", "", "")
    assert (table["s4"]["status"], table["s4"]["points"], table["s4"]["total"]) == (
        "missing", "", "",
    )  # fmt: skip
    assert rows("m.csv")[0] == {
        "ID number": "s1", "Email address": "ann@example.org", "Full name": "Ann Example",
        "A toy": "27.5",
    }  # fmt: skip
    possible, ann = rows("c.csv")[:2]
    assert possible["Student"] == "    Points Possible" and possible["A toy"] == "30"
    assert (ann["Student"], ann["SIS User ID"], ann["A toy"]) == ("Ann Example", "s1", "27.5")
    assert list(ann) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "A toy"]


def test_without_a_roster_each_submission_has_a_row():
    assert main(["class", "out", "--form", "form.csv"]) == 0
    form = rows("form.csv")
    assert [row["submission"] for row in form] == sorted(class_reports("out"))
    assert {row["Honesty"] for row in form} == {""}
    # Filled in and handed back: with a semicolon and a decimal comma, as some spreadsheets save.
    lines = [f"{row['submission']};1,5" for row in form]
    Path("form.csv").write_text("\ufeffsubmission;Honesty\r\n" + "\r\n".join(lines), "utf-8")
    table = gradebook("out", rubric="form.csv")
    assert (table["total"] == table["points"] + 1.5).all()


def test_an_id_in_a_files_name_is_enough():
    Path("roster.csv").write_text("id,name\n000,Ann\n003,Bo\n9,Cy\n", "utf-8")
    found = gradebook("out", roster="roster.csv")["submission"]
    assert list(found[:3]) == ["in/000_reference.ipynb", "in/003_phase.ipynb", ""]


@pytest.mark.parametrize(
    ("roster", "words"),
    [
        ("id,name\n000,Ann\n000,Bo\n", "r.csv has the id '000' twice"),
        ("name\nAnn\n", "r.csv has no column 'id'; it has: name"),
        ("id,file\na,000_reference\nb,000_reference.ipynb\n", "belongs to 'a' and to 'b'"),
        ("id\nipynb\n", "'ipynb' has 8 submissions, in/000_reference.ipynb and in/001"),
        ('id,name\n"a,b\n', "r.csv is no table of comma-separated values"),
    ],
)
def test_a_roster_that_fits_nobody_is_refused(roster, words, capsys):
    Path("r.csv").write_text(roster, "utf-8")
    assert main(["class", "out", "--roster", "r.csv"]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ("in/000_reference.ipynb,21", "r.csv, line 2: Honesty is '21'; allowed: a number from 0"),
        ("in/000_reference.ipynb,-1", "Honesty is '-1'"),
        ("in/000_reference.ipynb,good", "Honesty is 'good'"),
        ("in/000_reference.ipynb,nan", "Honesty is 'nan'"),
        ("elsewhere.ipynb,1", "r.csv, line 2: no submission is 'elsewhere.ipynb'"),
        (",1", "r.csv, line 2: no submission is ''"),
        ("in/000_reference.ipynb,1\nin/000_reference.ipynb,2", "line 3: in/000_reference.ipynb st"),
    ],
)
def test_points_that_cannot_be_given_are_refused(points, words, capsys):
    Path("r.csv").write_text(f"submission,Honesty\n{points}\n", "utf-8")
    assert main(["class", "out", "--rubric", "r.csv"]) == 2
    assert words in capsys.readouterr().err


def test_files_that_are_no_tables_are_told(capsys):
    Path("latin.csv").write_bytes("id,name\n1,Müller\n".encode("latin-1"))
    Path("empty.csv").write_text("")
    for name, words in (
        ("latin.csv", "latin.csv is not text in UTF-8: save it as 'CSV UTF-8'"),
        ("empty.csv", "empty.csv is no table"),
        ("none.csv", "none.csv cannot be read: no such file"),
        ("in", "in cannot be read: a symbolic link"),
    ):
        assert main(["class", "out", "--roster", name]) == 2
        assert words in capsys.readouterr().err
    assert main(["class", "."]) == 2
    assert "grades.csv cannot be read: no such file" in capsys.readouterr().err


def test_checks_are_counted_over_the_class():
    table = check_statistics("out").set_index(["question", "check"])
    reports = class_reports("out").values()
    graded = [r for report in reports for r in report.results]
    assert table["graded"].sum() == len(graded)
    assert table["passed"].sum() == sum(r.status == "pass" for r in graded)
    kinds = ["wrong", "error", "timeout", "died", "protocol", "not_run"]
    assert (table["passed"] + table[kinds].sum(axis=1) == table["graded"]).all()
    assert table["share"].equals(table["passed"] / table["graded"])
    assert (table["times"] <= table["graded"] - table["passed"]).all()
    assert table["commonest_hint"].str.len().gt(0).all()


LONG = """
def amplitudes(x):
    half = x / 2
    first = np.cos(half) + 0 * half
    second = -1j * np.sin(half) + 0 * first
    return np.array([first, second])
"""
RENAMED = """
# mine
def amplitudes(x):
    "My own text."
    h = x/2
    a = np.cos(h) + 0*h

    b = -1j*np.sin(h) + 0*a
    return np.array([a, b])
"""
OTHER = """
def amplitudes(x):
    from scipy.linalg import expm
    generator = np.array([[0, 1], [1, 0]])
    gate = expm(-1j * x / 2 * generator)
    return gate @ np.eye(2)[0]
"""


def test_copies_are_found_though_names_and_layout_differ():
    sources = {"a": LONG, "b": RENAMED, "c": OTHER, "d": LONG, "e": "def amplitudes(x:"}
    paths = [
        save(answered(amplitudes=source, expectation=""), Path(f"{name}.ipynb"))
        for name, source in sources.items()
    ]
    Path("f.ipynb").write_text("no notebook")
    found = similar([*paths, "f.ipynb"], "toy")
    pairs = {(r["first"][0], r["second"][0]): r for r in found.to_dict("records")}
    assert set(pairs) == {("a", "b"), ("a", "d"), ("b", "d")}
    assert all(pair["share"] == 1 for pair in pairs.values())
    assert [pair for pair, row in pairs.items() if row["identical"]] == [("a", "d")]
    everything = similar(paths, "toy", least=0)
    assert everything.set_index(["first", "second"]).loc[("a.ipynb", "c.ipynb"), "share"] < 0.2


def test_what_everybody_was_given_is_no_likeness():
    for name in ("a", "b"):
        blank = answered(amplitudes="def amplitudes(x):\n    ...", expectation="")
        save(blank, Path(f"{name}.ipynb"))
    assert len(similar(["a.ipynb", "b.ipynb"], "toy")) == 0


def test_no_cell_of_a_table_is_computed_by_a_spreadsheet():
    table = pd.DataFrame({"=1+1": ["=cmd()", "+1", "-1", "@x", "fine"], "n": [-1.5, 2, 3, 4, 5]})
    text = csv_text(table)
    assert text.splitlines()[:3] == ["'=1+1,n", "'=cmd(),-1.5", "'+1,2"]
    Path("t.csv").write_text(text)
    assert list(read_table("t.csv", ("n",))["n"]) == ["-1.5", "2", "3", "4", "5"]
