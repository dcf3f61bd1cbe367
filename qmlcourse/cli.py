"""The command line: `qmlcourse exercises | check | grade | class | report | doctor`."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from . import __version__, _files
from ._arguments import Parser, file_path, notebooks, positive, visible, whole
from .grading import doctor, sandbox
from .grading.classroom import alike, grade_class, report_folder
from .grading.exercise import folder, load, names
from .grading.marking import NoSandbox, grade
from .grading.page import portfolio_page
from .grading.report import NONE, UNREADABLE, Report
from .grading.submission import read

__all__ = ["main", "parser"]


def _say(text: object) -> None:
    """Print, although a terminal may not know a letter or a pipe may have lost its reader."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Whoever read has seen enough; the command goes on to its end and its exit status.
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def exercises(arguments: argparse.Namespace) -> int:
    """List the exercises, copy the learner's notebooks into a folder, or begin a new exercise."""
    if arguments.new is not None:
        from .grading.skeleton import new_exercise

        place = Path(arguments.folder or ".")
        for path in new_exercise(arguments.new, place):
            _say(path)
        _say(
            f"\nIt is found where QMLCOURSE_EXERCISES={place.resolve()} stands in the environment."
        )
        return 0
    if arguments.folder is None:
        for name in names():
            exercise = load(name)
            questions = ", ".join(exercise.questions)
            _say(f"{name:24} {exercise.title}\n{'':24} {exercise.points} points: {questions}")
        _say("\nqmlcourse exercises FOLDER copies the notebooks.")
        return 0
    target = Path(arguments.folder)
    target.mkdir(parents=True, exist_ok=True)
    for name in names():
        copy = target / f"{name}.ipynb"
        if copy.is_symlink() and not copy.exists():
            raise ValueError(f"{str(copy)!r} is a link that leads nowhere: remove it")
        if copy.exists():
            _say(f"{copy}: left as it is")
            continue
        _files.write(copy, (folder() / name / copy.name).read_bytes())
        _say(copy)
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Tell learners which checks their notebook passes; runs their code on their machine."""
    path = Path(arguments.notebook)
    if not path.exists():
        raise ValueError(f"notebook is {arguments.notebook!r}, and there is no such file")
    print("Running your answers on this machine, without a sandbox.", file=sys.stderr)
    report = grade(
        path, arguments.exercise, seed=arguments.seed, isolated=False,
        questions=arguments.question, jobs=_cores(),
    )  # fmt: skip
    _say(_told(report))
    return 0 if report.points == report.out_of else 1


def _told(report: Report) -> str:
    """Return a report as text for a terminal."""
    lines = []
    for question, results in report.questions.items():
        points, out_of = sum(r.points for r in results), sum(r.out_of for r in results)
        lines.append(f"{question}: {points} of {out_of}")
        for result in results:
            lines.append(
                f"  {result.status:8} {result.points:2} of {result.out_of:2}  {result.says}"
            )
            lines += [f"{'':20}{line}" for line in result.hint.splitlines()]
    lines += report.notes
    total = f"{report.points} of {report.out_of} points (seed {report.seed})"
    if report.points is None:
        total = f"No score, for a check itself failed (seed {report.seed}): please report it."
    return visible("\n".join([*lines, report.problem or total]))


def grade_many(arguments: argparse.Namespace) -> int:
    """Grade submissions in the sandbox into a folder of reports."""
    isolated = not arguments.trust_submissions
    if isolated and sandbox.problem():
        raise NoSandbox(
            f"{sandbox.problem()}. Or, for notebooks that you wrote yourself: --trust-submissions"
        )
    paths, out = notebooks(arguments.submission), Path(arguments.out)
    reports = grade_class(
        arguments.exercise, paths, out, seed=arguments.seed, isolated=isolated,
        jobs=arguments.jobs,
    )  # fmt: skip
    for path, report in zip(paths, reports, strict=True):
        points = "no score" if report.points is None else f"{report.points:3} of {report.out_of}"
        where = report_folder(out, Path(path)) / "report.html"
        _say(f"{points}  {report.status:12} {path!r:40} {where}")
    _say(f"Table: {out / 'grades.csv'}")
    for line in alike(paths, reports):
        _say(line)
    unreadable = [report for report in reports if report.status == UNREADABLE]
    for report in unreadable:
        _say(f"not graded: {visible(report.problem)}")
    return 1 if unreadable else 0


def class_tables(arguments: argparse.Namespace) -> int:
    """Join a graded class with its roster and rubric points, and write its tables."""
    from .grading import gradebook, similarity, tables

    out = Path(arguments.out)
    reports = gradebook.class_reports(out)
    first = next(iter(reports.values()))
    written = {}
    if arguments.form:
        written[arguments.form] = gradebook.rubric_form(out)
    table = gradebook.gradebook(out, roster=arguments.roster, rubric=arguments.rubric)
    written[out / "class.csv"] = table
    written[out / "checks.csv"] = gradebook.check_statistics(out)
    written[out / "similar.csv"] = similarity.similar(reports, first.exercise)
    if arguments.moodle:
        written[arguments.moodle] = tables.moodle(table, first.title)
    if arguments.canvas:
        written[arguments.canvas] = tables.canvas(table, first.title)
    for path, content in written.items():
        _files.write(path, tables.csv_text(content).encode("utf-8", "replace"), mode=0o600)
        _say(path)
    missing = table[table["status"] == "missing"]
    for _, row in missing.iterrows():
        print(f"Nothing was handed in by {row['id']}.", file=sys.stderr)
    if arguments.roster:
        for path in table["submission"][table["id"] == ""]:
            print(f"Nobody of the roster handed in {path}.", file=sys.stderr)
    open_ = int((table["total"].isna() & (table["status"] != "missing")).sum())
    if open_:
        print(f"{open_} without a total: points of the rubric are missing.", file=sys.stderr)
    return 0


def _report_of(place: Path, notebook: Path) -> Report:
    """Return a report: of a file, of a submission's folder, or of a class that holds this one."""
    places = [place]
    if place.is_dir():
        places = sorted({*place.glob("report.json"), *place.glob("*/report.json")})
    reports = []
    for path in places:
        try:
            reports.append(Report.from_json(path.read_text("utf-8")))
        except OSError as error:
            raise ValueError(
                f"report is {str(path)!r}, and cannot be read: {error.strerror}"
            ) from None
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
    if not reports:
        raise ValueError(f"report is {str(place)!r}, and there is no report.json in it")
    # Of several, the one of this very notebook; else any, and the page says what does not fit.
    digest = read(notebook).sha256
    return next((r for r in reports if r.sha256 == digest), reports[0])


