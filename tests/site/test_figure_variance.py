"""The figure "variance": what it shows against its data and exact variances, its controls."""

import re

import numpy as np
import pandas as pd
import pytest
from figure import Figure, number, places, scale

COSTS = ["global", "local", "zz"]


class Variance(Figure):
    name, chapter = "variance", "trainability/barren_plateaus"

    def __init__(self, page, base):
        super().__init__(page, base)
        self.data = pd.DataFrame(self.data)
        self.layers = sorted(self.data["depth"].unique().tolist())
        self.qubits = sorted(self.data["n_qubits"].unique().tolist())

    def table(self):
        names = ["cost", "n_qubits", "depth", "value", "low", "high"]
        table = pd.DataFrame(self.rows(), columns=names)
        for name in names[1:]:
            table[name] = table[name].map(number)
        return table

    def shows(self, **fixed):
        """Whether the table holds exactly these rows of the data, in any order."""
        part = self.data
        for name, value in fixed.items():
            part = part[part[name].isin(np.atleast_1d(value))]
        keys = ["cost", "n_qubits", "depth"]
        found = self.table().set_index(keys).sort_index()
        wanted = part.set_index(keys).sort_index()
        assert len(found) == len(wanted) > 0
        for name in ("value", "low", "high"):
            np.testing.assert_allclose(found[name], wanted[name], rtol=5.1e-3)
        assert [tuple(map(str, i)) for i in found.index] == [
            tuple(map(str, (c, float(q), float(d)))) for c, q, d in wanted.index
        ]
        return wanted.reset_index()


@pytest.fixture(scope="module")
def opened(tab, base):
    return Variance(tab, base)


def factors(part, axis):
    """What the words should say of each cost: grows or falls, by which factor."""
    for cost, line in part.groupby("cost"):
        line = line.sort_values(axis)
        factor = line["value"].iloc[0] / line["value"].iloc[-1]
        yield cost, "falls" if factor >= 1 else "grows", max(factor, 1 / factor)


def test_deep_circuits_have_the_variance_of_random_unitaries(figure):
    deep = figure.data[(figure.data["depth"] == 64) & (figure.data["n_qubits"] <= 6)]
    assert len(deep) == 9
    for _, row in deep.iterrows():
        q, size = row["n_qubits"], 2.0 ** row["n_qubits"]
        exact = {
            "global": 1 / (3 * size * (size + 1)),
            "local": size / (12 * q * (size**2 - 1)),
            "zz": size / (3 * (size**2 - 1)),
        }[row["cost"]]
        assert 0.9 * row["low"] < exact < 1.1 * row["high"]


def test_start_shows_qubits_at_the_second_number_of_layers(figure):
    part = figure.shows(depth=figure.layers[1])
    assert f"At {figure.layers[1]} layers, from 2 to {figure.qubits[-1]} qubits" in figure.said
    for cost, word, factor in factors(part, "n_qubits"):
        said = figure.found(rf"{cost}: {word} by a factor of ([\d.e+]+\d)")
        assert said == pytest.approx([factor], rel=0.051)


def test_keys_choose_the_layers(figure):
    for k in (0, 3, len(figure.layers) - 1):
        figure.slide("Layers, where qubits vary", k)
        figure.shows(depth=figure.layers[k])
        text = figure.root.locator(".qml-figure-value").first.text_content()
        assert text == str(figure.layers[k])
        assert f"At {figure.layers[k]} layers" in figure.said
    # Beyond the end nothing moves.
    figure.key("Layers, where qubits vary", "ArrowRight")
    figure.shows(depth=figure.layers[-1])


def test_the_other_axis_has_the_other_slider(figure):
    layers = figure.control("Layers, where qubits vary")
    qubits = figure.control("Qubits, where layers vary")
    assert layers.is_enabled()
    assert qubits.is_disabled()
    figure.put({"Horizontal axis": "layers"})
    assert layers.is_disabled()
    assert qubits.is_enabled()
    for k in (0, len(figure.qubits) - 1):
        figure.slide("Qubits, where layers vary", k)
        part = figure.shows(n_qubits=figure.qubits[k])
        assert f"At {figure.qubits[k]} qubits, from 1 to {figure.layers[-1]} layers" in figure.said
        for cost, word, factor in factors(part, "depth"):
            said = figure.found(rf"{cost}: {word} by a factor of ([\d.e+]+\d)")
            assert said == pytest.approx([factor], rel=0.051)


def test_costs_can_be_hidden(figure):
    for k, cost in enumerate(COSTS[:-1]):
        figure.key(f"{cost} cost", "Space")
        figure.shows(depth=figure.layers[1], cost=COSTS[k + 1 :])
        assert f"{cost}:" not in figure.said
    figure.control("zz cost").click()
    figure.settle()
    assert figure.said == "No cost is chosen."
    assert figure.table().empty
    figure.key("local cost", "Space")
    figure.shows(depth=figure.layers[1], cost="local")


def points(figure):
    """The marks, in the order of the table."""
    return figure.root.locator(".qml-figure-view g[aria-label=dot] path")


def test_points_are_drawn_where_the_numbers_say(figure):
    table = figure.table()
    x, y = places(points(figure)).T
    # Larger is higher up.
    assert scale(x, table["n_qubits"]) > 0 > scale(y, np.log(table["value"]))
    assert len(set(x)) == len(figure.qubits)


def test_the_scale_stays_when_the_layers_change(figure):
    def line():
        return np.polyfit(np.log(figure.table()["value"]), places(points(figure))[:, 1], 1)

    before = line()
    figure.slide("Layers, where qubits vary", len(figure.layers) - 1)
    np.testing.assert_allclose(line(), before, atol=1.0)


def test_pointer_tells_the_point(figure):
    table = figure.table()
    for k in (1, len(table) - 2):
        points(figure).nth(k).hover(force=True)
        text = figure.root.locator(".qml-figure-view g[aria-label=tip]").text_content()
        row = table.iloc[k]
        assert f"{row['cost']} cost" in text
        assert f"{row['n_qubits']:.0f} qubits, {row['depth']:.0f} layers" in text
        values = re.search(r"layers(\S+) \((\S+) to (\S+)\)", text).groups()
        wanted = row[["value", "low", "high"]].to_numpy(dtype=float)
        np.testing.assert_allclose([number(v) for v in values], wanted, rtol=0.051)
