"""The interval of a mean over seeds: of one model, of a difference, of a whole curve."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from .. import _checks
from .._typing import Array

_ROUNDING = 1e-15  # values closer than this, relative to the largest, differ by rounding only


class MeanInterval(NamedTuple):
    """A mean with the ends of its interval: numbers, or arrays of one shape."""

    mean: Array
    low: Array
    high: Array

    @property
    def half(self) -> Array:
        """Half the width of the interval: the length of an error bar."""
        return (self.high - self.low) / 2


def standard_error(values: Array, overlap: float) -> Array:
    r"""Return :math:`\sqrt{(1/J + \text{overlap})\, s^2}` over the first axis; no spread: NaN."""
    n = len(values)
    if n < 2:
        return np.full(values.shape[1:], np.nan)
    error = np.sqrt((1 / n + overlap) * values.var(axis=0, ddof=1))
    rounding = _ROUNDING * np.abs(values).max(axis=0)
    return np.where(np.ptp(values, axis=0) <= rounding, np.nan, error)


def mean_interval(
    values: ArrayLike, *, overlap: float = 0.0, confidence: float = 0.95
) -> MeanInterval:
    r"""Compute a mean over seeds and its interval, by Student's t.

    .. math::
        \bar d \pm t_{(1 + \text{confidence})/2,\,J-1}
        \sqrt{\Big(\frac1J + \text{overlap}\Big) s^2}

    with J values and their variance :math:`s^2`. For two models on the same splits, give the
    differences of their scores: the interval of the difference is what says whether they differ.

    Parameters
    ----------
    values : array_like, shape (n_seeds, ...)
        One value a seed, or one array a seed, as the scores of all models or a learning curve.
    overlap : float, default 0
        0 for seeds that are independent, as new data sets are; ``n_test / n_train`` for random
        splits of the same samples, whose scores are correlated.
    confidence : float, default 0.95
        Chance that the interval holds the true mean, between 0 and 1. Two models are equivalent
        within a margin, by two one-sided 5% tests, if the interval at 0.9 lies inside it.

    Returns
    -------
    MeanInterval
        ``mean``, ``low``, ``high``, and ``half``, the length of an error bar: floats, or arrays
        of the shape that ``values`` has beyond its first axis. ``low`` and ``high`` are NaN where
        there is no spread to estimate an error from: for one seed, or for equal values.

    Raises
    ------
    ValueError
        If ``values`` is empty or not finite, ``overlap`` is negative, or ``confidence`` not
        between 0 and 1.

    References
    ----------
    Nadeau and Bengio 2003, Machine Learning 52, 239-281, for ``overlap``. Used in the chapter
    on benchmarking and wherever a page shows an error bar over seeds.

    Examples
    --------
    >>> mean, low, high = mean_interval([1.0, 2.0, 3.0])
    >>> round(float(mean), 3), round(float(low), 3), round(float(high), 3)
    (2.0, -0.484, 4.484)
    >>> quantum, classical = np.array([0.8, 0.9, 0.7]), np.array([0.9, 0.9, 0.8])
    >>> mean_interval(quantum - classical).half.round(3)
    np.float64(0.143)
    """
    given = _checks.array(values, "values", ndim=None)
    if given.ndim == 0 or given.size == 0:
        raise ValueError(f"values must hold one value or array a seed; got shape {given.shape}.")
    shared = _checks.real(overlap, "overlap")
    if shared < 0:
        raise ValueError(f"overlap must be at least 0; got {shared:g}.")
    level = (1 + _checks.real(confidence, "confidence", above=0, below=1)) / 2
    quantile = stats.t.ppf(level, len(given) - 1) if len(given) > 1 else np.nan
    mean, half = given.mean(axis=0), quantile * standard_error(given, shared)
    # Indexing by () makes a number of an array without axes.
    return MeanInterval(mean[()], (mean - half)[()], (mean + half)[()])
