"""The figure "encodings": states and costs in the browser against the package's."""

import itertools
import re

import numpy as np
import pytest
from figure import Figure, amplitudes

from qmlcourse import simulator
from qmlcourse.encodings import ENCODINGS, encoded_states, resources

RUN = """(q => a.map(([name, x, options]) => {
    const { circuit, n } = m.encodingCircuit(name, x, options);
    return { state: q.run(circuit, n), resources: q.resources(circuit, n) };
}))(await load("quantum"))"""


class Encodings(Figure):
    name, chapter = "encodings", "encoding/encodings"

    def shown(self):
        """Return the state and the costs in the figure's tables."""
        state, costs = self.rows(0), self.rows(1)
        return amplitudes(state), {(c[0], int(c[1])): tuple(map(int, c[2:])) for c in costs}


@pytest.fixture(scope="module")
def opened(tab, base):
    return Encodings(tab, base)


def test_circuits_make_the_states_and_cost_what_the_package_says(figure):
    rng = np.random.default_rng(2)
    cases = []
    for d in (1, 2, 3, 4, 5, 8):
        x = rng.uniform(-4, 4, size=d)
        w = rng.uniform(-4, 4, size=(3, d, 3))
        cases += [("basis", np.ones(d), {}), ("basis", 1.0 * (x > 0), {}), ("amplitude", x, {})]
        cases += [("angle", x, {"rotation": axis, "bandwidth": 0.4}) for axis in "XYZ"]
        for entangle in (True, False):
            one = {"bandwidth": 1.7, "entangle": entangle}
            cases.append(("iqp", x, {**one, "n_repeats": 1 + d % 3}))
            cases.append(("reupload", x, {**one, "n_layers": 3, "weights": w, "rotation": "Y"}))
        cases += [("iqp", x, {}), ("reupload", x, {})]
    # A vector with zeros, and one whose signs all differ from the padding's.
    cases += [("amplitude", np.array([0.0, 0, 0, -2]), {}), ("amplitude", -np.ones(3), {})]
    plain = [
        (name, x.tolist(), {k: getattr(v, "tolist", lambda v=v: v)() for k, v in options.items()})
        for name, x, options in cases
    ]
    results = figure.js(RUN, plain)
    for (name, x, options), result in zip(cases, results, strict=True):
        state = np.array(result["state"]) @ [1, 1j]
        expected = encoded_states([x], name, **options)[0]
        np.testing.assert_allclose(state, expected, atol=1e-12, err_msg=f"{name} {options}")
        if name != "basis" or x.all():  # the package counts the worst case of basis
            kept = ("n_repeats", "n_layers", "entangle")
            cost = resources(name, len(x), **{k: v for k, v in options.items() if k in kept})
            assert result["resources"] == cost, (name, options)


def test_page_agrees_with_the_chapter(figure):
    figure.assert_agrees("15 cases")
    assert {case["encoding"] for case in figure.data["cases"]} == set(ENCODINGS)
    for case in figure.data["cases"]:
        state = np.array(case["re"]) + 1j * np.array(case["im"])
        expected = encoded_states([case["x"]], case["encoding"], **case["options"])[0]
        np.testing.assert_allclose(state, expected, atol=1e-8)


def test_controls_set_the_state(figure):
    weights = np.array(figure.data["weights"])
    x = [-1.3, 0.4, 2.7, -3.9]

    def assert_shows(name, row, **options):
        state, costs = figure.shown()
        np.testing.assert_allclose(
            state, encoded_states([row], name, **options)[0], atol=1e-9, err_msg=str(options)
        )
        kept = {k: v for k, v in options.items() if k in ("n_repeats", "n_layers", "entangle")}
        cost = resources(name, len(row), **kept)
        assert costs[name, len(row)] == tuple(cost.values())
        count = "depth {depth}, {gates} gates?, {two_qubit_gates} on two qubits".format(**cost)
        if name != "basis":
            assert re.search(count, figure.said)
        lengths = np.linalg.norm(simulator.bloch_vectors(state[None])[0], axis=1)
        captions = figure.root.locator(".qml-caption").all_inner_texts()
        assert [re.search(r"length (\S+)", c)[1] for c in captions] == [f"{v:.2f}" for v in lengths]
        if lengths.min() < 1 - 1e-6:
            assert f"shortest Bloch arrow has length {lengths.min():.2f}" in figure.said
        else:
            assert "A product state" in figure.said

    figure.put({"Encoding": "angle"})
    for d in (2, 3, 4):
        figure.put({"Encoding": "reupload", "Number of features": d - 2})
        figure.put({f"Feature x{k + 1}": x[k] for k in range(d)})
        options = {
            "Rotation about": "X",
            "Bandwidth, factor on features": 2,
            "Repeats or layers": 0,
        }
        figure.put({**options, "Gates on two qubits": True, "Trained angles": "random"})
        row = x[:d]
        figure.put({"Encoding": "basis"})
        assert_shows("basis", [float(v > 0) for v in row])
        figure.put({"Encoding": "amplitude"})
        assert_shows("amplitude", row)
        figure.put({"Encoding": "angle"})
        for axis in "XYZ":
            figure.put({"Rotation about": axis})
            assert_shows("angle", row, rotation=axis)
        options = {"Bandwidth, factor on features": 1, "Repeats or layers": d - 2}
        figure.put({"Encoding": "iqp", **options})
        assert_shows("iqp", row, bandwidth=0.5, n_repeats=d - 1)
        figure.put({"Gates on two qubits": False})
        assert_shows("iqp", row, bandwidth=0.5, n_repeats=d - 1, entangle=False)
        figure.put({"Encoding": "reupload", "Rotation about": "Y", "Repeats or layers": 1})
        used = {"rotation": "Y", "bandwidth": 0.5, "n_layers": 2}
        trained = weights[:2, :d]
        assert_shows("reupload", row, **used, weights=trained, entangle=False)
        figure.put({"Gates on two qubits": True})
        assert_shows("reupload", row, **used, weights=trained)
        figure.put({"Trained angles": "all 0"})
        assert_shows("reupload", row, **used)


