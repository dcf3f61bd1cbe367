"""Goemans and Williamson's cut, and a bound on every cut. Public through optimization."""

from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from scipy.linalg import eigvalsh
from scipy.optimize import minimize

from .. import _checks
from .._typing import Array
from ._graph import cut_of, first_on_zero, largest, weights

if TYPE_CHECKING:
    import networkx as nx


@overload
def goemans_williamson(
    graph: "nx.Graph[Any]",
    *,
    rng: np.random.Generator,
    n_cuts: int = ...,
    keep_all: Literal[False] = ...,
) -> tuple[float, Array, float]: ...  # fmt: skip


@overload
def goemans_williamson(
    graph: "nx.Graph[Any]", *, rng: np.random.Generator, n_cuts: int = ..., keep_all: Literal[True]
) -> tuple[Array, Array, float]: ...


def goemans_williamson(
    graph: "nx.Graph[Any]", *, rng: np.random.Generator, n_cuts: int = 100, keep_all: bool = False
) -> tuple[float | Array, Array, float]:
    r"""Look for a large cut by a semidefinite relaxation, which also bounds every cut from above.

    Each node gets a unit vector, and vectors of joined nodes are pushed apart:

    .. math:: \max_{v_i} \sum_{(i,j)\in E} w_{ij}\, \frac{1 - v_i\cdot v_j}{2}

    A random hyperplane then parts the vectors, and with them the nodes. If no weight is negative,
    the mean cut of a hyperplane is at least 0.878 of this maximum, and so of the largest cut.

    Parameters
    ----------
    graph : networkx.Graph
        As for :func:`cut_values`.
    rng : numpy.random.Generator
    n_cuts : int
        Random hyperplanes, at least 1.
    keep_all : bool
        Whether to return the cut of every hyperplane instead of the best.

    Returns
    -------
    cut : float or ndarray of float64, shape (n_cuts,)
        The largest cut that was found; with ``keep_all``, all of them.
    bits : ndarray of int64, shape (n_nodes,) or (n_cuts, n_nodes)
        Its sides, nodes in sorted order, the first on side 0.
    bound : float
        No cut of the graph is larger.

    Raises
    ------
    ValueError, TypeError
        If the graph is not as above, a number is below 1, ``rng`` is no Generator, or the matrices
        don't fit into memory.

    Notes
    -----
    The vectors have about :math:`\sqrt{2n}` entries, enough for the maximum (Burer and Monteiro
    2003, doi 10.1007/s10107-002-0352-8), and are found by L-BFGS. The bound doesn't rely on that
    search. With :math:`L` the graph's Laplacian, any y with :math:`\mathrm{diag}(y) - L/4`
    without negative eigenvalue has :math:`C(b) \le \sum_i y_i`; the y of the vectors is shifted
    by the largest eigenvalue that is in the way, and a little more for rounding. Source: Goemans
    and Williamson 1995, doi 10.1145/227683.227684. Used in the chapter *Optimisation*,
    ``applications/optimization``.

    Examples
    --------
    A triangle: no cut has more than 2 edges, the relaxation has 9/4.

    >>> import networkx as nx
    >>> cut, bits, bound = goemans_williamson(nx.complete_graph(3), rng=np.random.default_rng(0))
    >>> cut, round(bound, 6)
    (2.0, 2.25)
    """
    n_cuts = _checks.integer(n_cuts, "n_cuts")
    keep_all = _checks.boolean(keep_all, "keep_all")
    rng = _checks.generator(rng)
    weight = weights(graph)
    n = len(weight)
    rank = int(np.sqrt(2 * n)) + 1
    _checks.memory(
        8 * (5 * n * n + 30 * n * rank + n_cuts * (4 * n + rank + 1)),
        f"n_cuts={_checks.shown(n_cuts)} on {n} nodes",
    )
    scale = largest(weight)
    vectors = _vectors(weight / scale, rng.normal(size=(n, rank)))
    bound = scale * _bound(weight / scale, vectors)
    bits = first_on_zero(rng.normal(size=(n_cuts, rank)) @ vectors.T > 0)
    cuts = cut_of(weight, bits)
    bound = max(bound, float(cuts.max()))
    if keep_all:
        return cuts, bits, bound
    best = int(np.argmax(cuts))
    return float(cuts[best]), bits[best].copy(), bound


def _vectors(weight: Array, start: Array) -> Array:
    """Return unit vectors, one a row, that make the sum of w_ij v_i v_j small."""

    def loss(flat: Array) -> tuple[float, Array]:
        u = flat.reshape(start.shape)
        length = np.linalg.norm(u, axis=1, keepdims=True)
        v = u / length
        pull = weight @ v
        along = (pull * v).sum(axis=1, keepdims=True)
        return along.sum() / 2, ((pull - along * v) / length).ravel()

    options = {"maxiter": 5000, "maxfun": 20000, "ftol": 1e-15, "gtol": 1e-8}
    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options=options).x
    found = found.reshape(start.shape)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def _bound(weight: Array, vectors: Array) -> float:
    """Return what no cut exceeds: the dual of the relaxation at the vectors' multipliers."""
    n = len(weight)
    laplacian = np.diag(weight.sum(axis=1)) - weight
    y = (vectors * (laplacian @ vectors)).sum(axis=1) / 4
    slack = laplacian / 4 - np.diag(y)
    above = max(0.0, eigvalsh(slack, subset_by_index=[n - 1, n - 1])[0])
    rounding = n * np.finfo(float).eps * np.abs(slack).sum(axis=1).max()
    relaxed = float(y.sum() + n * (above + rounding))
    # All the edges that can add to a cut bound it too, with as much for rounding.
    twice = float(np.maximum(weight, 0).sum())
    return min(relaxed, float(twice / 2 + n * np.finfo(float).eps * twice))
