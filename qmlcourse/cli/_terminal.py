"""What a terminal is told: any letter, a report as lines, and how many processors there are."""

import os
import sys

from .._arguments import visible
from ..grading.report import Report


def say(text: object) -> None:
    """Print, although a terminal may not know a letter or a pipe may have lost its reader."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Whoever read has seen enough; the command goes on to its end and its exit status.
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def told(report: Report) -> str:
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


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