def test_only_what_matters_is_offered(figure):
    figure.put({"Number of features": 0})
    for name, labels in {
        "basis": [],
        "angle": ["Rotation about", "Bandwidth"],
        "amplitude": [],
        "iqp": ["Bandwidth", "Repeats", "Gates on two qubits"],
        "reupload": ["Rotation about", "Bandwidth", "Repeats", "Gates on two", "Trained angles"],
    }.items():
        figure.put({"Encoding": name})
        always = ["Encoding", "Number of features", "Feature x1", "Feature x2", "Cost shown"]
        visible = figure.root.locator("label:visible").all_inner_texts()
        assert len(visible) == len(always + labels)
        for label in always + labels:
            assert any(text.startswith(label) for text in visible), (name, label)


def test_keys_cut_bits_and_limits(figure):
    figure.put({"Encoding": "basis", "Number of features": 0, "Feature x1": 0, "Feature x2": 0})
    state, _ = figure.shown()
    assert state.tolist() == [1, 0, 0, 0]
    slider = figure.control("Feature x1")
    slider.focus()
    figure.page.keyboard.press("ArrowRight")
    state, _ = figure.shown()
    assert state.tolist() == [0, 0, 1, 0]  # qubit 0 is the most significant bit
    assert slider.get_attribute("aria-valuetext") == "0.1, bit 1"
    figure.page.keyboard.press("End")
    state, _ = figure.shown()
    assert state.tolist() == [0, 0, 1, 0]
    assert slider.get_attribute("aria-valuetext") == "4.0, bit 1"
    figure.put({"Encoding": "amplitude"})
    assert slider.get_attribute("aria-valuetext") == "4.0"

    figure.put({"Feature x1": 0})
    assert figure.said.startswith("Amplitude encoding has no state for features that are all 0")
    assert figure.root.locator(".qml-bar").count() == 0
    assert figure.root.locator(".qml-figure-table tbody tr", has_text="|").count() == 0
    for encoding, corner in itertools.product(ENCODINGS, (-4, 4)):
        figure.put({"Encoding": encoding, "Feature x1": corner, "Feature x2": corner})
        state, _ = figure.shown()
        assert np.linalg.norm(state) == pytest.approx(1, abs=1e-8)


def test_cost_follows_the_choice_and_the_pointer(figure):
    figure.put({"Encoding": "iqp", "Number of features": 2})
    figure.put({"Repeats or layers": 2, "Gates on two qubits": True})
    expected = resources("iqp", 32, n_repeats=3)
    for label, key in {
        "depth": "depth",
        "qubits": "qubits",
        "gates": "gates",
        "gates on two qubits": "two_qubit_gates",
    }.items():
        figure.put({"Cost shown": label})
        _, costs = figure.shown()
        assert costs["iqp", 32] == tuple(expected.values())
        plot = figure.root.locator("svg[aria-label^='Cost']")
        assert f"features: {label}." in plot.get_attribute("aria-label")
        # Each count of the table has its point.
        column = list(expected).index(key)
        wanted = [[d, cost[column]] for (_, d), cost in costs.items()]
        places, points = plot.evaluate(
            """(e, wanted) => [
                wanted.map(([d, v]) => [e.scale('x').apply(d), e.scale('y').apply(v)]),
                [...e.querySelectorAll('[aria-label=dot] path')].map((p) => {
                    const m = p.transform.baseVal[0].matrix;
                    return [m.e, m.f];
                }),
            ]""",
            wanted,
        )
        np.testing.assert_allclose(np.sort(places, axis=0), np.sort(points, axis=0), atol=0.01)
    plot.scroll_into_view_if_needed()
    points = plot.locator("[aria-label=dot] path").evaluate_all(
        "(p) => p.map((e) => { const b = e.getBoundingClientRect();"
        " return [b.x + b.width / 2, b.y + b.height / 2]; })"
    )
    right = max(x for x, _ in points)
    x, y = min((p for p in points if p[0] > right - 2), key=lambda p: p[1])
    figure.page.mouse.move(x - 1, y + 1)
    figure.settle()
    tip = plot.locator("[aria-label=tip]").text_content()
    assert "iqp, 32 features" in tip
    assert f"{expected['gates']} gates, {expected['two_qubit_gates']} on two qubits" in tip


def test_fits_a_phone(base, page):
    page.set_viewport_size({"width": 360, "height": 800})
    figure = Encodings(page, base)
    figure.put({"Encoding": "reupload", "Number of features": 2, "Repeats or layers": 2})
    assert figure.root.locator(".qml-bloch").count() == 4
    parts = (".qml-figure-view > div > *", ".qml-bloch", "button", "select")
    figure.assert_inside(", ".join(f"{part}:visible" for part in parts))
    # The circuit is wider: it scrolls in its box, and stays where it was when a slider moves.
    circuit = figure.root.locator(".qml-scroll")
    assert circuit.evaluate("e => (e.scrollLeft = 200, e.scrollLeft)") == 200
    figure.put({"Feature x1": 1})
    assert circuit.evaluate("e => e.scrollLeft") == 200
