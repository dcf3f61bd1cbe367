"""The figure "annealing-gap": what it shows against its data, its controls."""

import numpy as np
import pytest
from figure import Figure, number

LAST = 5  # step of the largest bias


class AnnealingGap(Figure):
    name, chapter = "annealing-gap", "applications/annealing"

    def tables(self):
        """Read both tables: anneals, then the gap along the schedule."""
        found = []
        for table in self.root.locator("table").all():
            rows = table.locator("tbody tr").all()
            found.append(
                np.array([[number(c) for c in r.locator("td, th").all_inner_texts()] for r in rows])
            )
        return found

    def shows(self, step, extra):
        anneals, gaps = self.tables()
        times, success = np.array(self.data["times"]), np.array(self.data["success"][step])
        runs = np.where(success >= 0.99, 1, np.log(0.01) / np.log1p(-np.minimum(success, 0.9999)))
        wanted = np.stack([times, success, runs, runs * (times + extra)], 1)
        np.testing.assert_allclose(anneals, wanted, rtol=6e-3)
        np.testing.assert_allclose(gaps[:, 1], self.data["gap"][step], rtol=6e-3)
        best = wanted[wanted[:, 3].argmin()]
        total, time = self.found(r"99%: ([\d.e−]+) with anneals of (\d+)")
        assert total == pytest.approx(best[3], rel=0.006) and time == best[0]


@pytest.fixture(scope="module")
def opened(tab, base):
    return AnnealingGap(tab, base)


def test_start_shows_the_largest_bias(figure):
    figure.shows(LAST, 0)
    gap, s = figure.found(r"smallest gap ([\d.]*\d) near s = ([\d.]*\d)")
    k = int(np.argmin(figure.data["gap"][LAST]))
    assert gap == pytest.approx(figure.data["gap"][LAST][k], rel=0.06)
    assert s == pytest.approx(figure.data["schedule"][k])


def test_bias_and_time_of_a_read_are_chosen(figure):
    for step in (0, 3):
        figure.slide("Bias λ of the weak cluster", step)
        figure.shows(step, 0)
    figure.slide("Time of a read beside the anneal", 2)
    figure.shows(3, 10)


def test_time_to_solution_is_drawn(figure):
    figure.put({"Second picture": "time to 99% in all"})
    assert figure.root.locator("svg").count() >= 2
    figure.shows(LAST, 0)


def test_gap_shrinks_with_the_bias_and_so_does_success(figure):
    smallest = np.min(figure.data["gap"], axis=1)
    assert (np.diff(smallest) < 0).all()
    assert (np.diff(np.array(figure.data["success"])[:, -1]) < 1e-3).all()
