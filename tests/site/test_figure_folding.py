"""The figure "folding": its values and fits against PennyLane and the package, its controls."""

import re
import warnings

import numpy as np
import pennylane as qml
import pytest
from figure import Figure, number

from qmlcourse.mitigation import Estimate, extrapolate, extrapolation_weights
from qmlcourse.noise import amplitude_damping, depolarizing

FITS = {"linear": "line", "richardson": "Richardson", "exponential": "exponential"}
SHOTS = [120, 360, 1200, 3600, 12000, 36000, 120000, 360000, 1200000]


def simulated_error(factors, y, shots, exact):
    """Return the error of an exponential through two points, else of the line, from experiments."""
    near, far = factors
    each = shots // 2
    draws = np.random.default_rng(1).binomial(each, (1 + y) / 2, (20_000, 2)) / each * 2 - 1
    a, b = draws.T
    same = a * b > 0
    decay = np.where(same, a / np.where(same, b, 1), 1)
    curve = a * decay ** (near / (far - near))
    line = a + (a - b) * near / (far - near)
    return np.sqrt(np.mean((np.where(same, curve, line) - exact) ** 2))


class Folding(Figure):
    name, chapter = "folding", "hardware/error_mitigation"

    @property
    def values(self):
        return np.array(self.data["values"])  # [strength, circuit, factor]

    def table(self):
        """Value, bias, deviation and total; from where it pays can be a word."""
        return {name: [number(value) for value in row[:4]] for name, *row in self.rows()}


@pytest.fixture(scope="module")
def opened(tab, base):
    return Folding(tab, base)


def by_package(factors, y, fit, shots):
    """Value and standard deviation of the extrapolation, with the exact variance of a parity."""
    each = shots / len(factors)
    points = [Estimate(v, np.sqrt((1 - v**2) / each), each) for v in y]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no exponential: the line
        return extrapolate(factors, points, fit=fit)[:2]


def error_of(value, deviation, exact):
    return np.hypot(value - exact, deviation)


