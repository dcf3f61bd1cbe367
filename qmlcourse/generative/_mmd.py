"""The maximum mean discrepancy of two sets of bit strings. Public through generative."""

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ._gates import checked_bits

_TOGETHER = 2**22  # distances that are held at a time


def mmd_squared(p: ArrayLike, q: ArrayLike, *, sigma: float, unbiased: bool = False) -> float:
    r"""Compute the squared maximum mean discrepancy (MMD) of two sets of bit strings.

    .. math:: \mathrm{MMD}^2 = \operatorname{mean} k(x, x') + \operatorname{mean} k(y, y')
        - 2 \operatorname{mean} k(x, y), \qquad k(x, y) = e^{-H(x, y)/(2\sigma^2)}

    with H the number of bits that differ, x from p and y from q.

    Parameters
    ----------
    p, q : array_like of 0 and 1, shapes (n_p, n_qubits) and (n_q, n_qubits)
        Samples, one a row.
    sigma : float
        Bandwidth of the kernel, above 0.
    unbiased : bool
        False: the MMD of the two sets themselves, at least 0 up to rounding, and 0 for a set and
        itself. True: an estimate, without bias, of that of the distributions they were drawn from.
        It leaves out the pairs of a sample with itself, needs two samples of each, and can be
        negative.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above.

    Notes
    -----
    The kernel is a mean over words a of I and Z, drawn letter by letter, Z with probability
    :math:`p_\sigma = (1 - e^{-1/(2\sigma^2)})/2` (arXiv:2305.02881, arXiv:2503.02934):

    .. math:: \mathrm{MMD}^2 = \operatorname*{mean}_a
        \bigl(\langle Z_a\rangle_p - \langle Z_a\rangle_q\bigr)^2

    A wide kernel therefore sees light words only. Source: Gretton et al. 2012, *A kernel two-sample
    test*. Used in the chapter *Generative models*, ``applications/generative``.

    Examples
    --------
    Strings of even parity against all strings differ in one word, ZZ.

    >>> round(mmd_squared([[0, 0], [1, 1]], [[0, 0], [0, 1], [1, 0], [1, 1]], sigma=1.0), 6)
    0.038705
    >>> round(float((1 - np.exp(-0.5)) / 2) ** 2, 6)
    0.038705
    """
    x = checked_bits(p, "p")
    y = checked_bits(q, "q", n_qubits=x.shape[1])
    sigma = _checks.real(sigma, "sigma", above=0)
    unbiased = _checks.boolean(unbiased, "unbiased")
    for name, samples in (("p", x), ("q", y)):
        if unbiased and len(samples) < 2:
            raise ValueError(
                f"{name} must hold two samples or more for an estimate without bias; got 1."
            )
    with np.errstate(over="ignore", under="ignore"):
        kernel = np.exp(-np.arange(x.shape[1] + 1) / 2 / sigma / sigma)
    shares = []
    for samples in (x, y):
        counts, size = _distances(samples, samples), len(samples)
        if unbiased:
            counts[0] -= size
        shares.append(counts / (size * (size - unbiased)))
    shares.append(_distances(x, y) / (len(x) * len(y)))
    return float(kernel @ (shares[0] + shares[1] - 2 * shares[2]))


def _distances(x: Array, y: Array) -> Array:
    """Return how many pairs differ in 0, 1, ... n bits."""
    n = x.shape[1]
    step = max(1, _TOGETHER // max(len(y), n))
    _checks.memory(4 * y.size + 20 * step * len(y), "the distances of samples")
    # Products of signs are n minus twice the distance: whole numbers, exact in single precision.
    right = 1 - 2 * y.T.astype(np.float32)
    counts = np.zeros(n + 1)
    for start in range(0, len(x), step):
        products = (1 - 2 * x[start : start + step].astype(np.float32)) @ right
        apart = ((n - products) / 2).astype(np.int64)
        counts += np.bincount(apart.ravel(), minlength=n + 1)
    return counts
