"""The figure "kernel": its matrices against the package and PennyLane, its controls."""

import re

import numpy as np
import pennylane as qml
import pytest
from figure import Figure, places, scale
from sklearn.metrics.pairwise import euclidean_distances, rbf_kernel

from qmlcourse.kernels import concentration, kernel_matrix, target_alignment


class Kernel(Figure):
    name, chapter = "kernel", "kernels/when_kernels_help"

    @property
    def X(self):
        return np.array(self.data["samples"])

    def matrix(self, q, c):
        """The matrix of the data, for q qubits and bandwidth c."""
        i, j = self.data["qubits"].index(q), self.data["bandwidths"].index(c)
        n = len(self.X)
        K = np.eye(n)
        K[np.triu_indices(n, 1)] = self.data["entries"][i][j]
        return K + np.triu(K, 1).T

    def fills(self, which=0):
        """The colours of a heat map's cells, row by row."""
        return (
            self.root.locator(".qml-figure-pair figure")
            .nth(which)
            .locator("g[aria-label=rect] rect")
            .evaluate_all("cells => cells.map(c => c.getAttribute('fill'))")
        )


@pytest.fixture(scope="module")
def opened(tab, base):
    return Kernel(tab, base)


def statistics(K, labels):
    centre = np.eye(len(K)) - 1 / len(K)
    found = concentration(K)
    return [
        found.mean,
        found.variance**0.5,
        target_alignment(K, labels),
        target_alignment(centre @ K @ centre, labels),
        found.shots,
    ]


def test_entries_are_those_of_the_package_and_of_circuits(figure):
    upper = np.triu_indices(len(figure.X), 1)
    for q in figure.data["qubits"]:
        for c in figure.data["bandwidths"]:
            exact = kernel_matrix(figure.X[:, :q], n_repeats=2, bandwidth=c)
            # Three digits were kept.
            np.testing.assert_allclose(figure.matrix(q, c)[upper], exact[upper], rtol=5.1e-3)
    wires = range(4)

    @qml.qnode(qml.device("default.qubit", wires=wires))
    def overlap(a, b):
        qml.IQPEmbedding(b, wires=wires, n_repeats=2)
        qml.adjoint(qml.IQPEmbedding)(a, wires=wires, n_repeats=2)
        return qml.probs(wires=wires)

    for i, j in [(0, 1), (3, 20), (12, 23)]:
        by_circuit = overlap(0.7 * figure.X[i, :4], 0.7 * figure.X[j, :4])[0]
        assert figure.matrix(4, 0.7)[i, j] == pytest.approx(by_circuit, rel=5.1e-3)


