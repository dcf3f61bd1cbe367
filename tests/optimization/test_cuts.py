"""Cuts of all assignments against the definition, and graphs that are none."""

import networkx as nx
import numpy as np
import pytest
from graphs import GRAPHS, brute_force

from qmlcourse import _checks
from qmlcourse.optimization import cut_values, goemans_williamson, simulated_annealing

CALLS = {
    "cut_values": cut_values,
    "goemans_williamson": lambda g: goemans_williamson(g, rng=np.random.default_rng(0)),
    "simulated_annealing": lambda g: simulated_annealing(
        g, n_reads=2, rng=np.random.default_rng(0)
    ),
}
by_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_every_assignment_has_its_cut(graph):
    values = cut_values(graph)
    assert values.dtype == np.float64
    np.testing.assert_allclose(values, brute_force(graph), atol=1e-14)
    np.testing.assert_array_equal(values, values[::-1])


@pytest.mark.parametrize("n", range(1, 9))
def test_complete_graph_counts_pairs(n):
    ones = np.bitwise_count(np.arange(2**n))
    np.testing.assert_array_equal(cut_values(nx.complete_graph(n)), ones * (n - ones.astype(int)))


def test_first_sorted_node_is_the_most_significant_bit():
    graph = nx.Graph([("c", "b")])
    graph.add_node("a")
    # a, b, c: only b and c are joined, so a's bit changes nothing.
    assert cut_values(graph).tolist() == [0, 1, 1, 0, 0, 1, 1, 0]


def test_parallel_edges_add_up_and_loops_are_never_cut():
    graph = nx.MultiGraph()
    graph.add_edge(0, 1, weight=2)
    graph.add_edge(1, 0, weight=np.float32(0.5))
    graph.add_edge(1, 1, weight=7)
    assert cut_values(graph).tolist() == [0, 2.5, 2.5, 0]
    for call in list(CALLS.values())[1:]:
        assert call(graph)[0] == 2.5


def test_parallel_edges_are_summed_exactly():
    graph = nx.MultiGraph()
    for weight in (1e17, 1, -1e17):
        graph.add_edge(0, 1, weight=weight)
    assert cut_values(graph).tolist() == [0, 1, 1, 0]


def test_graph_is_not_changed():
    graph = nx.freeze(nx.cycle_graph(4))
    before = nx.to_dict_of_dicts(graph)
    for call in CALLS.values():
        call(graph)
    assert nx.to_dict_of_dicts(graph) == before


def weighted(weight):
    graph = nx.path_graph(3)
    graph.add_edge(0, 1, weight=weight)
    return graph


BAD = {
    "a matrix": (np.eye(3), TypeError, "graph must be a networkx.Graph"),
    "directed": (nx.DiGraph([(0, 1)]), ValueError, "undirected"),
    "empty": (nx.Graph(), ValueError, "at least one node; got none"),
    "mixed names": (nx.Graph([(0, "a")]), TypeError, "can be sorted"),
    "sets as names": (nx.Graph([(frozenset("a"), frozenset("b"))]), TypeError, "can be sorted"),
    "NaN": (weighted(np.nan), ValueError, r"weight of the edge \(0, 1\) must be a finite number"),
    "infinite": (weighted(-np.inf), ValueError, "weight of the edge"),
    "text": (weighted("1"), TypeError, "weight of the edge"),
    "no number": (weighted(None), TypeError, "weight of the edge"),
    "complex": (weighted(1j), TypeError, "weight of the edge"),
    "huge in parallel": (
        nx.MultiGraph([(0, 1, {"weight": 1e308})] * 3),
        ValueError,
        "fits a float",
    ),
    "huge": (weighted(1e308), ValueError, "sum fits a float"),
}


@by_call
@pytest.mark.parametrize(("graph", "error", "message"), BAD.values(), ids=BAD)
def test_other_graphs_are_refused(call, graph, error, message):
    with pytest.raises(error, match=message):
        call(graph)


@pytest.mark.parametrize("n", [60, 5000])
def test_memory_is_asked_for_first(n):
    with pytest.raises(ValueError, match=f"the cuts of {n} nodes would need"):
        cut_values(nx.empty_graph(n))


def test_reads_and_vectors_ask_for_memory_first(monkeypatch):
    class Memory:
        available = 1000

    monkeypatch.setattr(_checks.psutil, "virtual_memory", Memory)
    for call in list(CALLS.values())[1:]:
        with pytest.raises(ValueError, match="would need"):
            call(nx.cycle_graph(40))


@pytest.mark.parametrize(
    "call",
    [
        lambda rng, n: simulated_annealing(nx.path_graph(3), n_reads=n, rng=rng),
        lambda rng, n: goemans_williamson(nx.path_graph(3), n_cuts=n, rng=rng),
    ],
)
def test_numbers_that_python_does_not_print_are_too_many(call):
    with pytest.raises(ValueError, match="integer of more than 4300 digits on 3 nodes would need"):
        call(np.random.default_rng(0), 10**5000)


def test_best_bits_keep_nothing_else_alive():
    for call in list(CALLS.values())[1:]:
        assert call(nx.path_graph(3))[1].base is None
