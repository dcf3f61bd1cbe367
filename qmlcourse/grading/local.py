"""Checks in this very process: for a learner's live kernel, on the learner's own code."""

import linecache
import textwrap
import traceback
from collections.abc import Mapping
from typing import Any

import numpy as np

from .exercise import AnswerError, Exercise, Result, load, mark
from .wire import decode, encode


def run_source(source: str, name: str, namespace: dict[str, Any]) -> None:
    """Execute an answer so that its traceback shows the learner's own lines."""
    file = f"<answer {name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), namespace)


def explain(error: BaseException) -> str:
    """Return what an exception says, with the last line of the answer that it passed."""
    where = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith("<")]
    text = str(error)[:2000]
    place = f" (line {where[-1].lineno} of {where[-1].filename[1:-1]})" if where else ""
    return f"{type(error).__name__}: {text}{place}"


class LocalAnswers:
    """Calls functions of a namespace as the sandbox would: values go in and out as data."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.namespace = namespace

    def __call__(self, function: str, *args: Any, **kwargs: Any) -> Any:
        if not callable(self.namespace.get(function)):
            raise AnswerError("error", f"There is no function {function}: has its cell run?")
        args, kwargs = decode(encode(args), trusted=True), decode(encode(kwargs), trusted=True)
        try:
            value = self.namespace[function](*args, **kwargs)
        except Exception as error:
            raise AnswerError("error", f"{function} raised {explain(error)}") from error
        try:
            return decode(encode(value))
        except (TypeError, ValueError) as error:
            raise AnswerError("protocol", f"{function}: {error}") from error


class Failed:
    """Answers that could not even be loaded."""

    def __init__(self, status: str, hint: str) -> None:
        self.status, self.hint = status, hint

    def __call__(self, function: str, *args: Any, **kwargs: Any) -> Any:
        raise AnswerError(self.status, self.hint)


def mark_cells(
    exercise: Exercise,
    question: str,
    setup: str,
    cells: Mapping[str, str],
    rng: np.random.Generator,
) -> list[Result]:
    """Mark one question with its answer and those it needs, run in a namespace of their own."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    run_source(setup, "setup", namespace)
    for name in exercise.cells_for(question):
        if name not in cells:
            return mark(
                exercise.questions[question], Failed("not_run", f"No answer cell {name}."), rng
            )
        try:
            run_source(cells[name], name, namespace)
        except Exception as error:
            failed = Failed("error", f"The cell of {name} raised {explain(error)}")
            return mark(exercise.questions[question], failed, rng)
    return mark(exercise.questions[question], LocalAnswers(namespace), rng)


def check_answer(
    exercise: str,
    question: str,
    namespace: Mapping[str, Any],
    *,
    rng: np.random.Generator | None = None,
) -> None:
    """Print which checks of a question your answer passes, with a hint for each it does not.

    Runs the functions of `namespace` in this process: your code, on your machine, with inputs
    drawn anew each time. Nothing is recorded. Used in the notebooks of the portfolio.

    Parameters
    ----------
    exercise, question : str
        Their names.
    namespace : mapping
        The variables of your notebook: `globals()`.
    rng : numpy.random.Generator, optional
        Draws the inputs; without it they differ from call to call.

    Raises
    ------
    ValueError
        Where there is no such exercise or question.

    Examples
    --------
    Used in each notebook of the portfolio, a chapter of exercises.

    >>> check_answer("barren_plateau", "magic", {})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: question is 'magic'; allowed: ...
    """
    loaded = load(exercise)
    if question not in loaded.questions:
        raise ValueError(f"question is {question!r}; allowed: {', '.join(loaded.questions)}")
    rng = np.random.default_rng() if rng is None else rng
    results = mark(loaded.questions[question], LocalAnswers(namespace), rng)
    points, out_of = sum(r.points for r in results), sum(r.out_of for r in results)
    print(f"{question}: {points} of {out_of} points")
    for result in results:
        start = f"  {result.status:5} {result.points} of {result.out_of}  "
        print(textwrap.fill(f"{start}{result.says}", 79, subsequent_indent=" " * len(start)))
        for line in result.hint.splitlines():
            print(textwrap.indent(textwrap.fill(line, 79 - len(start)), " " * len(start)))
