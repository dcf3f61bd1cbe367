"""The figure "run-budget": shots, hours and money against the arithmetic done here."""

import math

import pytest
from figure import Figure, number


class RunBudget(Figure):
    name, chapter = "run-budget", "practice/engineering"

    def expected(self, rule, error, *, angles=20, samples=1, steps=1, price=0, factor=1, pause=0.3):
        """Return circuits, shots in all, hours and dollars."""
        shots = math.ceil(round(1 / error**2, 6))
        circuits = {"SPSA": 3, "parameter shift": 2 * angles + 1}[rule] * samples * steps
        listed = self.data["prices"][price]
        money = factor * circuits * (listed["task"] + shots * listed["shot"])
        return circuits, circuits * shots, circuits * shots * pause / 3.6e6, money

    def shows(self, **chosen):
        rows = self.rows()
        assert len(rows) == 2 * len(self.data["errors"])
        for rule, error, *cells in rows:
            found = [number(cell.replace(",", "")) for cell in cells]
            wanted = self.expected(rule, number(error), **chosen)
            assert found == pytest.approx(wanted, rel=5.1e-3)


@pytest.fixture(scope="module")
def opened(tab, base):
    return RunBudget(tab, base)


def test_start_is_one_gradient(figure):
    figure.shows()
    assert "1,112 shots a circuit. Parameter shift: 41 circuits" in figure.said


def test_controls_change_the_bill(figure):
    for label, values, value in (
        ("Angles", "angles", 100), ("Samples a step", "samples", 10), ("Steps", "steps", 1000),
    ):  # fmt: skip
        figure.slide(label, figure.data[values].index(value))
    figure.shows(angles=100, samples=10, steps=1000)


def test_prices_and_pause_are_the_readers(figure):
    figure.put(
        {
            "Price list (undated)": "Rigetti Ankaa",
            "Factor on these prices": 0.5,
            "Milliseconds a shot": 2,
        }
    )
    figure.shows(price=3, factor=0.5, pause=2)
