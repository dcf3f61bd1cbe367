"""Simulated annealing for cuts, many reads at once. Public through optimization."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from .. import _checks
from .._typing import Array
from ._graph import cut_of, first_on_zero, largest, sorted_nodes, weights

if TYPE_CHECKING:
    import networkx as nx

_DENSE = 256  # nodes up to which a full matrix of weights is the faster one
_TOGETHER = 2**21  # spins of all reads that are worked on together
_RANGE = 1e-3  # smaller weights, relatively, don't lower the last temperature


@overload
def simulated_annealing(
    graph: "nx.Graph[Any]", *, n_reads: int, rng: np.random.Generator, n_sweeps: int | None = ...,
    betas: ArrayLike | None = ..., keep_all: Literal[False] = ...,
) -> tuple[float, Array]: ...  # fmt: skip


@overload
def simulated_annealing(
    graph: "nx.Graph[Any]", *, n_reads: int, rng: np.random.Generator, n_sweeps: int | None = ...,
    betas: ArrayLike | None = ..., keep_all: Literal[True],
) -> tuple[Array, Array]: ...  # fmt: skip


def simulated_annealing(
    graph: "nx.Graph[Any]",
    *,
    n_reads: int,
    rng: np.random.Generator,
    n_sweeps: int | None = None,
    betas: ArrayLike | None = None,
    keep_all: bool = False,
) -> tuple[float | Array, Array]:
    r"""Look for a large cut by simulated annealing.

    A read starts from random sides. In a sweep each node is offered to change its side once, which
    would change the cut by g; it does with probability

    .. math:: \min(1, e^{\beta g})

    Without ``betas``, the inverse temperature :math:`\beta` grows geometrically from sweep to
    sweep. At the first one the worst possible move is taken half of the time; at the last but one,
    if that is another, the smallest loss of one edge once in a hundred, where a weight below a
    thousandth of the largest counts as that thousandth. The last sweep takes only what makes the
    cut larger. So one sweep is a greedy one, and the first of two is nearly wasted: for few sweeps,
    give ``betas`` of your own.

    Parameters
    ----------
    graph : networkx.Graph
        As for :func:`cut_values`.
    n_reads : int
        Independent reads, at least 1.
    rng : numpy.random.Generator
    n_sweeps : int, optional
        Sweeps of each read, at least 1; 100 without ``betas``, with which it can't be given.
    betas : array_like of float, shape (n_sweeps,), optional
        The inverse temperature of each sweep, from 0, where every change is made, to ``inf``, where
        only gains are. It counts the largest weight as 1, so it is that of an edge if all weigh
        the same.
    keep_all : bool
        Whether to return every read instead of the best.

    Returns
    -------
    float, ndarray of int64, shape (n_nodes,)
        The largest cut that was found and its sides, nodes in sorted order, the first on side 0.
        With ``keep_all`` the cuts, shape (n_reads,), and sides, shape (n_reads, n_nodes).

    Raises
    ------
    ValueError, TypeError
        If the graph is not as above, a number is below 1, ``betas`` are empty, negative, not
        numbers or given beside ``n_sweeps``, ``rng`` is no Generator, or the reads don't fit into
        memory.

    Notes
    -----
    Nodes without an edge between them are updated together, in all reads at once. Nothing bounds
    how far the result is from the maximum: see :func:`goemans_williamson` for a bound. Source:
    Kirkpatrick, Gelatt and Vecchi 1983, doi 10.1126/science.220.4598.671. Used in the chapter
    *Optimisation*, ``applications/optimization``.

    Examples
    --------
    >>> import networkx as nx
    >>> simulated_annealing(nx.cycle_graph(6), n_reads=10, rng=np.random.default_rng(0))
    (6.0, array([0, 1, 0, 1, 0, 1]))
    """
    n = len(sorted_nodes(graph))
    n_reads = _checks.integer(n_reads, "n_reads")
    schedule = None if betas is None else _given(betas)
    if schedule is not None and n_sweeps is not None:
        raise ValueError("n_sweeps can't be given beside betas, which has one entry a sweep.")
    n_sweeps = _checks.integer(100 if n_sweeps is None else n_sweeps, "n_sweeps")
    keep_all = _checks.boolean(keep_all, "keep_all")
    rng = _checks.generator(rng)
    step = min(n_reads, max(1, _TOGETHER // n))
    needed = max(10 * n * n, 24 * graph.number_of_edges() + 8 * n * (n_reads + 5 * step))
    needed += 8 * n * n + 1500 * n  # the weights, and small objects
    _checks.memory(needed, f"n_reads={_checks.shown(n_reads)} on {n} nodes")
    weight = weights(graph)
    hot, cold = _range(weight)
    classes = _classes(weight)
    bits = np.empty((n_reads, n), dtype=np.int64)
    cuts = np.empty(n_reads)
    for k in range(0, n_reads, step):
        part = slice(k, min(k + step, n_reads))
        each = _betas(hot, cold, n_sweeps) if schedule is None else schedule
        bits[part] = first_on_zero(_reads(classes, n, each, part.stop - k, rng).T > 0)
        cuts[part] = cut_of(weight, bits[part])
    if keep_all:
        return cuts, bits
    best = int(np.argmax(cuts))
    return float(cuts[best]), bits[best].copy()


def _classes(weight: Array) -> list[tuple[Array, Any]]:
    """Return sets of nodes without edges between them, with their rows of weights up to 1."""
    n, scale = len(weight), largest(weight)
    colour = np.full(n, n)
    # Greedily, nodes with most neighbours first.
    for node in np.argsort(-np.count_nonzero(weight, axis=1), kind="stable"):
        free = np.ones(n + 1, dtype=bool)
        free[colour[weight[node] != 0]] = False
        colour[node] = free.argmax()
    rows = np.asarray if n <= _DENSE else csr_array
    members = [np.flatnonzero(colour == c) for c in range(colour.max() + 1)]
    return [(m, rows(weight[m] / scale)) for m in members]


def _range(weight: Array) -> tuple[float, float]:
    """Return the first and the last finite beta, for weights up to 1."""
    sizes = np.abs(weight)
    sizes /= largest(weight)
    if not sizes.any():
        return 1.0, 1.0
    small = max(np.min(sizes, where=sizes > 0, initial=1), _RANGE)
    return float(np.log(2) / sizes.sum(axis=1).max()), float(np.log(100) / small)


def _given(betas: ArrayLike) -> Array:
    """Return a schedule that was given, checked."""
    found = _checks.upper_ends(betas, "betas")
    if found.min() < 0:
        raise ValueError(f"betas must not be negative; got {found.min():g}.")
    return found


def _betas(hot: float, cold: float, n_sweeps: int) -> Iterator[float]:
    for k in range(n_sweeps - 1):
        yield hot * (cold / hot) ** (k / max(1, n_sweeps - 2))
    yield np.inf


def _reads(
    classes: list[tuple[Array, Any]], n: int, betas: Iterable[float], n_reads: int,
    rng: np.random.Generator,
) -> Array:  # fmt: skip
    """Return spins of -1 and 1 at the end of each read, shape (n, n_reads)."""
    spins = 2.0 * rng.integers(0, 2, (n, n_reads)) - 1
    for beta in betas:
        for members, rows in classes:
            gain = rows @ spins
            gain *= spins[members]
            if np.isinf(beta):
                accept = gain > 0
            else:
                np.minimum(beta * gain, 0, out=gain)
                accept = rng.random(gain.shape) < np.exp(gain, out=gain)
            spins[members] *= np.where(accept, -1.0, 1.0)
    return spins
