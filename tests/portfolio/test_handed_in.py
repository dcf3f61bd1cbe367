"""Files as people have them: read, or told what they are and what to do."""

import copy
import gzip
import io
import json
import os
import tarfile
import zipfile

import pytest
from class_run import SOLUTION, answered, save

from qmlcourse.cli import main
from qmlcourse.grading import grade, grade_class
from qmlcourse.grading.exercise import folder, load, names
from qmlcourse.grading.reading import calls, defines, private
from qmlcourse.grading.submission import Unreadable, read
from qmlcourse.grading.whereabouts import notes

TEXT = json.dumps(SOLUTION, indent=1)
ITSELF = "hand in the notebook itself"


def archive(*members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for member in members:
            file.writestr(member, TEXT)
    return data.getvalue()


def tar():
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as file:
        file.addfile(tarfile.TarInfo("a.ipynb"))
    return data.getvalue()


READ = {
    "byte-order mark": TEXT.encode("utf-8-sig"),
    "line ends of Windows": TEXT.replace("\n", "\r\n").encode(),
    "a newer format": json.dumps(SOLUTION | {"nbformat": 5}).encode(),
}
# What the file is, and what to do.
TOLD = {
    "UTF-16": (TEXT.encode("utf-16"), "text in UTF-16", "save it in UTF-8"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "text in UTF-16", "save it in UTF-8"),
    "Latin-1": (TEXT.replace("amplitudes", "ä").encode("latin-1"), "not text in UTF-8", "save it"),
    "empty": (b"", "is empty", "save the notebook"),
    "blank": (b"\xef\xbb\xbf \r\n", "is empty", "save the notebook"),
    "zeros": (bytes(4096), "is empty", "save the notebook"),
    "HTML": (b"\n<!DOCTYPE html>\n<html><head>", "a web page (HTML)", ITSELF),
    "XML": (b'<?xml version="1.0"?>', "a document in XML", ITSELF),
    "gzip": (gzip.compress(TEXT.encode()), "packed by gzip", "unpack it"),
    "zip": (archive("a.ipynb"), "a zip archive", "unpack it"),
    "docx": (archive("[Content_Types].xml", "word/document.xml"), "an Office document", ITSELF),
    "tar": (tar(), "a tar archive", "unpack it"),
    "7z": (b"7z\xbc\xaf\x27\x1c\x00", "a 7-Zip archive", "unpack it"),
    "PDF": (b"%PDF-1.7\n", "a PDF document", ITSELF),
    "picture": (b"\x89PNG\r\n\x1a\n", "a picture", ITSELF),
    "macOS": (b"\x00\x05\x16\x07\x00", "the companion that macOS makes", "begin with ._"),
    "script": (b"#!/usr/bin/env python\n# coding: utf-8\n", "a Python program", ITSELF),
    "percent script": (b"# %% [markdown]\n# # Title\n", "a Python program", ITSELF),
    "module": (b"# Mine\n\nimport numpy as np\n", "a Python program", ITSELF),
    "MyST": (b"---\njupytext:\n  formats: md\n---\n", "a text in Markdown", ITSELF),
    "words": (b"I have no notebook.", "it is plain text", ITSELF),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS", "git lfs pull"),
    "link": (b"[InternetShortcut]\r\nURL=https://x.example", "a link to a web page", ITSELF),
    "cut in a text": (TEXT[:900].encode(), "its end is missing", "the last version that Jupyter"),
    "cut at the end": (TEXT[:-3].encode(), "its end is missing", "the last version that Jupyter"),
    "edited": (TEXT.replace('"cells":', '"cells"').encode(), "Expecting ':'", "the last version"),
    "conflict": (
        TEXT.replace("{\n", "{\n<<<<<<< HEAD\n", 1).encode(), "a merge conflict in it (line 2)",
        "settle the conflict",
    ),
    "format 3": (
        json.dumps({"nbformat": 3, "worksheets": [{"cells": []}]}).encode(), "old format 3",
        "open it in Jupyter and save it",
    ),
    "format 2": (b'{"nbformat": 2, "worksheets": []}', "old format 2", "open it in Jupyter"),
    "format 1": (b'{"nbformat": 1, "cells": []}', "old format 1", "open it in Jupyter"),
    "report": (b'{"results": [], "out_of": 10}', "a report of qmlcourse", ITSELF),
    "list": (b"[]", "it has no list of cells", ITSELF),
    "nothing": (b"null", "it has no list of cells", ITSELF),
}  # fmt: skip


@pytest.mark.parametrize("data", READ.values(), ids=READ)
def test_a_notebook_is_read_however_it_was_saved(data, tmp_path):
    (tmp_path / "a.ipynb").write_bytes(data)
    assert read(tmp_path / "a.ipynb").notebook["cells"] == SOLUTION["cells"]


@pytest.mark.parametrize(("data", "what", "todo"), TOLD.values(), ids=TOLD)
def test_another_file_is_told_what_it_is_and_what_to_do(data, what, todo, tmp_path):
    (tmp_path / "a.ipynb").write_bytes(data)
    with pytest.raises(Unreadable) as caught:
        read(tmp_path / "a.ipynb")
    said = str(caught.value)
    assert said.startswith("a.ipynb is ") and what in said and todo in said
    assert len(said) < 220 and "\n" not in said and said.index(what) < said.index(todo)


def test_bytes_are_asked_for_where_a_system_tells_them_from_text(monkeypatch, tmp_path):
    """Windows would change the ends of lines, and a digest would be of another file."""
    path, opened = save(SOLUTION, tmp_path / "a.ipynb"), []
    real = os.open
    monkeypatch.setattr(os, "O_BINARY", 2**30, raising=False)
    monkeypatch.setattr(os, "open", lambda p, flags: opened.append(flags) or real(p, flags % 2**30))
    read(path)
    assert opened[0] & 2**30


def test_files_that_are_no_notebook_make_the_exit_status(toy, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.ipynb").write_bytes(b"%PDF")
    save(answered(), tmp_path / "b.ipynb")
    assert main(["check", "a.ipynb", "--exercise", "toy"]) == 1
    assert capsys.readouterr().out.startswith("a.ipynb is a PDF document, not a notebook; hand in")
    command = ["grade", "toy", "a.ipynb", "--out", "out", "--trust-submissions"]
    assert main(command) == 1
    assert "not graded: a.ipynb is a PDF document" in capsys.readouterr().out
    table = (tmp_path / "out" / "grades.csv").read_text("utf-8")
    assert "a.ipynb is a PDF document, not a notebook; hand in the notebook itself" in table
    (tmp_path / "a.ipynb").unlink()
    (tmp_path / "b.ipynb").rename("a.ipynb")
    assert main(command) == 0
    assert "not graded" not in capsys.readouterr().out


# --- the wrong exercise


@pytest.fixture
def two(monkeypatch, tmp_path):
    """Have two exercises, which share one question."""
    for name, questions in (("apples", ("a", "b")), ("pears", ("b", "c", "d"))):
        place = tmp_path / "exercises" / name
        place.mkdir(parents=True)
        lines = [f"exercise.question({q!r})" for q in questions]
        text = f"from qmlcourse.grading import Exercise\nexercise = Exercise({name!r}, {name!r})\n"
        (place / "checks.py").write_text(text + "\n".join(lines))
        (place / "rubric.md").write_text("| A | B |\n| - | - |\n")
        save({"cells": []}, place / f"{name}.ipynb")
    monkeypatch.setenv("QMLCOURSE_EXERCISES", str(tmp_path / "exercises"))
    return tmp_path


def of(path, *questions, exercise=None):
    cells = [
        {"cell_type": "code", "source": "", "metadata": {"tags": [f"question-{q}"]}}
        for q in questions
    ]
    metadata = {"qmlcourse": {"exercise": exercise}} if exercise else {}
    return save({"cells": cells, "metadata": metadata}, path)


@pytest.mark.parametrize(
    ("questions", "exercise"), [("b", "pears"), ("cd", None), ("bc", None), ("c", "gone")]
)
def test_a_notebook_of_another_exercise_stops_a_run_before_it_begins(two, questions, exercise):
    right = of(two / "right.ipynb", "a", exercise="apples")
    wrong = of(two / "wrong.ipynb", *questions, exercise=exercise)
    words = "wrong.ipynb is a notebook of the exercise pears, not of apples: leave it out here"
    with pytest.raises(ValueError, match=f"^{words}, and grade it as pears$"):
        grade_class("apples", [right, wrong], two / "out", isolated=False)
    assert not (two / "out").exists()
    with pytest.raises(ValueError, match=words):
        grade(wrong, "apples", isolated=False)


def test_a_notebook_that_may_be_of_the_exercise_is_graded(two, capsys):
    paths = [
        of(two / f"{n}.ipynb", *questions, exercise=exercise)
        for n, (questions, exercise) in enumerate(
            [("b", None), ("", None), ("x", None), ("ab", "../../etc"), ("cd", "apples")]
        )
    ]
    assert len(grade_class("apples", paths, two / "out", isolated=False)) == 5
    wrong = of(two / "wrong.ipynb", "c", exercise="pears")
    command = ["grade", "apples", str(wrong), "--out", "new", "--trust-submissions"]
    assert main(command) == 2
    assert capsys.readouterr().err == (
        "qmlcourse: wrong.ipynb is a notebook of the exercise pears, not of apples: leave it out "
        "here, and grade it as pears\n"
    )


# --- where the answers stand

RIGHT = "def amplitudes(x):\n    return half(x)"
HALF = "def half(x):\n    return np.array([np.cos(x / 2), -1j * np.sin(x / 2)])"


def with_cells(*cells):
    """Return the solution with the answer to `amplitudes` replaced by cells: (source, tags)."""
    notebook = copy.deepcopy(SOLUTION)
    at = next(
        n for n, c in enumerate(notebook["cells"])
        if "question-amplitudes" in c["metadata"].get("tags", [])
    )  # fmt: skip
    made = [
        {"cell_type": kind, "source": source, "metadata": {"tags": list(tags)}}
        for source, kind, *tags in cells
    ]
    return notebook | {"cells": [*notebook["cells"][:at], *made, *notebook["cells"][at + 1 :]]}, at


def marked(notebook, path, question="amplitudes"):
    report = grade(save(notebook, path), isolated=False, questions=[question], seed=1)
    return report, {result.hint for result in report.results}


def test_both_cells_of_an_answer_run_in_their_order_and_it_is_told(toy, tmp_path):
    tag = "question-amplitudes"
    second = "%%time\nfrom __future__ import annotations\n!ls\n" + RIGHT
    notebook, at = with_cells((HALF, "code", tag), (second, "code", tag))
    report, _ = marked(notebook, tmp_path / "a.ipynb")
    assert report.points == 7 and report.notes == [
        f"amplitudes: cells {at + 1}, {at + 2} from the top carry the tag {tag}; they ran in that "
        "order.",
        "amplitudes, part 2: left out, for only Jupyter knows it: %%time, !ls",
    ]
    assert all(note in report.to_html().replace("&#39;", "'") for note in report.notes)
    notebook, _ = with_cells((HALF, "code", tag), ("x = 1 / 0", "code", tag))
    _, hints = marked(notebook, tmp_path / "a.ipynb")
    assert hints == {
        "The cell of amplitudes, part 2 raised ZeroDivisionError: division by zero "
        "(line 1 of answer amplitudes, part 2)"
    }


def test_what_an_answer_lacks_is_pointed_to(toy, tmp_path):
    tag, path = "question-amplitudes", tmp_path / "a.ipynb"
    # The second half has no tag.
    notebook, at = with_cells((HALF, "code", tag), (RIGHT, "code"))
    _, hints = marked(notebook, path)
    assert hints == {
        f"There is no function amplitudes. It is in cell {at + 2} from the top, but an answer runs "
        f"without the cells around it: put that into the cell with the tag {tag}."
    }
    # A helper stands in a cell of its own.
    for helper in (HALF, "half = lambda x: x", "from mine import half", "half: int = 3"):
        notebook, at = with_cells((helper, "code"), (RIGHT, "code", tag))
        (hint,) = marked(notebook, path)[1]
        assert "name 'half' is not defined" in hint
        assert f"It is in cell {at + 1} from the top, but an answer runs without" in hint
    # Nowhere: nothing is added.
    for other in ("half == 3", "# half = 3", "print(half)"):
        notebook, _ = with_cells((other, "code"), (RIGHT, "code", tag))
        assert all(hint.endswith("answer amplitudes)") for hint in marked(notebook, path)[1])


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_of_another_kind_is_told(kind, toy, tmp_path):
    tag = "question-amplitudes"
    notebook, at = with_cells((HALF + "\n" + RIGHT, kind, tag))
    report, hints = marked(notebook, tmp_path / "a.ipynb")
    assert {r.status for r in report.results} == {"not_run"} and hints == {
        f"No code cell carries the tag {tag}: cell {at + 1} from the top has it and is a cell of "
        f"the kind {kind}. Select it, press Esc and y, which makes it code, and save."
    }
    notebook, at = with_cells((HALF, kind, tag), (HALF + "\n" + RIGHT, "code", tag))
    report, _ = marked(notebook, tmp_path / "a.ipynb")
    assert report.points == 7 and report.notes == [
        f"amplitudes: cell {at + 1} from the top with the tag {tag} did not run: no code."
    ]


def test_a_lost_tag_is_found(toy, tmp_path):
    notebook, at = with_cells((HALF + "\n" + RIGHT, "code"))
    report, hints = marked(notebook, tmp_path / "a.ipynb")
    assert report.points == 0 and hints == {
        f"No cell carries the tag question-amplitudes, but cell {at + 1} from the top defines "
        "amplitudes: give it that tag (in JupyterLab: the gear at the upper right) and save."
    }


def test_copies_and_conflicts_are_told(toy, tmp_path):
    tag = "question-amplitudes"
    source = f"<<<<<<< HEAD\n{HALF}\n=======\n>>>>>>> b\n{RIGHT}"
    notebook, at = with_cells((source, "code", tag), ("def amplitudes(x): ...", "code"))
    path = save(notebook, tmp_path / "a-checkpoint.ipynb")
    assert notes(read(path), load("toy")) == [
        "a-checkpoint.ipynb is a copy that Jupyter keeps, perhaps older than the notebook.",
        f"amplitudes: cell {at + 1} from the top holds the marks that Git leaves of a merge "
        "conflict: settle it.",
        f"amplitudes: cell {at + 2} from the top defines amplitudes as well; what is marked is the "
        f"cell with the tag {tag}.",
    ]


@pytest.mark.parametrize(
    ("source", "defined"),
    [
        ("def audit(): ...", True),
        ("%%time\nasync def audit(): ...", True),
        ("class audit: ...", True),
        ("audit: int = 3", True),
        ("audit += 1", True),
        ("rows, (audit, *rest) = 1, (2, 3)", True),
        ("if (audit := 1):\n    pass", True),
        ("try:\n    import audit\nexcept ImportError:\n    audit = None", True),
        ("for audit in range(3):\n    pass", True),
        ("from shop import (\n    rules,\n    audit,\n)", True),
        ("import shop.rules as audit", True),
        ("import audit.rules", True),
        ("def audit(): ...\n!ls\nx = = 1", True),
        ("from qmlcourse.audit import RULES, manuscript", False),
        ("from qmlcourse.audit._case import case", False),
        ("from shop import audit as rules", False),
        ("import qmlcourse.audit", False),
        ('"""\ndef audit(): ...\n"""', False),
        ("def other():\n    audit = 1", False),
        ("class Other:\n    audit = 1", False),
        ("[audit for audit in range(3)]", False),
        ("audit: int", False),
        ("audit == 1", False),
        ("rows['audit'] = audits = 1", False),
        ("x.audit = 1", False),
    ],
)
def test_what_a_cell_defines(source, defined):
    assert defines(source, "audit") == defined


@pytest.mark.parametrize(
    "source",
    [
        "from qmlcourse.audit._case import case",
        "from qmlcourse.audit import _case as c",
        "import qmlcourse.audit._case",
        "import numpy, qmlcourse.audit._case as case",
        "def f():\n    from qmlcourse import audit\n    return audit._case.case",
        "import qmlcourse.audit as a\na._case",
        "import importlib\nimportlib.import_module('qmlcourse.audit._case')",
    ],
)
def test_what_is_private_is_seen(source):
    assert private(source) == ["qmlcourse.audit._case"]


def test_what_is_public_is_not_called_private():
    source = "import qmlcourse\nfrom qmlcourse.audit import RULES as _rules\nx._case\nself._a = _b"
    assert private(source + "\nqmlcourse.__version__\nnumpy._core") == []


def test_calls_are_seen_by_other_names_too():
    source = "from qmlcourse.audit import manuscript as m, RULES\ndef f(): return m('Ana')"
    assert calls(source, ["manuscript", "case"]) == ["manuscript"]
    assert calls("print(manuscript)  # manuscript()", ["manuscript"]) == []


def test_private_imports_and_calls_to_do_without_are_noted(toy, tmp_path):
    source = f"from qmlcourse.audit._case import case\n{HALF}\n{RIGHT}"
    notebook, _ = with_cells((source, "code", "question-amplitudes"))
    exercise = load("toy")
    exercise.without = ("half",)
    path = save(notebook, tmp_path / "a.ipynb")
    assert notes(read(path), exercise) == [
        "amplitudes: asks for qmlcourse.audit._case, which is private: answers use what is public.",
        "amplitudes: calls half, which an answer can do without.",
    ]


def test_a_long_cell_is_read_by_its_lines():
    data = "x = [\n" + "1,\n" * 2**17 + "]\n"
    assert defines(data + "def audit(): ...", "audit") and not defines(data, "audit")


def test_a_notebook_as_it_is_meant_has_no_notes():
    for name in names():
        for path in (f"{name}.ipynb", "solution.ipynb"):
            assert notes(read(folder() / name / path), load(name)) == []


def test_check_prints_the_notes(toy, capsys, tmp_path):
    path = save(answered(amplitudes="%matplotlib inline\n" + HALF), tmp_path / "a.ipynb")
    main(["check", str(path), "--question", "amplitudes"])
    said = capsys.readouterr().out
    note = "amplitudes: left out, for only Jupyter knows it: %matplotlib inline"
    assert said.splitlines()[-2] == note
