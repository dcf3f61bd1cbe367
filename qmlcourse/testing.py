r"""Statistical tests with a stated false-alarm rate, by the exact binomial distribution.

A test of a probability that is estimated from shots compares it with the right value within a
tolerance. :func:`tolerance` gives the smallest one whose false alarms are as rare as you say;
:func:`bounds` shares them equally between the two sides instead, which is better near 0 and 1;
:func:`shots_needed` says how many shots see a fault of a given size in spite of either.
"""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

from scipy.stats import binom

from . import _checks

__all__ = ["bounds", "shots_needed", "tolerance"]

_MOST = 10**9  # shots
_ROUNDING = 1e-12  # relative, of sums over a tail


def tolerance(probability: float, shots: int, *, false_alarm: float, n_tests: int = 1) -> float:
    r"""Return how far a right frequency may lie from its probability.

    The smallest deviation :math:`d` for which the number :math:`K` of successes in :math:`N` shots
    has

    .. math:: P\left(\left|\frac KN - p\right| > d\right) \le \frac{\alpha}{m},

    summed exactly, then half-way to the next deviation that can occur, so that rounding decides
    nothing. With :math:`m` tests the chance of any false alarm is at most :math:`\alpha`, however
    they depend on each other.

    Parameters
    ----------
    probability : float
        :math:`p`, the right value; 0 to 1. Taken as the decimal that it prints as.
    shots : int
        :math:`N`, 1 to a billion.
    false_alarm : float
        :math:`\alpha`, above 0 and below 1: chance that a suite of right tests fails.
    n_tests : int
        :math:`m`, the number of tests in the suite.

    Returns
    -------
    float
        The test passes where ``abs(frequency - probability) <= tolerance``.

    Raises
    ------
    ValueError
        If an argument is out of range, or no count of so few shots is rare enough: then the test
        could not fail.
    TypeError
        If an argument is no number.

    Notes
    -----
    One tolerance for both sides: where it is wider than :math:`p`, no count is too small, and a
    fault that takes :math:`p` to 0 passes. :func:`bounds` sees it with fewer shots. Used in the
    chapter *Engineering* (``practice/engineering``).

    Examples
    --------
    >>> round(tolerance(0.5, 100, false_alarm=1e-6), 6)
    0.245
    >>> round(tolerance(0.5, 1000, false_alarm=0.01, n_tests=200), 6)
    0.0645
    """
    p, n, rate = _arguments(probability, shots, false_alarm, n_tests)
    low, high = _kept(p, n, rate)
    if low == 0 and high == n:
        raise _too_few(n, rate, probability)
    inside = max(n * p - low, high - n * p)
    outside = min(abs(k - n * p) for k in (low - 1, high + 1) if 0 <= k <= n)
    return float((inside + outside) / 2 / n)


def bounds(
    probability: float, shots: int, *, false_alarm: float, n_tests: int = 1
) -> tuple[int, int]:
    r"""Return the least and the largest right count, each with half of the false alarms.

    The least :math:`k_1` and the largest :math:`k_2` that are not too rare on their own side,

    .. math:: P(K \le k_1) > \frac{\alpha}{2m}, \qquad P(K \ge k_2) > \frac{\alpha}{2m},

    so that a count outside has a chance of at most :math:`\alpha/m`. The two distances from
    :math:`Np` differ unless :math:`p = 1/2`.

    Parameters
    ----------
    probability, shots, false_alarm, n_tests
        As of :func:`tolerance`.

    Returns
    -------
    tuple of int
        The test passes where ``low <= count <= high``. With ``low == 0`` no count is too small,
        with ``high == shots`` none too large: such a test is blind on that side.

    Raises
    ------
    ValueError
        If an argument is out of range, or the test is blind on both sides.
    TypeError
        If an argument is no number.

    Notes
    -----
    Source: Clopper and Pearson 1934, Biometrika 26, 404-413: a count passes where their exact
    interval for it holds :math:`p`. Used in the chapter *Engineering* (``practice/engineering``).

    Examples
    --------
    >>> bounds(0.5, 100, false_alarm=0.01)
    (37, 63)
    >>> bounds(0.01, 1000, false_alarm=0.01)  # tolerance allows 1 to 19
    (3, 19)
    """
    p, n, rate = _arguments(probability, shots, false_alarm, n_tests)
    low, high = _each_side(p, n, rate)
    if low == 0 and high == n:
        raise _too_few(n, rate, probability)
    return low, high


