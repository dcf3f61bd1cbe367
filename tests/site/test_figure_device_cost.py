"""The figure "device-cost": seconds and money against the arithmetic done here."""

import math

import pytest
from figure import Figure, number


class DeviceCost(Figure):
    name, chapter = "device-cost", "hardware/with_an_account"

    def expected(self, shots, *, kind=0, circuits=40, alone=False, debias=False, usd=1.6, factor=1):
        """Return IBM's seconds and dollars, and IonQ's dollars."""
        ibm, ionq = self.data["ibm"], self.data["ionq"]
        jobs = circuits if alone else math.ceil(circuits / ibm["most"])
        seconds = 2 * jobs + 0.00035 * circuits * shots
        gates = self.data["kinds"][kind]
        each = shots * (0.0001645 * gates["one"] + 0.001121 * gates["two"])
        least = ionq["debiased"] if debias else ionq["least"]
        return seconds, usd * seconds, factor * circuits * max(least, each)

    def shows(self, **chosen):
        rows = self.rows()
        assert [number(row[0].replace(",", "")) for row in rows] == self.data["shots"]
        for row, shots in zip(rows, self.data["shots"], strict=True):
            found = [number(cell) for cell in row[1:]]
            assert found == pytest.approx(self.expected(shots, **chosen), rel=5.1e-3)


@pytest.fixture(scope="module")
def opened(tab, base):
    return DeviceCost(tab, base)


def test_start_is_the_hardware_project(figure):
    figure.shows()
    assert "IBM: 16 seconds, 2.7% of the open plan's 28 days, or 25.60 USD." in figure.said
    assert "set by its gates" in figure.said


def test_controls_change_the_bill(figure):
    figure.put({"IBM: a job for each circuit": True, "IonQ: error mitigation on": True})
    figure.shows(alone=True, debias=True)
    assert "set by the least price of each job" in figure.said
    figure.slide("Circuits", step_of(figure, 1770))
    figure.shows(alone=True, debias=True, circuits=1770)
    assert "times what the open plan gives in 28 days" in figure.said


def test_todays_prices_can_be_put_in(figure):
    figure.put({"IBM: USD a second": 3.2, "IonQ: factor on the published prices": 0.5})
    figure.shows(usd=3.2, factor=0.5)
    figure.put({"Circuit": "an entry of a kernel"})
    figure.shows(usd=3.2, factor=0.5, kind=2)


def step_of(figure, circuits):
    return figure.data["circuits"].index(circuits)
