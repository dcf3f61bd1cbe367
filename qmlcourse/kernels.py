r"""Quantum kernels: Gram matrices from states that are computed once per sample.

A fidelity kernel between n samples is one matrix product of their states, not
:math:`n^2` circuits; a device would estimate each entry from shots, which ``shots`` imitates.
"""

import numpy as np
from numpy.typing import ArrayLike

from . import _checks
from ._gram import (
    Concentration,
    concentration,
    geometric_difference,
    nearest_psd,
    target_alignment,
)
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
