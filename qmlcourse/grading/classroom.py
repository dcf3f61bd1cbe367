"""Grade a class: many submissions side by side, stopped at any moment, resumed, none twice."""

import contextlib
import csv
import hashlib
import io
import os
import re
import stat
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from .. import _files, _parallel
from .._progress import progress
from . import sandbox
from .exercise import load
from .marking import checks_sha256, grade
from .report import Report, write_private
from .run import Run, begin, plain, seals
from .student import Student
from .submission import Unreadable, read, read_bytes


def report_folder(out: Path, submission: Path) -> Path:
    """Return where a submission's report lies: its name, made harmless, and a digest of its path.

    Two submissions of one name in two folders do not meet, and none begins as an option does.
    """
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", submission.stem).lstrip("-")[:40] or "submission"
    digest = hashlib.sha256(os.fsencode(submission)).hexdigest()[:10]
    return out / f"{stem}-{digest}"


def grade_class(
    exercise: str,
    submissions: Sequence[Path | str],
    out: Path | str,
    *,
    seed: int | None = None,
    isolated: bool = True,
    jobs: int | None = None,
    show: bool | None = None,
    students: Mapping[Path, Student] | None = None,
) -> list[Report]:
    """Grade submissions into a folder: a report each, and `grades.csv` at the end.

    A submission whose report is there already is not graded again unless its file changed, so
    the same call goes on after a crash, a kill or Ctrl-C. A submission's seed follows from the
    run's, its path and its content, so a run that was stopped gives the table of one that was
    not, and nobody who does not know the run's seed can foretell the inputs.

    Parameters
    ----------
    exercise : str
        Its name.
    submissions : sequence of paths
        Notebooks; a file that is none gets a report that says so.
    out : path
        The folder; made where it is missing.
    seed : int, optional
        Of the run; without it the one the folder was begun with, or drawn and kept there.
    isolated : bool
        Whether answers run in the sandbox.
    jobs : int, optional
        How many submissions are graded at once here. Without it one, or as many as the workers
        that `joblib.parallel_config` names, such as those of a Dask cluster: they read the
        submissions where this process does, and this process writes the reports.
    show : bool, optional
        Whether progress and the time left are shown; without it, on a terminal.
    students : mapping of path to Student, optional
        Whose each submission is, where the data differ by student.

    Returns
    -------
    list of Report
        In the order of `submissions`.

    Raises
    ------
    ValueError
        Where the folder holds a run of another exercise, seed or version of the checks, or a
        link, pipe or folder where grade keeps a file; or where a submission is named twice, is a
        notebook of another exercise, or lies where another's answer could read it.
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
    for place in (out, *paths) if isolated else ():
        if sandbox.shows(place):
            raise ValueError(
                f"{str(place)!r} lies in a folder of the system's or of Python's, which answers "
                "can read: move it, for example into your home folder"
            )
    out.mkdir(parents=True, exist_ok=True)
    # A link would be locked, and made, where it leads.
    plain(out / ".lock")
    with _files.locked(out):
        run = begin(out, exercise, seed, isolated, checks_sha256(exercise))
        sealed = seals(out)
        whose = students or {}
        reports = {path: _finished(run, out, path, sealed.get(str(path), "")) for path in paths}
        for path, report in reports.items():
            # The roster was changed since.
            if report is not None and report.student != getattr(whose.get(path), "id", ""):
                reports[path] = None
        left = [path for path, report in reports.items() if report is None]

        def task(path: Path) -> tuple[Path, str, int, bool, Student | None]:
            return path, exercise, _own_seed(run, path), isolated, whose.get(path)

        def kept(path: Path, report: Report) -> Report:
            folder = _place(out, path)
            report.save(folder)
            run.record(out, path, report.seconds, read_bytes(folder / "report.json"))
            return report

        def one(path: Path) -> Report:
            return kept(path, _graded(*task(path)))

        finished = len(paths) - len(left)
        with progress(len(paths), "submissions", done=finished, show=show) as display:
            if jobs is None and _parallel.wanted(None):
                for number, report in _parallel.side_by_side(_graded, map(task, left), None):
                    reports[left[number]] = kept(left[number], report)
                    display.update()
                left = []
            pool = ThreadPoolExecutor(max_workers=1 if jobs is None else jobs)
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
    first = ["submission", "sha256", "status", "points", "out_of"]
    writer.writerow([*first, *questions, "problem", "told"])
    for path, report in sorted(zip(paths, reports, strict=True)):
        marks = [sum(r.points for r in report.questions.get(q, [])) for q in questions]
        points = "" if report.points is None else report.points
        # The problem begins with the file's name, which is the submitter's as well.
        name, *said = (
            f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
            for cell in (str(path), report.problem, report.told)
        )
        row = [name, report.sha256, report.status, points, report.out_of, *marks, *said]
        writer.writerow(row)
    return text.getvalue()


def alike(paths: Sequence[Path | str], reports: Sequence[Report]) -> list[str]:
    """Return a line for each thing that passing checks say of more than one submission."""
    found: dict[str, list[str]] = {}
    for path, report in zip(paths, reports, strict=True):
        if report.told:
            found.setdefault(report.told, []).append(repr(str(path)))
    return [f"{said}, in {' and '.join(p)}" for said, p in found.items() if len(p) > 1]


def _graded(
    path: Path, exercise: str, seed: int, isolated: bool, student: Student | None
) -> Report:
    return grade(path, exercise, seed=seed, isolated=isolated, student=student)


def _own_seed(run: Run, path: Path) -> int:
    try:
        return run.own_seed(path, read(path).sha256)
    except Unreadable:
        return run.own_seed(path, "")


def _place(out: Path, submission: Path) -> Path:
    """Return the folder of a submission's report; refuse what only looks like one."""
    folder = report_folder(out, submission)
    plain(folder, stat.S_IFDIR)
    for name in ("report.json", "report.html"):
        # Links and pipes are replaced, and never written through; a folder can't be.
        if (folder / name).is_dir() and not (folder / name).is_symlink():
            plain(folder / name)
    return folder


def _finished(run: Run, out: Path, path: Path, seal: str) -> Report | None:
    """Return the report that this run made of a submission, unless it was handed in anew."""
    kept = _place(out, path) / "report.json"
    try:
        data = read_bytes(kept)
        if not run.sealed(path, data, seal):
            raise ValueError
        report = Report.from_json(data.decode())
    except ValueError:
        # Without a seal the run was stopped before it was done with this one.
        if seal:
            told = f"The report of {str(path)!r} is not as grade left it: it is graded anew."
            print(told, file=sys.stderr)
        return None
    try:
        digest = read(path).sha256
    except Unreadable:
        digest = ""
    if report.sha256 != digest or report.seed != run.own_seed(path, digest):
        return None
    # What people look at has no seal: it follows from what has.
    page, shown = kept.with_name("report.html"), report.to_html()
    with contextlib.suppress(Unreadable):
        if read_bytes(page) == shown.encode("utf-8", "replace"):
            return report
    write_private(page, shown)
    return report
