"""Grade a class: many submissions side by side, stopped at any moment, resumed, none twice."""

import contextlib
import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from .. import _files
from .._progress import progress
from .exercise import load
from .marking import checks_sha256, grade
from .report import Report, write_private
from .submission import Unreadable, read


def report_folder(out: Path, submission: Path) -> Path:
    """Return where a submission's report lies: its name, made harmless, and a digest of its path.

    Two submissions of one name in two folders do not meet.
    """
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", submission.stem)[:40] or "submission"
    digest = hashlib.sha256(os.fsencode(submission)).hexdigest()[:10]
    return out / f"{stem}-{digest}"


def grade_class(
    exercise: str,
    submissions: Sequence[Path | str],
    out: Path | str,
    *,
    seed: int | None = None,
    isolated: bool = True,
    jobs: int = 1,
    show: bool | None = None,
) -> list[Report]:
    """Grade submissions into a folder: a report each, and `grades.csv` at the end.

    A submission whose report is there already is not graded again unless its file changed, so
    the same call goes on after a crash, a kill or Ctrl-C. A submission's seed follows from the
    run's and its path, so a run that was stopped gives the table of one that was not.

    Parameters
    ----------
    exercise : str
        Its name.
    submissions : sequence of paths
        Notebooks; a file that is none gets a report that says so.
    out : path
        The folder; made where it is missing.
    seed : int, optional
        Of the run; without it 0, or the one the folder was begun with.
    isolated : bool
        Whether answers run in the sandbox.
    jobs : int
        How many submissions are graded at once.
    show : bool, optional
        Whether progress and the time left are shown; without it, on a terminal.

    Returns
    -------
    list of Report
        In the order of `submissions`.

    Raises
    ------
    ValueError
        Where the folder holds a run of another exercise, seed or version of the checks, or a
        submission is named twice or is a notebook of another exercise.
    NoLock
        Where another run is writing into the folder, or its file system has no locks.

    Examples
    --------
    Used in the chapter on the portfolio.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as out:
    ...     (report,) = grade_class("barren_plateau", [__file__], out, isolated=False)
    ...     print((Path(out) / "grades.csv").is_file(), report.points)
    True 0
    """
    loaded = load(exercise)
    paths, out = [Path(s) for s in submissions], Path(out)
    twice = sorted({str(p) for p in paths if paths.count(p) > 1})
    if twice:
        raise ValueError(f"{twice[0]} is named twice; name each submission once")
    for path in paths:
        # A slip of the pen, told before an hour is spent on it.
        with contextlib.suppress(Unreadable):
            read(path).check_exercise(loaded)
    out.mkdir(parents=True, exist_ok=True)
    with _files.locked(out):
        seed = _begin(out, exercise, seed, isolated)
        reports = {path: _finished(out, path) for path in paths}
        left = [path for path, report in reports.items() if report is None]

        def one(path: Path) -> Report:
            digest = hashlib.sha256(f"{seed} {path}".encode("utf-8", "surrogateescape")).digest()
            own = int.from_bytes(digest[:4], "big")
            report = grade(path, exercise, seed=own, isolated=isolated)
            report.save(report_folder(out, path))
            with (out / "journal.jsonl").open("a", encoding="utf-8") as journal:
                # One short write, so that lines of two workers do not mix.
                journal.write(json.dumps({"graded": str(path), "seconds": report.seconds}) + "\n")
            return report

        finished = len(paths) - len(left)
        with progress(len(paths), "submissions", done=finished, show=show) as display:
            pool = ThreadPoolExecutor(max_workers=jobs)
            try:
                waiting = {pool.submit(one, path): path for path in left}
                for done in as_completed(waiting):
                    reports[waiting[done]] = done.result()
                    display.update()
            finally:
                # What has not begun stays for the next call.
                pool.shutdown(cancel_futures=True)
        graded = [report for path in paths if (report := reports[path]) is not None]
        write_private(out / "grades.csv", grades_csv(paths, graded))
    return graded


def grades_csv(paths: Sequence[Path], reports: Sequence[Report]) -> str:
    """Return the table of grades; a text that a spreadsheet would compute is made harmless."""
    questions = sorted({q for r in reports for q in r.questions})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["submission", "sha256", "status", "points", "out_of", *questions, "problem"])
    for path, report in sorted(zip(paths, reports, strict=True)):
        marks = [sum(r.points for r in report.questions.get(q, [])) for q in questions]
        points = "" if report.points is None else report.points
        # The problem begins with the file's name, which is the submitter's as well.
        name, problem = (
            f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
            for cell in (str(path), report.problem)
        )
        row = [name, report.sha256, report.status, points, report.out_of, *marks, problem]
        writer.writerow(row)
    return text.getvalue()


def _begin(out: Path, exercise: str, seed: int | None, isolated: bool) -> int:
    """Return the run's seed; refuse a folder that another kind of run began."""
    path = out / "run.json"
    if path.is_file():
        begun = _begun(path)
        seed = begun["seed"] if seed is None else seed
    run = {
        "exercise": exercise,
        "seed": 0 if seed is None else seed,
        "isolated": isolated,
        "checks_sha256": checks_sha256(exercise),
    }
    if not path.is_file():
        write_private(path, json.dumps(run))
    elif begun != run:
        other = next(key for key in run if begun.get(key) != run[key])
        raise ValueError(
            f"out is {str(out)!r}, which holds a run whose {other} is {begun.get(other)!r}, "
            f"not {run[other]!r}; choose another folder"
        )
    return int(str(run["seed"]))


def _begun(path: Path) -> dict[str, Any]:
    """Return what a folder's run was begun with."""
    try:
        begun = json.loads(path.read_text("utf-8"))
        if isinstance(begun, dict) and type(begun.get("seed")) is int and begun["seed"] >= 0:
            return begun
    except (ValueError, RecursionError):
        pass
    raise ValueError(
        f"out is {str(path.parent)!r}, whose run.json no run of grade wrote; choose another folder"
    )


def _finished(out: Path, path: Path) -> Report | None:
    """Return the report of a submission that was graded before, unless it was handed in anew."""
    kept = report_folder(out, path) / "report.json"
    if not kept.is_file():
        return None
    try:
        report = Report.from_json(kept.read_text("utf-8"))
    except ValueError:
        return None  # cut short or written over: graded anew
    try:
        digest = read(path).sha256
    except Unreadable:
        digest = ""
    return report if report.sha256 == digest else None
