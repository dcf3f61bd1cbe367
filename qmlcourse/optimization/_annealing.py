"""Simulated annealing for cuts, many reads at once. Public through optimization."""

from typing import Any, Literal, overload

import networkx as nx
import numpy as np
from scipy.sparse import csr_array

from .. import _checks
from .._typing import Array
from ._graph import cut_of, first_on_zero, sorted_nodes, weights

_DENSE = 256  # nodes up to which a full matrix of weights is the faster one
_TOGETHER = 2**21  # spins of all reads that are worked on together
_RANGE = 1e-3  # smaller weights, relatively, don't lower the last temperature


@overload
def simulated_annealing(
    graph: "nx.Graph[Any]", *, n_reads: int, rng: np.random.Generator, n_sweeps: int = ...,
    keep_all: Literal[False] = ...,
) -> tuple[float, Array]: ...  # fmt: skip


@overload
def simulated_annealing(
    graph: "nx.Graph[Any]", *, n_reads: int, rng: np.random.Generator, n_sweeps: int = ...,
    keep_all: Literal[True],
) -> tuple[Array, Array]: ...  # fmt: skip


def simulated_annealing(
    graph: "nx.Graph[Any]",
    *,
    n_reads: int,
    rng: np.random.Generator,
    n_sweeps: int = 100,
    keep_all: bool = False,
) -> tuple[float | Array, Array]:
    r"""Look for a large cut by simulated annealing.

    A read starts from random sides. In a sweep each node is offered to change its side once, which
    would change the cut by g; it does with probability

    .. math:: \min(1, e^{\beta g})

    The inverse temperature :math:`\beta` grows geometrically from sweep to sweep. At the first one
    the worst possible move is taken half of the time, at the last but one the smallest loss of one
    edge once in a hundred; the last sweep takes only what makes the cut larger.

    Parameters
    ----------
    graph : networkx.Graph
        As for :func:`cut_values`.
    n_reads : int
        Independent reads, at least 1.
    rng : numpy.random.Generator
    n_sweeps : int
        Sweeps of each read, at least 1.
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
        If the graph is not as above, a number is below 1, ``rng`` is no Generator, or the reads
        don't fit into memory.

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
    nodes = sorted_nodes(graph)
    n_reads = _checks.integer(n_reads, "n_reads")
    n_sweeps = _checks.integer(n_sweeps, "n_sweeps")
    keep_all = _checks.boolean(keep_all, "keep_all")
    rng = _checks.generator(rng)
    _checks.memory(24 * len(nodes) * n_reads, f"{n_reads} reads of {len(nodes)} nodes")
    weight = weights(graph)
    bits = np.empty((n_reads, len(nodes)), dtype=np.int64)
    cuts = np.empty(n_reads)
    step = max(1, _TOGETHER // len(nodes))
    scaled = weight / (np.abs(weight).max() or 1.0)  # tiny weights would need infinite betas
    classes = _classes(graph, nodes, scaled)
    schedule = _schedule(scaled, n_sweeps)
    for k in range(0, n_reads, step):
        part = slice(k, min(k + step, n_reads))
        sides = _reads(classes, len(nodes), schedule, part.stop - part.start, rng)
        bits[part] = first_on_zero(sides.T > 0)
        cuts[part] = cut_of(weight, bits[part])
    if keep_all:
        return cuts, bits
    best = int(np.argmax(cuts))
    return float(cuts[best]), bits[best]


def _classes(graph: Any, nodes: list[Any], weight: Array) -> list[tuple[Array, Any]]:
    """Return sets of nodes without edges between them, each with its rows of weights."""
    colour = nx.greedy_color(nx.Graph(e for e in graph.edges() if e[0] != e[1]))
    of = np.array([colour.get(node, 0) for node in nodes])
    rows = weight if len(nodes) <= _DENSE else csr_array(weight)
    members = [np.flatnonzero(of == c) for c in range(of.max() + 1)]
    return [(m, rows[m]) for m in members if len(m)]


def _schedule(weight: Array, n_sweeps: int) -> Array:
    sizes = np.abs(weight)
    if not sizes.any():
        return np.full(n_sweeps, np.inf)
    small = max(sizes[sizes > 0].min(), _RANGE * sizes.max())
    hot, cold = np.log(2) / sizes.sum(axis=1).max(), np.log(100) / small
    return np.append(np.geomspace(hot, cold, max(1, n_sweeps - 1))[: n_sweeps - 1], np.inf)


def _reads(
    classes: list[tuple[Array, Any]], n: int, schedule: Array, n_reads: int,
    rng: np.random.Generator,
) -> Array:  # fmt: skip
    """Return spins of -1 and 1 at the end of each read, shape (n, n_reads)."""
    spins = 2.0 * rng.integers(0, 2, (n, n_reads)) - 1
    for beta in schedule:
        for members, rows in classes:
            gain = (rows @ spins) * spins[members]
            if np.isinf(beta):
                accept = gain > 0
            else:
                accept = rng.random(gain.shape) < np.exp(np.minimum(beta * gain, 0))
            spins[members] = np.where(accept, -spins[members], spins[members])
    return spins
