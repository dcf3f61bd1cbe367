"""What learners ask for: `qmlcourse check | report | doctor`."""

import argparse
import sys
import warnings
from pathlib import Path

from .. import _files
from ..grading import doctor
from ..grading.marking import grade
from ..grading.page import portfolio_page
from ..grading.report import NONE, Report
from ..grading.submission import read
from ._terminal import cores, say, told


def check(arguments: argparse.Namespace) -> int:
    """Tell learners which checks their notebook passes; runs their code on their machine."""
    path = Path(arguments.notebook)
    if not path.exists():
        raise ValueError(f"notebook is {arguments.notebook!r}, and there is no such file")
    print("Running your answers on this machine, without a sandbox.", file=sys.stderr)
    report = grade(
        path, arguments.exercise, seed=arguments.seed, isolated=False,
        questions=arguments.question, jobs=cores(),
    )  # fmt: skip
    say(told(report))
    return 0 if report.points == report.out_of else 1


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
    say(arguments.out)
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
        say(f"{mark} {finding.what}")
        if not finding.good:
            say(f"        {finding.remedy}")
    return 1 if any(f.needed and not f.good for f in findings) else 0
