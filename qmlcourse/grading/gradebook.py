"""A class's marks joined with who handed in and with a person's points, and what they add up to."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from .classroom import report_folder
from .exercise import PASS, folder
from .report import Report
from .roster import handed_in
from .roster import roster as read_roster
from .run import begun, seals
from .submission import Unreadable, read_bytes
from .tables import COMPUTED, read_table


def gradebook(
    out: Path | str, *, roster: Path | str | None = None, rubric: Path | str | None = None
) -> pd.DataFrame:
    """Return a class's table: a row for each person of the roster, or for each submission.

    Its columns are those of the roster, `submission`, `status`, `points` (by the checks), the
    criteria of the rubric, `total` and `out_of`. A total is empty until all of it is there. Used
    by `qmlcourse class`, in the chapter on the portfolio.

    Parameters
    ----------
    out : path
        The folder that `qmlcourse grade` wrote.
    roster : path, optional
        CSV with a row for each person and the columns `id`, `name` and `file`: the path or the
        name of what they handed in. Without `file`, an id that stands in a submission's name.
    rubric : path, optional
        CSV as `rubric_form` makes it, filled in.

    Raises
    ------
    ValueError
        Where a file is not as above, a submission belongs to two people, or points are not
        between 0 and the criterion's; the message names the line.
    """
    reports = class_reports(out)
    exercise = next(iter(reports.values())).exercise
    table = _people(reports, roster)
    limits = criteria(exercise)
    given = _rubric(rubric, limits, table) if rubric is not None else {}
    rows = []
    for person in table.to_dict("records"):
        report = reports.get(person["submission"])
        row = dict(person) | {"status": report.status if report else "missing", "points": None}
        row["points"] = report.points if report else None
        row |= given.get(person["submission"], dict.fromkeys(limits))
        parts = [row["points"], *(row[name] for name in limits)]
        row["total"] = None if any(part is None for part in parts) else sum(parts)
        row["out_of"] = None if report is None else report.out_of + sum(limits.values())
        rows.append(row)
    made = pd.DataFrame(rows)
    numbers = ["points", *limits, "total", "out_of"]
    return made.astype(dict.fromkeys(numbers, "Float64"))


def class_reports(out: Path | str) -> dict[str, Report]:
    """Return the reports of a class: path of the submission → report.

    Raises
    ------
    ValueError
        Where a report is not as `grade` wrote it.
    """
    out = Path(out)
    marks = read_table(out / "grades.csv", ("submission",))
    run, sealed = begun(out), seals(out)
    reports = {}
    for cell in marks["submission"]:
        path = cell[1:] if cell[:1] == "'" and cell[1:2] in COMPUTED else cell
        place = report_folder(out, Path(path)) / "report.json"
        try:
            data = read_bytes(place)
            if not run.sealed(Path(path), data, sealed.get(path, "")):
                raise ValueError("it was changed after grading")
            reports[path] = Report.from_json(data.decode("utf-8"))
        except (Unreadable, ValueError) as error:
            raise ValueError(f"{place}: {error}; run qmlcourse grade again") from None
    if not reports:
        raise ValueError(f"out is {str(out)!r}, whose grades.csv has no submission")
    return reports


def criteria(exercise: str) -> dict[str, float]:
    """Return what a person judges: criterion → its points.

    >>> sum(criteria("barren_plateau").values())
    20.0
    """
    found = {}
    for line in (folder() / exercise / "rubric.md").read_text("utf-8").splitlines():
        # The points stand in the second column, or in brackets after the name.
        row = re.match(r"\| *([^|]+?) *(?:\| *(\d+) *\||\((\d+)\) *\|)", line.replace("*", ""))
        if row:
            found[row[1]] = float(row[2] or row[3])
    return found


def rubric_form(out: Path | str) -> pd.DataFrame:
    """Return an empty form: a row for each submission, a column for each criterion."""
    reports = class_reports(out)
    names = criteria(next(iter(reports.values())).exercise)
    return pd.DataFrame({"submission": list(reports)} | dict.fromkeys(names, ""))


def check_statistics(out: Path | str) -> pd.DataFrame:
    """Return how each check went: share passed, what else happened, the commonest hint.

    Hints that differ in their numbers alone count as one.
    """
    found: dict[tuple[str, str], list[Any]] = {}
    for report in class_reports(out).values():
        for result in report.results:
            found.setdefault((result.question, result.check), []).append(result)
    rows = []
    for (question, check), results in found.items():
        failed = [r for r in results if r.status != PASS]
        hints = Counter(re.sub(r"\d[\d.,e+-]*", "#", r.hint) for r in failed if r.hint)
        hint, times = hints.most_common(1)[0] if hints else ("", 0)
        rows.append({
            "question": question, "check": check, "graded": len(results),
            "passed": len(results) - len(failed), "share": 1 - len(failed) / len(results),
            **{status: sum(r.status == status for r in failed)
               for status in ("wrong", "error", "timeout", "died", "protocol", "not_run")},
            "commonest_hint": hint, "times": times,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _people(reports: dict[str, Report], roster: Path | str | None) -> pd.DataFrame:
    """Return the rows of the roster with what each handed in; the rest follows, without a name."""
    if roster is None:
        return pd.DataFrame({"submission": list(reports)})
    table = read_roster(roster)
    table["submission"] = handed_in(table, reports, Path(roster).name)
    left = [path for path in reports if path not in set(table["submission"])]
    return pd.concat([table, pd.DataFrame({"submission": left})], ignore_index=True).fillna("")


def _rubric(
    path: Path | str, limits: dict[str, float], table: pd.DataFrame
) -> dict[str, dict[str, float | None]]:
    """Return the points that a person gave: submission → criterion → points or None."""
    form = read_table(path, ("submission", *limits))
    name = Path(path).name
    given: dict[str, dict[str, float | None]] = {}
    for line, row in enumerate(form.to_dict("records"), 2):
        submission = row["submission"]
        if submission not in set(table["submission"]) or not submission:
            raise ValueError(f"{name}, line {line}: no submission is {submission!r}")
        if submission in given:
            raise ValueError(f"{name}, line {line}: {submission} stands there twice")
        given[submission] = {
            criterion: _points(row[criterion], most, f"{name}, line {line}: {criterion}")
            for criterion, most in limits.items()
        }
    return given


def _points(text: str, most: float, where: str) -> float | None:
    if not text.strip():
        return None
    try:
        points = float(text.strip().replace(",", "."))
    except ValueError:
        points = float("nan")
    if not 0 <= points <= most:
        raise ValueError(f"{where} is {text!r}; allowed: a number from 0 to {most:g}, or nothing")
    return points