def test_values_are_those_of_the_chapters_circuits(figure):
    n_qubits, n_layers, n_circuits = 4, 4, 40
    rng = np.random.default_rng(0).spawn(4)[0]
    angles = rng.uniform(0, 2 * np.pi, (n_circuits, n_layers, n_qubits, 2))

    def once(angles):
        for layer in angles:
            for q in range(n_qubits):
                qml.RY(layer[q, 0], q)
                qml.RZ(layer[q, 1], q)
            for q in range(n_qubits - 1):
                qml.CZ([q, q + 1])

    def folded(angles, factor):
        once(angles)
        for _ in range((factor - 1) // 2):
            qml.adjoint(once)(angles)
            once(angles)
        return qml.expval(qml.Z(1) @ qml.Z(2))

    clean = qml.QNode(folded, qml.device("default.qubit", wires=n_qubits))
    truth = np.array([clean(a, 1) for a in angles])
    chosen = np.argsort(-np.abs(truth))[[0, n_circuits // 3, 2 * n_circuits // 3]]
    np.testing.assert_allclose(figure.data["exact"], truth[chosen], rtol=1e-5)

    def noisy(strength):
        s = float(strength)
        model = depolarizing(0.001 * s, 0.01 * s) + amplitude_damping(0.002 * s)
        device = qml.device("default.mixed", wires=n_qubits)
        return qml.add_noise(qml.QNode(folded, device), model)

    factors, strengths = figure.data["factors"], figure.data["strengths"]
    for s, k, f in [(1, 0, 3), (4, 2, 1)]:
        shown = figure.values[strengths.index(s), k, factors.index(f)]
        assert shown == pytest.approx(noisy(s)(angles[chosen[k]], f), rel=1e-5)


def test_weights_are_those_of_the_package(figure):
    for factors in ([1, 3], [1, 3, 5], [1, 3, 5, 7], [1, 7], [1, 2.5, 4]):
        for fit in ("linear", "richardson"):
            found = figure.js("m.weights(a[0], a[1])", [factors, fit])
            np.testing.assert_allclose(found, extrapolation_weights(factors, fit), atol=1e-12)


def test_curves_are_the_fitted_ones_between_the_points_too(figure):
    factors, y = [1, 3, 5, 7], [0.6, 0.33, 0.21, 0.1]
    call = "a[2].map(x => m.fit(a[0], a[1], a[3]).at(x))"
    at = [0, 0.5, 2, 6.1]
    for fit, degree in (("linear", 1), ("richardson", 3)):
        found = figure.js(call, [factors, y, at, fit])
        np.testing.assert_allclose(found, np.polyval(np.polyfit(factors, y, degree), at), rtol=1e-9)


def test_budgets_are_those_of_the_package(figure):
    factors = figure.data["factors"]
    sets = [factors[:2], factors[:3], factors, [factors[0], factors[-1]]]
    cases = [
        [s, fit, values[[factors.index(f) for f in s]].tolist(), exact]
        for s in sets
        for fit in FITS
        for line in figure.values
        for values, exact in zip(line, figure.data["exact"], strict=True)
    ]
    call = """a.map(([s, fit, y, exact]) => {
        const b = m.budget(s, y, fit, exact, 1200);
        return [b.value, b.deviation, b.bias, b.total, b.pays];
    })"""
    kept = 0
    for (s, fit, y, exact), found in zip(cases, figure.js(call, cases), strict=True):
        value, deviation = by_package(s, y, fit, 1200)
        # The package's search for the exponential stops at a finite step.
        near = {"rel": 1e-9} if fit != "exponential" else {"rel": 2e-6}
        assert found[0] == pytest.approx(value, **near)
        assert found[1] == pytest.approx(deviation, **near)
        assert found[2] == pytest.approx(value - exact, rel=1e-5, abs=1e-9)
        assert found[3] == pytest.approx(error_of(value, deviation, exact), **near)
        if found[4] is None:
            assert abs(value - exact) >= abs(y[0] - exact)
            continue
        # From there on it pays, by the package's numbers; with a little less it does not.
        for factor, helps in ((1.01, True), (0.99, False)):
            n = found[4] * factor
            bare = error_of(y[0], np.sqrt((1 - y[0] ** 2) / n), exact)
            kept += 1
            assert (error_of(*_at(s, y, fit, n), exact) < bare) == helps
    assert kept > 100


def _at(s, y, fit, shots):
    """As by_package, for numbers of shots that are not whole."""
    value, deviation = by_package(s, y, fit, 1e9)
    return value, deviation * np.sqrt(1e9 / shots)


def test_values_of_both_signs_give_the_line(figure):
    call = "(() => { const f = m.fit([1, 3, 5], a, 'exponential'); return [f.kind, f.at(0)]; })()"
    kind, value = figure.js(call, [0.2, 0.05, -0.01])
    assert kind == "linear"
    line = extrapolation_weights([1, 3, 5]) @ [0.2, 0.05, -0.01]
    assert value == pytest.approx(line, rel=1e-12)
    assert figure.js(call, [0.2, 0.05, 0.01])[0] == "exponential"


@pytest.mark.parametrize("fit", FITS)
def test_the_band_is_how_the_curve_moves_with_each_value(figure, fit):
    factors, y, at, step = [1, 3, 5, 7], [0.6, 0.33, 0.21, 0.1], [0, 0.7, 4], 1e-5
    call = "a.map(([y, x]) => m.fit([1, 3, 5, 7], y, '%s').%s(x))"
    moves = np.array(figure.js(call % (fit, "moves"), [[y, x] for x in at]))
    for i in range(len(factors)):
        up, down = (np.add(y, sign * step * np.eye(4)[i]).tolist() for sign in (1, -1))
        above, below = (
            np.array(figure.js(call % (fit, "at"), [[v, x] for x in at])) for v in (up, down)
        )
        slope = (above - below) / (2 * step)
        # The band of the exponential is Gauss and Newton's: it leaves out the curvature.
        near = {"atol": 1e-8} if fit != "exponential" else {"atol": 0.03}
        np.testing.assert_allclose(moves[:, i], slope, **near)


def test_an_exact_exponential_is_found(figure):
    y = (-0.7 * np.exp(-0.3 * np.array([1, 3, 5, 7]))).tolist()
    assert figure.js("m.exponential([1, 3, 5, 7], a)", y) == pytest.approx([-0.7, 0.3], rel=1e-9)


def test_simulated_experiments_have_the_moments_of_the_budget(figure):
    factors, y, shots, repeats = [1, 3, 5], [0.5, 0.3, 0.15], 1200, 4000
    for fit in ("linear", "richardson"):
        call = f"m.simulate([1, 3, 5], a, '{fit}', {shots}, {repeats}, 3)"
        drawn = np.array(figure.js(call, y))
        value, deviation = by_package(factors, y, fit, shots)
        expected = [(y[0], np.sqrt((1 - y[0] ** 2) / shots)), (value, deviation)]
        for column, (mean, sd) in zip(drawn.T, expected, strict=True):
            assert abs(column.mean() - mean) < 5 * sd / np.sqrt(repeats)
            assert column.std() == pytest.approx(sd, rel=0.06)


@pytest.mark.parametrize(
    ("circuit", "strength", "factors", "fit", "shots"),
    [(0, 2, 1, 1, 6), (2, 0, 2, 1, 0), (1, 4, 0, 2, 3), (2, 5, 3, 0, 8)],
)
def test_keys_choose_what_the_words_and_the_table_say(
    figure, circuit, strength, factors, fit, shots
):
    figure.put({"Circuit": circuit, "Noise factors": factors, "Fit": fit})
    figure.slide("Strength of the gate errors", strength)
    figure.slide("Shots in all", shots)
    every = figure.data["factors"]
    used = [every[:2], every[:3], every, [every[0], every[-1]]][factors]
    y = figure.values[strength, circuit][[every.index(f) for f in used]]
    exact, n = figure.data["exact"][circuit], SHOTS[shots]
    bare = y[0], np.sqrt((1 - y[0] ** 2) / n)
    estimates = {"nothing": bare} | {FITS[k]: by_package(used, y, k, n) for k in FITS}
    table = figure.table()
    for name, (value, deviation) in estimates.items():
        total = error_of(value, deviation, exact)
        wanted = [value, value - exact, deviation, total]
        np.testing.assert_allclose(table[name], wanted, rtol=5.1e-3, atol=1e-6)
    total = error_of(*list(estimates.values())[1 + fit], exact)
    nothing = error_of(*bare, exact)
    tolerance = 0.051
    if "by 1,000 simulated experiments" in figure.said:
        # The formula is unreliable where a value drowns in shot noise, so experiments decide.
        assert FITS[list(FITS)[fit]] == "exponential"
        assert min(abs(y) / np.sqrt((1 - y**2) / (n / len(used)))) < 3
        total, tolerance = simulated_error(used, y, n, exact), 0.25
    verdict = "helps" if total < nothing else "hurts"
    assert figure.said.startswith(f"Mitigation {verdict} here: total error ")
    errors = figure.found(r"total error ([\d.]+), against ([\d.]+) for")
    np.testing.assert_allclose(errors, [total, nothing], rtol=tolerance)
    assert f"with the same {n:,} shots" in figure.said


def test_it_hurts_with_few_shots_and_helps_with_many(figure):
    figure.put({"Fit": 1})
    for strength in (1, 3):
        figure.slide("Strength of the gate errors", strength)
        figure.slide("Shots in all", 0)
        assert figure.said.startswith("Mitigation hurts here")
        figure.slide("Shots in all", len(SHOTS) - 1)
        assert figure.said.startswith("Mitigation helps here")


def test_the_bars_are_as_high_as_the_numbers(figure):
    figure.slide("Shots in all", 4)
    figure.put({"Fit": 1})
    bars = figure.root.locator(".qml-figure-pair figure").first.locator("g[aria-label=bar] rect")
    heights = bars.evaluate_all("bars => bars.map(b => +b.getAttribute('height'))")
    table = figure.table()
    pairs = np.abs([table["nothing"][1:4], table["Richardson"][1:4]]).T.ravel()
    np.testing.assert_allclose(np.array(heights) / max(heights), pairs / max(pairs), atol=0.02)


def test_draw_again_changes_the_experiments_only(figure):
    def shown():
        share = figure.found(r"came closer in (\d+)%")[0]
        dots = figure.root.locator("figure").first.locator("g[aria-label=dot]").first
        return share, dots.inner_html(), figure.rows()

    before = shown()
    figure.press("Draw again")
    after = shown()
    assert after[1] != before[1]
    assert abs(after[0] - before[0]) < 12
    assert after[2] == before[2]


def test_pointer_tells_the_value_at_a_factor(figure):
    figure.slide("Strength of the gate errors", 1)
    points = figure.root.locator("figure").first.locator("g[aria-label=dot]").nth(1)
    every = figure.data["factors"]
    for i in (0, 2):
        points.locator("path, circle").nth(i).hover(force=True)
        text = figure.root.locator("figure").first.locator("g[aria-label=tip]").text_content()
        found = re.search(rf"noise factor {every[i]}(\S+) ± (\S+)", text).groups()
        y = figure.values[1, 1, i]
        wanted = [y, np.sqrt((1 - y**2) / 400)]  # 1200 shots for three factors
        np.testing.assert_allclose([number(v) for v in found], wanted, rtol=0.05)


def test_nothing_breaks_at_the_ends(figure):
    for strength in (0, len(figure.data["strengths"]) - 1):
        figure.slide("Strength of the gate errors", strength)
        for shots in (0, len(SHOTS) - 1):
            figure.slide("Shots in all", shots)
            for circuit, fit, factors in [(0, 2, 2), (2, 1, 0)]:
                figure.put({"Circuit": circuit, "Fit": fit, "Noise factors": factors})
                assert "NaN" not in figure.root.inner_html()
