"""The cut of every assignment of a graph's nodes. Public through optimization."""

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _checks
from .._typing import Array
from ._graph import sorted_nodes, weights

if TYPE_CHECKING:
    import networkx as nx


def cut_values(graph: "nx.Graph[Any]") -> Array:
    r"""Compute the cut of each of the :math:`2^n` assignments of n nodes to two sides.

    .. math:: C(b) = \sum_{(i,j)\in E} w_{ij}\, [b_i \ne b_j]

    The largest entry is the graph's maximum cut, found by trying all.

    Parameters
    ----------
    graph : networkx.Graph
        Undirected, with at least one node, and nodes that can be sorted. An edge's attribute
        ``weight`` is 1 where it is missing; it may be negative. Parallel edges add up, and an edge
        from a node to itself is never cut.

    Returns
    -------
    ndarray of float64, shape (2**n,)
        Entry b is the cut of the bits of b. Nodes are taken in sorted order: the first is qubit 0,
        the most significant bit. Flipping all bits changes nothing, so the array reads the same
        from both ends.

    Raises
    ------
    ValueError, TypeError
        If the graph is not as above, a weight is no finite real number, or the values don't fit
        into memory.

    Notes
    -----
    Node after node is put in front of those that are done, so the work is a few additions a
    value, whatever the number of edges. Source: arXiv:1411.4028. Used in the chapter
    *Optimisation*, ``applications/optimization``.

    Examples
    --------
    >>> import networkx as nx
    >>> cut_values(nx.path_graph(3))  # edges 0-1 and 1-2; entry 2 is 010
    array([0., 1., 2., 1., 1., 2., 1., 0.])
    """
    n = len(sorted_nodes(graph))
    _checks.memory(8 * 2 * 2 ** min(n, 2000), f"the cuts of {n} nodes")
    weight = weights(graph)
    values = np.zeros(2**n)
    across = np.zeros(max(1, 2 ** (n - 1)))
    for node in range(n - 1, -1, -1):
        # across: what a node on side 0 cuts, for all assignments of those behind it.
        size = 1
        across[0] = 0
        for w in weight[node, :node:-1]:
            np.add(across[:size], w, out=across[size : 2 * size])
            size *= 2
        values[:size] += across[:size]
        # With the node on the other side, it is the same cut with all flipped.
        values[size : 2 * size] = values[:size][::-1]
    return values