def test_classes_are_sorted_and_of_equal_size(figure):
    n = len(figure.X)
    assert figure.data["labels"] == [0] * (n // 2) + [1] * (n // 2)


def test_statistics_are_those_of_the_package(figure):
    labels = figure.data["labels"]
    for q, c in [(2, 0.05), (6, 0.5), (12, 2.0)]:
        K = figure.matrix(q, c)
        upper = K[np.triu_indices(len(K), 1)].tolist()
        call = """(() => {
            const K = m.matrix(a.upper, a.n), c = m.concentration(a.upper);
            return [K, [c.mean, c.deviation, m.alignment(K, a.labels),
                        m.alignment(m.centred(K), a.labels), c.shots]];
        })()"""
        made, found = figure.js(call, {"upper": upper, "n": len(K), "labels": labels})
        np.testing.assert_array_equal(made, K)
        np.testing.assert_allclose(found, statistics(K, labels), rtol=1e-9)


def test_equal_entries_need_no_division_by_zero(figure):
    assert figure.js("m.concentration([1, 1, 1]).shots") is None


def test_squared_distances(figure):
    for q in (2, 12):
        found = figure.js("m.distances(a[0], a[1])", [figure.data["samples"], q])
        exact = euclidean_distances(figure.X[:, :q], squared=True)
        upper = np.triu_indices(len(figure.X), 1)
        np.testing.assert_allclose(found, exact[upper], rtol=1e-9, atol=1e-12)


def test_measured_entries_are_binomial(figure):
    shots, k = 10, [0.0, 0.02, 0.3, 0.9, 1.0]
    call = "Array.from({length: 3000}, (_, s) => m.measured(a, 10, s + 1))"
    drawn = np.array(figure.js(call, k))
    np.testing.assert_allclose(drawn * shots, np.round(drawn * shots), atol=1e-12)
    assert (drawn[:, 0] == 0).all()
    assert (drawn[:, -1] == 1).all()
    k = np.array(k[1:-1])
    variance = k * (1 - k) / shots
    off = drawn[:, 1:-1].mean(axis=0) - k
    assert (np.abs(off) < 5 * np.sqrt(variance / len(drawn))).all()
    np.testing.assert_allclose(drawn[:, 1:-1].var(axis=0), variance, rtol=0.2)
    np.testing.assert_allclose((drawn[:, 1] == 0).mean(), 0.98**shots, atol=0.04)


@pytest.mark.parametrize("peer", ["median distance", "same bandwidth, γ = c²/4"])
def test_keys_choose_the_matrix_that_is_shown(figure, peer):
    figure.put({"RBF width": peer})
    for i, j in [(0, 7), (3, 1)]:
        figure.slide("Qubits, one a feature", i)
        figure.slide("Bandwidth", j)
        q, c = figure.data["qubits"][i], figure.data["bandwidths"][j]
        K = figure.matrix(q, c)
        squared = euclidean_distances(figure.X[:, :q], squared=True)
        median = np.median(squared[np.triu_indices(len(squared), 1)])
        R = rbf_kernel(figure.X[:, :q], gamma=1 / median if "median" in peer else c**2 / 4)
        rows = figure.table()
        for name, M in {"quantum": K, "RBF": R}.items():
            exact = statistics(M, figure.data["labels"])
            np.testing.assert_allclose(rows[name], exact, rtol=5.1e-3)
        for which, M in enumerate((K, R)):
            colours = figure.page.evaluate(
                "v => v.map(x => d3.rgb(d3.interpolateCividis(x)).toString())", M.ravel().tolist()
            )
            shown = figure.page.evaluate(
                "v => v.map(x => d3.rgb(x).toString())", figure.fills(which)
            )
            assert shown == colours
        assert f"{q} qubits, bandwidth {c:g}, exact" in figure.said


def test_table_covers_all_bandwidths(figure):
    figure.slide("Qubits, one a feature", 3)
    rows = figure.table()
    for c in figure.data["bandwidths"]:
        K = figure.matrix(figure.data["qubits"][3], c)
        exact = statistics(K, figure.data["labels"])
        np.testing.assert_allclose(rows[f"exact, c = {c:g}"], exact, rtol=5.1e-3)


def test_both_ends_of_the_squeeze(figure):
    last = len(figure.data["qubits"]) - 1
    figure.slide("Bandwidth", 0)
    for i in (0, last):
        figure.slide("Qubits, one a feature", i)
        assert figure.said.startswith("Nearly all ones")
    figure.slide("Bandwidth", len(figure.data["bandwidths"]) - 1)
    assert figure.said.startswith("Nearly the identity")
    figure.slide("Qubits, one a feature", 0)
    assert figure.said.startswith("Entries differ")


def test_shots_add_noise_and_can_be_drawn_again(figure):
    assert figure.button("Measure again").is_disabled()
    figure.slide("Qubits, one a feature", len(figure.data["qubits"]) - 1)
    figure.slide("Bandwidth", len(figure.data["bandwidths"]) - 1)
    exact = figure.table()
    upper = figure.data["entries"][-1][-1]
    seen = []
    figure.put({"Shots per entry": "10"})
    for seed in (1, 2):
        drawn = np.array(figure.js(f"m.measured(a, 10, {seed})", upper))
        rows = figure.table()
        assert rows["quantum"][0] == pytest.approx(drawn.mean(), rel=5.1e-3)
        assert rows["RBF"] == exact["RBF"]
        share = re.search(r"(\d+)% of the entries were never seen", figure.said)[1]
        assert int(share) == np.floor(100 * (drawn == 0).mean() + 0.5)
        seen.append(figure.fills())
        figure.press("Measure again")
    assert seen[0] != seen[1]
    # What tells the entries apart is a property of the exact ones.
    needed = re.search(r"It takes ([\d.]+) shots", figure.said)[1]
    assert float(needed) == pytest.approx(exact["quantum"][-1], rel=0.05)
    figure.put({"Shots per entry": "exact"})
    assert figure.table() == exact


def test_pointer_names_the_cell(figure):
    figure.slide("Qubits, one a feature", 1)
    figure.slide("Bandwidth", 4)
    K = figure.matrix(figure.data["qubits"][1], figure.data["bandwidths"][4])
    n = len(K)
    picture = figure.root.locator(".qml-figure-pair figure").first
    for i, j in [(2, 20), (15, 15)]:
        picture.locator("g[aria-label=rect] rect").nth(n * i + j).hover()
        text = picture.locator("g[aria-label=tip]").text_content()
        assert f"row: sample {i + 1}, a {'38'[i >= n // 2]}" in text
        assert f"column: sample {j + 1}, a {'38'[j >= n // 2]}" in text
        assert text.endswith(f"{K[i, j]:.3g}")


def test_needed_shots_are_drawn_where_the_table_has_them(figure):
    figure.slide("Qubits, one a feature", 2)
    figure.slide("Bandwidth", 3)
    picture = figure.root.locator(".qml-figure-pair figure").nth(3)
    points = places(picture.locator("g[aria-label=dot] path"))
    heights = points[points[:, 0].argsort(), 1]  # by bandwidth
    shots = [figure.table()[f"exact, c = {c:g}"][-1] for c in figure.data["bandwidths"]]
    # The axis is logarithmic: heights lie on a line against the logarithms.
    assert scale(heights, np.log(shots)) < 0
