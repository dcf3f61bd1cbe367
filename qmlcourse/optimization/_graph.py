"""What a graph means here: its nodes in order, and a matrix of weights."""

import math
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np

from .. import _checks
from .._typing import Array


def sorted_nodes(graph: object) -> list[Any]:
    """Return the nodes of an undirected graph in sorted order."""
    if not isinstance(graph, nx.Graph):
        raise TypeError(f"graph must be a networkx.Graph; got {_checks.shown(graph)}.")
    if graph.is_directed():
        raise ValueError(
            "graph must be undirected; got a directed one: pass graph.to_undirected(), if an edge "
            "counts once whichever way it points."
        )
    if not len(graph):
        raise ValueError("graph must have at least one node; got none.")
    try:
        nodes = sorted(graph)
        ordered = all(a < b for a, b in pairwise(nodes))
    except TypeError:
        ordered = False
    if not ordered:
        raise TypeError(
            "graph must have nodes that can be sorted, as all integers or all texts; got "
            f"{_checks.shown(list(graph)[:5])}."
        )
    return nodes


def weights(graph: object) -> Array:
    """Return the symmetric matrix of weights, nodes in sorted order, and 0 on the diagonal.

    An edge without the attribute ``weight`` counts 1, parallel ones add up, and an edge from a
    node to itself is never cut.
    """
    nodes = sorted_nodes(graph)
    n = len(nodes)
    _checks.memory(8 * 2 * n * n, f"the weights between {n} nodes")
    place = {node: k for k, node in enumerate(nodes)}
    result = np.zeros((n, n))
    total = 0.0
    for a, b, weight in graph.edges(data="weight", default=1.0):  # type: ignore[attr-defined]
        w = _checks.real(weight, f"weight of the edge {_checks.shown((a, b))}")
        total += abs(w)
        if a != b:
            result[place[a], place[b]] += w
            result[place[b], place[a]] += w
    # Half of what a float holds, so that sums of a few cuts fit too.
    if not math.isfinite(4 * total):
        raise ValueError("graph must have weights whose sum fits a float; got larger ones.")
    return result


def cut_of(weight: Array, bits: Array) -> Array:
    """Return the cut of bits, shape (..., n_nodes)."""
    sides = np.asarray(bits, dtype=np.float64)
    # Edges from side 1 to side 0, each once.
    return np.einsum("...i,...i->...", sides @ weight, 1 - sides)


def first_on_zero(bits: Array) -> Array:
    """Return bits with those rows flipped whose first is 1: the same cut, named in one way."""
    return (bits ^ bits[..., :1]).astype(np.int64)
