"""What teachers ask for: `qmlcourse grade | class`."""

import argparse
import sys
from pathlib import Path

from .. import _files
from .._arguments import notebooks, visible
from ..grading import sandbox
from ..grading.classroom import alike, grade_class, report_folder
from ..grading.marking import NoSandbox
from ..grading.report import UNREADABLE
from ..grading.student import Student
from ._terminal import say


def grade_many(arguments: argparse.Namespace) -> int:
    """Grade submissions in the sandbox into a folder of reports."""
    isolated = not arguments.trust_submissions
    if isolated and sandbox.problem():
        raise NoSandbox(
            f"{sandbox.problem()}. Or, for notebooks that you wrote yourself: --trust-submissions"
        )
    paths, out = notebooks(arguments.submission), Path(arguments.out)
    whose: dict[Path, Student] | None = None
    if arguments.per_student:
        from ..grading.roster import owners

        whose = owners(arguments.per_student, paths)
    reports = grade_class(
        arguments.exercise, paths, out, seed=arguments.seed, isolated=isolated,
        jobs=arguments.jobs, students=whose,
    )  # fmt: skip
    for path, report in zip(paths, reports, strict=True):
        points = "no score" if report.points is None else f"{report.points:3} of {report.out_of}"
        where = report_folder(out, Path(path)) / "report.html"
        say(f"{points}  {report.status:12} {path!r:40} {where}")
    say(f"Table: {out / 'grades.csv'}")
    for line in alike(paths, reports):
        say(line)
    unreadable = [report for report in reports if report.status == UNREADABLE]
    for report in unreadable:
        say(f"not graded: {visible(report.problem)}")
    return 1 if unreadable else 0


def class_tables(arguments: argparse.Namespace) -> int:
    """Join a graded class with its roster and rubric points, and write its tables."""
    from ..grading import gradebook, similarity, tables

    out = Path(arguments.out)
    reports = gradebook.class_reports(out)
    first = next(iter(reports.values()))
    written = {}
    if arguments.form:
        written[arguments.form] = gradebook.rubric_form(out)
    table = gradebook.gradebook(out, roster=arguments.roster, rubric=arguments.rubric)
    written[out / "class.csv"] = table
    written[out / "checks.csv"] = gradebook.check_statistics(out)
    written[out / "similar.csv"] = similarity.similar(
        reports, first.exercise, numbers=any(report.student for report in reports.values())
    )
    if arguments.moodle:
        written[arguments.moodle] = tables.moodle(table, first.title)
    if arguments.canvas:
        written[arguments.canvas] = tables.canvas(table, first.title)
    for path, content in written.items():
        _files.write(path, tables.csv_text(content).encode("utf-8", "replace"), mode=0o600)
        say(path)
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
