"""Class runs: the table of grades, going on after a stop, and what is refused."""

import csv
import fcntl
import json
import os
import random
import re
import shutil
import stat
import time
from collections import Counter
from pathlib import Path

import pytest
from class_run import EXERCISES, KINDS, SOLUTION, finish, journal, kill, make_class, save
from clusters import losing_a_worker

from qmlcourse._files import NoLock
from qmlcourse.grading import Report, classroom, grade_class, sandbox
from qmlcourse.grading.classroom import alike, grades_csv, report_folder
from qmlcourse.grading.exercise import Result
from qmlcourse.grading.gradebook import class_reports
from qmlcourse.grading.run import FILES


def rows(out):
    with (out / "grades.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def grade_here(paths, out, **options):
    """Grade submissions of our own without a sandbox."""
    return grade_class("toy", paths, out, isolated=False, **options)


def test_what_two_submissions_say_of_themselves_is_told():
    def said(hint, status="pass"):
        found = Result("reader", "named", "A name.", 2, status, 2, hint)
        return Report("toy", "Toy", "a.ipynb", "", 0, "none", {}, [found], 2)

    reports = [said("Of: ana"), said("Of: bo"), said("Of: ana"), said(""), said("")]
    reports += [said("Wrong.", "wrong"), said("Wrong.", "wrong")]
    assert alike([f"{n}.ipynb" for n in "abcdefg"], reports) == [
        "Of: ana, in 'a.ipynb' and 'c.ipynb'"
    ]
    table = grades_csv([Path("a"), Path("f")], [reports[0], reports[5]])
    assert [line.rsplit(",", 1)[1] for line in table.splitlines()] == ["told", "Of: ana", ""]


def test_a_class_gets_a_table_and_a_report_each(toy, tmp_path):
    paths = [*make_class(tmp_path / "in", len(KINDS)), tmp_path / "in" / "gone.ipynb"]
    out = tmp_path / "new" / "out"
    # In the order of the call, whichever is finished first; the table is sorted.
    reports = grade_here(paths[::-1], out, jobs=2)
    wanted = {path.name: KINDS[path.stem[4:]][1] for path in paths[:-1]} | {"gone.ipynb": 0}
    assert [r.submission for r in reports] == [p.name for p in paths[::-1]]
    assert {r.submission: r.points for r in reports} == wanted
    table = rows(out)
    assert [row["submission"] for row in table] == sorted(map(str, paths))
    assert {Path(r["submission"]).name: int(r["points"]) for r in table} == wanted
    assert list(table[0]) == [
        "submission", "sha256", "status", "points", "out_of", "amplitudes", "expectation",
        "problem", "told",
    ]  # fmt: skip
    by_kind = {Path(row["submission"]).stem[4:]: row for row in table}
    assert (by_kind["sign"]["amplitudes"], by_kind["sign"]["expectation"]) == ("7", "0")
    assert by_kind["cut"]["status"] == "unreadable" and "not JSON" in by_kind["cut"]["problem"]
    assert all(row["out_of"] == "10" for row in table)
    for path, report in zip(paths[::-1], reports, strict=True):
        folder = report_folder(out, path)
        assert sorted(p.name for p in folder.iterdir()) == ["report.html", "report.json"]
        assert Report.from_json((folder / "report.json").read_text("utf-8")) == report
    assert sorted(journal(out)) == sorted(map(str, paths))


@pytest.mark.extra("dask")
@pytest.mark.slow
def test_a_cluster_gives_the_table_of_one_process_although_a_worker_dies(
    toy, tmp_path, walls, monkeypatch
):
    paths, out = make_class(tmp_path / "in", 6), tmp_path / "out"
    with losing_a_worker(0.5) as replaced:
        with monkeypatch.context() as here:
            here.setattr(classroom, "grade", None)  # in this process; the workers have their own
            reports = grade_class("toy", paths, out, seed=4)
        replaced()
    assert {report.isolation for report in reports} == {"bubblewrap"}
    alone = grade_class("toy", paths, tmp_path / "alone", seed=4)
    assert [(r.seed, r.results) for r in reports] == [(r.seed, r.results) for r in alone]
    assert (out / "grades.csv").read_bytes() == (tmp_path / "alone" / "grades.csv").read_bytes()
    assert sorted(journal(out)) == sorted(map(str, paths))
    # A finished class asks no worker, and a number of jobs is one of threads, here.
    assert grade_class("toy", paths, out, jobs=2) == reports


def test_the_same_call_grades_nothing_twice(toy, tmp_path):
    paths, out = make_class(tmp_path / "in", 3), tmp_path / "out"
    grade_here(paths[:2], out, seed=4)
    first = grade_here(paths, out)  # the folder knows its seed
    table = (out / "grades.csv").read_bytes()
    assert Counter(journal(out)) == Counter(map(str, paths))
    assert grade_here(paths, out, seed=4) == first
    assert (out / "grades.csv").read_bytes() == table and len(journal(out)) == 3
    # The marks are those of a run that was never stopped, and the seed counts.
    calm = grade_here(paths, tmp_path / "calm", seed=4, jobs=3)
    assert (tmp_path / "calm" / "grades.csv").read_bytes() == table
    assert [r.results for r in calm] == [r.results for r in first]
    assert [r.seed for r in calm] == [r.seed for r in first] != [0, 0, 0]
    assert len({r.seed for r in first}) == 3
    other = grade_here(paths, tmp_path / "other", seed=5)
    assert not {r.seed for r in other} & {r.seed for r in first}


def test_inputs_cannot_be_foretold(toy, tmp_path):
    """Two runs draw two seeds, and what is handed in anew gets other inputs in the same run."""
    (path, other), out = make_class(tmp_path / "in", 2), tmp_path / "out"
    seeds = [grade_here([path], tmp_path / name)[0].seed for name in ("a", "b", "c")]
    assert len(set(seeds)) == 3 and min(seeds) > 2**32
    (first,) = grade_here([path], out)
    state = out / "run.json"
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    begun = json.loads(state.read_text("utf-8"))
    assert begun["drawn"] and begun["seed"] > 2**64
    # Nothing that a submission's author gets to see holds the run's seed or its key.
    for file in (*out.glob("*/report.*"), out / "grades.csv", out / "journal.jsonl"):
        assert str(begun["seed"]) not in file.read_text() and begun["key"] not in file.read_text()
    path.write_bytes(other.read_bytes())
    (second,) = grade_here([path], out)
    assert second.seed != first.seed
    with pytest.raises(ValueError, match="holds a run whose seed is a drawn one, not 0") as refused:
        grade_here([path], out, seed=0)
    assert str(begun["seed"]) not in str(refused.value)
    # A copy of the folder was open to all; it is not when it goes on.
    state.chmod(0o644)
    grade_here([path], out)
    assert stat.S_IMODE(state.stat().st_mode) == 0o600


def test_a_submission_handed_in_anew_is_graded_anew(toy, tmp_path):
    (path, other), out = make_class(tmp_path / "in", 2), tmp_path / "out"
    grade_here([path, other], out)
    path.write_bytes(other.read_bytes())
    again = grade_here([path, other], out)
    assert Counter(journal(out)) == {str(path): 2, str(other): 1}
    assert again[0].points == again[1].points and again[0].sha256 == again[1].sha256


def test_a_folder_holds_one_kind_of_run(toy, monkeypatch, tmp_path):
    paths, out = make_class(tmp_path / "in", 1), tmp_path / "out"
    grade_here(paths, out, seed=1)
    kept = (out / "grades.csv").read_bytes()
    refusals = [
        ({"seed": 2}, "holds a run whose seed is 1, not 2; choose another folder"),
        ({"seed": 0}, "holds a run whose seed is 1, not 0"),
    ]
    for options, words in refusals:
        with pytest.raises(ValueError, match=words):
            grade_here(paths, out, **options)
    monkeypatch.setattr(classroom, "checks_sha256", lambda name: "changed")
    with pytest.raises(ValueError, match=r"holds a run whose checks_sha256 is .*, not 'changed'"):
        grade_here(paths, out, seed=1)
    with pytest.raises(ValueError, match="whose isolated is False, not True"):
        grade_class("toy", paths, out, seed=1)
    begun = json.loads((out / "run.json").read_text("utf-8"))
    (out / "run.json").write_text(json.dumps(begun | {"exercise": "other"}), "utf-8")
    with pytest.raises(ValueError, match="whose exercise is 'other', not 'toy'"):
        grade_here(paths, out, seed=1)
    assert len(journal(out)) == 1 and (out / "grades.csv").read_bytes() == kept
    with pytest.raises(ValueError, match="exercise is 'nope'; allowed: toy"):
        grade_class("nope", paths, tmp_path / "more")
    assert not (tmp_path / "more").exists()


def test_two_runs_do_not_write_into_one_folder(toy, tmp_path):
    paths, out = make_class(tmp_path / "in", 1), tmp_path / "out"
    out.mkdir()
    with (out / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(NoLock, match=r"process is working on '.*out': wait for it or stop it"):
            grade_here(paths, out)
        assert journal(out) == []
    # The lock is free again, though its file is there.
    assert [r.points for r in grade_here(paths, out)] == [10]


def test_a_submission_is_named_once(toy, tmp_path):
    (path,) = make_class(tmp_path, 1)
    with pytest.raises(ValueError, match=r"000_reference.ipynb is named twice"):
        grade_here([path, str(path)], tmp_path / "out")
    with pytest.raises(ValueError, match="is named twice"):
        grade_here([path, f"{tmp_path}/./{path.name}"], tmp_path / "out")


def test_equal_names_in_two_folders_do_not_meet(toy, tmp_path):
    paths = []
    for folder, kind in (("ann", "reference"), ("bob", "blank")):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / "toy.ipynb")
        paths[-1].write_bytes(KINDS[kind][0])
    assert [r.points for r in grade_here(paths, tmp_path / "out")] == [10, 0]
    assert [row["points"] for row in rows(tmp_path / "out")] == ["10", "0"]
    assert report_folder(tmp_path, paths[0]) != report_folder(tmp_path, paths[1])


def test_a_report_stays_inside_the_folder(tmp_path):
    names = ["../../x.ipynb", "..", "/etc/x", "--t.ipynb", "-"]
    for name in (*names, "a\nb\x1b[31m.ipynb", "é" * 99, "\udcff.ipynb"):
        folder = report_folder(tmp_path, Path(name))
        assert folder.parent == tmp_path
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,50}", folder.name)


