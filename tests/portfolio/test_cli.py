"""The command line: what each command does and says."""

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import pytest
from class_run import EXERCISES, ROOT, SOLUTION, TOY, answered, journal, make_class, save
from pages import Page

from qmlcourse import __version__
from qmlcourse.cli import _learner, _teacher, _terminal, main, parser
from qmlcourse.grading import Result, doctor, grade, sandbox
from qmlcourse.grading.classroom import grade_class


@pytest.fixture(autouse=True)
def folder(toy, monkeypatch, tmp_path):
    """Work in an empty folder, on the toy."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


def refused(capsys, *argv):
    """Return the one sentence with which a call is refused."""
    assert main(argv) == 2
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if not line.startswith("Running your answers")]
    assert out == "" and len(lines) == 1 and lines[0].startswith("qmlcourse: ")
    return lines[0].removeprefix("qmlcourse: ")


# --- exercises, check


def test_exercises_are_listed_and_copied(capsys, folder):
    assert main(["exercises"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^toy +A toy\n +10 points: amplitudes, expectation$", said, re.MULTILINE)
    assert main(["exercises", "new/folder"]) == 0
    copied = Path("new/folder/toy.ipynb")
    assert copied.read_bytes() == (TOY / "toy.ipynb").read_bytes()
    assert capsys.readouterr().out == f"{copied}\n" and len(list(copied.parent.iterdir())) == 1
    copied.write_text("a weekend's work")
    assert main(["exercises", "new/folder"]) == 0
    assert capsys.readouterr().out == f"{copied}: left as it is\n"
    assert copied.read_text() == "a weekend's work"
    Path("file").touch()
    assert "'file'" in refused(capsys, "exercises", "file")


def test_check_tells_a_learner_what_passes(capsys):
    path = str(save(SOLUTION, Path("a.ipynb")))
    assert main(["check", path, "--seed", "3"]) == 0
    out, err = capsys.readouterr()
    assert out.endswith("10 of 10 points (seed 3)\n") and "amplitudes: 7 of 7" in out
    assert "on this machine, without a sandbox" in err
    save(answered(expectation="def expectation(x):\n    return -np.cos(x)"), Path(path))
    assert main(["check", path]) == 1
    said = capsys.readouterr().out
    assert "expectation: 0 of 3" in said and "The sign of Z is + on |0> and - on |1>." in said
    assert main(["check", path, "--question", "amplitudes"]) == 0
    said = capsys.readouterr().out
    assert "7 of 7 points" in said and "expectation" not in said
    assert main(["check", str(TOY / "toy.ipynb"), "--exercise", "toy"]) == 1
    said = capsys.readouterr().out
    assert "0 of 10 points" in said and "is the answer filled in" in said
    Path(path).write_text("no notebook")
    assert main(["check", path, "--exercise", "toy"]) == 1
    assert capsys.readouterr().out.startswith("a.ipynb is not JSON")


def test_a_terminal_obeys_no_answer(capsys):
    source = 'def expectation(x):\n    raise ValueError("\\x1b[2J\\r\\x07\\u202e\\ud800\\nok")'
    path = save(answered(expectation=source), Path("a.ipynb"))
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "\\x1b[2J" in said and "\\u202e" in said and "\\ud800" in said
    assert [c for c in said if c != "\n" and not c.isprintable()] == []


def test_a_failed_check_is_no_zero_on_a_terminal(capsys, monkeypatch):
    def broken(*arguments, **options):
        report = grade(*arguments, **options)
        report.results.append(Result("amplitudes", "b", "It is.", 1, "grader_error", 0, "KeyError"))
        return report

    monkeypatch.setattr(_learner, "grade", broken)
    assert main(["check", str(save(SOLUTION, Path("a.ipynb")))]) == 1
    said = capsys.readouterr().out
    assert "No score, for a check itself failed" in said and "None" not in said


def test_a_failed_check_is_no_zero_for_a_teacher(capsys, monkeypatch):
    def broken(*arguments, **options):
        reports = grade_class(*arguments, **options)
        reports[0].results.append(Result("amplitudes", "b", "It is.", 1, "grader_error", 0, "Key"))
        return reports

    monkeypatch.setattr(_teacher, "grade_class", broken)
    path = str(save(SOLUTION, Path("a.ipynb")))
    assert main(["grade", "toy", path, "--out", "out", "--trust-submissions"]) == 0
    assert re.match(r"no score  \w+ +'a\.ipynb'", capsys.readouterr().out)


def test_as_many_answers_run_at_once_as_there_are_processors_for_it(monkeypatch):
    asked = []

    def told(*arguments, **options):
        asked.append(options["jobs"])
        return grade(*arguments, **options)

    monkeypatch.setattr(_learner, "grade", told)
    path = str(save(SOLUTION, Path("a.ipynb")))
    # Fewer than the machine has, as a container may get; elsewhere there is no such function.
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 4, 5}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert main(["check", path]) == 0 and asked == [3]
    jobs = ["grade", "toy", path, "--out", "out"]
    assert parser().parse_args(jobs).jobs == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    assert parser().parse_args(jobs).jobs == 64
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert parser().parse_args(jobs).jobs == 1


def test_calls_that_cannot_be_carried_out_are_refused_in_a_sentence(capsys, walls):
    path = str(save(SOLUTION, Path("a.ipynb")))
    save(SOLUTION | {"metadata": {}}, Path("bare.ipynb"))
    Path("text.txt").write_text("text")
    Path("bytes").write_bytes(b"\xff")
    unknown = "exercise is 'nope'; allowed: toy"
    no_file = "and there is no such file"
    out = ["--out", "out"]
    for argv, words in (
        (["check", "b.ipynb"], f"notebook is 'b.ipynb', {no_file}"),
        (["check", "bare.ipynb"], "bare.ipynb: its metadata name no exercise; name it"),
        (["check", "text.txt"], "text.txt is not JSON"),
        (["check", "."], " is not a regular file"),
        (["check", path, "--exercise", "nope"], unknown),
        (["check", path, "--question", "x"], "question is 'x'; allowed: amplitudes, expectation"),
        (["grade", "nope", path, *out], unknown),
        (["grade", "toy", path, "b.ipynb", *out], f"submission is 'b.ipynb', {no_file}"),
        (["grade", "toy", path, path, *out], "a.ipynb is named twice"),
        (["grade", "toy", path, "--out", "text.txt"], "'text.txt'"),
        (["report", "gone", path], "report is 'gone', and cannot be read"),
        (["report", "text.txt", path], "text.txt: this is not a grading report"),
        (["report", "bytes", path], "bytes: 'utf-8' codec can't decode"),
        (["report", ".", path], "there is no report.json in it"),
    ):
        assert words in refused(capsys, *argv)
    assert not Path("out").exists() and not Path("portfolio.html").exists()


# Each command with as little as it takes, and what that means.
LEAST = {
    "exercises": ([], {"folder": None, "new": None, "per_student": None}),
    "check": (["a"], {"notebook": "a", "exercise": None, "question": None, "seed": None}),
    "grade": (
        ["toy", "a", "b", "--out", "o"],
        {
            "exercise": "toy", "submission": ["a", "b"], "out": "o", "seed": None,
            "jobs": _terminal.cores(), "trust_submissions": False, "per_student": None,
        },
    ),
    "class": (
        ["o"],
        {"out": "o"} | dict.fromkeys(["roster", "rubric", "form", "moodle", "canvas"]),
    ),
    "report": (
        ["r", "a"],
        {"report": "r", "notebook": "a", "author": "", "code": "", "out": "portfolio.html"},
    ),
    "doctor": ([], {}),
}  # fmt: skip


@pytest.mark.parametrize("command", LEAST)
def test_what_is_not_given_has_a_default(command):
    argv, meant = LEAST[command]
    found = vars(parser().parse_args([command, *argv]))
    del found["run"]
    assert found == meant


def test_every_command_and_argument_says_what_it_is_for(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    def explained(*argv):
        with pytest.raises(SystemExit, match="0"):
            main([*argv, "--help"])
        said = re.sub(r"\n {10,}", "  ", capsys.readouterr().out)  # a long name has its own line
        assert said.startswith(" ".join(["usage: qmlcourse", *argv, ""]))
        lines = [line.strip() for line in said.splitlines() if line.startswith("  ")]
        found = dict(line.split("  ", maxsplit=1) for line in lines if line != "COMMAND")
        # In small letters, as the lines that Python adds, but for names.
        small = [re.sub(r"\b(CSV|FOLDER|Moodle|Canvas)\b", "name", t) for t in found.values()]
        assert all(re.fullmatch("[a-z][^A-Z]*", text.strip()) for text in small)
        return found, said

    commands, said = explained()
    assert "\n\nThe course's graded portfolio.\n\n" in said
    assert [name for name in commands if not name.startswith("-")] == list(LEAST)
    for command, (_, meant) in LEAST.items():
        arguments, _ = explained(command)
        assert len(arguments) == len(meant) + 1  # and --help


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "required: COMMAND"),
        (["magic"], "invalid choice: 'magic'"),
        (["check", "a", "--seed", "-1"], "argument --seed: '-1' is not a whole number from 0 on"),
        (["check", "a", "--seed", "²"], "argument --seed"),
        (["grade", "toy", "a", "--out", "o", "--jobs", "0"], "argument --jobs: at least 1"),
        (["grade", "toy", "a"], "required: --out"),
        (["grade", "toy", "--out", "o"], "required: submission"),
    ],
)
def test_arguments_that_mean_nothing_are_named(argv, words, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(argv)
    assert stopped.value.code == 2 and words in capsys.readouterr().err


# --- grade


def test_grade_writes_reports_and_a_table(capsys, walls, folder):
    paths = [str(p.relative_to(folder)) for p in make_class(folder / "in", 3)]
    Path("in/link.ipynb").symlink_to("nowhere")
    argv = ["grade", "toy", *paths, "in/link.ipynb", "--out", "out", "--jobs", "2"]
    assert main(argv) == 1, "two are no notebooks"
    lines = capsys.readouterr().out.splitlines()
    assert [line[:8] for line in lines[:4]] == [" 10 of 1", "  0 of 1", "  0 of 1", "  0 of 1"]
    assert "unreadable" in lines[2] and "unreadable" in lines[3]
    assert lines[4] == "Table: out/grades.csv"
    assert lines[5].startswith("not graded: 002_cut.ipynb is not JSON: ")
    assert lines[6:] == ["not graded: link.ipynb cannot be read: a symbolic link"]
    for line, path in zip(lines, [*paths, "in/link.ipynb"], strict=False):
        assert repr(path) in line
        page = Page(Path(line.split()[-1]).read_text("utf-8"))
        assert Path(path).name in page.text and "bubblewrap" in page.text
    table = Path("out/grades.csv").read_bytes()
    assert main(argv) == 1 and len(journal(Path("out"))) == 4
    assert Path("out/grades.csv").read_bytes() == table
    capsys.readouterr()
    assert "a run whose seed is a drawn one, not 1" in refused(capsys, *argv, "--seed", "1")


def test_a_folder_means_the_notebooks_in_it(capsys, folder):
    make_class(folder / "in", 2)
    Path("in/B.IPYNB").symlink_to("nowhere")
    for name in ("letter.pdf", ".hidden.ipynb"):
        (folder / "in" / name).touch()
    Path("in/more").mkdir()
    assert main(["grade", "toy", "in/", "--out", "out", "--trust-submissions"]) == 1
    out, err = capsys.readouterr()
    assert [line.split("'")[1] for line in out.splitlines()[:3]] == [
        "in/000_reference.ipynb", "in/001_degrees.ipynb", "in/B.IPYNB",
    ]  # fmt: skip
    assert len(journal(Path("out"))) == 3
    assert err == "Not graded, for no name of a notebook: ['letter.pdf', 'more'] in 'in/'\n"
    said = refused(capsys, "grade", "toy", "in/more", "--out", "new")
    assert said == "submission is 'in/more', a folder without notebooks (*.ipynb)"


NAMES = ["--t", "--trust", "--out=x.ipynb", "--seed=1", "-h.ipynb", "-5", "--jobs=\x1b[2J", "-"]


def test_a_name_that_begins_with_a_dash_is_a_files(capsys, folder, monkeypatch):
    """As a shell gives them where somebody wrote `*`; the run is as isolated as it was."""
    asked = {}

    def grade_class(exercise, paths, out, **options):
        asked.update(paths=paths, out=out, **options)
        raise ValueError("enough")

    monkeypatch.setattr(_teacher, "grade_class", grade_class)
    monkeypatch.setattr(sandbox, "problem", lambda: "")
    for name in NAMES:
        Path(name).touch()
    assert refused(capsys, "grade", "toy", *sorted(NAMES), "--out", "out") == "enough"
    assert sorted(Path(p).name for p in asked["paths"]) == sorted(NAMES)
    assert asked["isolated"] and asked["seed"] is None and asked["out"] == Path("out")


@pytest.mark.parametrize("name", ["--trust-submissions", "--out", "--help", "-h", "--"])
def test_a_file_with_the_very_name_of_an_option_is_refused(name, capsys):
    Path(name).touch()
    said = refused(capsys, "grade", "toy", name, "a.ipynb", "--jobs", "1")
    assert said.startswith(f"{name!r} is an option, and a file here has that name: name the folder")


@pytest.mark.parametrize(
    "argv",
    [
        ["grade", "toy", "a.ipynb", "--out", "o", "--trust"],
        ["grade", "toy", "a.ipynb", "--out", "o", "--see", "1"],
        ["check", "a.ipynb", "--quest", "amplitudes"],
        ["report", "r", "a.ipynb", "--auth", "Ann"],
        ["--vers"],
    ],
)
def test_an_option_has_one_name(argv, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(argv)
    assert re.search(r"unrecognized arguments|required: COMMAND", capsys.readouterr().err)


def test_a_terminal_obeys_no_name(capsys):
    Path("\x1b[2J").touch()
    said = refused(capsys, "grade", "toy", "\x1b[2J", "\x1b[2J", "--out", "o")
    assert "\\x1b[2J is named twice" in said
    with pytest.raises(SystemExit, match="2"):
        main(["check", "a.ipynb", "--\x1b[2J"])
    assert "\x1b" not in capsys.readouterr().err


# What a process asks its machine once.
KEPT = (sandbox.problem, sandbox._help, sandbox._as_nobody)


@pytest.fixture
def programs(monkeypatch, folder):
    """Return an empty folder that is the only place where programs are looked for."""
    place = folder / "programs"
    place.mkdir()
    monkeypatch.setenv("PATH", str(place))
    for kept in KEPT:
        kept.cache_clear()
    yield place
    for kept in KEPT:
        kept.cache_clear()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is never a sandbox")
def test_without_a_sandbox_grade_refuses_and_says_how_to_get_one(capsys, programs):
    trap = Path("ran").resolve()
    path = str(save(answered(amplitudes=f"open({str(trap)!r}, 'w')"), Path("a.ipynb")))
    argv = ["grade", "toy", path, "--out", "out"]
    said = refused(capsys, *argv)
    assert said == (
        "bwrap is not installed; on Debian or Ubuntu: apt-get install bubblewrap. "
        "Or, for notebooks that you wrote yourself: --trust-submissions"
    )
    # One that is there, and is too old or not allowed to work.
    program = programs / "bwrap"
    for words, told in (
        ("No permissions", "bubblewrap does not work here (bwrap: No permissions); it needs user"),
        ("Unknown option --size", "(bwrap: Unknown option --size); it is too old: 0.7 is the"),
    ):
        program.write_text(f"#!/bin/sh\necho bwrap: {words} >&2\nexit 1\n")
        program.chmod(0o755)
        for kept in KEPT:
            kept.cache_clear()
        assert told in refused(capsys, *argv)
    assert not trap.exists() and not Path("out").exists()
    assert main(["doctor"]) == 0
    assert "absent  a sandbox for qmlcourse grade" in capsys.readouterr().out


def test_trusted_submissions_are_graded_without_a_sandbox_and_it_is_said(capsys, programs):
    path = str(save(SOLUTION, Path("a.ipynb")))
    argv = ["grade", "toy", path, "--out", "out", "--trust-submissions"]
    assert main([*argv, "--seed", "7"]) == 0
    first, last = capsys.readouterr().out.splitlines()
    (written,) = Path("out").glob("*/report.json")
    assert first.startswith(" 10 of 10  graded ") and repr(path) in first
    assert first.endswith(f" {written.with_suffix('.html')}") and last == "Table: out/grades.csv"
    assert "a run whose seed is 7, not 8" in refused(capsys, *argv, "--seed", "8")
    report = json.loads(written.read_text("utf-8"))
    assert report["isolation"] == "none" and report["points"] == 10
    assert "Marked without a sandbox" in written.with_suffix(".html").read_text("utf-8")
    capsys.readouterr()
    assert main(["report", "out/" + written.parent.name, path]) == 0
    said = capsys.readouterr()
    caption, sandbox_ = said.err.splitlines()
    assert caption.startswith("Figure 1 of the page has no caption: write one")
    assert sandbox_ == "The page says that the checks ran without a sandbox."
    assert said.out == "portfolio.html\n"
    assert "own machine, without a sandbox" in Page(Path("portfolio.html").read_text("utf-8")).text
    # The folder of the whole class will do: the report of this notebook is looked for.
    other = save(answered(amplitudes="..."), Path("other.ipynb"))
    assert main(["grade", "toy", path, str(other), "--out", "out", "--trust-submissions"]) == 0
    for notebook, points in ((path, "10 of 10"), (str(other), "0 of 10")):
        assert main(["report", "out", notebook]) == 0
        assert points in Page(Path("portfolio.html").read_text("utf-8")).text


INTERRUPTED = """
import signal, sys
# A shell that starts a job in the background lets it ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
from qmlcourse.cli import main
raise SystemExit(main(sys.argv[1:]))
"""


def test_ctrl_c_stops_a_run_that_goes_on_later(capsys, folder):
    paths = list(map(str, make_class(folder / "in", 6)))
    argv = ["grade", "toy", *paths, "--out", "out", "--jobs", "1", "--trust-submissions"]
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 120
    while not journal(Path("out")) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err.decode()
    assert err.decode() == "\nStopped. The same command goes on from here.\n" and out == b""
    assert 1 <= len(journal(Path("out"))) < 6 and not Path("out/grades.csv").exists()
    assert main(argv) == 1  # for one of them is no notebook
    assert sorted(journal(Path("out"))) == paths
    assert "Table: out/grades.csv" in capsys.readouterr().out


# --- doctor, and what is installed


def test_doctor_says_what_is_missing_and_how_to_get_it(capsys, monkeypatch):
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert f"ok      Python {sys.version_info.major}.{sys.version_info.minor}." in said
    assert f"ok      1 exercises in {EXERCISES}" in said and "free memory" in said
    absent = doctor._extras.absent
    monkeypatch.setattr(
        doctor._extras, "absent", lambda name: [name] if name == "jax" else absent(name)
    )
    monkeypatch.setattr(doctor, "names", list)
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "missing 0 exercises" in said and "pip install --force-reinstall --no-deps ." in said
    assert "absent  jax" in said
    assert "In the course's folder, run python -m pip install '.[jax]'" in said
    assert "pip install '.[cirq]'" not in said or absent("cirq")


def test_the_command_is_installed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"]["qmlcourse"] == "qmlcourse.cli:main"


@pytest.fixture
def installed():
    """Return a way to run the package as its wheel lays it out, with the toy as its exercise."""
    # Not below /tmp, of which a sandbox sees nothing anyway.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
        site = Path(scratch).resolve()
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "qmlcourse", site / "qmlcourse", ignore=ignore)
        exercises = site / "qmlcourse" / "portfolio"
        (exercises / "toy").mkdir(parents=True)
        for file in ("checks.py", "rubric.md", "toy.ipynb"):
            shutil.copyfile(TOY / file, exercises / "toy" / file)
        environment = {k: v for k, v in os.environ.items() if k != "QMLCOURSE_EXERCISES"}

        def run(code, *argv):
            code = f"import sys; sys.path.insert(0, {str(site)!r})\n{code}"
            command = [sys.executable, "-c", code, *argv]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            return done.stdout

        yield run, exercises


COMMAND = "from qmlcourse.cli import main; raise SystemExit(main(sys.argv[1:]))"
LOOK = "import os; print([sorted(os.listdir(p)) for p in ({0!r}, {1!r}, '/tmp')])"
LOOK_INSIDE = """
import subprocess
from qmlcourse.grading.sandbox import sandboxed
command = sandboxed([sys.executable, "-I", "-c", sys.argv[1]], cpu_seconds=30)
subprocess.run(command, check=True)
"""


def test_an_installed_package_finds_its_exercises(installed):
    run, exercises = installed
    assert run(COMMAND, "exercises", "work") == "work/toy.ipynb\n"
    assert f"ok      1 exercises in {exercises}" in run(COMMAND, "doctor")


def test_an_installed_package_hides_its_checks_from_the_answers(installed, walls):
    run, exercises = installed
    inside = run(LOOK_INSIDE, LOOK.format(str(exercises.parent), str(exercises)))
    package, hidden, scratch = ast.literal_eval(inside)
    assert {"grading", "portfolio", "cli"} <= set(package) and hidden == []
    # What Python itself needs, where the checkout lies below /tmp.
    needed = [Path(p).resolve() for p in (sys.prefix, sys.base_prefix)]
    assert set(scratch) <= {p.parts[2] for p in needed if p.parts[:2] == ("/", "tmp")}


# --- terminals that show less


COMMANDS = """
import sys
from qmlcourse.cli import main
from qmlcourse.grading import doctor
found = [doctor.Finding("\u221a of \u00e9", True, True, "")]
doctor.examine = lambda: found
sys.exit(main(sys.argv[1:]))
"""


def run_doctor(encoding, stdout=subprocess.PIPE, before=""):
    return subprocess.run(
        [sys.executable, "-c", before + COMMANDS, "doctor"], stdout=stdout, stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", b"ok      \\u221a of \\xe9\n"),
        ("latin-1", b"ok      \\u221a of \xe9\n"),
        ("utf-8", "ok      √ of é\n".encode()),
        ("ascii:strict", b"ok      \\u221a of \\xe9\n"),
        ("cp1252", b"ok      \\u221a of \xe9\n"),
    ],
)
def test_a_result_is_printed_whatever_letters_a_terminal_has(encoding, shown):
    done = run_doctor(encoding)
    assert (done.returncode, done.stdout, done.stderr) == (0, shown, b"")


def test_a_pipe_without_a_reader_changes_no_exit_status():
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = run_doctor("utf-8", write_end)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_is_said_is_read_at_once_and_its_reader_may_leave(monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda: [doctor.Finding("it", True, True, "")])
    read_end, write_end = os.pipe()
    with open(write_end, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(["doctor"]) == 0
        os.set_blocking(read_end, False)
        assert os.read(read_end, 100) == b"ok      it\n"
        os.close(read_end)
        assert main(["doctor"]) == 0
        # Nor does what Python writes at its end fail.
        print("more", file=stream, flush=True)


def test_a_closed_output_changes_no_exit_status():
    done = run_doctor("utf-8", before="import os\nos.close(1)\nimport sys\nsys.stdout = None\n")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("module", ["qmlcourse", "qmlcourse.cli"])
def test_the_package_and_its_command_line_run_as_the_command(module):
    command = [sys.executable, "-m", module, "exercises"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("toy  ")
    done = subprocess.run([*command, "--nope"], env=environment, capture_output=True, text=True)
    assert done.returncode == 2 and "unrecognized arguments: --nope" in done.stderr


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"qmlcourse {__version__}\n"


@pytest.mark.parametrize("command", [["grade", "toy", "a.ipynb"], ["report", "r", "a.ipynb"]])
def test_an_empty_path_is_named(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([*command, "--out", ""])
    assert stopped.value.code == 2
    assert "argument --out: the path of a file or folder; got ''" in capsys.readouterr().err


# --- paths


@pytest.mark.parametrize(
    "argv",
    [
        ["exercises", ""], ["check", ""], ["grade", "toy", "", "--out", "o"],
        ["report", "", "a.ipynb"], ["report", "r", ""],
    ],
)  # fmt: skip
def test_an_empty_path_is_refused(argv, capsys, folder):
    with pytest.raises(SystemExit, match="2"):
        main(argv)
    assert "the path of a file or folder; got ''" in capsys.readouterr().err
    assert not list(folder.iterdir())


def test_notebooks_are_copied_whole_and_through_no_dangling_link(capsys, folder, monkeypatch):
    Path("mine").mkdir()
    Path("mine/toy.ipynb").symlink_to(folder / "elsewhere")
    assert "mine/toy.ipynb' is a link that leads nowhere" in refused(capsys, "exercises", "mine")
    assert not Path("elsewhere").exists()
    Path("elsewhere").write_text("work")
    assert main(["exercises", "mine"]) == 0
    assert Path("elsewhere").read_text() == "work"

    def cut(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", cut)
    capsys.readouterr()
    assert "No space left" in refused(capsys, "exercises", "new")
    assert not list(Path("new").iterdir())
