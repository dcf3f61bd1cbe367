"""Simulated annealing: its cuts, the law that a sweep leaves alone, and how reads are used."""

import networkx as nx
import numpy as np
import pytest
from graphs import GRAPHS, brute_force, index

from qmlcourse.optimization import _annealing, simulated_annealing
from qmlcourse.optimization._graph import weights


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_small_graphs_are_solved_and_cuts_are_those_of_the_bits(graph):
    values = brute_force(graph)
    cut, bits = simulated_annealing(graph, n_reads=50, rng=np.random.default_rng(0))
    assert (type(cut), bits.dtype, bits[0]) == (float, np.int64, 0)
    assert cut == pytest.approx(values.max(), abs=1e-12)
    cuts, bits = simulated_annealing(
        graph, n_reads=7, rng=np.random.default_rng(1), n_sweeps=2, keep_all=True
    )
    assert (cuts.shape, bits.shape) == ((7,), (7, len(graph)))
    np.testing.assert_allclose(cuts, [values[index(b)] for b in bits], atol=1e-12)


@pytest.mark.parametrize("beta", [0.3, 1.0])
def test_sweeps_at_one_temperature_sample_boltzmanns_law(beta):
    graph = GRAPHS["signed"]
    classes = _annealing._classes(weights(graph))
    beta *= np.abs(weights(graph)).max()  # classes have weights up to 1
    n, n_reads = len(graph), 20_000
    spins = _annealing._reads(classes, n, np.full(40, beta), n_reads, np.random.default_rng(0))
    places = (spins.T > 0) @ (2 ** np.arange(n - 1, -1, -1))
    found = np.bincount(places, minlength=2**n)
    law = np.exp(beta * brute_force(graph) / np.abs(weights(graph)).max())
    expected = n_reads * law / law.sum()
    chi_squared = ((found - expected) ** 2 / expected).sum()
    assert chi_squared < 2**n - 1 + 5 * np.sqrt(2 * 2**n)


def test_an_infinite_beta_only_climbs():
    graph = nx.random_regular_graph(3, 20, seed=1)
    cuts, bits = simulated_annealing(
        graph, n_reads=30, rng=np.random.default_rng(0), n_sweeps=200, keep_all=True
    )
    weight = nx.to_numpy_array(graph, nodelist=sorted(graph))
    for b, cut in zip(bits, cuts, strict=True):
        flipped = [np.where(np.arange(20) == k, 1 - b, b) for k in range(20)]
        assert all(f @ weight @ (1 - f) <= cut for f in flipped)


def test_a_sparse_and_a_dense_graph_go_the_same_way(monkeypatch):
    graph = nx.random_regular_graph(3, 30, seed=2)
    dense = simulated_annealing(graph, n_reads=5, rng=np.random.default_rng(0), keep_all=True)
    monkeypatch.setattr(_annealing, "_DENSE", 0)
    sparse = simulated_annealing(graph, n_reads=5, rng=np.random.default_rng(0), keep_all=True)
    np.testing.assert_array_equal(dense[1], sparse[1])


def test_parts_of_the_reads_are_as_good(monkeypatch):
    monkeypatch.setattr(_annealing, "_TOGETHER", 30)
    cuts, _ = simulated_annealing(
        nx.petersen_graph(), n_reads=11, rng=np.random.default_rng(0), keep_all=True
    )
    assert cuts.shape == (11,) and cuts.min() >= 10


@pytest.mark.parametrize("scale", [1e-310, 1e-250, 1e250])
def test_any_scale_and_widely_different_weights(scale):
    graph = nx.cycle_graph(6)
    nx.set_edge_attributes(graph, scale, "weight")
    cut = simulated_annealing(graph, n_reads=20, rng=np.random.default_rng(0))[0]
    assert cut / scale == pytest.approx(6)
    graph.edges[0, 1]["weight"] = scale * 1e-9
    cut = simulated_annealing(graph, n_reads=20, rng=np.random.default_rng(0))[0]
    assert cut / scale == pytest.approx(5)


@pytest.mark.parametrize("scale", [1e-310, 1e-3, 2.0**900])
def test_a_scale_leaves_every_read_as_it_is(scale):
    graph = nx.random_regular_graph(3, 20, seed=0)
    expected = simulated_annealing(
        graph, n_reads=50, rng=np.random.default_rng(0), n_sweeps=4, keep_all=True
    )
    nx.set_edge_attributes(graph, scale, "weight")
    cuts, bits = simulated_annealing(
        graph, n_reads=50, rng=np.random.default_rng(0), n_sweeps=4, keep_all=True
    )
    np.testing.assert_array_equal(bits, expected[1])
    np.testing.assert_allclose(cuts / scale, expected[0])


