"""The figure "mmd-bandwidth": what it computes against closed forms and samples, its controls."""

import numpy as np
import pytest
from figure import Figure, number

from qmlcourse.generative import mmd_squared


class MmdBandwidth(Figure):
    name, chapter = "mmd-bandwidth", "applications/generative"


@pytest.fixture(scope="module")
def opened(tab, base):
    return MmdBandwidth(tab, base)


def letter(sigma):
    return (1 - np.exp(-1 / (2 * sigma**2))) / 2


def test_start_is_the_chapters_example(figure):
    assert figure.said.startswith("12 bits, σ = 1: a word has 2.36 letters Z on average.")
    (found,) = figure.found(r"MMD² ([\d.e−]+\d), total variation 0.5")
    assert found == pytest.approx(letter(1) ** 12, rel=5e-3)


@pytest.mark.parametrize("bits", [4, 12])
def test_table_has_the_closed_form(figure, bits):
    figure.slide("Bits", figure.data["bits"].index(bits))
    rows = np.array([[number(cell) for cell in row] for row in figure.rows()])
    sigma, letters, squared, _ = rows.T
    np.testing.assert_allclose(letters, bits * letter(sigma), rtol=6e-3)
    np.testing.assert_allclose(squared, letter(sigma) ** bits, rtol=6e-3)


def test_so_many_samples_are_three_standard_deviations(figure):
    """Between sets of all strings the unbiased estimate scatters by a third of the signal."""
    bits, sigma = 4, 1.0
    needed = figure.js("m.samples(...a)", [sigma, bits])
    count, rng = round(needed), np.random.default_rng(0)
    found = [
        mmd_squared(*rng.integers(0, 2, (2, count, bits)), sigma=sigma, unbiased=True)
        for _ in range(300)
    ]
    assert np.std(found) * 3 == pytest.approx(letter(sigma) ** bits, rel=0.2)


def test_dot_follows_the_bandwidth_and_the_axis(figure):
    dot = figure.root.locator(".qml-figure-view g[aria-label=dot] circle")
    heights = []
    for step in (3, 8, 13):
        figure.slide("Bandwidth σ", step)
        heights.append(float(dot.get_attribute("cy")))
    assert heights == sorted(heights) and heights[0] < heights[-1]
    figure.put({"Vertical axis": "samples to see it"})
    low = float(dot.get_attribute("cy"))
    figure.slide("Bandwidth σ", 3)
    assert float(dot.get_attribute("cy")) > low
    assert figure.root.locator(".qml-figure-view g[aria-label=line] path").count() == 1
