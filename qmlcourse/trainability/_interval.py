"""The interval of a variance. Public through trainability."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from .. import _checks
from .._typing import Array

_BATCH = 2**20  # indices drawn at once
RESAMPLES = 999
_FEW = 6  # fewer values say nothing of their own tails


def variance_interval(
    gradients: Array, *, rng: np.random.Generator, n_resamples: int = RESAMPLES
) -> tuple[float, float]:
    r"""Compute a 95% interval of the variance of a sample: bootstrap-t on the logarithm.

    .. math:: s^2 e^{-t_{0.975}\,e} \text{ to } s^2 e^{-t_{0.025}\,e}, \quad
        e^2 = \frac{\hat\kappa - (n-3)/n}{n-1}, \quad
        t = \frac{\ln s_*^2 - \ln s^2}{e_*}

    with :math:`\hat\kappa` the sample's kurtosis, e the standard error of :math:`\ln s^2`, and
    the quantiles of t those of resamples, marked by a star, each of a quarter of the values (6
    at least). Gradients have heavy tails, which a resample of all n copies understates.

    Parameters
    ----------
    gradients : ndarray, shape (n,)
        At least 2 values. From fewer than 6 the interval is that of a normal distribution,
        with the quantiles of chi-square.
    rng : numpy.random.Generator
        Draws the resamples.
    n_resamples : int
        At least 39: the ends cut off one in 40.

    Returns
    -------
    low, high : float
        Both 0 where all values are equal. ``high`` is infinite where so many values are equal
        that the sample sets no bound.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above.

    Notes
    -----
    Measured on the gradients of the circuits of :func:`gradient_variance`, with a Monte-Carlo
    error of 0.5 percentage points: the interval contains the variance in 94% to 97% of samples
    for the costs ``local`` and ``zz`` and deep circuits of any cost, from 20 circuits on. For the
    cost ``global`` at 2 layers, 200 circuits and 8 qubits (kurtosis 100) it is 94% to 96%, half
    of the intervals wider than a factor of 25; at 12 qubits (kurtosis 300 and more) 89% to 92%,
    half of them wider than a factor of 250.

    Sources: Efron and Tibshirani 1993, chapter 12 (bootstrap-t); Bickel, Götze and van Zwet 1997
    (smaller resamples); Bonett 2006, doi 10.1016/j.csda.2004.10.003 (the standard error). Used in
    the chapter *Barren plateaus*.

    Examples
    --------
    >>> variance_interval(np.ones(5), rng=np.random.default_rng(0))
    (0.0, 0.0)
    """
    sample = _checks.array(gradients, "gradients", ndim=1)
    rng = _checks.generator(rng)
    n_resamples = _checks.integer(n_resamples, "n_resamples", low=39)
    n = len(sample)
    if n < 2:
        raise ValueError(f"gradients must hold at least 2 values; got {n}.")
    width = float(sample.max() / 2 - sample.min() / 2)  # half, for the whole may overflow
    if width == 0:
        return 0.0, 0.0
    if width > 1e150:
        raise ValueError(f"gradients must differ by less than 2e150; got {2 * width:g}.")
    sample = sample / width
    variance = float(sample.var(ddof=1))
    if n < _FEW:
        ends = (n - 1) / stats.chi2.ppf([0.975, 0.025], n - 1)
    else:
        _, error = _log_variance(sample)
        quarter = max(_FEW, n // 4)
        pivots = []
        for indices in _resamples(n, n_resamples, rng):
            drawn = sample[indices[:, :quarter]]
            logs, errors = _log_variance(drawn)
            pivots.append((logs - np.log(variance)) / errors)
        ordered = np.sort(np.concatenate(pivots))
        cut = (n_resamples + 1) // 40
        ends = np.exp(-np.array([ordered[-cut], ordered[cut - 1]]) * error)
    scale = variance * width**2
    return float(scale * min(ends[0], 1)), float(scale * max(ends[1], 1))


def _resamples(n: int, n_resamples: int, rng: np.random.Generator) -> Iterator[Array]:
    """Yield the indices of resamples, some rows at once.

    All n are drawn though a quarter is used: circuits drawn afterwards are those that the same
    seed gave when every resample had n values.
    """
    at_once = max(1, _BATCH // n)
    for start in range(0, n_resamples, at_once):
        yield rng.integers(0, n, (min(at_once, n_resamples - start), n))


def skip_resamples(n: int, *, rng: np.random.Generator, n_resamples: int = RESAMPLES) -> None:
    """Draw what :func:`variance_interval` draws for n values, unless all of them are equal."""
    if n >= _FEW:
        for _ in _resamples(n, n_resamples, rng):
            pass


def _log_variance(samples: Array) -> tuple[Array, Array]:
    """Return ln s² of the last axis, minus infinity where all values are equal, and its error."""
    n = samples.shape[-1]
    squares = (samples - samples.mean(-1, keepdims=True)) ** 2
    mean = squares.mean(-1)
    alike = samples.max(-1) == samples.min(-1)
    safe = np.where(alike, 1, mean)
    kurtosis = np.where(alike, 1, (squares**2).mean(-1) / safe**2)
    log = np.where(alike, -np.inf, np.log(safe * n / (n - 1)))
    return log, np.sqrt((kurtosis - (n - 3) / n) / (n - 1))
