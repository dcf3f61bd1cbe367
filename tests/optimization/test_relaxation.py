"""Goemans and Williamson's cut: known optima of the relaxation, and bounds that hold."""

import networkx as nx
import numpy as np
import pytest
from graphs import GRAPHS, brute_force, index

from qmlcourse.optimization import _relaxation, cut_values, goemans_williamson


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_cut_is_that_of_its_bits_and_below_the_bound(graph):
    values = brute_force(graph)
    cut, bits, bound = goemans_williamson(graph, rng=np.random.default_rng(0))
    assert (type(cut), type(bound), bits.dtype, bits[0]) == (float, float, np.int64, 0)
    assert cut == pytest.approx(values[index(bits)], abs=1e-12)
    assert values.max() <= bound + 1e-12


def test_bound_is_not_below_a_cut_by_rounding():
    graphs = [nx.Graph()]
    graphs[0].add_weighted_edges_from([(0, 1, 0.1), (1, 2, 0.2), (2, 3, 0.6)])
    rng = np.random.default_rng(0)
    for _ in range(60):  # trees: the bound is the sum of all edges
        graphs.append(nx.random_labeled_tree(7, seed=int(rng.integers(1000))))
        nx.set_edge_attributes(graphs[-1], {e: rng.random() for e in graphs[-1].edges}, "weight")
    for graph in graphs:
        cut, _, bound = goemans_williamson(graph, rng=rng)
        largest = max(cut, cut_values(graph).max(), brute_force(graph).max())
        assert largest <= bound <= largest * (1 + 1e-13)


def test_bound_is_0_where_nothing_adds_to_a_cut():
    graph = nx.path_graph(3)
    nx.set_edge_attributes(graph, -0.1, "weight")
    assert goemans_williamson(graph, rng=np.random.default_rng(0))[::2] == (0, 0)


def ring(n):
    """The relaxation of an odd ring: n (1 + cos(pi / n)) / 2."""
    return n * (1 + np.cos(np.pi / n)) / 2


EXACT = {
    "K3": (nx.complete_graph(3), 9 / 4),
    "K6": (nx.complete_graph(6), 9),  # n^2 / 4
    "K7": (nx.complete_graph(7), 49 / 4),
    "C5": (nx.cycle_graph(5), ring(5)),
    "C9": (nx.cycle_graph(9), ring(9)),
    "Petersen": (nx.petersen_graph(), 12.5),  # 10 times the Laplacian's largest eigenvalue, 5, / 4
    "bipartite": (nx.complete_bipartite_graph(3, 5), 15),
}


@pytest.mark.parametrize(("graph", "expected"), EXACT.values(), ids=EXACT)
def test_bound_is_the_relaxations_known_maximum(graph, expected):
    bound = goemans_williamson(graph, rng=np.random.default_rng(1))[2]
    assert expected - 1e-12 <= bound <= expected + 1e-5


def test_bound_holds_for_vectors_that_are_no_solution():
    graph = nx.random_regular_graph(3, 12, seed=4)
    weight, rng = nx.to_numpy_array(graph), np.random.default_rng(0)
    for _ in range(20):
        vectors = rng.normal(size=(12, 4))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        assert _relaxation._bound(weight, vectors) >= brute_force(graph).max()


def test_mean_cut_of_hyperplanes_is_the_formula_of_the_angles():
    """An edge is cut with probability angle / pi; in a solution of K3 all angles are 2 pi / 3."""
    cuts, bits, _ = goemans_williamson(
        nx.complete_graph(3), rng=np.random.default_rng(0), n_cuts=5000, keep_all=True
    )
    assert (cuts.shape, bits.shape) == ((5000,), (5000, 3))
    assert set(cuts) == {2.0}  # three angles of 120 degrees lie in a plane
    cuts = goemans_williamson(
        nx.cycle_graph(5), rng=np.random.default_rng(0), n_cuts=20_000, keep_all=True
    )[0]
    assert cuts.mean() == pytest.approx(5 * 0.8, abs=5 * cuts.std() / np.sqrt(20_000) + 1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_mean_cut_keeps_the_guarantee(seed):
    graph = nx.gnp_random_graph(14, 0.5, seed=seed)
    rng = np.random.default_rng(seed)
    for a, b in graph.edges:
        graph.edges[a, b]["weight"] = rng.exponential()
    cuts, _, bound = goemans_williamson(graph, rng=rng, n_cuts=2000, keep_all=True)
    best = brute_force(graph).max()
    assert cuts.mean() >= 0.878 * bound
    assert best - 1e-12 <= bound <= best / 0.878


@pytest.mark.parametrize("scale", [1e-310, 1e-200, 1e-3, 1e200])
def test_weights_may_have_any_scale(scale):
    graph = nx.petersen_graph()
    nx.set_edge_attributes(graph, scale, "weight")
    cut, _, bound = goemans_williamson(graph, rng=np.random.default_rng(0))
    assert cut / scale == pytest.approx(12)
    assert bound / scale == pytest.approx(12.5, abs=1e-5)


def test_same_generator_same_cut_and_a_number_must_be_one():
    graph = nx.petersen_graph()
    first, second = (goemans_williamson(graph, rng=np.random.default_rng(5)) for _ in range(2))
    assert first[0] == second[0] and first[1].tolist() == second[1].tolist()
    with pytest.raises(ValueError, match="n_cuts must be an integer at least 1"):
        goemans_williamson(graph, rng=np.random.default_rng(0), n_cuts=0)
    with pytest.raises(TypeError, match="rng must be a numpy"):
        goemans_williamson(graph, rng=0)
    with pytest.raises(TypeError, match="keep_all must be True or False"):
        goemans_williamson(graph, rng=np.random.default_rng(0), keep_all=1)
