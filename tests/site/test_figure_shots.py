"""Parameter shift against finite differences: numbers against PennyLane, and the controls."""

import re

import numpy as np
import pennylane as qml
import pytest
from figure import Figure
from scipy.optimize import minimize_scalar

RULES = ("parameter shift", "central difference", "forward difference")


def gates(angle):
    qml.RY(0.8, wires=0)
    qml.RZ(0.6, wires=0)
    qml.RX(angle, wires=0)
    qml.RY(0.5, wires=0)


@qml.qnode(qml.device("default.qubit", wires=1))
def outcome(angle):
    """Mean and variance of one shot of the chapter's circuit on one qubit."""
    gates(angle)
    return qml.expval(qml.Z(0)), qml.var(qml.Z(0))


@qml.qnode(qml.device("default.qubit", wires=1))
def mean(angle):
    gates(angle)
    return qml.expval(qml.Z(0))


RUNS = {
    "parameter shift": lambda step: (np.pi / 2, -np.pi / 2, 2.0),
    "central difference": lambda step: (step, -step, 2 * step),
    "forward difference": lambda step: (step, 0.0, step),
}
# One frequency: three means of PennyLane give all others.
F0, F1, F2 = (float(outcome(angle)[0]) for angle in (0.0, np.pi / 2, np.pi))
WAVE = {"a": (F0 + F2) / 2, "b": (F0 - F2) / 2, "c": F1 - (F0 + F2) / 2}


def slope_at(angle):
    return -WAVE["b"] * np.sin(angle) + WAVE["c"] * np.cos(angle)


def expected(angle, rule, step, shots):
    """Bias and standard deviation of an estimate."""
    right, left, scale = RUNS[rule](step)
    at = angle + np.array([right, left])
    f = WAVE["a"] + WAVE["b"] * np.cos(at) + WAVE["c"] * np.sin(at)
    return (f[0] - f[1]) / scale - slope_at(angle), np.sqrt((2 - f @ f) / shots) / scale


