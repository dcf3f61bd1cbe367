"""Grade one submission: read it as data, run each answer in a worker, compare outside."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from . import sandbox
from .exercise import Exercise, Result, folder, load, mark
from .local import Failed
from .report import BUBBLEWRAP, NONE, Report, environment
from .session import Session
from .student import Student, other_data
from .submission import Submission, Unreadable, answers, read, trusted_notebook, trusted_setup
from .whereabouts import notes, point_to_cells, why_missing


class NoSandbox(RuntimeError):
    """Submissions cannot be run safely on this machine; the message says what is missing."""


def grade(
    path: Path | str,
    exercise: str | None = None,
    *,
    seed: int | None = None,
    isolated: bool = True,
    questions: Iterable[str] | None = None,
    jobs: int = 1,
    progress: Callable[[str], None] | None = None,
    student: Student | None = None,
) -> Report:
    """Return the marks of a submitted notebook.

    The notebook is read as data. Each question's answer runs in a sandbox of its own, which is
    sent inputs drawn anew and sends back plain numbers; what is right is computed and compared
    out here. Used by the portfolio.

    Parameters
    ----------
    path : path
        The submitted notebook.
    exercise : str, optional
        Its name; without it, the one that the notebook's metadata names.
    seed : int, optional
        Draws the inputs of the checks; without it, drawn anew and kept in the report.
    isolated : bool
        False runs the answers as ordinary programs: for your own code only.
    questions : iterable of str, optional
        Mark only these.
    jobs : int
        How many questions run at once.
    progress : callable, optional
        Told the name of each question when it is marked.
    student : Student, optional
        Whose work it is: checks use that student's data, and a note says where the notebook's
        experiments had somebody else's.

    Returns
    -------
    Report
        A file that is no notebook gives one with 0 points and a reason.

    Raises
    ------
    ValueError
        Where there is no such exercise or question, or the notebook is of another exercise.
    NoSandbox
        Where `isolated` is asked for and cannot be had.

    Examples
    --------
    The chapter on the portfolio shows a notebook; what is none gets a reason.

    >>> report = grade(__file__, "barren_plateau", isolated=False)
    >>> report.status, report.points
    ('unreadable', 0)
    >>> report.problem  # doctest: +ELLIPSIS
    'marking.py is not JSON: it is a Python program, perhaps an export; hand in the notebook ...'
    """
    started = time.monotonic()
    path = Path(path)
    if isolated and sandbox.problem():
        raise NoSandbox(sandbox.problem())
    submission, problem = None, ""
    try:
        submission = read(path)
    except Unreadable as error:
        problem = str(error)
    name = exercise or (submission.exercise if submission else None)
    if name is None:
        raise ValueError(problem or f"{path.name}: its metadata name no exercise; name it")
    loaded = load(name)
    loaded.student = student
    if submission is not None:
        submission.check_exercise(loaded)
    chosen = list(loaded.questions if questions is None else dict.fromkeys(questions))
    unknown = sorted(set(chosen) - set(loaded.questions))
    if unknown:
        raise ValueError(f"question is {unknown[0]!r}; allowed: {', '.join(loaded.questions)}")
    seed = secrets.randbits(64) if seed is None else seed
    results: list[Result] = []
    told: list[str] = []
    peak = 0.0
    if submission is not None:
        results, told, peak = _mark_all(loaded, submission, chosen, seed, isolated, jobs, progress)
    return Report(
        exercise=loaded.name,
        title=loaded.title,
        submission=path.name,
        sha256=submission.sha256 if submission else "",
        seed=seed,
        isolation=BUBBLEWRAP if isolated else NONE,
        environment=environment() | {"checks_sha256": checks_sha256(loaded.name)},
        results=results,
        out_of=sum(c.points for q in chosen for c in loaded.questions[q].checks),
        problem=problem,
        needs_human=rubric(loaded.name),
        notes=told,
        seconds=time.monotonic() - started,
        peak_mebibytes=peak / 2**20,
        limits=sandbox.limits() if isolated else "",
        student=student.id if student else "",
    )


def _mark_all(
    exercise: Exercise,
    submission: Submission,
    chosen: list[str],
    seed: int,
    isolated: bool,
    jobs: int,
    progress: Callable[[str], None] | None,
) -> tuple[list[Result], list[str], float]:
    setup, given = trusted_setup(exercise), answers(submission.notebook, exercise)

    def one(name: str) -> tuple[list[Result], list[str], int]:
        question = exercise.questions[name]
        rng = np.random.default_rng([seed, list(exercise.questions).index(name)])
        missing = [other for other in exercise.cells_for(name) if other not in given]
        if missing:
            hint = why_missing(submission.notebook, exercise, missing[0])
            return mark(question, Failed("not_run", hint), rng), [], 0
        cells = [("setup", setup)]
        for other in exercise.cells_for(name):
            cells += [(_label(other, n), source) for n, source in enumerate(given[other], 1)]
        with Session(cells, seconds=question.seconds, isolated=isolated) as session:
            results = mark(question, session, rng)
        point_to_cells(results, submission.notebook, exercise, name)
        if progress is not None:
            progress(name)
        return results, session.notes, session.peak

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        marked = list(pool.map(one, chosen))
    peak = max((peak for *_, peak in marked), default=0)
    told = notes(submission, exercise)
    if exercise.student is not None:
        told += other_data(submission.notebook, trusted_notebook(exercise), exercise.student)
    told += [note for _, found, _ in marked for note in found]
    # A cell that several questions need is told of once.
    return [r for found, *_ in marked for r in found], list(dict.fromkeys(told)), peak


def _label(question: str, number: int) -> str:
    return question if number == 1 else f"{question}, part {number}"


def rubric(exercise: str) -> list[str]:
    """Return the criteria that a person judges: the first cell of each row of the rubric."""
    lines = (folder() / exercise / "rubric.md").read_text("utf-8").splitlines()
    rows = [line.split("|")[1].strip() for line in lines if line.startswith("|")]
    return [row.replace("*", "") for row in rows[2:]]


def checks_sha256(exercise: str) -> str:
    """Return the digest of an exercise's checks, so that two reports can be compared."""
    checks = folder() / exercise / "checks.py"
    digest = hashlib.sha256(checks.read_bytes())
    for other in sorted({*checks.parent.glob("*.py")} - {checks}):
        digest.update(other.read_bytes())
    return digest.hexdigest()
