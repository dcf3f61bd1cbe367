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


def weights(graph: "nx.Graph[Any]") -> Array:
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
    pairs = ((a, b) for a in nodes for b in graph[a] if place[a] <= place[b])
    for one, other in pairs:
        edges = graph[one][other].values() if graph.is_multigraph() else [graph[one][other]]
        name = f"weight of the edge {_checks.shown((one, other))}"
        parallel = [_checks.real(edge.get("weight", 1.0), name) for edge in edges]
        total += sum(map(abs, parallel))
        # Half of what a float holds, so that sums of a few cuts fit too.
        if not math.isfinite(4 * total):
            raise ValueError("graph must have weights whose sum fits a float; got larger ones.")
        i, j = place[one], place[other]
        if i != j:
            result[i, j] = result[j, i] = math.fsum(parallel)
    return result


def largest(weight: Array) -> float:
    """Return the size of the largest weight, or 1 where there is none, to divide by."""
    return float(max(weight.max(), -weight.min())) or 1.0


def cut_of(weight: Array, bits: Array) -> Array:
    """Return the cut of bits, shape (..., n_nodes)."""
    sides = np.asarray(bits, dtype=np.float64)
    # Edges from side 1 to side 0, each once.
    return np.einsum("...i,...i->...", sides @ weight, 1 - sides)


def first_on_zero(bits: Array) -> Array:
    """Return bits with those rows flipped whose first is 1: the same cut, named in one way."""
    return (bits ^ bits[..., :1]).astype(np.int64)
