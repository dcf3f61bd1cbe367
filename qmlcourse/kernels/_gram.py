"""What a Gram matrix tells: definiteness, alignment, geometry, spread. Public through kernels."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array


def _square(K: ArrayLike, name: str) -> tuple[Array, int]:
    """Return K, divided by a power of two that brings its entries to 1, and the exponent."""
    given = _checks.numeric(K, name)
    K = _checks.array(given, name, ndim=2)
    if K.shape[0] != K.shape[1]:
        raise ValueError(f"{name} must be square and symmetric; got shape {K.shape}.")
    # Powers of two change no digit: sums and products of huge or tiny entries stay in range.
    exponent = int(np.frexp(np.abs(K).max())[1])
    K = np.ldexp(K, -exponent)
    # The entries of a matrix in single precision differ by its rounding.
    allowed = max(1e-8, 100 * np.finfo(given.dtype).eps) if given.dtype.kind == "f" else 1e-8
    # A band at a time: a large matrix needs no second one beside it.
    bands = [slice(start, start + 256) for start in range(0, len(K), 256)]
    off = max(np.abs(K[band] - K[:, band].T).max() for band in bands)
    if off > allowed:
        raise ValueError(
            f"{name} must be square and symmetric; entries differ from their mirror image by up "
            f"to {np.ldexp(off, exponent):.2g}: pass ({name} + {name}.T) / 2 if that is noise."
        )
    return K, exponent


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
    K, exponent = _square(K, "K")
    values, vectors = np.linalg.eigh(K)
    result = (vectors * np.maximum(values, 0)) @ vectors.T
    return np.ldexp((result + result.T) / 2, exponent)


def target_alignment(K: ArrayLike, y: ArrayLike) -> float:
    r"""Compute how well a kernel matches the labels.

    .. math:: A = \frac{\sum_{ij} y_i y_j K_{ij}}{n\, \lVert K\rVert_F}

    Parameters
    ----------
    K : array_like, shape (n, n)
        Symmetric.
    y : array_like, shape (n,)
        Two classes, as numbers, truth values or texts; the larger label counts as +1, the
        other as −1.

    Returns
    -------
    float
        Between −1 and 1; 1 if :math:`K \propto y y^T`.

    Raises
    ------
    ValueError
        If K is not symmetric or all zeros, or y has another length or not two classes.
    TypeError
        If y holds neither numbers alone nor texts alone.

    Notes
    -----
    Source: arXiv:2105.02276. Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> round(target_alignment(np.eye(4), [0, 1, 0, 1]), 12)
    0.5
    """
    K, _ = _square(K, "K")
    y = _labels(y, "y")
    classes = np.unique(y)
    if len(y) != len(K) or len(classes) != 2:
        raise ValueError(
            f"y must hold {len(K)} labels of 2 classes; got {len(y)} of {len(classes)}."
        )
    if not K.any():
        raise ValueError("K must not be all zeros.")
    signs = np.where(y == classes[1], 1.0, -1.0)
    return float(signs @ K @ signs / (len(K) * np.linalg.norm(K)))


def _labels(y: ArrayLike, name: str) -> Array:
    """Return labels that are all numbers or all texts: NumPy would turn a mixture into texts."""
    _checks.unmasked(y, name)
    given = np.array(y, dtype=object)
    if not all(isinstance(label, str) for label in given.flat):
        for label in given.flat:
            if isinstance(label, str):
                raise TypeError(f"{name} must hold numbers alone or texts alone; got both.")
        _checks.array(y, name, ndim=1)
        # Unrounded: integers that a float can't tell apart are two classes.
        return _checks.numeric(y, name)
    if given.ndim != 1 or not given.size:
        raise ValueError(f"{name} must be a 1-D array of labels; got shape {given.shape}.")
    return given.astype(str)


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
        If a matrix is not square, symmetric and positive semidefinite, the sizes differ, or
        the regularization is lost in the rounding of a singular matrix.

    Notes
    -----
    Source: arXiv:2011.01938. Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> round(geometric_difference(np.eye(3), np.eye(3)), 6)
    1.0
    """
    (C, _), (Q, _) = _square(K_classical, "K_classical"), _square(K_quantum, "K_quantum")
    if C.shape != Q.shape:
        raise ValueError(f"K_quantum must have shape {C.shape}; got {Q.shape}.")
    regularization = _checks.real(regularization, "regularization", above=0)
    C, values, vectors = _of_trace_n(C, "K_classical", regularization)
    if values[0] < 0:  # by rounding, as of a centred kernel: it may be more than is added
        C = (vectors * np.maximum(values, 0)) @ vectors.T
    Q, values, vectors = _of_trace_n(Q, "K_quantum")
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    inner = root @ np.linalg.solve(C + regularization * np.eye(len(C)), root)
    return float(np.sqrt(np.linalg.eigvalsh((inner + inner.T) / 2)[-1]))


def _of_trace_n(K: Array, name: str, added: float | None = None) -> tuple[Array, Array, Array]:
    """Return K scaled to trace n with its eigenvalues and -vectors; raise if it is no kernel."""
    n, trace = len(K), np.trace(K)
    if not trace > 0:
        raise ValueError(f"{name} must have a positive trace, as kernels have; got a trace <= 0.")
    K = K * n / trace
    values, vectors = np.linalg.eigh(K)
    if values[0] < -1e-6 * n:
        raise ValueError(
            f"{name} must be positive semidefinite; at trace {n} its smallest eigenvalue is "
            f"{values[0]:.2g}: pass nearest_psd({name})."
        )
    if added is not None and max(values[0], 0) + added <= n * np.finfo(float).eps * values[-1]:
        raise ValueError(
            f"regularization must make {name} invertible; at trace {n} its smallest eigenvalue is "
            f"{values[0]:.2g}, got {added:g}."
        )
    return K, values, vectors


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
    K, exponent = _square(K, "K")
    if len(K) < 3:
        raise ValueError(f"K must be at least 3 by 3; got {len(K)} by {len(K)}.")
    entries = np.concatenate([row[i + 1 :] for i, row in enumerate(K)])
    mean, variance = float(entries.mean()), float(entries.var(ddof=1))
    with np.errstate(over="ignore", under="ignore"):
        true, spread = np.ldexp(mean, exponent), np.ldexp(variance, 2 * exponent)
        # Not from spread: the variance of tiny entries may be less than any float.
        shots = np.ldexp(mean * (1 - true) / variance, -exponent) if variance > 0 else np.inf
    return Concentration(float(true), float(spread), float(shots))
