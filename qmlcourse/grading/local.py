"""Checks in this very process: for a learner's live kernel, on the learner's own code."""

import copy
import inspect
import math
import textwrap
import time
import traceback
from collections.abc import Mapping
from typing import Any

import numpy as np

from .cells import Cells
from .exercise import EXCEPTIONS, AnswerError, Exercise, Result, load, mark, too_long, used_up
from .wire import arrived, decode, encode

# Names of the files that a learner's cells are, here and in a notebook.
_CELLS = ("<answer ", "<ipython-input")


def explain(error: BaseException) -> str:
    """Return what an exception says, with the last line of the answer that it passed."""
    where = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(_CELLS)]
    try:
        text = str(error)[:2000]
    except Exception:
        text = "and what it says cannot be shown"
    place = f" (line {where[-1].lineno} of {where[-1].filename[1:-1]})" if where else ""
    return f"{type(error).__name__}: {text}{place}"


def alike(one: Any, other: Any) -> bool:
    """Return whether two arguments of a call hold the same; generators and functions may differ."""
    if isinstance(one, np.ndarray):
        ours, theirs = ((a.shape, a.dtype, a.tobytes()) for a in (one, np.asarray(other)))
        return ours == theirs
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    return callable(one) or isinstance(one, np.random.Generator) or repr(one) == repr(other)


def ask(namespace: Mapping[str, Any], name: str, args: Any, kwargs: Any) -> tuple[Any, bool]:
    """Call a function of an answer, here or in the sandbox.

    Returns its value as JSON can write it, and whether the call changed an argument in place.

    Raises
    ------
    AnswerError
        Where it gives no value.
    """
    if not callable(namespace.get(name)):
        raise AnswerError("error", f"There is no function {name}.")
    before = copy.deepcopy((args, kwargs))
    try:
        value = namespace[name](*args, **kwargs)
    except MemoryError:
        raise AnswerError("died", f"{name} asked for more memory than it may have.") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit is an answer's failure as well
        raised = [known for known, kind in EXCEPTIONS.items() if isinstance(error, kind)]
        raise AnswerError("error", f"{name} raised {explain(error)}", raised) from error
    try:
        encoded = encode(value)
    except (TypeError, ValueError) as error:
        raise AnswerError("protocol", f"{name}: {error}") from error
    except Exception as error:  # a generator's, say
        raise AnswerError("error", f"{name} returned what raised {explain(error)}") from error
    return encoded, not alike(before, (args, kwargs))


class LocalAnswers:
    """Calls functions of a namespace as the sandbox would: values go in and out as data.

    All calls together may take `seconds`. One that takes longer is not stopped, but has no value.
    `changed` says whether the last call changed an argument in place.
    """

    changed = False

    def __init__(self, namespace: Mapping[str, Any], seconds: float = math.inf) -> None:
        self.namespace, self.left, self.limit = namespace, seconds, seconds

    def __call__(self, function: str, *args: Any, **kwargs: Any) -> Any:
        if not callable(self.namespace.get(function)):
            raise AnswerError("error", f"There is no function {function}: has its cell run?")
        if self.left <= 0:
            raise AnswerError("not_run", used_up(self.limit))
        args, kwargs = decode(encode(args), trusted=True), decode(encode(kwargs), trusted=True)
        started = time.monotonic()
        try:
            value, self.changed = ask(self.namespace, function, args, kwargs)
        finally:
            self.left -= time.monotonic() - started
        if self.left <= 0:
            raise AnswerError("timeout", too_long(function, self.limit))
        try:
            return arrived(value)
        except ValueError as error:
            raise AnswerError("protocol", f"{function}: {error}") from error

    def source(self, function: str) -> str:
        """Return the text of a function of the answer.

        Raises
        ------
        AnswerError
            Where there is no such function, or none whose text Python kept.
        """
        found = self.namespace.get(function)
        if not callable(found):
            raise AnswerError("error", f"There is no function {function}: has its cell run?")
        try:
            return textwrap.dedent(inspect.getsource(found))
        except (OSError, TypeError):
            raise AnswerError(
                "error",
                f"The source of {function} could not be read here, as where exec made it. That "
                f"says nothing about your answer: define {function} in a cell of the notebook, or "
                "let qmlcourse check read the saved notebook.",
            ) from None


class Failed:
    """Answers that could not even be loaded."""

    def __init__(self, status: str, hint: str) -> None:
        self.status, self.hint = status, hint

    def __call__(self, function: str, *args: Any, **kwargs: Any) -> Any:
        raise AnswerError(self.status, self.hint)

    def source(self, function: str) -> str:
        raise AnswerError(self.status, self.hint)


def mark_cells(
    exercise: Exercise,
    question: str,
    setup: str,
    cells: Mapping[str, str],
    rng: np.random.Generator,
) -> list[Result]:
    """Mark one question with its answer and those it needs, run in a namespace of their own."""
    asked = exercise.questions[question]
    with Cells({"__name__": "__main__"}) as run:
        run.run("setup", setup)
        for name in exercise.cells_for(question):
            if name not in cells:
                return mark(asked, Failed("not_run", f"No answer cell {name}."), rng)
            try:
                run.run(name, cells[name])
            except Exception as error:
                failed = Failed("error", f"The cell of {name} raised {explain(error)}")
                return mark(asked, failed, rng)
        return mark(asked, LocalAnswers(run.namespace), rng)


def check_answer(
    exercise: str,
    question: str,
    namespace: Mapping[str, Any],
    *,
    rng: np.random.Generator | None = None,
) -> None:
    """Print which checks of a question your answer passes, with a hint for each it does not.

    Runs the functions of `namespace` in this process: your code, on your machine, with inputs
    drawn anew each time and the time that `qmlcourse check` allows. Nothing is recorded. Used in
    the notebooks of the portfolio.

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
    asked = loaded.questions[question]
    results = mark(asked, LocalAnswers(namespace, asked.seconds), rng)
    points, out_of = sum(r.points for r in results), sum(r.out_of for r in results)
    print(f"{question}: {points} of {out_of} points")
    for result in results:
        start = f"  {result.status:5} {result.points} of {result.out_of}  "
        print(textwrap.fill(f"{start}{result.says}", 79, subsequent_indent=" " * len(start)))
        for line in result.hint.splitlines():
            print(textwrap.indent(textwrap.fill(line, 79 - len(start)), " " * len(start)))
