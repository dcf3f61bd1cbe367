"""The figure "truncation-error": what it shows against its data, its controls."""

import numpy as np
import pandas as pd
import pytest
from figure import Figure, number, places, scale

KINDS = ["small", "uniform", "equal"]
FLOOR = 1e-6
COLUMNS = ["angles", "limit", "error", "low", "high", "words"]


class TruncationError(Figure):
    name, chapter = "truncation-error", "trainability/simulability"

    def __init__(self, page, base):
        super().__init__(page, base)
        self.data = pd.DataFrame(self.data)

    def table(self):
        table = pd.DataFrame(
            self.rows(), columns=["angles", "limit", "error", "low", "high", "words"]
        )
        for name in table.columns[1:]:
            table[name] = table[name].map(number)
        return table

    def shows(self, cut, layers, kinds=KINDS):
        part = self.data.query("cut == @cut and layers == @layers and angles in @kinds").copy()
        for name in ("error", "low", "high"):
            part[name] = part[name].clip(FLOOR)
        keys = ["angles", "limit"]
        found = self.table().set_index(keys).sort_index()
        wanted = part.set_index(keys).sort_index()
        assert len(found) == len(wanted) > 0
        for name in ("error", "low", "high", "words"):
            np.testing.assert_allclose(found[name], wanted[name], rtol=5.1e-3)
        return part


@pytest.fixture(scope="module")
def opened(tab, base):
    return TruncationError(tab, base)


def test_start_shows_thresholds_at_most_layers(figure):
    part = figure.shows("threshold", 6)
    assert "Error at 6 layers, as the threshold falls" in figure.said
    for kind in KINDS:
        line = part[part["angles"] == kind].sort_values("limit", ascending=False)["error"]
        said = figure.found(rf"{kind}: from ([\d.e−]+\d) to ([\d.e−]+\d)")
        assert said == pytest.approx(list(line.iloc[[0, -1]]), rel=0.051)


def test_layers_and_cut_are_chosen(figure):
    for k, layers in enumerate((2, 4, 6)):
        figure.slide("Layers", k)
        figure.shows("threshold", layers)
    figure.put({"What is cut": "heavy words"})
    figure.shows("weight", 6)
    assert "as the largest weight grows" in figure.said


def test_kinds_can_be_hidden(figure):
    figure.key("small angles", "Space")
    figure.shows("threshold", 6, KINDS[1:])
    figure.key("uniform angles", "Space")
    figure.key("equal angles", "Space")
    assert figure.said == "No angles are chosen."


def test_points_are_drawn_where_the_numbers_say(figure):
    table = figure.table()
    x, y = places(figure.root.locator(".qml-figure-view g[aria-label=dot] path")).T
    # A small threshold stands on the right, a large error above.
    assert scale(x, np.log(table["limit"])) < 0 and scale(y, np.log(table["error"])) < 0


def test_exact_where_a_weight_holds_all_words(figure):
    """Two layers reach five qubits: what weight 5 keeps is everything."""
    data = figure.data.query("cut == 'weight' and layers == 2 and limit == 5")
    assert len(data) == 3 and (data["error"] < 1e-12).all()
