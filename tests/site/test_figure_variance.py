"""The figure "variance": what it shows against its data and exact variances, its controls."""

import json
import re

import numpy as np
import pandas as pd
import pytest

PAGE = "book/trainability/barren_plateaus.html"
READ = "root => [...root.querySelectorAll('input, select')].map(c => [c.value, c.checked])"
RESET = """(root, start) => [...root.querySelectorAll('input, select')].forEach((c, i) => {
    [c.value, c.checked] = start[i];
    c.dispatchEvent(new Event(c.type === 'range' ? 'input' : 'change'));
})"""
COSTS = ["global", "local", "zz"]


def number(text):
    return float(text.strip("\N{ZERO WIDTH SPACE}").replace("\N{MINUS SIGN}", "-"))


class Figure:
    def __init__(self, page, base):
        self.page, self.errors = page, []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(base + PAGE, wait_until="domcontentloaded")
        self.root = page.locator("[data-figure=variance]")
        self.root.scroll_into_view_if_needed()
        page.wait_for_selector("[data-figure=variance][data-state=ready]")
        self.data = pd.DataFrame(json.loads(self.root.locator("script").text_content()))
        self.layers = sorted(self.data["depth"].unique().tolist())
        self.qubits = sorted(self.data["n_qubits"].unique().tolist())
        self.root.locator("summary").click()
        self.start = self.root.evaluate(READ)

    def control(self, label):
        return self.root.get_by_label(label)

    def slide(self, label, index):
        control = self.control(label)
        control.press("Home")
        for _ in range(index):
            control.press("ArrowRight")
        self.settle()

    def reset(self):
        self.page.mouse.move(0, 0)
        self.root.evaluate(RESET, self.start)
        self.settle()

    def settle(self):
        self.page.evaluate("() => new Promise(r => requestAnimationFrame(() => setTimeout(r, 0)))")

    @property
    def said(self):
        return self.root.locator("output").text_content()

    def table(self):
        rows = self.root.locator("tbody tr").evaluate_all(
            "rows => rows.map(r => [...r.children].map(c => c.textContent))"
        )
        names = ["cost", "n_qubits", "depth", "value", "low", "high"]
        table = pd.DataFrame(rows, columns=names)
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
def opened(browser, base):
    """The page, opened once: loading it takes longer than any test."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        yield Figure(context.new_page(), base)


@pytest.fixture
def figure(opened):
    """The figure with all its controls as they were at first."""
    opened.reset()
    yield opened
    assert not opened.errors


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
        said = re.search(rf"{cost}: {word} by a factor of ([\d.e+]+\d)", figure.said)
        assert float(said[1]) == pytest.approx(factor, rel=0.051)


def test_keys_choose_the_layers(figure):
    for k in (0, 3, len(figure.layers) - 1):
        figure.slide("Layers, where qubits vary", k)
        figure.shows(depth=figure.layers[k])
        text = figure.root.locator(".qml-figure-value").first.text_content()
        assert text == str(figure.layers[k])
        assert f"At {figure.layers[k]} layers" in figure.said
    # Beyond the end nothing moves.
    figure.control("Layers, where qubits vary").press("ArrowRight")
    figure.settle()
    figure.shows(depth=figure.layers[-1])


def test_the_other_axis_has_the_other_slider(figure):
    layers, qubits = figure.control("Layers, where"), figure.control("Qubits, where")
    assert layers.is_enabled()
    assert qubits.is_disabled()
    figure.control("Horizontal axis").select_option(label="layers")
    figure.settle()
    assert layers.is_disabled()
    assert qubits.is_enabled()
    for k in (0, len(figure.qubits) - 1):
        figure.slide("Qubits, where layers vary", k)
        part = figure.shows(n_qubits=figure.qubits[k])
        assert f"At {figure.qubits[k]} qubits, from 1 to {figure.layers[-1]} layers" in figure.said
        for cost, word, factor in factors(part, "depth"):
            said = re.search(rf"{cost}: {word} by a factor of ([\d.e+]+\d)", figure.said)
            assert float(said[1]) == pytest.approx(factor, rel=0.051)


def test_costs_can_be_hidden(figure):
    for k, cost in enumerate(COSTS[:-1]):
        figure.control(f"{cost} cost").press("Space")
        figure.settle()
        figure.shows(depth=figure.layers[1], cost=COSTS[k + 1 :])
        assert f"{cost}:" not in figure.said
    figure.control("zz cost").click()
    figure.settle()
    assert figure.said == "No cost is chosen."
    assert figure.table().empty
    figure.control("local cost").press("Space")
    figure.settle()
    figure.shows(depth=figure.layers[1], cost="local")


def places(figure):
    """Where the points are drawn, in the order of the table."""
    marks = figure.root.locator(".qml-figure-view g[aria-label=dot] path")
    return np.array(
        marks.evaluate_all(
            "m => m.map(p => p.getAttribute('transform').match(/\\(([^,]+),([^)]+)\\)/).slice(1))"
        ),
        dtype=float,
    )


def test_points_are_drawn_where_the_numbers_say(figure):
    table = figure.table()
    x, y = places(figure).T
    for drawn, number_ in ((x, table["n_qubits"]), (y, np.log(table["value"]))):
        slope, start = np.polyfit(number_, drawn, 1)
        np.testing.assert_allclose(start + slope * number_, drawn, atol=0.6)
    # Larger is higher up.
    assert np.corrcoef(y, np.log(table["value"]))[0, 1] < -0.99
    assert len(set(x)) == len(figure.qubits)


def test_the_scale_stays_when_the_layers_change(figure):
    def line():
        return np.polyfit(np.log(figure.table()["value"]), places(figure)[:, 1], 1)

    before = line()
    figure.slide("Layers, where qubits vary", len(figure.layers) - 1)
    np.testing.assert_allclose(line(), before, atol=1.0)


def test_pointer_tells_the_point(figure):
    table = figure.table()
    marks = figure.root.locator(".qml-figure-view g[aria-label=dot] path")
    for k in (1, len(table) - 2):
        marks.nth(k).hover(force=True)
        text = figure.root.locator(".qml-figure-view g[aria-label=tip]").text_content()
        row = table.iloc[k]
        assert f"{row['cost']} cost" in text
        assert f"{row['n_qubits']:.0f} qubits, {row['depth']:.0f} layers" in text
        values = re.search(r"layers(\S+) \((\S+) to (\S+)\)", text).groups()
        wanted = row[["value", "low", "high"]].to_numpy(dtype=float)
        np.testing.assert_allclose([number(v) for v in values], wanted, rtol=0.051)