def best(angle, rule, shots):
    """Step and error where the error is least, by a grid and SciPy."""

    def error(log):
        return np.hypot(*expected(angle, rule, np.exp(log), shots))

    grid = np.linspace(np.log(0.01), np.log(3), 60)
    at = np.argmin([error(log) for log in grid])
    bounds = grid[max(at - 1, 0)], grid[min(at + 1, 59)]
    found = minimize_scalar(error, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    return np.exp(found.x), found.fun


def ratio_at(angle, shots):
    """Least error of a central difference over the error of parameter shift."""
    return best(angle, RULES[1], shots)[1] / np.hypot(*expected(angle, RULES[0], 1, shots))


class Shots(Figure):
    name, chapter = "shots", "variational/parameter_shift"

    def check(self, angle, step, shots):
        """Compare every number of the table; what is drawn, within five standard errors."""
        table = self.table()
        assert tuple(table) == RULES
        slope = slope_at(angle)
        for rule, (bias, noise, error, mean, spread, *rest) in table.items():
            exact = expected(angle, rule, step, shots)
            assert bias == pytest.approx(exact[0], rel=6e-3, abs=1e-12)
            assert noise == pytest.approx(exact[1], rel=6e-3)
            assert error == pytest.approx(np.hypot(*exact), rel=6e-3)
            digits = 6e-3 * abs(mean)
            assert abs(mean - slope - exact[0]) < 5 * exact[1] / np.sqrt(300) + digits
            assert abs(spread / exact[1] - 1) < 5 / np.sqrt(600) + 6e-3
            if rule == "parameter shift":
                assert np.isnan(rest).all()
            else:
                assert rest[1] == pytest.approx(best(angle, rule, shots)[1], rel=6e-3)
        return table


@pytest.fixture(scope="module")
def opened(tab, base):
    return Shots(tab, base)


def test_bias_and_noise_are_those_of_pennylane(figure):
    for angle in (-2.5, 0.55):
        t = qml.numpy.array(angle, requires_grad=True)
        slope = float(qml.gradients.param_shift(mean)(t))
        for step, shots in ((0.01, 10), (0.4, 100), (3.0, 100000)):
            estimates = {
                "parameter shift": slope,
                "central difference": qml.gradients.finite_diff(
                    mean, h=step, strategy="center", approx_order=2
                )(t),
                "forward difference": qml.gradients.finite_diff(
                    mean, h=step, strategy="forward", approx_order=1
                )(t),
            }
            for rule, estimate in estimates.items():
                right, left, scale = RUNS[rule](step)
                noise = np.sqrt((outcome(t + right)[1] + outcome(t + left)[1]) / shots) / scale
                got = figure.js("m.exact(...a)", [WAVE, angle, rule, step, shots])
                assert got["bias"] == pytest.approx(float(estimate) - slope, abs=1e-9)
                assert got["noise"] == pytest.approx(float(noise), rel=1e-9)
                assert got["rmse"] == pytest.approx(np.hypot(got["bias"], got["noise"]), rel=1e-12)
                # And the formulas that the other tests use.
                assert expected(angle, rule, step, shots) == pytest.approx(
                    (got["bias"], got["noise"]), abs=1e-9
                )


def test_best_step_is_that_of_scipy(figure):
    found = {}
    for shots in (10, 1000, 100000):
        for angle, rule in ((2.0, RULES[1]), (2.0, RULES[2]), (0.8, RULES[1])):
            got = figure.js("m.bestStep(...a)", [WAVE, angle, rule, shots])
            step, error = best(angle, rule, shots)
            assert got["step"] == pytest.approx(step, rel=1e-4)
            assert got["rmse"] == pytest.approx(error, rel=1e-9)
            assert not got["edge"]
            found[angle, rule, shots] = got["step"]
    for angle, rule in ((2.0, RULES[1]), (2.0, RULES[2]), (0.8, RULES[1])):
        assert found[angle, rule, 10] > found[angle, rule, 1000] > found[angle, rule, 100000]
    # Where the slope is zero, the best step of the central difference has no end.
    top = np.arctan2(WAVE["c"], WAVE["b"])
    assert figure.js("m.bestStep(...a)", [WAVE, top, RULES[1], 100])["edge"]


def test_drawn_shots_have_the_exact_mean_and_variance(figure):
    n = 8000
    for seed, (shots, step) in enumerate(((10, 0.7), (200, 0.05), (100000, 2.0)), start=1):
        for rule in RULES:
            mean_of, variance = figure.js(
                "(x => [d3.mean(x), d3.variance(x)])(m.samples(...a))",
                [WAVE, 2.0, rule, step, shots, seed, n],
            )
            bias, noise = expected(2.0, rule, step, shots)
            assert abs(mean_of - slope_at(2.0) - bias) < 4 * noise / np.sqrt(n)
            assert abs(variance / noise**2 - 1) < 4 * np.sqrt(2 / n)
    # Two runs of ten shots: every estimate is a multiple of 1/10, and neighbours are unrelated.
    ten = np.array(figure.js("m.samples(...a)", [WAVE, 2.0, RULES[0], 1.0, 10, 5, n]))
    np.testing.assert_allclose(ten * 10, np.round(ten * 10), atol=1e-9)
    assert abs(np.corrcoef(ten[1:], ten[:-1])[0, 1]) < 4 / np.sqrt(n)


def test_keys_change_shots_step_and_angle(figure):
    for key, value in figure.data["wave"].items():
        assert value == pytest.approx(WAVE[key], abs=1e-11)
    figure.check(2.0, 0.1, 100)
    figure.key("Shots a run", "ArrowRight")
    figure.key("Step h", "ArrowLeft")
    figure.key("Angle", "ArrowLeft")
    figure.check(1.98, 10**-1.025, 200)
    ends = {"Home": (-3.14, 0.01, 10), "End": (3.14, 10**0.475, 100000)}
    for key, setting in ends.items():
        for label in ("Shots a run", "Step h", "Angle"):
            figure.key(label, key)
        figure.check(*setting)
        assert "NaN" not in figure.root.locator(".qml-figure-view").inner_html()


def test_who_wins(figure):
    """The sentence says who wins where, and that the best step moves with the shots."""
    sentence = r"best step of the central difference is ([\d.]+) rad: (.*?)\. The best"
    settings = [(0.8, 10), (0.8, 20), (2.0, 10), (2.0, 100), (2.0, 10000)]
    # And a budget at which the two are level, at some angle that the slider can show.
    grid = np.round(np.arange(-3.14, 3.14, 0.02), 2)
    level = min(
        ((angle, shots) for angle in grid[::5] for shots in (20, 50, 100)),
        key=lambda at: abs(np.log(ratio_at(*at))),
    )
    shown = []
    for angle, shots in [*settings, level]:
        power = int(np.log10(shots))
        place = 3 * (power - 1) + {1: 0, 2: 1, 5: 2}[shots // 10**power]
        figure.put({"Angle": angle, "Shots a run": place})
        step, verdict = re.search(sentence, figure.said).groups()
        optimum, ratio = best(angle, RULES[1], shots)[0], ratio_at(angle, shots)
        assert float(step) == pytest.approx(optimum, rel=0.06)
        if abs(ratio - 1) < 0.02:
            assert "level with" in verdict
        elif ratio > 2:
            times = re.search(r"([\d.]+) times that", verdict)[1]
            assert float(times) == pytest.approx(ratio, rel=0.06)
        else:
            percent, way = re.search(r"(\d+)% (above|below)", verdict).groups()
            assert way == ("above" if ratio > 1 else "below")
            assert int(percent) == pytest.approx(100 * abs(ratio - 1), abs=0.6)
        shown.append((float(step), ratio))
    assert "level with" in verdict
    assert shown[0][1] < 1 and shown[1][1] < 1 and min(r for _, r in shown[2:5]) > 1
    assert shown[2][0] > shown[3][0] > shown[4][0]


def test_draw_again_and_hindsight(figure):
    first = figure.table()
    figure.press("Draw again")
    second = figure.check(2.0, 0.1, 100)
    for rule in RULES:
        assert first[rule][:3] == second[rule][:3]
        assert first[rule][3] != second[rule][3]
        np.testing.assert_array_equal(first[rule][5:], second[rule][5:])

    svg = figure.root.locator("svg[aria-label^='Error']")
    figure.key("Lines of hindsight", "Space")
    ticks = dict(
        svg.locator("g[aria-label='y-axis tick label'] text").evaluate_all(
            "(all) => all.map((t) => [t.textContent, t.getBoundingClientRect()])"
            ".map(([t, box]) => [t, (box.top + box.bottom) / 2])"
        )
    )
    lines = svg.locator("g[aria-label=rule][stroke-dasharray] line").evaluate_all(
        "(all) => all.map((l) => l.getBoundingClientRect().top)"
    )
    decade = ticks["0.1"] - ticks["1"]
    values = [10 ** ((ticks["1"] - y) / decade) for y in lines]
    slope = slope_at(2.0)
    noise = expected(2.0, RULES[0], 1, 100)[1]
    # The best constant factor of an estimate without bias is g^2 / (g^2 + variance).
    factor = slope**2 / (slope**2 + noise**2)
    shrunk = np.hypot((1 - factor) * slope, factor * noise)
    assert values == pytest.approx([abs(slope), shrunk], rel=0.05)


def test_pointer_moves_the_step_and_reads_a_point(figure):
    box = figure.control("Step h").bounding_box()
    figure.page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2)
    log = float(figure.control("Step h").input_value())
    assert -0.5 < log < 0.1
    figure.check(2.0, 10**log, 100)
    svg = figure.root.locator("svg[aria-label^='Error']")
    # Hollow symbols first: the best steps of the central and of the forward difference.
    svg.locator("g[aria-label=dot] path").first.hover(force=True)
    text = svg.locator("g[aria-label=tip]").text_content()
    step, error = best(2.0, RULES[1], 100)
    assert "central difference" in text
    assert float(re.search(r"best step: ([\d.]+) rad", text)[1]) == pytest.approx(step, rel=0.06)
    assert float(re.search(r"error ([\d.]+)", text)[1]) == pytest.approx(error, rel=0.06)
