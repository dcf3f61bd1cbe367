"""The figure "shadow-error": what it shows against its data, its controls."""

import numpy as np
import pandas as pd
import pytest
from figure import Figure, number, places, scale

COLUMNS = ["words", "shots", "error", "theory"]
NAMES = {1: "1 letter", 2: "2 letters", 3: "3 letters", 4: "4 letters"}


class ShadowError(Figure):
    name, chapter = "shadow-error", "applications/quantum_data"

    def __init__(self, page, base):
        super().__init__(page, base)
        self.groups = self.data.pop("groups")
        self.data = pd.DataFrame(self.data)

    def table(self):
        table = pd.DataFrame(self.rows(), columns=COLUMNS)
        for name in COLUMNS[1:]:
            table[name] = table[name].map(number)
        return table

    def shows(self, kind, weights=(1, 2, 3, 4)):
        part = self.data[self.data["weight"].isin(weights)].sort_values(["weight", "shots"])
        found = self.table()
        assert list(found["words"]) == [NAMES[w] for w in part["weight"]]
        assert list(found["shots"]) == list(part["shots"])
        np.testing.assert_allclose(found["error"], part[kind], rtol=5.1e-3)
        np.testing.assert_allclose(found["theory"], part["theory"], rtol=5.1e-3)
        return part


@pytest.fixture(scope="module")
def opened(tab, base):
    return ShadowError(tab, base)


def test_start_shows_the_mean(figure):
    part = figure.shows("mean")
    assert "Error of the mean from 30 to 1000 measurements" in figure.said
    for weight, name in NAMES.items():
        line = part[part["weight"] == weight]["mean"]
        said = figure.found(rf"{name}: from ([\d.e−]+\d) to ([\d.e−]+\d)")
        assert said == pytest.approx(list(line.iloc[[0, -1]]), rel=0.051)


def test_the_median_can_be_chosen(figure):
    figure.put({"Estimate": f"the median of {figure.groups} means"})
    figure.shows("median")
    assert f"Error of the median of {figure.groups} means" in figure.said


def test_words_can_be_hidden(figure):
    figure.key("Words of 1 letter", "Space")
    figure.shows("mean", (2, 3, 4))
    for w in (2, 3, 4):
        figure.key(f"Words of {NAMES[w]}", "Space")
    assert figure.said == "No words are chosen."


def test_points_are_drawn_where_the_numbers_say(figure):
    table = figure.table()
    x, y = places(figure.root.locator(".qml-figure-view g[aria-label=dot] path")).T
    assert scale(x, np.log(table["shots"])) > 0 > scale(y, np.log(table["error"]))


def test_the_data_follow_the_theory(figure):
    """Four letters cost the root of three more than three, and the error falls with the root."""
    theory = figure.data.pivot(index="shots", columns="weight", values="theory")
    np.testing.assert_allclose(theory[4] / theory[3], 3**0.5, rtol=0.02)
    np.testing.assert_allclose(theory.loc[30] / theory.loc[300], 10**0.5, rtol=2e-3)
    np.testing.assert_allclose(figure.data["mean"], figure.data["theory"], rtol=0.15)
