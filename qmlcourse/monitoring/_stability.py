"""The population stability index of two samples, with a threshold that has a false-alarm rate."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from .. import _checks


def population_stability_index(
    reference: ArrayLike, current: ArrayLike, *, n_bins: int = 10
) -> float:
    r"""Return the population stability index (PSI) of a sample against a reference.

    With the shares :math:`p_b` of the reference and :math:`q_b` of the current sample in the
    reference's quantile bins,

    .. math::
        \mathrm{PSI} = \sum_b (q_b - p_b) \ln \frac{q_b}{p_b}.

    It is the symmetric sum of the two Kullback-Leibler divergences of the shares.

    Parameters
    ----------
    reference, current : array_like, shape (n_reference,), (n_current,)
        One quantity, measured then and now.
    n_bins : int
        Bins of about equal numbers of reference values, from 2 to n_reference. Equal values stay
        in one bin: a reference with too few different ones is refused.

    Returns
    -------
    float
        At least 0; infinite where a bin holds none of the current values. For small samples take
        fewer bins.

    Raises
    ------
    ValueError
        Also if the reference's quantiles coincide.

    Notes
    -----
    The chapter is ``book/practice/operations``.

    Examples
    --------
    >>> round(population_stability_index([1, 2, 3, 4], [1, 3, 4, 4], n_bins=2), 3)
    0.275
    """
    then = _checks.array(reference, "reference", ndim=1)
    now = _checks.array(current, "current", ndim=1)
    bins = _checks.integer(n_bins, "n_bins", low=2, high=max(2, len(then)))
    edges = np.quantile(then, np.arange(1, bins) / bins)
    counts = [np.bincount(np.searchsorted(edges, x), minlength=bins) for x in (then, now)]
    if not counts[0].all():
        raise ValueError(
            f"n_bins must be such that each bin holds reference values; got {bins} bins for "
            f"{len(np.unique(then))} different values."
        )
    p, q = counts[0] / len(then), counts[1] / len(now)
    if not q.all():
        return float("inf")
    return max(0.0, float(np.sum((q - p) * np.log(q / p))))


def psi_threshold(
    false_alarms: float, n_reference: int, n_current: int, *, n_bins: int = 10
) -> float:
    r"""Return the PSI that one comparison passes with a given chance though nothing changed.

    Without a change, and for large samples, PSI is distributed as

    .. math::
        \left(\frac1N + \frac1M\right) \chi^2_{B-1}

    (Yurdakul 2018, dissertation, Western Michigan University). So a rule such as "0.1 is a change"
    has another false-alarm rate at every sample size.

    Parameters
    ----------
    false_alarms : float
        The chance of an alarm in one comparison, between 0 and 1.
    n_reference, n_current : int
        N and M.
    n_bins : int
        B, at least 2.

    Returns
    -------
    float
        Above 0. For large samples: with ten new values a bin, 5% are some 8% in truth.

    Notes
    -----
    The chapter is ``book/practice/operations``.

    Examples
    --------
    >>> round(psi_threshold(0.05, 1000, 1000), 4), round(psi_threshold(0.05, 200, 200), 4)
    (0.0338, 0.1692)
    """
    alpha = _checks.real(false_alarms, "false_alarms", above=0, below=1)
    n, m = (
        _checks.integer(v, name)
        for v, name in ((n_reference, "n_reference"), (n_current, "n_current"))
    )
    bins = _checks.integer(n_bins, "n_bins", low=2)
    return float(stats.chi2.isf(alpha, bins - 1) * (1 / n + 1 / m))
