"""The interactive Fourier spectrum: its numbers against PennyLane and NumPy, its controls."""

import numpy as np
import pennylane as qml
import pytest
from figure import Figure, number

from qmlcourse.encodings import frequency_spectrum

SCALES = {
    "same": np.ones,
    "double": lambda n: np.full(n, 2.0),
    "one and a half": lambda n: np.full(n, 1.5),
    "powers": lambda n: 2.0 ** np.arange(n),
}


@qml.qnode(qml.device("default.qubit", wires=1))
def circuit(x, theta, scales):
    qml.Rot(*theta[0], wires=0)
    for angles, scale in zip(theta[1:], scales, strict=True):
        qml.RX(scale * x, wires=0)
        qml.Rot(*angles, wires=0)
    return qml.expval(qml.Z(0))


def listed(scales):
    """The frequencies of the package, for one gate with the summed generator."""
    levels = np.zeros(1)
    for s in scales:
        levels = np.add.outer(levels, [-s / 2, s / 2]).ravel()
    return frequency_spectrum(1, eigenvalues=np.unique(levels))


def features(x, frequencies):
    k = frequencies[frequencies > 0]
    return np.hstack([np.ones((len(x), 1)), np.cos(np.outer(x, k)), np.sin(np.outer(x, k))])


class Fourier(Figure):
    name, chapter = "fourier", "encoding/fourier"

    def sizes(self):
        """Sizes of the circuit's coefficients, and those of least squares, by frequency."""
        columns = [(number(r[0]), r[2], r[3]) for r in self.rows()]
        return [
            {k: number(row[i]) for k, *row in columns if row[i] not in ("", "–")} for i in (0, 1)
        ]


@pytest.fixture
def opened(page, base):
    # Anew for each test: controls put back do not put back the angles.
    return Fourier(page, base)


def test_numbers_of_the_browser(figure):
    theta = np.random.default_rng(1).uniform(-np.pi, np.pi, (5, 3))
    for name, see in SCALES.items():
        scales = see(4)
        got = figure.js("m.SCALES[a](4)", name)
        np.testing.assert_array_equal(got, scales)
        even = 2 * np.pi * np.arange(81) / 81
        expected = circuit(even, theta, scales)
        values, c = figure.js(
            "(f => [f, m.coefficients(f, 20)])(m.model(...a))",
            [even.tolist(), theta.tolist(), scales.tolist()],
        )
        np.testing.assert_allclose(values, expected, atol=1e-12)
        transform = np.fft.fft(expected)[:21] / 81
        np.testing.assert_allclose(np.array(c) @ [1, 1j], transform, atol=1e-12)
        frequencies = listed(scales)
        may = figure.js("m.allowed(a)", scales.tolist())
        np.testing.assert_allclose(may, frequencies[frequencies >= 0])

        # Least squares on a target that no frequency suits.
        x = np.linspace(0, 2 * np.pi, 200, endpoint=False)
        y = np.exp(np.sin(x)) - 0.3 * x
        fitted = figure.js(
            "(r => [r.values, [...r.sizes.values()]])(m.leastSquares(...a))",
            [x.tolist(), y.tolist(), may],
        )
        design = features(x, frequencies)
        weights = np.linalg.lstsq(design, y, rcond=None)[0]
        np.testing.assert_allclose(fitted[0], design @ weights, atol=1e-9)
        half = len(may)
        sizes = np.hypot(weights[1:half], weights[half:]) / 2
        np.testing.assert_allclose(fitted[1], [abs(weights[0]), *sizes], atol=1e-9)


def test_gradient_is_that_of_pennylane(figure):
    theta, x = np.random.default_rng(2).uniform(-np.pi, np.pi, (4, 3)), 0.7
    scales = SCALES["powers"](3)
    value, gradient = figure.js("m.withGradient(...a)", [x, theta.tolist(), scales.tolist()])
    trainable = qml.numpy.array(theta, requires_grad=True)
    expected = qml.grad(lambda t: circuit(x, t, scales))(trainable)
    assert value == pytest.approx(float(circuit(x, theta, scales)), abs=1e-12)
    np.testing.assert_allclose(gradient, np.ravel(expected), atol=1e-12)


