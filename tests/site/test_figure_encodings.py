"""The figure "encodings": states and costs in the browser against the package's."""

import itertools
import json
import re

import numpy as np
import pytest

from qmlcourse import simulator
from qmlcourse.encodings import ENCODINGS, encoded_states, resources

PAGE = "book/encoding/encodings.html"
RUN = """async ([cases, base]) => {
    const q = await import(base + "quantum.js");
    const { encodingCircuit } = await import(base + "encodings.js");
    return cases.map(([name, x, options]) => {
        const { circuit, n } = encodingCircuit(name, x, options);
        return { state: q.run(circuit, n), resources: q.resources(circuit, n) };
    });
}"""


def opened(page, base):
    page.goto(base + PAGE, wait_until="domcontentloaded")
    root = page.locator("[data-figure=encodings]")
    root.scroll_into_view_if_needed()
    page.wait_for_selector("[data-figure=encodings][data-state=ready]")
    return root


@pytest.fixture(scope="module")
def figure(base, browser):
    """The figure, once for all tests; each sets every control that it depends on."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        root = opened(context.new_page(), base)
        root.locator("summary").click()
        yield root


def drawn(page):
    """Wait until what was asked for has been drawn: at most one drawing a frame."""
    page.evaluate("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")


def put(figure, **controls):
    """Set controls by their labels: a number, a text to choose, or a tick."""
    for label, value in controls.items():
        control = figure.get_by_label(label.replace("_", " ")).and_(figure.locator("input, select"))
        if isinstance(value, bool):
            control.set_checked(value)
        elif isinstance(value, str):
            control.select_option(label=value)
        else:
            control.fill(str(value))


def shown(figure):
    """Return the state and the costs in the figure's tables."""
    drawn(figure.page)
    tables = figure.locator(".qml-figure-table")
    amplitudes = [
        row.replace("\u2212", "-").split("\t")
        for row in tables.nth(0).locator("tbody tr").all_inner_texts()
    ]
    state = np.array([float(c[1]) + 1j * float(c[2]) for c in amplitudes])
    costs = [row.split("\t") for row in tables.nth(1).locator("tbody tr").all_inner_texts()]
    return state, {(c[0], int(c[1])): tuple(map(int, c[2:])) for c in costs}


def said(figure):
    return figure.locator("output").inner_text().replace("\u2212", "-")


def test_circuits_make_the_states_and_cost_what_the_package_says(figure, base):
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
    results = figure.page.evaluate(RUN, [plain, base + "_static/figures/"])
    for (name, x, options), result in zip(cases, results, strict=True):
        state = np.array(result["state"]) @ [1, 1j]
        expected = encoded_states([x], name, **options)[0]
        np.testing.assert_allclose(state, expected, atol=1e-12, err_msg=f"{name} {options}")
        if name != "basis" or x.all():  # the package counts the worst case of basis
            kept = ("n_repeats", "n_layers", "entangle")
            cost = resources(name, len(x), **{k: v for k, v in options.items() if k in kept})
            assert result["resources"] == cost, (name, options)


def test_page_agrees_with_the_chapter(figure):
    text = figure.locator(".qml-check").last.inner_text().replace("\u2212", "-")
    assert "15 cases" in text
    assert float(re.search(r"difference of an amplitude ([\d.e-]+)\.", text)[1]) < 1e-8
    data = json.loads(figure.locator("script").text_content())
    assert {case["encoding"] for case in data["cases"]} == set(ENCODINGS)
    for case in data["cases"]:
        state = np.array(case["re"]) + 1j * np.array(case["im"])
        expected = encoded_states([case["x"]], case["encoding"], **case["options"])[0]
        np.testing.assert_allclose(state, expected, atol=1e-8)


def test_controls_set_the_state(figure):
    weights = np.array(json.loads(figure.locator("script").text_content())["weights"])
    x = [-1.3, 0.4, 2.7, -3.9]

    def assert_shows(name, row, **options):
        state, costs = shown(figure)
        np.testing.assert_allclose(
            state, encoded_states([row], name, **options)[0], atol=1e-9, err_msg=str(options)
        )
        kept = {k: v for k, v in options.items() if k in ("n_repeats", "n_layers", "entangle")}
        cost = resources(name, len(row), **kept)
        assert costs[name, len(row)] == tuple(cost.values())
        count = "depth {depth}, {gates} gates?, {two_qubit_gates} on two qubits".format(**cost)
        if name != "basis":
            assert re.search(count, said(figure))
        lengths = np.linalg.norm(simulator.bloch_vectors(state[None])[0], axis=1)
        captions = figure.locator(".qml-caption").all_inner_texts()
        assert [re.search(r"length (\S+)", c)[1] for c in captions] == [f"{v:.2f}" for v in lengths]
        if lengths.min() < 1 - 1e-6:
            assert f"shortest Bloch arrow has length {lengths.min():.2f}" in said(figure)
        else:
            assert "A product state" in said(figure)

    put(figure, Encoding="angle")
    for d in (2, 3, 4):
        put(figure, Encoding="reupload", Number_of_features=d - 2)
        for k in range(d):
            put(figure, **{f"Feature x{k + 1}": x[k]})
        put(figure, Rotation_about="X", Bandwidth=2, Repeats=0, Gates_on_two_qubits=True)
        put(figure, Trained_angles="random")
        row = x[:d]
        put(figure, Encoding="basis")
        assert_shows("basis", [float(v > 0) for v in row])
        put(figure, Encoding="amplitude")
        assert_shows("amplitude", row)
        put(figure, Encoding="angle")
        for axis in "XYZ":
            put(figure, Rotation_about=axis)
            assert_shows("angle", row, rotation=axis)
        put(figure, Encoding="iqp", Bandwidth=1, Repeats=d - 2)
        assert_shows("iqp", row, bandwidth=0.5, n_repeats=d - 1)
        put(figure, Gates_on_two_qubits=False)
        assert_shows("iqp", row, bandwidth=0.5, n_repeats=d - 1, entangle=False)
        put(figure, Encoding="reupload", Rotation_about="Y", Repeats=1)
        used = {"rotation": "Y", "bandwidth": 0.5, "n_layers": 2}
        trained = weights[:2, :d]
        assert_shows("reupload", row, **used, weights=trained, entangle=False)
        put(figure, Gates_on_two_qubits=True)
        assert_shows("reupload", row, **used, weights=trained)
        put(figure, Trained_angles="all 0")
        assert_shows("reupload", row, **used)