def test_a_spreadsheet_computes_nothing(toy, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    formula = '=HYPERLINK("x")'
    names = [f"{start}{formula[1:]}.ipynb" for start in ("=", "+", "-", "@", "\t", "\r")]
    names += ['a,"b"\n=1.ipynb', "\udcff.ipynb"]
    for name in names[:-2]:
        Path(name).write_text("no notebook")
    for name in names[-2:]:
        save(SOLUTION, Path(name))
    grade_here(names, tmp_path / "out")
    table = rows(tmp_path / "out")
    assert len(table) == len(names)
    cells = [value for row in table for value in row.values()]
    assert not [value for value in cells if value.startswith(("=", "+", "-", "@", "\t", "\r"))]
    # Nothing else is changed: the name can be read, also where a reader of CSV must quote it.
    assert {row["submission"] for row in table} >= {"'" + names[0], names[-2]}
    assert table[-1]["points"] == "10"


def test_a_failed_check_leaves_the_points_empty():
    path = Path("a.ipynb")
    result = {"question": "a", "check": "b", "says": "c", "out_of": 5, "status": "grader_error"}
    text = json.dumps({
        "exercise": "toy", "title": "", "submission": "a.ipynb", "sha256": "0", "seed": 1,
        "isolation": "none", "environment": {}, "results": [result], "out_of": 5,
        "status": "", "points": 0,
    })  # fmt: skip
    lines = grades_csv([path], [Report.from_json(text)]).splitlines()
    assert lines == ["submission,sha256,status,points,out_of,a,problem,told",
                     "a.ipynb,0,grader_error,,5,0,,"]  # fmt: skip


def test_progress_counts_what_was_graded_before_and_names_nothing(toy, tmp_path, capsys):
    paths = make_class(tmp_path / "in", 3)
    paths[1] = paths[1].rename(tmp_path / "in" / "b\x1b[2J.ipynb")
    grade_here(paths[:1], tmp_path / "out")
    assert capsys.readouterr().err == "", "no terminal is there"
    grade_here(paths, tmp_path / "out", show=True)
    said = capsys.readouterr().err
    assert said.startswith("\r1 of 3 submissions |") and "\r2 of 3 submissions |" in said
    assert re.search(r"\d\d:\d\d left\r +\r$", said)
    # What a submitter called the file can't write on the grader's terminal.
    assert "\x1b" not in said


def test_what_was_graded_before_a_stop_is_kept(toy, monkeypatch, tmp_path):
    paths, out = make_class(tmp_path / "in", 4), tmp_path / "out"
    whole, calls = classroom.grade, []

    def grade(path, *rest, **options):
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(path, *rest, **options)

    monkeypatch.setattr(classroom, "grade", grade)
    with pytest.raises(KeyboardInterrupt):
        grade_here(paths, out, jobs=1)
    assert not (out / "grades.csv").exists() and str(paths[0]) in journal(out)
    monkeypatch.setattr(classroom, "grade", whole)
    grade_here(paths, out)
    assert Counter(journal(out)) == Counter(map(str, paths))


@pytest.fixture
def disturbed(toy, walls, tmp_path):
    """Return the folder of a class that was killed three times, and what each kill left alive."""
    paths, out = make_class(tmp_path / "in", 8), tmp_path / "disturbed"
    rng = random.Random(11)
    left = [kill(paths, out, after, rng.uniform(0, 0.3)) for after in (1, 2, 2)]
    return paths, out, left


@pytest.mark.slow
def test_a_class_that_was_killed_three_times_has_the_table_of_one_that_was_not(disturbed, tmp_path):
    paths, out, left = disturbed
    assert left == [0, 0, 0], "a worker outlived its grader"
    before = journal(out)
    assert 5 <= len(before) < 8 and not (out / "grades.csv").exists()
    calm = finish(paths, tmp_path / "calm")
    started = time.time()
    assert finish(paths, out) == calm
    assert Counter(journal(out)) == Counter(map(str, paths))
    assert {Path(row["submission"]).name: int(row["points"]) for row in rows(out)} == {
        path.name: KINDS[path.stem[4:]][1] for path in paths
    }
    for path in paths:
        again = (report_folder(out, path) / "report.json").stat().st_mtime > started
        assert again == (str(path) not in before)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", "[" * 10**5, '{"seed": "x"}', '{"seed": -1}', '{"seed": null}',
     '{"seed": true}', "{}", "\ud83d"],
)  # fmt: skip
def test_a_run_file_that_no_run_wrote_is_named(text, tmp_path, toy):
    (tmp_path / "run.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ValueError, match=r"out is .* whose run\.json no run of grade wrote") as e:
        grade_class("toy", ["a.ipynb"], tmp_path, isolated=False)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "", lambda text: text[:100], lambda text: "[" * 10**5,
        lambda text: text.replace('"out_of": 10', '"out_of": "10"'),
        lambda text: text.replace('"title": "A toy"', '"title": 5'),
    ],
)  # fmt: skip
def test_a_report_that_is_damaged_is_made_anew(spoil, tmp_path, toy):
    file = tmp_path / "a.txt"
    file.write_text("no notebook")
    out = tmp_path / "out"
    [first] = grade_class("toy", [file], out, isolated=False)
    [path] = out.glob("*/report.json")
    text = path.read_text()
    assert spoil(text) != text
    path.write_text(spoil(text))
    [again] = grade_class("toy", [file], out, isolated=False)
    assert again.problem == first.problem and Report.from_json(path.read_text()) == again


