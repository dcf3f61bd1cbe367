"""What misconceptions give, each alone and every two at once, worked out only for wrong answers."""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any


class Mistakes(Mapping[str, Any]):
    """Hint → the value that a misconception gives, for `same`.

    Used by the checks of the portfolio, a chapter of exercises.

    Parameters
    ----------
    make : callable
        `make(**options)` is the value that an answer with some misconceptions gives.
    options : mapping of str to mapping
        Hint → options of `make`. Two hints with different options are tried together too, after
        all single ones.

    Examples
    --------
    >>> mistakes = Mistakes(
    ...     lambda sign=1, factor=1: sign * factor * 0.5,
    ...     {"Is the sign right?": {"sign": -1}, "A factor is missing.": {"factor": 2}},
    ... )
    >>> for hint, value in mistakes.items():
    ...     print(value, hint)
    -0.5 Is the sign right?
    1.0 A factor is missing.
    -1.0 Two mistakes at once. Is the sign right? A factor is missing.
    """

    def __init__(self, make: Callable[..., Any], options: Mapping[str, Mapping[str, Any]]) -> None:
        self._make = make
        self._options = {hint: dict(given) for hint, given in options.items()}
        for one, other in combinations(options.items(), 2):
            if not set(one[1]) & set(other[1]):
                hint = f"Two mistakes at once. {one[0]} {other[0]}"
                self._options[hint] = {**one[1], **other[1]}

    def __getitem__(self, hint: str) -> Any:
        return self._make(**self._options[hint])

    def __iter__(self) -> Iterator[str]:
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)
