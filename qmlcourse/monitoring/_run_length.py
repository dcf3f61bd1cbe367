"""How long a CUSUM runs until its alarm: means, distributions, thresholds, short baselines."""

import functools

import numpy as np
from scipy import optimize

from .. import _checks
from .._typing import Array
from ._chain import baselines, chain, either
from ._cusum import _slack

_MOST = 1e10  # a longer mean run is lost in rounding: I - A is singular to so many digits


def average_run_length(
    threshold: float,
    *,
    slack: float = 0.5,
    shift: float = 0.0,
    scale: float = 1.0,
    two_sided: bool = True,
) -> float:
    r"""Return the mean number of steps until a CUSUM's alarm, for independent normal values.

    With the start at zero, the mean of one side solves an integral equation (Page 1954),

    .. math::
        L(u) = 1 + L(0)\, F(k - u) + \int_0^h L(v)\, f(v - u + k)\, dv,

    where F and f belong to :math:`N(\delta, s^2)`. It is solved on Gauss-Legendre nodes. Both sides
    together have :math:`1/L = 1/L^+ + 1/L^-`: when one alarms, the other is at zero. The error is
    below :math:`10^{-6}` of the result. Brook and Evans (1972, doi 10.1093/biomet/59.3.539)
    approach it by a Markov chain: the chapter shows that.

    Parameters
    ----------
    threshold : float
        h, in standard deviations, above 0.
    slack : float
        k, at least 0.
    shift : float
        δ, how far the values' mean lies from the baseline's, in standard deviations of the
        baseline. With 0 the result is the mean time between false alarms, else the mean delay
        of a change at the start.
    scale : float
        s, the values' standard deviation over the baseline's, above 0.
    two_sided : bool
        False: the upper side alone.

    Returns
    -------
    float
        At least 1.

    Raises
    ------
    ValueError
        Also where the mean is beyond :math:`10^{10}`, which rounding would spoil.

    Notes
    -----
    The chapter is ``book/practice/operations``.

    Examples
    --------
    >>> round(average_run_length(5.0), 1), round(average_run_length(5.0, shift=1.0), 2)
    (465.4, 10.38)
    """
    h, k, delta, s = _arguments(threshold, slack, shift, scale)
    rates = []
    for d in (delta, -delta) if _checks.boolean(two_sided, "two_sided") else (delta,):
        step, exit_ = chain(h, k, d, s)
        try:
            mean = float(np.linalg.solve(np.eye(len(step)) - step, np.ones(len(step)))[0])
        except np.linalg.LinAlgError:
            mean = np.inf
        # What can't be resolved must not pass for a number, nor for a side that never alarms.
        resolved = 1 <= mean < _MOST and exit_.max() > 0
        rates.append(1 / mean if resolved else 0.0)
    if not max(rates):
        raise ValueError(
            "threshold must be such that the mean run is below 1e10 steps; got "
            f"{_checks.shown(threshold)} with slack {k:g}, shift {delta:g} and scale {s:g}."
        )
    return 1 / sum(rates)


def run_length_distribution(
    threshold: float,
    n_steps: int,
    *,
    slack: float = 0.5,
    shift: float = 0.0,
    scale: float = 1.0,
    n_baseline: int | None = None,
) -> Array:
    r"""Return the chance that a two-sided CUSUM has alarmed by each step.

    Let :math:`f^\pm` be the distribution of one side's first passage. When the lower side alarms,
    the upper one is at zero and begins anew, so the first alarm of both, :math:`g^\pm`, obeys

    .. math::
        f^+(t) = g^+(t) + \sum_{m < t} g^-(m)\, f^+(t - m),

    and the same with the signs exchanged. With ``n_baseline`` the mean and the standard deviation
    were estimated from so many independent normal values: the result is averaged over what they
    may have been, to 0.0001. The shorter the baseline, the more false alarms.

    Parameters
    ----------
    threshold, slack, shift, scale
        As in :func:`average_run_length`; shift and scale are in units of the true deviation.
    n_steps : int
        The horizon.
    n_baseline : int, optional
        Values from which mean and standard deviation (``ddof=1``) were estimated, at least 10.
        By default both are known.

    Returns
    -------
    numpy.ndarray, shape (n_steps,)
        P(T ≤ t) for t = 1, ..., n_steps. Without a shift the last entry is the false-alarm
        probability over the horizon; with one, the chance that the change is found.

    Notes
    -----
    The mean run length with an estimated baseline has no such function: for
    :math:`m \le 4kh + 1` values it doesn't exist. The chapter is ``book/practice/operations``.

    Examples
    --------
    >>> known = run_length_distribution(5.0, 150)[-1]
    >>> estimated = run_length_distribution(5.0, 150, n_baseline=50)[-1]
    >>> round(float(known), 3), round(float(estimated), 3)
    (0.269, 0.434)
    """
    h, k, delta, s = _arguments(threshold, slack, shift, scale)
    n = _checks.integer(n_steps, "n_steps")
    _checks.memory(8 * 64 * n, "n_steps")
    if n_baseline is None:
        return either(h, k, np.array([delta]), s, n)[0]
    total = np.zeros(n)
    for deviation, mass, errors, weights in baselines(_n_baseline(n_baseline)):
        if not delta:  # then both signs of an error are alike
            errors, weights = errors[errors > 0], 2 * weights[errors > 0]
        shifts = (delta - errors) / deviation
        total += mass * (weights @ either(h, k, shifts, s / deviation, n))
    return total


def alarm_threshold(
    false_alarms: float, n_steps: int, *, slack: float = 0.5, n_baseline: int | None = None
) -> float:
    """Return the threshold at which a CUSUM alarms with a given chance though nothing changed.

    Parameters
    ----------
    false_alarms : float
        The chance of an alarm within the horizon, between 0 and 1.
    n_steps : int
        The horizon.
    slack, n_baseline
        As in :func:`run_length_distribution`.

    Returns
    -------
    float
        h in standard deviations, to 0.001 or better.

    Raises
    ------
    ValueError
        Also if no threshold has so many false alarms within the horizon.

    Notes
    -----
    The chapter is ``book/practice/operations``.

    Examples
    --------
    >>> h = alarm_threshold(0.01, 150)
    >>> round(h, 2), round(float(run_length_distribution(h, 150)[-1]), 4)
    (8.37, 0.01)
    """
    wanted = _checks.real(false_alarms, "false_alarms", above=0, below=1)
    n = _checks.integer(n_steps, "n_steps")

    @functools.cache
    def excess(h: float) -> float:
        found = run_length_distribution(h, n, slack=slack, n_baseline=n_baseline)[-1]
        return float(np.log(max(found, 1e-300)) - np.log(wanted))

    if n_baseline is None:
        low, high = 1e-6, 4.0
    else:  # a little above that of a known baseline
        low = alarm_threshold(wanted, n, slack=slack)
        high = low * (1 + 8 / _n_baseline(n_baseline))
    if excess(low) < 0:
        raise ValueError(
            f"false_alarms must be a chance that {n} steps can reach; got "
            f"{_checks.shown(false_alarms)} with slack {slack:g}."
        )
    while excess(high) > 0:
        low, high = high, 1.5 * high
    return float(optimize.brentq(excess, low, high, xtol=5e-4))


def _arguments(*given: object) -> tuple[float, float, float, float]:
    h = _checks.real(given[0], "threshold", above=0)
    delta = _checks.real(given[2], "shift")
    return h, _slack(given[1]), delta, _checks.real(given[3], "scale", above=0)


def _n_baseline(n_baseline: object) -> int:
    return _checks.integer(n_baseline, "n_baseline", low=10)
