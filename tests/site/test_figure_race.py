"""The figure "race": dots, mean, interval and verdict against the page's data."""

import numpy as np
import pytest
from figure import Figure, number, places
from scipy import stats

WINS = {1: "The quantum kernel wins", -1: "The RBF kernel wins", 0: "Neither wins for certain"}


class Race(Figure):
    name, chapter = "race", "intro"

    def __init__(self, page, base):
        super().__init__(page, base)
        self.accuracy = np.array(self.data["accuracy"])

    def cells(self, kind, size, width):
        """The accuracies of both kernels that a setting is about; width 0 is tuned."""
        cells = self.accuracy[kind, :, size]
        return cells[:, 1 + width], cells[:, 0]

    def set(self, kind, size, width):
        self.control("Data").select_option(index=kind)
        self.slide("Training samples", size)
        self.slide("Bandwidth", width)


@pytest.fixture(scope="module")
def opened(tab, base):
    return Race(tab, base)


def expected(quantum, rbf):
    """Mean difference with its 95% interval in points, and who wins by it."""
    d = 100 * (quantum - rbf)
    low, high = stats.t.interval(0.95, len(d) - 1, d.mean(), stats.sem(d))
    return d, d.mean(), low, high, int(low > 0) - int(high < 0)


def check(figure, kind, size, width):
    quantum, rbf = figure.cells(kind, size, width)
    d, mean, low, high, winner = expected(quantum, rbf)
    said = figure.found(r"is ([\d.−]+) points .* interval from ([\d.−]+) to ([\d.−]+)\.")
    np.testing.assert_allclose(said, [mean, low, high], atol=0.051)
    assert figure.said.startswith(WINS[winner])
    assert ("made these labels" in figure.said) == (kind == 2)
    rows = figure.rows()
    shown = np.array([[number(v.rstrip("%")) for v in row[1:]] for row in rows[:-2]])
    np.testing.assert_allclose(shown, 100 * np.stack([quantum, rbf, quantum - rbf], 1), atol=0.051)
    assert [row[0] for row in rows[-2:]] == ["mean", "95% interval"]
    # The dots stand where the differences are, on one scale for all settings.
    dots = places(figure.root.locator("svg [aria-label=dot] path"))[:, 0]
    scale = np.polyfit(np.append(d, mean), sorted_like(dots, np.append(d, mean)), 1)
    return winner, scale


def sorted_like(dots, values):
    """Return the places in the order of the values: Plot draws the marks in another one."""
    found = np.empty(len(values))
    found[np.argsort(values, kind="stable")] = np.sort(dots)
    return found


def test_it_begins_as_the_still_figure_shows_it(figure):
    assert figure.control("Data").evaluate("c => c.selectedOptions[0].text") == "two curves"
    sizes = figure.data["sizes"]
    assert figure.control("Training samples").get_attribute("aria-valuetext") == str(sizes[-1])
    assert figure.control("Bandwidth").get_attribute("aria-valuetext") == "tuned"
    check(figure, 0, len(sizes) - 1, 0)


def test_every_setting_says_what_was_measured(figure):
    winners, scales = set(), []
    widths = len(figure.data["bandwidths"])
    for kind in range(3):
        for size in (0, len(figure.data["sizes"]) - 1):
            for width in (0, 1, widths):
                figure.set(kind, size, width)
                winner, scale = check(figure, kind, size, width)
                winners.add(winner)
                scales.append(scale)
    assert winners == {-1, 0, 1}
    # One scale, and the dots lie on it.
    assert np.ptp(scales, axis=0)[0] < 0.02 and np.ptp(scales, axis=0)[1] < 0.5


def test_the_quantum_kernel_wins_on_its_own_labels_and_the_page_says_so(figure):
    figure.set(2, len(figure.data["sizes"]) - 1, 0)
    assert figure.said.startswith(WINS[1])
    assert "Its own kind of function made these labels" in figure.said


def test_the_first_screen_of_a_phone_has_the_abilities_and_the_picture(base, browser):
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto(base + "book/intro.html")
        page.wait_for_selector("[data-figure][data-state=ready]")
        items = page.locator("article ul").first.locator("li")
        assert 3 <= items.count() <= 5
        for item in items.all():
            assert item.bounding_box()["y"] < 844 / 2
        view = page.locator(".qml-figure-view").bounding_box()
        assert view["y"] + view["height"] <= 844
        # Nothing stands between the words and the picture but its controls.
        code = page.locator("details:has(> summary:has-text('code cell'))").first.bounding_box()
        assert code["y"] > view["y"]
