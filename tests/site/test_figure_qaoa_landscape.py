"""The figure "qaoa-landscape": its states against the package, its controls."""

import networkx as nx
import numpy as np
import pytest
from figure import Figure

from qmlcourse.optimization import cut_values, qaoa_expectation, qaoa_state


class Landscape(Figure):
    name, chapter = "qaoa-landscape", "applications/optimization"

    def __init__(self, page, base):
        super().__init__(page, base)
        self.graph = nx.Graph(self.data["edges"])
        self.values = cut_values(self.graph)


@pytest.fixture(scope="module")
def opened(tab, base):
    return Landscape(tab, base)


def test_data_are_the_packages(figure):
    data = figure.data
    assert len(figure.graph) == data["nodes"] == 8
    for i, j in [(0, 0), (3, 8), (20, 30)]:
        expected = qaoa_expectation(figure.values, [data["gammas"][j]], [data["betas"][i]])
        assert data["mean"][i][j] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("gamma", "beta"), [(0.0, 0.0), (0.62, 0.39), (2.3, 1.1)])
def test_state_in_the_browser_is_the_packages(figure, gamma, beta):
    edges = [list(map(int, e)) for e in figure.data["edges"]]
    found = figure.js(
        "(() => { const c = m.cuts(a[0], 8); return [c, m.probabilities(c, a[1], a[2])]; })()",
        [edges, gamma, beta],
    )
    np.testing.assert_array_equal(found[0], figure.values)
    expected = np.abs(qaoa_state(figure.values, [gamma], [beta])) ** 2
    np.testing.assert_allclose(found[1], expected, atol=1e-12)


@pytest.mark.parametrize(("gamma", "beta"), [(0.62, 0.39), (0.0, 0.4), (1.2, 1.0)])
def test_sentence_and_table_follow_the_controls(figure, gamma, beta):
    figure.put({"γ": gamma, "β": beta})
    mean, share, chance = figure.found(
        r"Mean cut ([\d.]+) of 12 edges, a share of ([\d.]+);.* 12, with probability ([\d.e−]+)\."
    )
    expected = qaoa_expectation(figure.values, [gamma], [beta])
    assert mean == pytest.approx(expected, rel=0.01)
    assert share == pytest.approx(expected / 12, rel=0.01)
    probabilities = np.abs(qaoa_state(figure.values, [gamma], [beta])) ** 2
    assert chance == pytest.approx(probabilities[figure.values == 12].sum(), rel=0.06)
    table = figure.table()
    assert len(table) == 13
    assert sum(row[0] for row in table.values()) == pytest.approx(1, abs=0.01)
    assert not figure.errors
