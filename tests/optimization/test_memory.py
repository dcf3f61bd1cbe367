"""Memory that is asked for before the work, against what the work then takes."""

import tracemalloc

import networkx as nx
import numpy as np
import pytest

from qmlcourse import _checks
from qmlcourse.optimization import (
    cut_values,
    goemans_williamson,
    qaoa_expectation,
    qaoa_state,
    simulated_annealing,
)

GRAPHS = {
    "empty": nx.empty_graph(100),
    "complete": nx.complete_graph(100),
    "cubic": nx.random_regular_graph(3, 100, seed=0),
    "large": nx.random_regular_graph(3, 1000, seed=0),
}


def annealing(graph, n_reads):
    return lambda: simulated_annealing(
        graph, n_reads=n_reads, rng=np.random.default_rng(0), n_sweeps=3
    )


def relaxation(n, n_cuts):
    graph = nx.random_regular_graph(3, n, seed=0)
    return lambda: goemans_williamson(graph, rng=np.random.default_rng(0), n_cuts=n_cuts)


def qaoa(function, values, layers, **options):
    return lambda: function(values, np.full(layers, 0.1), np.full(layers, 0.2), **options)


CALLS = {
    f"{reads} reads of a graph: {name}": annealing(graph, reads)
    for name, graph in GRAPHS.items()
    for reads in (1, 300, 40_000 if len(graph) == 100 else 2000)
} | {
    "20 nodes, many cuts": relaxation(20, 100_000),
    "20 nodes, fewer cuts": relaxation(20, 1000),
    "200 nodes": relaxation(200, 1),
    "200 nodes, many cuts": relaxation(200, 5000),
}
FOLDED, PLAIN = cut_values(nx.cycle_graph(17)), np.arange(2.0**16)
for kind, values in (("folded", FOLDED), ("plain", PLAIN), ("listed", PLAIN.tolist())):
    for p in (1, 3):
        CALLS[f"state, {kind}, p={p}"] = qaoa(qaoa_state, values, p)
        CALLS[f"mean, {kind}, p={p}"] = qaoa(qaoa_expectation, values, p)
        CALLS[f"slopes, {kind}, p={p}"] = qaoa(qaoa_expectation, values, p, gradient=True)
    CALLS[f"state, {kind}, p=0"] = qaoa(qaoa_state, values, 0)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_what_is_asked_for_is_taken_and_at_most_twice_as_much(call, monkeypatch):
    asked = []
    monkeypatch.setattr(_checks, "memory", lambda n_bytes, what: asked.append(n_bytes))
    call()  # what it keeps for the next time
    tracemalloc.start()
    try:
        call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= max(asked) <= 2 * peak
