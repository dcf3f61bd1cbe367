"""The figure "drift-detector": what it shows against its data, and the package's own CUSUM."""

import numpy as np
import pandas as pd
import pytest
from figure import Figure, number

from qmlcourse.monitoring import cusum, first_alarm


class DriftDetector(Figure):
    name, chapter = "drift-detector", "practice/operations"

    def path(self, loss, baseline):
        values = np.array(self.data["values"][self.data["losses"].index(loss)])
        before = values[200 - baseline : 200]
        return cusum(
            values[200:], mean=before.mean(), std=before.std(ddof=1), slack=self.data["slack"]
        )

    def shows(self, loss, threshold, baseline):
        path = self.path(loss, baseline)
        rows = [[number(v) for v in row] for row in self.rows()]
        found = pd.DataFrame(rows, columns=["day", "value", "upper", "lower"])
        assert found["day"].tolist() == list(range(1, 61))
        for side in ("upper", "lower"):
            np.testing.assert_allclose(found[side], getattr(path, side), rtol=6e-3, atol=2e-3)
        day = int(first_alarm(path, threshold)) + 1
        assert (f"Alarm on day {day} after" if day else "No alarm within 60 days") in self.said
        table = pd.DataFrame(self.data["table"])
        part = table.query("threshold == @threshold and baseline == @baseline")
        rate = self.found(r"false alarm within 150 days: ([\d.]+)%")
        assert rate == pytest.approx([100 * part["false"].iloc[0]], rel=0.051)
        if loss:
            delay = self.found(r"known baseline: ([\d.]+) days")
            assert delay == pytest.approx(part.query("loss == @loss")["delay"], rel=0.051)


@pytest.fixture(scope="module")
def opened(tab, base):
    return DriftDetector(tab, base)


def test_start_shows_the_chapters_step(figure):
    figure.shows(0.02, 9, 200)


def test_each_control_changes_path_or_alarm(figure):
    figure.slide("Threshold", 0)
    figure.shows(0.02, 4, 200)
    figure.slide("Days of baseline", 0)
    figure.shows(0.02, 4, 20)
    figure.slide("Loss of signal", 0)
    figure.shows(0.0, 4, 20)
    assert "delay" not in figure.said
    figure.slide("Loss of signal", 4)
    figure.shows(0.05, 4, 20)


def test_theory_says_that_short_baselines_cost_false_alarms(figure):
    table = pd.DataFrame(figure.data["table"])
    rates = table.groupby(["threshold", "baseline"])["false"].first().unstack()
    assert (rates[20] > rates[50]).all() and (rates[50] > rates[200]).all()
