"""Gram matrices, tile by tile. Public through kernels."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg.blas import zgemm, zherk
from scipy.spatial.distance import cdist
from threadpoolctl import ThreadpoolController

from .. import _checks
from .._typing import Array
from ..encodings._registry import find
from ..simulator import bloch_vectors

_Rows = Callable[[Array], Array]  # from samples to states
_Part = Callable[[slice], Array]
_TILE = 512  # rows and columns computed at once: few calls of BLAS, yet half of a matrix spared
_SMALL = 2**27  # multiplications, some tens of milliseconds
_HELD = 2**28  # bytes of states kept; where all need more, they are computed again for each tile


def kernel_matrix(
    X: ArrayLike,
    Y: ArrayLike | None = None,
    *,
    encoding: str = "iqp",
    kind: str = "fidelity",
    shots: int | None = None,
    rng: np.random.Generator | None = None,
    batch_size: int | None = None,
    **options: object,
) -> Array:
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
    batch_size : int, optional
        Rows and columns computed at once, at least 1, so that the states of at most twice as
        many samples are held. Default: all states if they take 256 MiB or less, otherwise as
        many as do. The result does not depend on it.
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
    Source: arXiv:1804.11326, arXiv:1803.07128. Used in the chapter *Quantum kernels*.

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
        options |= {"encoding": encoding, "batch_size": batch_size}
        return projected_kernel(X, Y, **options)  # type: ignore[arg-type]
    if shots is not None:
        shots = _checks.integer(shots, "shots")
        _checks.integer(shots, "shots", high=2**63 - 1)  # as far as rng counts
        rng = _checks.generator(rng)
    X, Y, q, encode = _checked(X, Y, encoding, options)
    size = _rows_at_once(q, batch_size)

    def sample(row: Array) -> Array:
        return rng.binomial(shots, row) / shots  # type: ignore

    m = None if Y is None else len(Y)
    with _few_threads(len(X) * (m or len(X)) * 2**q):
        a = _states(X, encode, q, batch_size)
        b = a if Y is None else _states(Y, encode, q, batch_size)
        return _matrix(_overlaps(a, b), len(X), m, size, sample if shots else None)


def _overlaps(a: _Part, b: _Part) -> Callable[[slice], _Part]:
    """Return the function from rows to that from columns to |<a|b>|^2, for `_matrix`."""

    def overlaps(rows: slice) -> _Part:
        # BLAS conjugates as it goes; transposed, rows of states are columns in its order.
        left = a(rows).T

        def tile(columns: slice) -> Array:
            if b is a and columns == rows:
                # A Hermitian product, half the work: of the upper triangle; zeros stay below it.
                product = zherk(1.0, left, trans=2, lower=1).T
            else:
                product = zgemm(1.0, b(columns).T, left, trans_a=2).T
            return np.minimum(product.real**2 + product.imag**2, 1.0)

        return tile

    return overlaps


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def _few_threads(work: int) -> AbstractContextManager[object]:
    """Keep a small product in one thread: waiting for a second one takes longer than it saves."""
    return _blas().limit(limits=1) if work < _SMALL else nullcontext()


def _checked(
    X: ArrayLike, Y: ArrayLike | None, encoding: str, options: dict[str, object]
) -> tuple[Array, Array | None, int, _Rows]:
    """Return X, Y, the qubits and the function from rows to states: tiles check nothing again."""
    X = _checks.features(X)
    Y = None if Y is None else _checks.features(Y, "Y", n_features=X.shape[1])
    chosen, given = find(encoding), {"X": X} if Y is None else {"X": X, "Y": Y}
    return X, Y, chosen.n_qubits(X.shape[1]), chosen.encoder(options, **given)


def _rows_at_once(q: int, batch_size: int | None) -> int:
    if batch_size is not None:
        return _checks.integer(batch_size, "batch_size")
    # Two tiles of states, those of the rows and those of the columns.
    return max(1, min(_TILE, _HELD // (2 * 16 * 2**q)))


def _states(X: Array, encode: _Rows, q: int, batch_size: int | None) -> _Part:
    """Return a function from a slice of X to its states: all are held where they fit."""
    fits = batch_size is None and 16 * len(X) * 2**q <= _HELD
    # Some are hardly larger than X, those of the amplitude encoding always.
    if fits or 2**q <= 2 * X.shape[1]:
        return encode(X).__getitem__
    return lambda rows: encode(X[rows])


def _matrix(
    entries: Callable[[slice], _Part],
    n: int,
    m: int | None,
    size: int,
    sample: Callable[[Array], Array] | None = None,
) -> Array:
    """Fill an n by m matrix tile by tile; with no m it is symmetric with a diagonal of ones."""
    width = n if m is None else m
    _checks.memory(8 * n * width, f"a kernel matrix of {n} by {width}")
    K = np.empty((n, width))
    for start in range(0, n, size):
        stop = min(start + size, n)
        rows = slice(start, stop)
        tile = entries(rows)
        for left in range(start if m is None else 0, width, size):
            columns = slice(left, min(left + size, width))
            K[rows, columns] = tile(columns)
        if sample is not None:
            # Row by row, so that what rng gives does not depend on the size of the tiles.
            for i in range(start, stop):
                row = K[i, i + 1 :] if m is None else K[i]
                row[:] = sample(row)
        if m is None:
            upper = np.triu(K[rows, rows], 1)
            K[rows, rows] = upper + upper.T
            K[stop:, rows] = K[rows, stop:].T
    if m is None:
        np.fill_diagonal(K, 1.0)
    return K


def projected_kernel(
    X: ArrayLike,
    Y: ArrayLike | None = None,
    *,
    encoding: str = "iqp",
    gamma: float = 1.0,
    batch_size: int | None = None,
    **options: object,
) -> Array:
    r"""Compute the projected quantum kernel from one-qubit reduced states.

    .. math::
        k(x, y) = \exp\Big(-\gamma \sum_k \lVert\rho_k(x) - \rho_k(y)\rVert_F^2\Big)
                = \exp\Big(-\tfrac{\gamma}{2} \sum_k \lVert r_k(x) - r_k(y)\rVert^2\Big),

    where :math:`\rho_k` is the reduced state of qubit k and :math:`r_k` its Bloch vector.

    Parameters
    ----------
    X, Y, encoding, batch_size, **options
        As in :func:`kernel_matrix`.
    gamma : float
        Above 0.

    Returns
    -------
    ndarray of float, shape (n, m)
        From 0 to 1.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above.

    Notes
    -----
    Source: arXiv:2011.01938. Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> projected_kernel([[0.0], [np.pi]], encoding="angle", gamma=0.5).round(3)
    array([[1.   , 0.368],
           [0.368, 1.   ]])
    """
    gamma = _checks.real(gamma, "gamma", above=0)
    X, Y, q, encode = _checked(X, Y, encoding, options)
    size = _rows_at_once(q, batch_size)

    def vectors(X: Array) -> Array:
        states = _states(X, encode, q, batch_size)
        starts = range(0, len(X), size)
        return np.concatenate([bloch_vectors(states(slice(s, s + size))) for s in starts])

    a = vectors(X).reshape(len(X), -1)
    b = a if Y is None else vectors(Y).reshape(len(Y), -1)

    def tiles(rows: slice) -> _Part:
        def tile(columns: slice) -> Array:
            # From the differences: equal samples are at 0, which no gamma makes large.
            squared = cdist(a[rows], b[columns], "sqeuclidean")
            with np.errstate(over="ignore", under="ignore"):
                return np.exp(-gamma / 2 * squared)

        return tile

    return _matrix(tiles, len(X), None if Y is None else len(Y), size)
