"""Asking an answer with arrays that it must leave as they are."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from .exercise import AnswerError
from .judge import Wrong
from .packing import Function


class _Answer(Protocol):
    def __call__(self, function: str, *args: Any, **kwargs: Any) -> Any: ...


def read_only(values: ArrayLike) -> Function:
    """Return an argument of a call: an array that can't be written to, made where the answer runs.

    Used by the checks of the portfolio, a chapter of exercises.

    Examples
    --------
    >>> made = eval(read_only([1, 2]).source, {"np": np})
    >>> made.tolist(), made.flags.writeable
    ([1, 2], False)
    """
    # np.ascontiguousarray would give a number an axis.
    array = np.asarray(values)
    made = f"np.frombuffer(bytes.fromhex({array.tobytes().hex()!r}), {array.dtype.str!r})"
    return Function(f"{made}.reshape({array.shape})")


def asked(answer: _Answer, function: str, *args: Any, **kwargs: Any) -> Any:
    """Return what a function of an answer gives; say what is wrong where it writes to arguments.

    Used by the checks of the portfolio, a chapter of exercises.

    Examples
    --------
    >>> asked(lambda function, *args: sum(args), "total", 1, 2)
    3
    """
    try:
        return answer(function, *args, **kwargs)
    except AnswerError as error:
        if "read-only" in error.hint:
            raise Wrong(
                f"{function} writes to an array that it was given; it must leave it as it is. "
                "Work on a copy: np.array copies, np.asarray need not."
            ) from None
        if "same_kind" in error.hint:
            raise Wrong(
                f"{function} was given whole numbers, and writes others to an array that keeps "
                "only those: np.array(..., dtype=float)."
            ) from None
        raise
