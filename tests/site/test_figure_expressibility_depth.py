"""The figure "expressibility-depth": its numbers against its data and the exact null."""

import numpy as np
import pytest
from figure import Figure, number
from scipy.stats import binom

BINS = 75


class Depth(Figure):
    name, chapter = "expressibility-depth", "trainability/expressibility"


@pytest.fixture(scope="module")
def opened(tab, base):
    return Depth(tab, base)


def shown(figure):
    return [[row[0], *map(number, row[2:])] for row in figure.rows()[:-1]]


def test_the_null_is_the_exact_one(figure):
    n = figure.data["pairs"]
    haar = -np.diff((1 - np.linspace(0, 1, BINS + 1)) ** 15)
    np.testing.assert_allclose(figure.data["haar"], haar, rtol=6e-3, atol=1e-12)
    k = np.arange(1, n + 1)[:, None]
    exact = (binom.pmf(k, n, haar) * (k / n) * np.log(k / n / haar)).sum()
    mean, low, high = figure.data["null"]
    assert low < exact < high
    assert mean == pytest.approx(exact, rel=0.08)


def test_every_histogram_is_whole_and_gives_about_its_divergence(figure):
    haar = -np.diff((1 - np.linspace(0, 1, BINS + 1)) ** 15)
    for circuit in figure.data["circuits"].values():
        for counts, D in zip(circuit["counts"], circuit["D"], strict=True):
            assert sum(counts) == figure.data["pairs"]
            p = np.array(counts) / sum(counts)
            found = sum(a * np.log(a / b) for a, b in zip(p, haar, strict=False) if a)
            assert found == pytest.approx(D, rel=0.3, abs=0.006)


def test_two_circuits_are_shown_and_said(figure):
    first = figure.data["circuits"]["9"]
    rows = shown(figure)
    assert [r[0] for r in rows] == ["circuit 9"] * 5 + ["circuit 10"] * 5
    np.testing.assert_allclose([r[1] for r in rows[:5]], first["D"], rtol=6e-3)
    assert "With 1 layer, circuit 9 has a divergence of" in figure.said
    figure.put({"Circuit": "circuit 6", "Beside it": "no other"})
    figure.slide("Layers, for the fidelities", 4)
    assert [r[0] for r in shown(figure)] == ["circuit 6"] * 5
    assert "With 5 layers, circuit 6" in figure.said and "not to be told from Haar" in figure.said


def test_product_states_stay_away_from_haar(figure):
    figure.put({"Circuit": "circuit 1", "Beside it": "circuit 1"})
    rows = shown(figure)
    assert len(rows) == 5
    assert all(r[1] > 0.1 and r[4] == 0 for r in rows)
