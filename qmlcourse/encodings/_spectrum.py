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

    Raises
    ------
    ValueError, TypeError
        If ``n_repeats`` is not a positive integer or an eigenvalue not a finite number.

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
    gaps = np.unique((levels[:, None] - levels).ravel().round(12))
    spectrum = np.zeros(1)
    for _ in range(L):
        spectrum = np.unique((spectrum[:, None] + gaps).ravel().round(12))
    return spectrum + 0.0  # no negative zero


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
    return np.fft.fftshift(np.fft.fft(values)) / len(values)
