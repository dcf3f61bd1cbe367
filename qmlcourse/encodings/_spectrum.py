"""Fourier spectra of models with one feature. Public through encodings."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array


def frequency_spectrum(n_repeats: int = 1, *, eigenvalues: Sequence[float] = (-0.5, 0.5)) -> Array:
    r"""List the frequencies a model can have when a feature enters a gate ``n_repeats`` times.

    The gate is :math:`e^{-ixG}`; with :math:`\Lambda` the eigenvalues of G,

    .. math:: \Omega = \Big\{\sum_{l=1}^{L} (\lambda_l - \lambda'_l) :
        \lambda_l, \lambda'_l \in \Lambda\Big\},

    so a Pauli rotation (:math:`\Lambda = \pm 1/2`) repeated L times gives
    :math:`-L, \ldots, L`.

    Parameters
    ----------
    n_repeats : int
        L, at least 1.
    eigenvalues : sequence of float
        Of the generator G; default: that of a Pauli rotation.

    Returns
    -------
    ndarray of float, sorted, shape (n_frequencies,)
        Those closer than 1e-12 of the largest count as one.

    Raises
    ------
    ValueError, TypeError
        If ``n_repeats`` is not a positive integer, an eigenvalue not a finite number, or the
        frequencies too large or too many.

    Notes
    -----
    Source: arXiv:2008.08605. Used in the chapter *Fourier spectrum*.

    Examples
    --------
    >>> frequency_spectrum(2)
    array([-2., -1.,  0.,  1.,  2.])
    """
    L = _checks.integer(n_repeats, "n_repeats")
    levels = _checks.array(eigenvalues, "eigenvalues", ndim=1)
    _checks.memory(8 * len(levels) ** 2, f"the differences of {len(levels)} eigenvalues")
    with np.errstate(over="ignore"):
        gaps = (levels[:, None] - levels).ravel()
        largest = np.float64(L if L < 1e300 else np.inf) * gaps.max()
    if gaps.any() and not np.isfinite(largest):
        raise ValueError("eigenvalues must differ by less than 1.8e308 / n_repeats; they don't.")
    # What rounding of the eigenvalues, as given, can do to a difference.
    rounding = 4 * np.finfo(float).eps * np.abs(levels).max()
    gaps = _distinct(gaps, max(1e-12 * gaps.max(), rounding))
    if len(gaps) == 1:
        return gaps
    spectrum = np.zeros(1)
    for step in range(1, L + 1):
        n = max(len(spectrum), 2 * L - 1) * len(gaps)
        _checks.memory(4 * 8 * n, f"a spectrum of {n} frequencies")
        sums = (spectrum[:, None] + gaps).ravel()
        spectrum = _distinct(sums, max(1e-12 * sums.max(), step * rounding))
    return spectrum


def _distinct(values: Array, tolerance: float) -> Array:
    """Return values, of which each has its negative, sorted; those within the tolerance once."""
    positive = np.unique(values[values > tolerance])
    kept = positive[np.diff(positive, prepend=0.0) > tolerance]
    return np.concatenate([-kept[::-1], [0.0], kept])


def fourier_coefficients(values: ArrayLike) -> Array:
    r"""Return the Fourier coefficients of a function sampled evenly over one period.

    .. math:: c_\omega = \frac{1}{N} \sum_{j=0}^{N-1} f(2\pi j/N)\, e^{-2\pi i\omega j/N},
        \quad \omega = -L, \ldots, L, \quad N = 2L + 1

    Parameters
    ----------
    values : array_like, shape (2 L + 1,)
        :math:`f(2\pi j/N)`, an odd number of finite values.

    Returns
    -------
    ndarray of complex, shape (2 L + 1,)
        In order from :math:`-L` to L; exact if f has no frequency above L.

    Raises
    ------
    ValueError
        If the number of values is even.

    Notes
    -----
    Source: arXiv:2008.08605. Used in the chapter *Fourier spectrum*.

    Examples
    --------
    >>> x = 2 * np.pi * np.arange(3) / 3
    >>> fourier_coefficients(np.cos(x)).real.round(12) + 0.0
    array([0.5, 0. , 0.5])
    """
    values = _checks.array(values, "values", ndim=1)
    if len(values) % 2 == 0:
        raise ValueError(f"values must have odd length 2 L + 1; got {len(values)}.")
    # Powers of two change no digit, and keep the sums of huge values finite.
    exponent = np.frexp(np.abs(values).max())[1]
    parts = np.fft.fftshift(np.fft.fft(np.ldexp(values, -exponent))) / len(values)
    return np.ldexp(parts.view(float), exponent).view(complex)
