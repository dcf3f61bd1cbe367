"""What a Gram matrix tells: definiteness, alignment, geometry, spread. Public through kernels."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array


def _square(K: ArrayLike, name: str) -> Array:
    K = _checks.array(K, name, ndim=2)
    # A band at a time: a large matrix needs no second one beside it.
    bands = [slice(start, start + 256) for start in range(0, len(K), 256)]
    if K.shape[0] != K.shape[1] or not all(
        np.allclose(K[band], K[:, band].T, rtol=0, atol=1e-8) for band in bands
    ):
        raise ValueError(f"{name} must be square and symmetric; got shape {K.shape}.")
    return K


def nearest_psd(K: ArrayLike) -> Array:
    r"""Return the positive semidefinite matrix nearest to K in Frobenius norm.

    .. math:: K = V \Lambda V^T \;\mapsto\; V \max(\Lambda, 0)\, V^T

    Parameters
    ----------
    K : array_like, shape (n, n)
        Symmetric; shot noise may have made eigenvalues negative.

    Returns
    -------
    ndarray of float, shape (n, n)

    Raises
    ------
    ValueError
        If K is not square and symmetric.

    Notes
    -----
    Source: Higham 1988, doi 10.1016/0024-3795(88)90223-6. Used in the chapter *Quantum
    kernels*.

    Examples
    --------
    >>> nearest_psd([[0.0, 1.0], [1.0, 0.0]]).round(3)
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    values, vectors = np.linalg.eigh(_square(K, "K"))
    result = (vectors * np.maximum(values, 0)) @ vectors.T
    return (result + result.T) / 2


def target_alignment(K: ArrayLike, y: ArrayLike) -> float:
    r"""Compute how well a kernel matches the labels.

    .. math:: A = \frac{\sum_{ij} y_i y_j K_{ij}}{n\, \lVert K\rVert_F}

    Parameters
    ----------
    K : array_like, shape (n, n)
        Symmetric.
    y : array_like, shape (n,)
        Two classes; the larger label counts as +1, the other as −1.

    Returns
    -------
    float
        Between −1 and 1; 1 if :math:`K \propto y y^T`.

    Raises
    ------
    ValueError
        If K is not symmetric or all zeros, or y has another length or not two classes.

    Notes
    -----
    Source: arXiv:2105.02276. Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> round(target_alignment(np.eye(4), [0, 1, 0, 1]), 12)
    0.5
    """
    K = _square(K, "K")
    y = _checks.array(y, "y", ndim=1)
    classes = np.unique(y)
    if len(y) != len(K) or len(classes) != 2:
        raise ValueError(
            f"y must hold {len(K)} labels of 2 classes; got {len(y)} of {len(classes)}."
        )
    if not K.any():
        raise ValueError("K must not be all zeros.")
    signs = np.where(y == classes[1], 1.0, -1.0)
    return float(signs @ K @ signs / (len(K) * np.linalg.norm(K)))


def geometric_difference(
    K_classical: ArrayLike, K_quantum: ArrayLike, *, regularization: float = 1e-8
) -> float:
    r"""Compute how far a quantum kernel's geometry differs from a classical one's.

    .. math::
        g = \sqrt{\big\lVert \sqrt{K_Q}\,(K_C + \lambda I)^{-1}\sqrt{K_Q}\big\rVert_\infty}

    The norm is the largest eigenvalue; both matrices are scaled to trace n first. A g of
    order 1 means no data labels exist for which the quantum kernel has a large advantage in
    its prediction-error bound; a g of order :math:`\sqrt n` leaves that possible.

    Parameters
    ----------
    K_classical, K_quantum : array_like, shape (n, n)
        Symmetric, positive semidefinite, of the same size.
    regularization : float
        :math:`\lambda`, above 0.

    Returns
    -------
    float
        At least 1 up to the regularization.

    Raises
    ------
    ValueError
        If a matrix is not square and symmetric, or the sizes differ.

    Notes
    -----
    Source: arXiv:2011.01938. Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> round(geometric_difference(np.eye(3), np.eye(3)), 6)
    1.0
    """
    C, Q = _square(K_classical, "K_classical"), _square(K_quantum, "K_quantum")
    if C.shape != Q.shape:
        raise ValueError(f"K_quantum must have shape {C.shape}; got {Q.shape}.")
    regularization = _checks.real(regularization, "regularization", above=0)
    n = len(C)
    C, Q = C * n / np.trace(C), Q * n / np.trace(Q)
    values, vectors = np.linalg.eigh(Q)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    inner = root @ np.linalg.solve(C + regularization * np.eye(n), root)
    return float(np.sqrt(np.linalg.eigvalsh((inner + inner.T) / 2)[-1]))


class Concentration(NamedTuple):
    """The spread of a kernel's entries between different samples.

    Attributes
    ----------
    mean : float
        Of the off-diagonal entries.
    variance : float
        Of the off-diagonal entries.
    shots : float
        Shots an entry needs for its standard error to equal the spread:
        mean (1 − mean) / variance.
    """

    mean: float
    variance: float
    shots: float


def concentration(K: ArrayLike) -> Concentration:
    r"""Compute how closely a kernel's entries crowd around their mean.

    .. math:: N = \frac{\mu (1 - \mu)}{\sigma^2}

    with :math:`\mu, \sigma^2` the mean and variance of the off-diagonal entries: below N
    shots an entry, shot noise is larger than the differences that carry information.

    Parameters
    ----------
    K : array_like, shape (n, n)
        Symmetric, n at least 3.

    Returns
    -------
    Concentration

    Raises
    ------
    ValueError
        If K is not square and symmetric, or smaller than 3 by 3.

    Notes
    -----
    Source: arXiv:2208.11060. Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> concentration([[1, 0.1, 0.3], [0.1, 1, 0.2], [0.3, 0.2, 1]]).mean.__round__(3)
    0.2
    """
    K = _square(K, "K")
    if len(K) < 3:
        raise ValueError(f"K must be at least 3 by 3; got {len(K)} by {len(K)}.")
    entries = np.concatenate([row[i + 1 :] for i, row in enumerate(K)])
    mean, variance = float(entries.mean()), float(entries.var(ddof=1))
    shots = mean * (1 - mean) / variance if variance > 0 else float("inf")
    return Concentration(mean, variance, shots)
