"""Plant defects in the worked solutions by machine and show which wrong answers pass all checks.

    python tests/portfolio/wrong_answers.py [EXERCISE ...] [--question NAME ...] [--every N]

Each defect is one small change (see planted.py): an argument ignored, a constant changed, a term
dropped, another law. Each is shown to the checks of its own question, in this process. What still
has full marks is printed, unless `equivalent/<exercise>.toml` beside this file names it, with the
reason why it is right, or why no check can tell. The exit code is 1 where any is not named.
"""

import argparse
import ast
import json
import signal
import sys
import time
import tomllib
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from planted import Planted, planted

from qmlcourse.grading.cells import Cells
from qmlcourse.grading.exercise import AnswerError, Exercise, folder, load, names
from qmlcourse.grading.judge import Wrong
from qmlcourse.grading.local import LocalAnswers
from qmlcourse.grading.submission import answer_cells, setup_cell
from qmlcourse.grading.wire import Seed

SEED = 20240607
EQUIVALENT = Path(__file__).parent / "equivalent"


class Late(BaseException):
    """No Exception, so that an answer can't catch it."""


def _late(*_: object) -> None:
    raise Late


@cache
def solved(name: str) -> tuple[Exercise, str, dict[str, str]]:
    """Return an exercise, its setup cell and the answers of the worked solution."""
    notebook = json.loads((folder() / name / "solution.ipynb").read_text("utf-8"))
    exercise = load(name)
    return exercise, setup_cell(notebook), answer_cells(notebook, exercise)


def namespace(name: str, question: str, cells: Mapping[str, str]) -> dict[str, Any]:
    """Run the answers that a question needs."""
    exercise, setup, _ = solved(name)
    with Cells({"__name__": "__main__"}) as run:
        run.run("setup", setup)
        for needed in exercise.cells_for(question):
            run.run(needed, cells[needed])
    return run.namespace


@cache
def seen(name: str, question: str) -> tuple[dict[str, dict[str, list[str]]], list[float]]:
    """Return what the checks pass to the right answer, and the seconds of each."""
    _, _, cells = solved(name)
    functions = [n for n in ast.parse(cells[question]).body if isinstance(n, ast.FunctionDef)]
    order = {f.name: [a.arg for a in (*f.args.args, *f.args.kwonlyargs)] for f in functions}
    values: dict[tuple[str, str], Counter[str]] = {}
    answers = LocalAnswers(namespace(name, question, cells))

    def recording(function: str, *args: Any, **kwargs: Any) -> Any:
        if function not in order:  # an earlier question's
            return answers(function, *args, **kwargs)
        for argument, value in {**dict(zip(order[function], args)), **kwargs}.items():  # noqa: B905
            values.setdefault((function, argument), Counter()).update(_frozen(argument, value))
        return answers(function, *args, **kwargs)

    seconds = []
    for check in solved(name)[0].questions[question].checks:
        started = time.perf_counter()
        check.function(recording, np.random.default_rng(SEED + 1))
        seconds.append(time.perf_counter() - started)
    frozen: dict[str, dict[str, list[str]]] = {}
    for (function, argument), counted in values.items():
        common = [value for value, _ in counted.most_common(3)]
        frozen.setdefault(function, {})[argument] = common
    return frozen, seconds


def _frozen(argument: str, value: Any) -> list[str]:
    """Return values, as expressions, that an answer may use in place of what it was given."""
    if isinstance(value, Seed):
        return ["np.random.default_rng(0)", "np.random.default_rng()"]
    if isinstance(value, np.ndarray | list | tuple) and len(value):
        return [f"{argument}[:1]", f"{argument}[:-1]", f"{argument}[::-1]"]
    return [repr(value)] if isinstance(value, int | float | str | bool) else []


@cache
def wrong(name: str, question: str) -> list[Planted]:
    """Return the planted answers to a question."""
    return planted(solved(name)[2][question], seen(name, question)[0])


def survives(name: str, question: str, answer: Planted, order: list[int], limit: float) -> bool:
    """Return whether an answer passes all checks of its question, in `limit` seconds."""
    exercise, _, cells = solved(name)
    checks = exercise.questions[question].checks
    before = signal.signal(signal.SIGALRM, _late)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                made = namespace(name, question, {**cells, question: answer.source})
            except Exception:
                return False
            for i in order:
                checks[i].function(LocalAnswers(made), np.random.default_rng([SEED, i]))
    except (Wrong, AnswerError, Late):
        return False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return True


def named(name: str) -> dict[tuple[str, str], str]:
    """Return the planted answers that may pass, with the reasons: (question, change) → reason."""
    path = EQUIVALENT / f"{name}.toml"
    entries = tomllib.loads(path.read_text("utf-8")).get("answer", []) if path.is_file() else []
    return {(e["question"], e["change"].strip()): e["reason"] for e in entries}


@dataclass
class Tried:
    """What became of the planted answers to one question."""

    exercise: str
    question: str
    made: int
    tried: int
    passed: list[Planted]


def attempt(name: str, question: str, every: int = 1, skip_named: bool = False) -> Tried:
    """Try every n-th planted answer to a question; by a digest, so the choice stays the same."""
    seconds = seen(name, question)[1]
    order, limit = np.argsort(seconds).tolist(), 10 + 5 * sum(seconds)
    chosen = [a for a in wrong(name, question) if zlib.crc32(a.change.encode()) % every == 0]
    if skip_named:
        chosen = [a for a in chosen if (question, a.change) not in named(name)]
    passed = [a for a in chosen if survives(name, question, a, order, limit)]
    return Tried(name, question, len(wrong(name, question)), len(chosen), passed)


def everything(exercises: list[str], questions: list[str] | None) -> Iterator[tuple[str, str]]:
    for name in exercises:
        yield from ((name, q) for q in load(name).questions if questions is None or q in questions)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("exercise", nargs="*", help="default: all")
    parser.add_argument("--question", nargs="+", help="default: all")
    parser.add_argument("--every", type=int, default=1, help="try one in so many")
    parser.add_argument("--jobs", type=int, default=1, help="questions tried at once")
    arguments = parser.parse_args()
    unlisted = 0
    work = list(everything(arguments.exercise or names(), arguments.question))
    rows = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for done in pool.map(attempt, *zip(*work, strict=True), [arguments.every] * len(work)):
            known = named(done.exercise)
            new = [a for a in done.passed if (done.question, a.change) not in known]
            for answer in new:
                head = f"{done.exercise} {done.question}: {answer.kind}"
                print(f"\n{head}\n{answer.change}", flush=True)
            stale = [
                change for question, change in known
                if question == done.question
                and change not in [a.change for a in wrong(done.exercise, question)]
            ]  # fmt: skip
            for change in stale:
                print(f"\n{done.exercise} {done.question}: named, but no longer made\n{change}")
            unlisted += len(new) + len(stale)
            rows.append((done, len(new)))
            head = f"{done.exercise} {done.question}"
            print(f"{head}: {len(new)} of {done.tried} pass unnamed", file=sys.stderr, flush=True)
    print(f"\n{'exercise':24} {'question':16}   made  tried  passed  unnamed")
    for done, new in rows:
        counts = f"{done.made:6} {done.tried:6} {len(done.passed):7} {new:8}"
        print(f"{done.exercise:24} {done.question:16} {counts}")
    return int(unlisted > 0)


if __name__ == "__main__":
    sys.exit(main())
