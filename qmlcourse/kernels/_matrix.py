"""Gram matrices, tile by tile. Public through kernels."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg.blas import zgemm, zherk
from scipy.spatial.distance import cdist
from threadpoolctl import ThreadpoolController

from .. import _checks, _parallel
from .._typing import Array
from ..encodings._registry import find
from ..simulator import bloch_vectors
from . import _tiles

_Rows = Callable[[Array], Array]  # from samples to states
_SMALL = 2**27  # multiplications, some tens of milliseconds


def kernel_matrix(
    X: ArrayLike,
    Y: ArrayLike | None = None,
    *,
    encoding: str = "iqp",
    kind: str = "fidelity",
    shots: int | None = None,
    rng: np.random.Generator | None = None,
    batch_size: int | None = None,
    n_jobs: int | None = None,
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
    n_jobs : int, optional
        Tiles of the matrix computed side by side by joblib, so ``joblib.parallel_config("dask")``
        sends them to a cluster. The result is the same to the last bit for any number; without,
        products run in the threads of the linear algebra. What a worker had that was killed is
        computed again.
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
        options |= {"encoding": encoding, "batch_size": batch_size, "n_jobs": n_jobs}
        return projected_kernel(X, Y, **options)  # type: ignore[arg-type]
    if shots is not None:
        shots = _checks.integer(shots, "shots")
        _checks.integer(shots, "shots", high=2**63 - 1)  # as far as rng counts
        rng = _checks.generator(rng)
    jobs = _parallel.wanted(n_jobs)
    X, Y, q, encode = _checked(X, Y, encoding, options)
    size = _tiles.rows_at_once(q, batch_size)

    def sample(row: Array) -> Array:
        return rng.binomial(shots, row) / shots  # type: ignore

    m = None if Y is None else len(Y)
    K = _tiles.empty(len(X), m)
    tiles = _tiles.cut(len(X), m, size)
    if jobs and len(tiles) > 1:
        right = X if Y is None else Y
        # A worker encodes its samples itself: they are smaller than their states.
        tasks = ((encode, X[r], None if Y is None and r == c else right[c]) for r, c in tiles)
        for place, tile in _parallel.side_by_side(_encoded_overlaps, tasks, n_jobs):
            K[tiles[place]] = tile
    else:
        with _few_threads(len(X) * (m or len(X)) * 2**q):
            a = _states(X, encode, q, batch_size)
            b = a if Y is None else _states(Y, encode, q, batch_size)
            _tiles.fill(K, tiles, _overlaps(a, b))
    return _tiles.finished(K, m, size, sample if shots else None)


def _encoded_overlaps(encode: _Rows, X: Array, Y: Array | None) -> Array:
    """Return |<x|y>|^2 for samples, without Y of the upper triangle."""
    a, b = encode(X), None if Y is None else encode(Y)
    return _product(a, b)


def _product(a: Array, b: Array | None) -> Array:
    # BLAS conjugates as it goes; transposed, rows of states are columns in its order.
    if b is None:
        # A Hermitian product, half the work: of the upper triangle; zeros stay below it.
        product = zherk(1.0, a.T, trans=2, lower=1).T
    else:
        product = zgemm(1.0, b.T, a.T, trans_a=2).T
    return np.minimum(product.real**2 + product.imag**2, 1.0)


def _overlaps(a: _tiles.Part, b: _tiles.Part) -> Callable[[slice], _tiles.Part]:
    """Return the function from rows to that from columns to |<a|b>|^2, for `_tiles.fill`."""

    def overlaps(rows: slice) -> _tiles.Part:
        left = a(rows)

        def tile(columns: slice) -> Array:
            return _product(left, None if b is a and columns == rows else b(columns))

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


def _states(X: Array, encode: _Rows, q: int, batch_size: int | None) -> _tiles.Part:
    """Return a function from a slice of X to its states: all are held where they fit."""
    fits = batch_size is None and 16 * len(X) * 2**q <= _tiles.HELD
    # Some are hardly larger than X, those of the amplitude encoding always.
    if fits or 2**q <= 2 * X.shape[1]:
        return encode(X).__getitem__
    return lambda rows: encode(X[rows])


def projected_kernel(
    X: ArrayLike,
    Y: ArrayLike | None = None,
    *,
    encoding: str = "iqp",
    gamma: float = 1.0,
    batch_size: int | None = None,
    n_jobs: int | None = None,
    **options: object,
) -> Array:
    r"""Compute the projected quantum kernel from one-qubit reduced states.

    .. math::
        k(x, y) = \exp\Big(-\gamma \sum_k \lVert\rho_k(x) - \rho_k(y)\rVert_F^2\Big)
                = \exp\Big(-\tfrac{\gamma}{2} \sum_k \lVert r_k(x) - r_k(y)\rVert^2\Big),

    where :math:`\rho_k` is the reduced state of qubit k and :math:`r_k` its Bloch vector.

    Parameters
    ----------
    X, Y, encoding, batch_size, n_jobs, **options
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
    jobs = _parallel.wanted(n_jobs)
    X, Y, q, encode = _checked(X, Y, encoding, options)
    size = _tiles.rows_at_once(q, batch_size)

    def vectors(X: Array) -> Array:
        starts = [slice(s, s + size) for s in range(0, len(X), size)]
        if jobs and len(starts) > 1:
            tasks = ((encode, X[rows]) for rows in starts)
            made = dict(_parallel.side_by_side(_encoded_vectors, tasks, n_jobs))
            return np.concatenate([made[place] for place in range(len(starts))])
        states = _states(X, encode, q, batch_size)
        return np.concatenate([bloch_vectors(states(rows)) for rows in starts])

    a = vectors(X).reshape(len(X), -1)
    b = a if Y is None else vectors(Y).reshape(len(Y), -1)

    def tiles(rows: slice) -> _tiles.Part:
        def tile(columns: slice) -> Array:
            # From the differences: equal samples are at 0, which no gamma makes large.
            squared = cdist(a[rows], b[columns], "sqeuclidean")
            with np.errstate(over="ignore", under="ignore"):
                return np.exp(-gamma / 2 * squared)

        return tile

    m = None if Y is None else len(Y)
    K = _tiles.fill(_tiles.empty(len(X), m), _tiles.cut(len(X), m, size), tiles)
    return _tiles.finished(K, m, size)


def _encoded_vectors(encode: _Rows, X: Array) -> Array:
    return bloch_vectors(encode(X))