def test_reads_do_not_depend_on_the_order_in_which_nodes_came():
    graph = nx.random_regular_graph(3, 30, seed=5)
    other = nx.Graph()
    other.add_edges_from([edge[::-1] for edge in sorted(graph.edges)][::-1])
    first, second = (
        simulated_annealing(g, n_reads=9, rng=np.random.default_rng(0), n_sweeps=3, keep_all=True)
        for g in (graph, other)
    )
    np.testing.assert_array_equal(first[1], second[1])


def test_classes_part_the_nodes_and_hold_no_edge():
    weight = weights(nx.gnp_random_graph(40, 0.2, seed=0))
    members = [m for m, _ in _annealing._classes(weight)]
    assert sorted(np.concatenate(members)) == list(range(40))
    assert all(not weight[np.ix_(m, m)].any() for m in members)
    assert len(members) <= 1 + np.count_nonzero(weight, axis=1).max()


def test_betas_are_a_geometric_sequence_and_then_infinite():
    assert list(_annealing._betas(2.0, 9.0, 1)) == [np.inf]
    assert list(_annealing._betas(2.0, 9.0, 2)) == [2, np.inf]
    np.testing.assert_allclose(
        list(_annealing._betas(2.0, 9.0, 9)), [*np.geomspace(2, 9, 8), np.inf]
    )


@pytest.mark.parametrize("n_sweeps", [1, 2, 7])
def test_the_same_betas_given_by_hand_make_the_same_reads(n_sweeps):
    graph = nx.complete_graph(9)
    rng = np.random.default_rng(1)
    for edge in graph.edges:
        graph.edges[edge]["weight"] = rng.normal()
    betas = list(_annealing._betas(*_annealing._range(weights(graph)), n_sweeps))
    own, given = (
        simulated_annealing(
            graph, n_reads=20, rng=np.random.default_rng(0), keep_all=True, **options
        )
        for options in ({"n_sweeps": n_sweeps}, {"betas": betas})
    )
    np.testing.assert_array_equal(own[1], given[1])


def test_reads_of_many_sweeps_at_one_beta_follow_its_law():
    graph = nx.path_graph(3)
    graph.edges[0, 1]["weight"] = 4.0
    graph.edges[1, 2]["weight"] = -2.0
    cuts, _ = simulated_annealing(
        graph, n_reads=40_000, rng=np.random.default_rng(0), betas=[0.8] * 30, keep_all=True
    )
    levels = np.array([-2, 0, 2, 4])
    law = np.exp(0.8 * levels / 4)  # the largest weight counts as 1
    shares = [(cuts == level).mean() for level in levels]
    np.testing.assert_allclose(shares, law / law.sum(), atol=0.01)


@pytest.mark.parametrize("n_sweeps", [10**12, 10**30, 10**5000], ids=["12", "30", "5000"])
def test_any_number_of_sweeps_begins(n_sweeps):
    class Enough(Exception):
        pass

    class Counting(np.random.Generator):
        left = 6

        def random(self, *args):
            self.left -= 1
            if not self.left:
                raise Enough
            return super().random(*args)

    with pytest.raises(Enough):
        simulated_annealing(
            nx.path_graph(4), n_reads=2, rng=Counting(np.random.PCG64(0)), n_sweeps=n_sweeps
        )


def test_one_sweep_is_a_climb_and_more_are_better():
    graph = nx.random_regular_graph(3, 40, seed=3)
    means = [
        simulated_annealing(
            graph, n_reads=400, rng=np.random.default_rng(0), n_sweeps=sweeps, keep_all=True
        )[0].mean()
        for sweeps in (1, 10, 100)
    ]
    assert means[0] < means[1] - 1 < means[2] - 1.5


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_reads": 0}, ValueError, "n_reads must be an integer at least 1"),
        ({"n_reads": 2.0}, TypeError, "n_reads must be an integer"),
        ({"n_sweeps": 0}, ValueError, "n_sweeps must be an integer at least 1"),
        ({"betas": [1, -2]}, ValueError, "betas must not be negative; got -2"),
        ({"betas": []}, ValueError, "betas must not be empty"),
        ({"betas": [np.nan]}, ValueError, "betas must hold finite numbers; got NaN"),
        ({"betas": 1.0}, ValueError, "betas must be a 1-D array"),
        ({"betas": [1.0], "n_sweeps": 1}, ValueError, "n_sweeps can't be given beside betas"),
        ({"rng": None}, TypeError, "rng must be a numpy.random.Generator"),
        ({"keep_all": None}, TypeError, "keep_all must be True or False"),
        ({"n_reads": 2**60}, ValueError, "would need"),
    ],
)
def test_other_arguments_are_named(options, error, message):
    given = {"n_reads": 1, "rng": np.random.default_rng(0), **options}
    with pytest.raises(error, match=message):
        simulated_annealing(nx.cycle_graph(4), **given)
