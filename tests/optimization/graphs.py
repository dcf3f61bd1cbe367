"""Graphs and plain definitions that the tests of this topic share."""

import networkx as nx
import numpy as np


def signed_graph():
    """Ten edges with weights of both signs, nodes named by texts in another order."""
    rng = np.random.default_rng(3)
    graph = nx.Graph()
    for a, b in ("ge", "ea", "cb", "ac", "fd", "db", "gf", "ag", "bf", "ed"):
        graph.add_edge(a, b, weight=float(rng.normal()))
    return graph


GRAPHS = {
    "one node": nx.empty_graph(1),
    "one edge": nx.path_graph(2),
    "no edge": nx.empty_graph(3),
    "triangle": nx.complete_graph(3),
    "two parts": nx.disjoint_union(nx.cycle_graph(5), nx.complete_graph(4)),
    "petersen": nx.petersen_graph(),
    "signed": signed_graph(),
}


def brute_force(graph):
    """Return the cut of all assignments, edge by edge."""
    nodes = sorted(graph)
    bits = np.arange(2 ** len(nodes))[:, None] >> np.arange(len(nodes) - 1, -1, -1) & 1
    values = np.zeros(len(bits))
    for a, b, w in graph.edges(data="weight", default=1):
        values += w * (bits[:, nodes.index(a)] != bits[:, nodes.index(b)])
    return values


def index(bits):
    """Return the place of bits in an array over all assignments."""
    return int("".join(map(str, bits)), 2)