def shots_needed(
    probability: float,
    shift: float,
    *,
    false_alarm: float,
    missed: float = 0.01,
    n_tests: int = 1,
    equal_tails: bool = False,
) -> int:
    r"""Return shots with which a fault of a given size is seen in spite of the tolerance.

    A number :math:`N` with

    .. math:: P\left(\left|\frac KN - p\right| \le \mathrm{tolerance}\;\middle|\;
              p + \mathrm{shift}\right) \le \beta .

    Parameters
    ----------
    probability : float
        :math:`p`, the right value; 0 to 1.
    shift : float
        What the fault adds to it, not 0; p + shift is from 0 to 1 as well.
    false_alarm, n_tests
        As of :func:`tolerance`.
    missed : float
        :math:`\beta`, above 0 and below 1: chance that one test passes in spite of the fault.
    equal_tails : bool
        Whether the test uses :func:`bounds`, and not :func:`tolerance`.

    Returns
    -------
    int
        Found by bisection. The chance rises and falls in small steps, as counts are whole: a few
        shots fewer may do as well.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above, or a billion shots don't do.

    Notes
    -----
    Used in the chapter *Engineering* (``practice/engineering``).

    Examples
    --------
    >>> shots_needed(0.0, 0.5, false_alarm=0.01)  # all that can go wrong is no success at all
    7
    """
    p, _, rate = _arguments(probability, 1, false_alarm, n_tests)
    moved = p + Fraction(str(_checks.real(shift, "shift")))
    if moved == p or not 0 <= moved <= 1:
        raise ValueError(
            "shift must not be 0 and lead to a probability from 0 to 1; "
            f"got {_checks.shown(shift)} from {_checks.shown(probability)}."
        )
    beta = _rate(missed, "missed")
    passing = _each_side if equal_tails else _kept

    def seen(n: int) -> bool:
        low, high = passing(p, n, rate)
        q = float(moved)
        return bool(binom.cdf(high, n, q) - binom.cdf(low - 1, n, q) <= beta)

    high = 1
    while not seen(high):
        if high == _MOST:
            raise ValueError(f"shift must be larger: {_MOST} shots don't see {shift:g}.")
        high = min(2 * high, _MOST)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high


def _arguments(
    probability: float, shots: int, false_alarm: float, n_tests: int
) -> tuple[Fraction, int, float]:
    p = _checks.real(probability, "probability")
    if not 0 <= p <= 1:
        raise ValueError(f"probability must be from 0 to 1; got {_checks.shown(probability)}.")
    n = _checks.integer(shots, "shots", high=_MOST)
    rate = _rate(false_alarm, "false_alarm")
    return Fraction(str(p)), n, rate / _checks.integer(n_tests, "n_tests")


def _rate(value: float, name: str) -> float:
    rate = _checks.real(value, name)
    if not 0 < rate < 1:
        raise ValueError(f"{name} must be above 0 and below 1; got {_checks.shown(value)}.")
    return rate


def _too_few(n: int, rate: float, probability: float) -> ValueError:
    return ValueError(
        f"shots must be more than {n} for a false-alarm rate of {rate:g} a test at "
        f"probability {_checks.shown(probability)}: no count is as rare, so the test "
        "could not fail."
    )


def _each_side(p: Fraction, n: int, rate: float) -> tuple[int, int]:
    """Return the least and the largest count that pass: each side has half of the rate."""
    half, q = rate / 2 * (1 + _ROUNDING), float(p)

    def first(common: Callable[[int], bool]) -> int:
        low, high = -1, n
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if common(middle) else (middle, high)
        return high

    return (
        first(lambda k: bool(binom.cdf(k, n, q) > half)),
        n - first(lambda k: bool(binom.sf(n - k - 1, n, q) > half)),
    )


def _kept(p: Fraction, n: int, rate: float) -> tuple[int, int]:
    """Return the least and the largest count that pass: those of the smallest fitting deviation."""
    expected = n * p

    def counts(distance: Fraction) -> tuple[int, int]:
        return max(0, ceil(expected - distance)), min(n, floor(expected + distance))

    def rare(distance: Fraction) -> bool:
        low, high = counts(distance)
        alarms = binom.cdf(low - 1, n, float(p)) + binom.sf(high, n, float(p))
        return bool(alarms <= rate * (1 + _ROUNDING))

    found = []
    # The deviations to each side, which rise with the step: halved to the first that fits.
    sides = [(expected - floor(expected), floor(expected))]
    sides += [(ceil(expected) - expected, n - ceil(expected))]
    for nearest, last in sides:
        if not rare(nearest + last):
            continue
        low, high = -1, last
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if rare(nearest + middle) else (middle, high)
        found.append(nearest + high)
    return counts(min(found))