def test_every_setting_agrees_with_the_chapter(figure):
    for i, (name, see) in enumerate(SCALES.items()):
        figure.put({"Gate l sees": i})
        figure.key("Layers L", "Home")
        for n_layers in range(1, 7):
            count, low, high = figure.found(
                r"allows (\d+) frequencies, from (−?[\d.]+) to (−?[\d.]+)\."
            )
            frequencies = listed(see(n_layers))
            assert (count, low, high) == (len(frequencies), frequencies[0], frequencies[-1])
            # Ten decimals: half a unit in each of two parts.
            assert figure.found(r"differ by at most ([\d.e−]+);")[0] < 1e-10
            outside = figure.found(r"(?:largest size is|leaks, up to) ([\d.e−]+)[:.]")[0]
            assert outside > 1e-4 if name == "one and a half" else outside < 1e-14
            figure.key("Layers L", "ArrowRight")
    figure.put({"Random angles": "draw 5"})
    assert figure.found(r"differ by at most ([\d.e−]+);")[0] < 1e-10


def test_keys_and_pointer_turn_an_angle(figure):
    theta = np.array(figure.data["draws"][0][:4])
    angle = figure.control("Its value")

    def expected():
        even = 2 * np.pi * np.arange(21) / 21
        return abs(np.fft.fft(circuit(even, theta, np.ones(3)))[:6]) / 21

    def check():
        got = figure.sizes()[0]
        np.testing.assert_allclose([got[k] for k in range(4)], expected()[:4], rtol=6e-3)
        assert got[4] < 1e-14 and got[5] < 1e-14

    check()
    figure.put({"Angle": "b of rotation 2 (about Y)"})
    check()
    assert float(angle.input_value()) == pytest.approx(theta[2, 1], abs=0.01)
    angle.press("End")
    theta[2, 1] = float(angle.input_value())
    assert theta[2, 1] == pytest.approx(np.pi, abs=0.02)
    check()
    assert "differ" not in figure.said
    box = angle.bounding_box()
    figure.page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    theta[2, 1] = float(angle.input_value())
    assert -2 < theta[2, 1] < -1
    check()
    # Two angles don't matter: the first Z rotation, before it, and the last, after it.
    before = figure.sizes()[0]
    for name in ("a of rotation 0 (about Z)", "c of rotation 3 (about Z)"):
        figure.put({"Angle": name})
        angle.press("Home")
        after = figure.sizes()[0]
        assert [after[k] for k in range(4)] == [before[k] for k in range(4)]
    # With fewer layers the last angles are gone, and another is shown.
    figure.key("Layers L", "Home")
    assert figure.control("Angle").input_value() == "4"
    options = (
        figure.control("Angle").locator("option").evaluate_all("(o) => o.map((e) => e.disabled)")
    )
    assert options == [False] * 6 + [True] * 15
    figure.button("Back to the draw").click()
    assert figure.found(r"differ by at most ([\d.e−]+);")[0] < 1e-10


def test_fitted_circuit_against_least_squares(figure):
    # With enough layers a fit finds the target, whose frequencies end at 3.
    figure.put({"Target": "3 frequencies"})
    errors = r"angles ([\d.e−]+), least squares ([\d.e−]+)"
    figure.button("Fit the angles").click()
    assert max(figure.found(errors)) < 1e-6
    assert "as good as any model" in figure.said
    circuit_sizes, linear_sizes = figure.sizes()
    for k in range(1, 4):
        assert circuit_sizes[k] == pytest.approx(0.75 / 3 / 2, rel=5e-3)
        assert linear_sizes[k] == pytest.approx(0.75 / 3 / 2, rel=5e-3)
    # One layer short, a third of the variance is out of reach.
    figure.key("Layers L", "ArrowLeft")
    assert "fitted" not in figure.said
    figure.button("Fit the angles").click()
    assert figure.found(errors) == pytest.approx([1 / 3, 1 / 3], abs=1e-3)
    # The square wave has odd frequencies alone: the share of 1 and 3 is 8/pi^2 (1 + 1/9).
    figure.put({"Target": "square wave"})
    for n_layers, share in ((1, 8 / np.pi**2), (2, 8 / np.pi**2), (3, 80 / 9 / np.pi**2)):
        figure.slide("Layers L", n_layers - 1)
        figure.button("Fit the angles").click()
        fitted, linear = figure.found(errors)
        # The jump is sampled at 200 points.
        assert linear == pytest.approx(1 - share, abs=0.01)
        assert linear - 5e-4 <= fitted < 1


def test_pointer_reads_a_coefficient(figure):
    plot = figure.root.locator("svg[aria-label^='Size']")
    dots = plot.locator("g[aria-label=dot]").last.locator("path, circle")
    dots.nth(1).hover(force=True)  # of -5, -4, ..., 5
    assert "k = −4, not allowed" in plot.locator("g[aria-label=tip]").text_content()
