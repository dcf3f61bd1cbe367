"""Angles to start the training from, read off the data. Public through generative."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ._gates import checked_bits, checked_gates


def covariance_start(
    gates: Sequence[Sequence[int]], data: ArrayLike, *, scale: float = 1.0
) -> Array:
    r"""Compute starting angles from means and covariances of the data.

    .. math:: \theta_{i} = \tfrac12\arccos\bar z_i, \qquad
        \theta_{ik} = s\,\bigl(\overline{z_i z_k} - \bar z_i\bar z_k\bigr), \qquad
        \theta_g = 0 \text{ for larger gates}

    with :math:`z = (-1)^x = \pm 1` for a bit x, and bars for means over the data.

    Parameters
    ----------
    gates : sequence of tuples of int
        As for :func:`iqp_expectation`.
    data : array_like of 0 and 1, shape (n_samples, n_qubits)
    scale : float
        The factor s: a setting to tune. At 0 the circuit gives independent bits with the means of
        the data.

    Returns
    -------
    ndarray of float64, shape (n_gates,)

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above.

    Notes
    -----
    A start after the data is what lets circuits of hundreds of qubits learn at all
    (arXiv:2503.02934, with another scale). Used in the chapter *Generative models*,
    ``applications/generative``.

    Examples
    --------
    >>> covariance_start([(0,), (1,), (0, 1)], [[0, 0], [1, 1]]).round(4)
    array([0.7854, 0.7854, 1.    ])
    """
    bits = checked_bits(data, "data")
    made = checked_gates(gates, bits.shape[1])
    scale = _checks.real(scale, "scale")
    n = bits.shape[1]
    _checks.memory(16 * bits.size + 16 * n * n, "the covariances")
    z = 1.0 - 2.0 * bits
    mean = z.mean(axis=0)
    covariance = z.T @ z / len(z) - np.outer(mean, mean)
    theta = np.zeros(len(made))
    for j, gate in enumerate(made):
        if len(gate) == 1:
            theta[j] = np.arccos(np.clip(mean[gate[0]], -1, 1)) / 2
        elif len(gate) == 2:
            theta[j] = scale * covariance[gate]
    return theta