def publish(arguments: argparse.Namespace) -> int:
    """Turn a graded submission into a portfolio page."""
    report = _report_of(Path(arguments.report), Path(arguments.notebook))
    with warnings.catch_warnings(record=True) as missing:
        warnings.simplefilter("always", UserWarning)
        page = portfolio_page(
            report, arguments.notebook, author=arguments.author, code=arguments.code
        )
    _files.write(arguments.out, page.encode("utf-8", "replace"))
    _say(arguments.out)
    for warning in missing:
        print(f"{warning.message}.", file=sys.stderr)
    if report.altered:
        print(
            "The page says that the report was changed after grading: grade the notebook again.",
            file=sys.stderr,
        )
    if report.isolation == NONE:
        print("The page says that the checks ran without a sandbox.", file=sys.stderr)
    return 0


def examine(arguments: argparse.Namespace) -> int:
    """Say what is missing on this machine and how to get it."""
    findings = doctor.examine()
    for finding in findings:
        mark = "ok     " if finding.good else ("missing" if finding.needed else "absent ")
        _say(f"{mark} {finding.what}")
        if not finding.good:
            _say(f"        {finding.remedy}")
    return 1 if any(f.needed and not f.good for f in findings) else 0


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parser() -> Parser:
    """Return the parser of the command line, for the chapter on the portfolio.

    Examples
    --------
    >>> parser().parse_args(["check", "my.ipynb"]).notebook
    'my.ipynb'
    """
    top = Parser(prog="qmlcourse", description="The course's graded portfolio.")
    top.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("exercises", help="list the exercises or copy their notebooks")
    command.add_argument(
        "folder", nargs="?", type=file_path, help="where the notebooks go; none is overwritten"
    )
    command.add_argument("--new", metavar="NAME", help="begin an exercise of your own in FOLDER")
    command.set_defaults(run=exercises)

    command = commands.add_parser("check", help="check your own notebook, as often as you like")
    command.add_argument("notebook", type=file_path, help="your notebook")
    command.add_argument("--exercise", help="its exercise; default: what the notebook says")
    command.add_argument("--question", action="append", help="only this one; may be repeated")
    command.add_argument("--seed", type=whole, help="of the inputs; default: drawn anew")
    command.set_defaults(run=check)

    command = commands.add_parser("grade", help="grade submissions in a sandbox")
    command.add_argument("exercise", help="its name")
    command.add_argument(
        "submission", nargs="+", type=file_path, help="notebooks, or folders of them"
    )
    command.add_argument(
        "--out", required=True, type=file_path, help="folder of the reports; a run resumes there"
    )
    command.add_argument("--seed", type=whole, help="of the run; default: drawn, and kept in --out")
    command.add_argument("--jobs", type=positive, default=_cores(), help="how many at once")
    command.add_argument(
        "--trust-submissions", action="store_true", help="no sandbox: only for code you wrote"
    )
    command.set_defaults(run=grade_many)

    command = commands.add_parser("class", help="join a graded class with its roster and rubric")
    command.add_argument("out", type=file_path, help="the folder that grade wrote")
    command.add_argument("--roster", type=file_path, help="CSV: id, name, file")
    command.add_argument("--rubric", type=file_path, help="CSV: the form, filled in")
    command.add_argument("--form", type=file_path, help="write an empty form for the rubric here")
    command.add_argument("--moodle", type=file_path, help="write grades for Moodle here")
    command.add_argument("--canvas", type=file_path, help="write grades for Canvas here")
    command.set_defaults(run=class_tables)

    command = commands.add_parser("report", help="make a portfolio page of a graded notebook")
    command.add_argument(
        "report", type=file_path, help="the folder that grade wrote, or a report.json"
    )
    command.add_argument("notebook", type=file_path, help="the notebook that was graded")
    command.add_argument("--author", default="", help="your name, as it shall stand on the page")
    command.add_argument(
        "--code", default="", help="address of your code; default: that of the git repository"
    )
    command.add_argument(
        "--out", default="portfolio.html", type=file_path, help="the page; default: %(default)s"
    )
    command.set_defaults(run=publish)

    command = commands.add_parser("doctor", help="say what is missing here and how to get it")
    command.set_defaults(run=examine)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0: done (and for `check`, full marks); 1: not full marks, a submission that is no notebook, or
    something missing; 2: the call cannot be carried out, for the one reason that is printed; 130:
    stopped by Ctrl-C. The chapter on the portfolio shows each command.

    Examples
    --------
    >>> main(["exercises"])  # doctest: +ELLIPSIS
    barren_plateau ...
    0
    """
    top = parser()
    try:
        arguments = top.parse_args(top.files(sys.argv[1:] if argv is None else argv))
        return int(arguments.run(arguments))
    except (ValueError, NoSandbox, _files.NoLock, OSError) as error:
        print(f"qmlcourse: {visible(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