def test_only_what_matters_is_offered(figure):
    put(figure, Number_of_features=0)
    for name, labels in {
        "basis": [],
        "angle": ["Rotation about", "Bandwidth"],
        "amplitude": [],
        "iqp": ["Bandwidth", "Repeats", "Gates on two qubits"],
        "reupload": ["Rotation about", "Bandwidth", "Repeats", "Gates on two", "Trained angles"],
    }.items():
        put(figure, Encoding=name)
        drawn(figure.page)
        always = ["Encoding", "Number of features", "Feature x1", "Feature x2", "Cost shown"]
        visible = figure.locator("label:visible").all_inner_texts()
        assert len(visible) == len(always + labels)
        for label in always + labels:
            assert any(text.startswith(label) for text in visible), (name, label)


def test_keys_cut_bits_and_limits(figure):
    page = figure.page
    put(figure, Encoding="basis", Number_of_features=0, Feature_x1=0, Feature_x2=0)
    state, _ = shown(figure)
    assert state.tolist() == [1, 0, 0, 0]
    slider = figure.get_by_label("Feature x1")
    slider.focus()
    page.keyboard.press("ArrowRight")
    state, _ = shown(figure)
    assert state.tolist() == [0, 0, 1, 0]  # qubit 0 is the most significant bit
    assert slider.get_attribute("aria-valuetext") == "0.1, bit 1"
    page.keyboard.press("End")
    state, _ = shown(figure)
    assert state.tolist() == [0, 0, 1, 0]
    assert slider.get_attribute("aria-valuetext") == "4.0, bit 1"
    put(figure, Encoding="amplitude")
    drawn(page)
    assert slider.get_attribute("aria-valuetext") == "4.0"

    put(figure, Feature_x1=0)
    drawn(page)
    assert said(figure).startswith("Amplitude encoding has no state for features that are all 0")
    assert figure.locator(".qml-bar").count() == 0
    assert figure.locator(".qml-figure-table tbody tr", has_text="|").count() == 0
    for encoding, corner in itertools.product(ENCODINGS, (-4, 4)):
        put(figure, Encoding=encoding, Feature_x1=corner, Feature_x2=corner)
        state, _ = shown(figure)
        assert np.linalg.norm(state) == pytest.approx(1, abs=1e-8)


def test_cost_follows_the_choice_and_the_pointer(figure):
    page = figure.page
    put(figure, Encoding="iqp", Number_of_features=2, Repeats=2, Gates_on_two_qubits=True)
    expected = resources("iqp", 32, n_repeats=3)
    for label, key in {
        "depth": "depth",
        "qubits": "qubits",
        "gates": "gates",
        "gates on two qubits": "two_qubit_gates",
    }.items():
        put(figure, Cost_shown=label)
        _, costs = shown(figure)
        assert costs["iqp", 32] == tuple(expected.values())
        plot = figure.locator("svg[aria-label^='Cost']")
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
    page.mouse.move(x - 1, y + 1)
    drawn(page)
    tip = plot.locator("[aria-label=tip]").text_content()
    assert "iqp, 32 features" in tip
    assert f"{expected['gates']} gates, {expected['two_qubit_gates']} on two qubits" in tip


def test_fits_a_phone(base, page):
    page.set_viewport_size({"width": 360, "height": 800})
    root = opened(page, base)
    put(root, Encoding="reupload", Number_of_features=2, Repeats=2)
    drawn(page)
    assert root.locator(".qml-bloch").count() == 4
    box = root.bounding_box()
    for part in root.locator(".qml-figure-view > div > *, .qml-bloch, button, select").all():
        if part.is_visible():
            inner = part.bounding_box()
            assert inner["x"] >= box["x"]
            assert inner["x"] + inner["width"] <= box["x"] + box["width"]
    # The circuit is wider: it scrolls in its box, and stays where it was when a slider moves.
    circuit = root.locator(".qml-scroll")
    assert circuit.evaluate("e => (e.scrollLeft = 200, e.scrollLeft)") == 200
    put(root, Feature_x1=1)
    drawn(page)
    assert circuit.evaluate("e => e.scrollLeft") == 200
