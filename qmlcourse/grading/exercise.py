"""An exercise: questions, and the trusted checks of each."""

import builtins
import importlib.util
import os
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .judge import Wrong
from .student import Student

Answer = Callable[..., Any]
CheckFunction = Callable[[Answer, np.random.Generator], str | None]
PASS, WRONG, NOT_RUN, GRADER_ERROR = "pass", "wrong", "not_run", "grader_error"


# Python's own exceptions, by name. What an answer raises is told by these alone.
EXCEPTIONS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}


class AnswerError(Exception):
    """The answer gave no value: `status` says why (error, timeout, died, protocol).

    `raised` has the names of those of Python's own exceptions that a call's exception is one of,
    by its class or a base of it.
    """

    def __init__(self, status: str, hint: str, raised: Iterable[str] = ()) -> None:
        super().__init__(hint)
        self.status, self.hint, self.raised = status, hint, tuple(raised)

    def is_a(self, kind: type[BaseException]) -> bool:
        """Return whether a call raised this of Python's own exceptions, or one derived from it."""
        return kind.__name__ in self.raised


def too_long(function: str, limit: float) -> str:
    """Return what is said of a call in which the time of a question ran out.

    >>> too_long("train", 60.0)
    'train took too long: all calls of the question together may take 60 s.'
    """
    allowed = max(1, round(limit))
    return f"{function} took too long: all calls of the question together may take {allowed} s."


def used_up(limit: float) -> str:
    """Return what is said of calls after that.

    >>> used_up(0.2)
    "The question's time of 1 s was used up by earlier calls."
    """
    return f"The question's time of {max(1, round(limit))} s was used up by earlier calls."


@dataclass
class Result:
    """What one check found: `pass`, `wrong`, `error`, `timeout`, `died`, `protocol`, `not_run`
    or `grader_error`, with the points and a hint."""

    question: str
    check: str
    says: str
    out_of: int
    status: str = NOT_RUN
    points: int = 0
    hint: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Check:
    """One property of an answer: `function(answer, rng)` returns, or raises `Wrong`.

    A text that it returns is told beside the points, and identifies the submission.
    """

    question: str
    name: str
    points: int
    function: CheckFunction
    says: str


@dataclass
class Question:
    """One answer cell; `needs` are the questions whose answers it may use."""

    name: str
    needs: tuple[str, ...]
    seconds: float
    checks: list[Check] = field(default_factory=list)


class Exercise:
    """A portfolio exercise, filled by `checks.py` through the two methods below.

    Parameters
    ----------
    name, title : str
        As in the paths, and as a reader sees it.
    without : iterable of str
        Functions that answers can do without; the report notes where one calls them.

    Attributes
    ----------
    student : Student or None
        Whose work is graded, where the grader knows: a check may draw that student's data.
    """

    def __init__(self, name: str, title: str, *, without: Iterable[str] = ()) -> None:
        self.name, self.title, self.without = name, title, tuple(without)
        self.questions: dict[str, Question] = {}
        self.student: Student | None = None

    def question(self, name: str, *, needs: Iterable[str] = (), seconds: float = 30) -> None:
        """Add a question; all its checks together may take `seconds` of wall-clock time."""
        needs = tuple(needs)
        if name in self.questions or set(needs) - set(self.questions):
            raise ValueError(f"{name}: a name must be new, and need only earlier questions")
        self.questions[name] = Question(name, needs, seconds)

    def check(self, question: str, *, points: int) -> Callable[[CheckFunction], CheckFunction]:
        """Add the decorated function to a question's checks.

        The first paragraph of its docstring says what it asks, to learners too. What follows is
        for teachers: which wrong answers are known to pass it, where any are.
        """

        def add(function: CheckFunction) -> CheckFunction:
            says = " ".join((function.__doc__ or "").split("\n\n")[0].split())
            if not says or points < 1:
                raise ValueError(f"{function.__name__}: a check needs a docstring and points")
            if function.__name__ in [c.name for c in self.questions[question].checks]:
                raise ValueError(f"{question}.{function.__name__}: a name must be new")
            check = Check(question, function.__name__, points, function, says)
            self.questions[question].checks.append(check)
            return function

        return add

    @property
    def points(self) -> int:
        """The points that all checks give together."""
        return sum(c.points for q in self.questions.values() for c in q.checks)

    def cells_for(self, name: str) -> list[str]:
        """Return the questions whose answers a question runs with, its own last."""
        wanted = {name}
        for other in reversed(list(self.questions)):
            if other in wanted:
                wanted |= set(self.questions[other].needs)
        return [q for q in self.questions if q in wanted]


def mark(question: Question, answer: Answer, rng: np.random.Generator) -> list[Result]:
    """Run the checks of one question, in an order drawn anew; a check's inputs are its own.

    The answer learns nothing from the order. A failure of a check's own code is a
    `grader_error`, which is nobody's zero.
    """
    results = [Result(c.question, c.name, c.says, c.points) for c in question.checks]
    streams = rng.spawn(len(results))
    for i in rng.permutation(len(results)):
        result = results[i]
        try:
            said = question.checks[i].function(answer, streams[i])
        except Wrong as wrong:
            result.status, result.hint = WRONG, str(wrong)
        except AnswerError as error:
            result.status, result.hint = error.status, error.hint
        except Exception:
            result.status = GRADER_ERROR
            result.hint = traceback.format_exc(limit=-3)
        else:
            result.status, result.points, result.hint = PASS, result.out_of, said or ""
    return results


def folder() -> Path:
    """Return the folder of the exercises: in an installed package, or in the repository.

    The environment variable `QMLCOURSE_EXERCISES` names another, for exercises of your own.
    """
    if os.environ.get("QMLCOURSE_EXERCISES"):
        return Path(os.environ["QMLCOURSE_EXERCISES"]).resolve()
    package = Path(__file__).resolve().parents[1]
    inside = package / "portfolio"
    return inside if inside.is_dir() else package.parent / "book" / "portfolio"


def names() -> list[str]:
    """Return the names of the exercises.

    >>> "barren_plateau" in names()
    True
    """
    return sorted(p.parent.name for p in folder().glob("*/checks.py"))


def load(name: str) -> Exercise:
    """Return an exercise with its trusted checks.

    Raises
    ------
    ValueError
        Where there is no exercise of that name.
    """
    if name not in names():
        raise ValueError(f"exercise is {name!r}; allowed: {', '.join(names())}")
    spec = importlib.util.spec_from_file_location(
        f"qmlcourse_checks_{name}", folder() / name / "checks.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    exercise = module.exercise
    assert isinstance(exercise, Exercise)
    return exercise