# --- a folder that is trusted in nothing


@pytest.fixture(scope="module")
def run_of_one(tmp_path_factory):
    """Return a submission of no points and the folder of its run, made once."""
    place = tmp_path_factory.mktemp("run")
    (path,) = make_class(place / "in", 1)
    path.write_bytes(KINDS["blank"][0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QMLCOURSE_EXERCISES", str(EXERCISES))
        (report,) = grade_here([path], place / "out")
    assert report.points == 0
    return path, place / "out"


@pytest.fixture
def graded(toy, run_of_one, tmp_path):
    """Return the submission, a copy of its run's folder, and the place of its report there."""
    path, made = run_of_one
    out = shutil.copytree(made, tmp_path / "out")
    return path, out, report_folder(out, path) / "report.json"


def forged(kept):
    """Return a report with full marks, well made."""
    report = json.loads(kept.read_text("utf-8"))
    for result in report["results"]:
        result.update(status="pass", points=result["out_of"], hint="")
    return json.dumps(report | {"points": 10}, indent=1)


def test_edited_marks_are_graded_anew(graded, capsys):
    path, out, kept = graded
    text = forged(kept)
    assert Report.from_json(text).points == 10
    kept.write_text(text, "utf-8")
    assert grade_here([path], out)[0].points == 0 and '"points": 0,' in kept.read_text("utf-8")
    assert len(journal(out)) == 2
    told = f"The report of {str(path)!r} is not as grade left it: it is graded anew.\n"
    assert capsys.readouterr().err == told
    grade_here([path], out)
    assert capsys.readouterr().err == ""
    # A seal by another key, or one of another report, is none.
    lines = (out / "journal.jsonl").read_text("utf-8").splitlines()
    for seal in ("00" * 32, json.loads(lines[0])["seal"], 5, None):
        kept.write_text(text, "utf-8")
        with (out / "journal.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"graded": str(path), "seal": seal}) + "\n{\n[]\n\xff\n")
        assert grade_here([path], out)[0].points == 0


def test_tables_of_a_class_take_no_edited_report(graded):
    path, out, kept = graded
    assert class_reports(out)[str(path)].points == 0
    kept.write_text(forged(kept), "utf-8")
    with pytest.raises(ValueError, match=r"report\.json: it was changed after grading; run qmlc"):
        class_reports(out)
    (out / "run.json").unlink()
    with pytest.raises(ValueError, match=r"run\.json cannot be read: no such file"):
        class_reports(out)


def test_a_page_that_was_edited_is_written_anew(graded):
    path, out, kept = graded
    page = kept.with_suffix(".html")
    text = page.read_text("utf-8")
    for spoil in (lambda: page.write_text("10 of 10"), page.unlink):
        spoil()
        grade_here([path], out)
        assert page.read_text("utf-8") == text and len(journal(out)) == 1


def test_reports_of_another_run_are_not_taken_over(graded, tmp_path):
    path, out, kept = graded
    other = tmp_path / "other"
    (good,) = grade_here([path], other)
    # Another run's report and journal, put where this run's are; and this run begun anew.
    shutil.copytree(other, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns("run.json"))
    assert grade_here([path], out)[0].seed != good.seed
    before = kept.read_bytes()
    (out / "run.json").unlink()
    (again,) = grade_here([path], out)
    assert kept.read_bytes() != before and again.seed != Report.from_json(before.decode()).seed


def make(kind, place, victim):
    """Put something where grade keeps a file: a way to another file, or none at all."""
    if kind == "link":
        place.symlink_to(victim)
    elif kind == "dangling link":
        place.symlink_to(victim.parent / "made")
    elif kind == "second name":
        os.link(victim, place)
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.mkdir()


WHAT = {
    "link": "is a symbolic link", "dangling link": "is a symbolic link", "pipe": "is a pipe",
    "second name": "is a file with another name elsewhere", "folder": "is a folder",
}  # fmt: skip


@pytest.mark.parametrize("kind", WHAT)
@pytest.mark.parametrize("name", FILES)
def test_nothing_is_written_through_what_is_no_file(kind, name, graded, tmp_path):
    path, out, _ = graded
    victim = tmp_path / "precious"
    victim.write_text("a thesis")
    (out / name).unlink()
    make(kind, out / name, victim)
    with pytest.raises(ValueError, match=WHAT[kind]) as refused:
        grade_here([path], out)
    assert str(out / name) in str(refused.value) and "choose another folder" in str(refused.value)
    assert victim.read_text() == "a thesis" and not (tmp_path / "made").exists()


@pytest.mark.parametrize("kind", WHAT)
@pytest.mark.parametrize("name", ["report.json", "report.html"])
def test_a_report_that_is_no_file_is_replaced(kind, name, graded, tmp_path):
    path, out, kept = graded
    victim = tmp_path / "precious"
    victim.write_text(forged(kept))
    before = victim.read_bytes()
    place = kept.with_name(name)
    place.unlink()
    make(kind, place, victim)
    if kind == "folder":
        with pytest.raises(ValueError, match=rf"{name}' is a folder; grade keeps a file of its"):
            grade_here([path], out)
    else:
        assert grade_here([path], out)[0].points == 0
        assert place.lstat().st_nlink == 1 and stat.S_ISREG(place.lstat().st_mode)
    assert victim.read_bytes() == before and not (tmp_path / "made").exists()


@pytest.mark.parametrize(("kind", "what"), [("link", "is a symbolic link"), ("pipe", "is a pipe")])
def test_a_folder_of_a_report_that_leads_elsewhere_is_refused(kind, what, graded, tmp_path):
    path, out, kept = graded
    shutil.rmtree(kept.parent)
    (tmp_path / "elsewhere").mkdir()
    make(kind, kept.parent, tmp_path / "elsewhere")
    with pytest.raises(ValueError, match=rf"{what}; grade keeps a folder of its own there"):
        grade_here([path], out)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_run_file_of_another_user_is_refused(graded, monkeypatch):
    path, out, kept = graded
    kept.write_text(forged(kept), "utf-8")
    owner = (out / "run.json").stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(ValueError, match=r"run\.json' belongs to another user, who alone can go"):
        grade_here([path], out)


def test_answers_see_neither_the_run_nor_each_other(graded, monkeypatch, tmp_path):
    """What lies in an environment, or in the system's folders, is shown to all answers."""
    path, out, _ = graded
    (tmp_path / "alias").symlink_to(out)
    told = "lies in a folder of the system's or of Python's, which answers can read: move it"
    for shown, places in (
        (path.parent, ([path], tmp_path / "new")), (out, ([path], out)),
        (out, ([path], tmp_path / "alias" / "deeper")),
    ):  # fmt: skip
        monkeypatch.setattr(sandbox, "_python_folders", lambda shown=shown: [str(shown)])
        with pytest.raises(ValueError, match=told):
            grade_class("toy", *places)
    with pytest.raises(ValueError, match=told):
        grade_class("toy", [path], "/usr/graded")
    assert not (tmp_path / "new").exists()


def test_a_run_file_of_somebody_else_is_named(graded):
    path, out, _ = graded
    begun = json.loads((out / "run.json").read_text("utf-8"))
    for spoiled in ({"key": "x"}, {"key": "00"}, {"drawn": 1}, {"more": 1}, {"seed": -1}):
        (out / "run.json").write_text(json.dumps(begun | spoiled), "utf-8")
        with pytest.raises(ValueError, match=r"whose run\.json no run of grade wrote"):
            grade_here([path], out)
