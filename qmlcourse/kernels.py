r"""Quantum kernels: Gram matrices from states that are computed once per sample.

A fidelity kernel between n samples is one matrix product of their states, not
:math:`n^2` circuits; a device would estimate each entry from shots, which ``shots`` imitates.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from . import _checks
from .encodings import encoded_states
from .simulator import bloch_vectors

__all__ = [
    "Concentration",
    "concentration",
    "geometric_difference",
    "kernel_matrix",
    "nearest_psd",
    "projected_kernel",
    "target_alignment",
]

_CHUNK = 2**22  # entries of the complex product held at once: 64 MiB


def kernel_matrix(
    X: ArrayLike,
    Y: ArrayLike | None = None,
    *,
    encoding: str = "iqp",
    kind: str = "fidelity",
    shots: int | None = None,
    rng: np.random.Generator | None = None,
    **options: object,
) -> np.ndarray:
    r"""Compute the quantum kernel between the rows of X and those of Y.

    .. math:: k(x, y) = |\langle\phi(x)|\phi(y)\rangle|^2

    With ``shots``, each entry is the fraction of that many runs of the overlap circuit that
    ended in all zeros, a binomial sample with mean :math:`k(x, y)`.

    Parameters
    ----------
    X : array_like, shape (n, n_features)
    Y : array_like, shape (m, n_features), optional
        Default: X. The matrix is then symmetric, also with shots, which sample each pair once.
    encoding : str
        As in :func:`qmlcourse.encodings.encoded_states`.
    kind : {"fidelity", "projected"}
        ``"projected"`` is :func:`projected_kernel`.
    shots : int, optional
        At least 1; default: the exact value. For the fidelity kernel only.
    rng : numpy.random.Generator, optional
        Needed with ``shots``.
    **options
        Of the encoding, and ``gamma`` of the projected kernel.

    Returns
    -------
    ndarray of float, shape (n, m)
        Between 0 and 1.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above, or X and Y differ in features.

    Notes
    -----
    Source: arXiv 1804.11326, 1803.07128. Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> kernel_matrix([[0.0], [np.pi / 2]], encoding="angle").round(3)
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    _checks.choice(kind, "kind", ("fidelity", "projected"))
    if kind == "projected":
        if shots is not None:
            raise ValueError(f"shots must be None for the projected kernel; got {shots!r}.")
        return projected_kernel(X, Y, encoding=encoding, **options)  # type: ignore[arg-type]
    if shots is not None:
        shots = _checks.integer(shots, "shots")
        rng = _checks.generator(rng)
    X, Y = _pair(X, Y)
    a = encoded_states(X, encoding, **options)
    b = a if Y is None else encoded_states(Y, encoding, **options)
    _checks.memory(8 * len(a) * len(b), f"a kernel matrix of {len(a)} by {len(b)}")
    K = _overlaps(a, b)
    if Y is None:
        # Rounding aside these hold already; a solver may rely on them.
        np.fill_diagonal(K, 1.0)
        upper = np.triu_indices(len(a), 1)
        if shots is not None:
            K[upper] = rng.binomial(shots, K[upper]) / shots  # type: ignore[union-attr]
        K[upper[::-1]] = K[upper]
    elif shots is not None:
        K = rng.binomial(shots, K) / shots  # type: ignore[union-attr]
    return K


def _pair(X: ArrayLike, Y: ArrayLike | None) -> tuple[np.ndarray, np.ndarray | None]:
    X = _checks.features(X)
    return X, None if Y is None else _checks.features(Y, "Y", n_features=X.shape[1])


def _overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return |<a_i|b_j>|^2, a band of rows at a time so that no complex matrix is kept."""
    K = np.empty((len(a), len(b)))
    rows = max(1, _CHUNK // len(b))
    for start in range(0, len(a), rows):
        product = a[start : start + rows].conj() @ b.T
        K[start : start + rows] = product.real**2 + product.imag**2
    return np.minimum(K, 1.0, out=K)


def projected_kernel(
    X: ArrayLike,
    Y: ArrayLike | None = None,
    *,
    encoding: str = "iqp",
    gamma: float = 1.0,
    **options: object,
) -> np.ndarray:
    r"""Compute the projected quantum kernel from one-qubit reduced states.

    .. math::
        k(x, y) = \exp\Big(-\gamma \sum_k \lVert\rho_k(x) - \rho_k(y)\rVert_F^2\Big)
                = \exp\Big(-\tfrac{\gamma}{2} \sum_k \lVert r_k(x) - r_k(y)\rVert^2\Big),

    where :math:`\rho_k` is the reduced state of qubit k and :math:`r_k` its Bloch vector.

    Parameters
    ----------
    X, Y, encoding, **options
        As in :func:`kernel_matrix`.
    gamma : float
        Above 0.

    Returns
    -------
    ndarray of float, shape (n, m)
        Above 0, at most 1.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above.

    Notes
    -----
    Source: arXiv 2011.01938. Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> projected_kernel([[0.0], [np.pi]], encoding="angle", gamma=0.5).round(3)
    array([[1.   , 0.368],
           [0.368, 1.   ]])
    """
    gamma = _checks.real(gamma, "gamma", above=0)
    X, Y = _pair(X, Y)
    a = bloch_vectors(encoded_states(X, encoding, **options)).reshape(len(X), -1)
    b = a
    if Y is not None:
        b = bloch_vectors(encoded_states(Y, encoding, **options)).reshape(len(Y), -1)
    _checks.memory(16 * len(a) * len(b), f"a kernel matrix of {len(a)} by {len(b)}")
    squared = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
    K = np.exp(-gamma / 2 * np.maximum(squared, 0))
    if Y is None:
        K = (K + K.T) / 2
        np.fill_diagonal(K, 1.0)
    return K


def _square(K: ArrayLike, name: str) -> np.ndarray:
    K = _checks.array(K, name, ndim=2)
    if K.shape[0] != K.shape[1] or not np.allclose(K, K.T, rtol=0, atol=1e-8):
        raise ValueError(f"{name} must be square and symmetric; got shape {K.shape}.")
    return K


def nearest_psd(K: ArrayLike) -> np.ndarray:
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
    Source: arXiv 2105.02276. Used in the chapter *Quantum kernels*.

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
    Source: arXiv 2011.01938. Used in the chapter *Quantum kernels*.

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
    Source: arXiv 2208.11060. Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> concentration([[1, 0.1, 0.3], [0.1, 1, 0.2], [0.3, 0.2, 1]]).mean.__round__(3)
    0.2
    """
    K = _square(K, "K")
    if len(K) < 3:
        raise ValueError(f"K must be at least 3 by 3; got {len(K)} by {len(K)}.")
    entries = K[np.triu_indices(len(K), 1)]
    mean, variance = float(entries.mean()), float(entries.var(ddof=1))
    shots = mean * (1 - mean) / variance if variance > 0 else float("inf")
    return Concentration(mean, variance, shots)
