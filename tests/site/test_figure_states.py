"""The figure "states": its simulator against PennyLane, its controls, its Bloch spheres."""

import numpy as np
import pennylane as qml
import pytest
from figure import Figure, amplitudes

from qmlcourse import simulator

NAMES = ["H", "X", "Y", "Z", "S", "T", "CNOT", "CZ", "RX", "RY", "RZ"]
RUN = """(q => a.map(([gates, n]) => {
    const state = q.run(gates, n);
    const bloch = q.blochVectors(state);
    return {
        state, bloch,
        entropies: bloch.map((v) => q.entropy(Math.hypot(...v))),
        concurrence: n === 2 ? q.concurrence(state) : null,
        resources: q.resources(gates, n),
    };
}))(await load("quantum"))"""


class States(Figure):
    name, chapter = "states", "foundations/circuits"

    def assert_shows(self, gates):
        """Compare the state in the table, as far as it is printed."""
        rows = self.rows()
        assert [row[0] for row in rows] == ["|00⟩", "|01⟩", "|10⟩", "|11⟩"]
        state = pennylane([*gates, ("RX", [1], 0.0)], 2)
        np.testing.assert_allclose(amplitudes(rows), state, atol=1e-9)

    def tip(self, k):
        """Return where an arrow ends, from the centre, in radii: to the right and up."""
        sphere = self.root.locator(".qml-bloch svg").nth(k)
        return sphere.evaluate("""(svg) => {
            const c = svg.querySelector('.qml-sphere'), t = svg.querySelector('.qml-tip');
            const get = (e, a) => +e.getAttribute(a);
            const r = get(c, 'r');
            return [(get(t, 'cx') - get(c, 'cx')) / r, (get(c, 'cy') - get(t, 'cy')) / r];
        }""")


@pytest.fixture(scope="module")
def opened(tab, base):
    return States(tab, base)


def pennylane(gates, n):
    """Return the state of a circuit by PennyLane."""

    @qml.qnode(qml.device("default.qubit", wires=n))
    def circuit():
        for name, wires, *angle in gates:
            getattr(qml, "Hadamard" if name == "H" else name)(*angle, wires=wires)
        return qml.state()

    return np.asarray(circuit())


def random_circuit(n, size, rng):
    gates = [("RY", [k], float(rng.uniform(-3, 3))) for k in range(n)]
    for name in rng.permutation(NAMES * size).tolist():
        wires = rng.permutation(n)[: 2 if name in ("CNOT", "CZ") else 1].tolist()
        if n > 1 or name not in ("CNOT", "CZ"):
            gates.append((name, wires, *([float(rng.uniform(-7, 7))] if name[0] == "R" else [])))
    return gates


def test_simulator_equals_pennylane(figure):
    rng = np.random.default_rng(1)
    circuits = [(random_circuit(n, 3, rng), n) for n in (1, 2, 2, 2, 3, 4, 5, 8)]
    for (gates, n), page in zip(circuits, figure.js(RUN, circuits), strict=True):
        state = pennylane(gates, n)
        np.testing.assert_allclose(np.array(page["state"]) @ [1, 1j], state, atol=1e-12)
        vectors = simulator.bloch_vectors(state[None])[0]
        np.testing.assert_allclose(page["bloch"], vectors, atol=1e-12)
        for k, entropy in enumerate(page["entropies"]):
            matrix = qml.math.reduce_statevector(state, [k])
            expected = qml.math.vn_entropy(np.array(matrix), [0], base=2)
            assert entropy == pytest.approx(expected, abs=1e-6)
        if n == 2:
            matrix = qml.math.reduce_statevector(state, [0])
            # For a pure state the concurrence is sqrt(2 (1 - tr rho^2)).
            expected = np.sqrt(2 * (1 - np.trace(matrix @ matrix).real))
            assert page["concurrence"] == pytest.approx(expected, abs=1e-7)
        tape = qml.tape.QuantumScript(
            [getattr(qml, "Hadamard" if g[0] == "H" else g[0])(*g[2:], wires=g[1]) for g in gates]
        )
        assert page["resources"] == {
            "qubits": n,
            "depth": tape.graph.get_depth(),
            "gates": len(gates),
            "two_qubit_gates": sum(len(g[1]) == 2 for g in gates),
        }


def test_page_agrees_with_the_chapter(figure):
    figure.assert_agrees("12 random circuits")
    names = {gate[0] for circuit in figure.data["circuits"] for gate in circuit["gates"]}
    assert names == set(NAMES)
    for circuit in figure.data["circuits"]:
        state = np.array(circuit["re"]) + 1j * np.array(circuit["im"])
        expected = pennylane(circuit["gates"], circuit["qubits"])
        np.testing.assert_allclose(state, expected, atol=1e-8)
        assert np.abs(state).max() < 0.99  # a basis state would prove little


def test_named_circuits(figure):
    third, quarter = np.pi / 3, np.pi / 4
    expected = {
        "no gate": ([], 0),
        "product state": ([("RY", [0], third), ("H", [1]), ("S", [1])], 0),
        "Bell state": ([("H", [0]), ("CNOT", [0, 1])], 1),
        "between product and Bell": ([("RY", [0], quarter), ("CNOT", [0, 1])], np.sin(quarter)),
        "Bell state with CZ": ([("H", [0]), ("CNOT", [0, 1])], 1),
        "interference": ([("H", [0]), ("RZ", [0], quarter), ("H", [0])], 0),
        # The control goes from + to -, the target stays -.
        "phase kickback": ([("X", [0]), ("X", [1]), ("H", [0]), ("H", [1])], 0),
        "swap by three CNOTs": ([("RY", [1], third)], 0),
    }
    for name, (gates, concurrence) in expected.items():
        figure.put({"Circuit": name})
        figure.assert_shows(gates)
        assert figure.found(r"concurrence ([\d.]+)") == pytest.approx([concurrence], abs=0.005)
        spectrum = (1 + np.sqrt(1 - concurrence**2) * np.array([1, -1])) / 2
        entropy = -sum(p * np.log2(p) for p in spectrum if p > 0)
        assert f"entropy {abs(entropy):.2f} bit" in figure.said
        length = np.sqrt(1 - concurrence**2)
        assert figure.found(r"Bloch arrows ([\d.]+)\.") == pytest.approx([length], abs=0.005)
    assert figure.control("Circuit").locator("option").count() == len(expected) + 1


def test_circuit_is_built_by_keyboard_and_pointer(figure):
    page = figure.page
    slider = figure.control("Angle of the latest rotation")
    figure.put({"Circuit": "between product and Bell"})
    figure.button("Reset").click()
    figure.assert_shows([])
    figure.button("Undo").click()
    figure.assert_shows([])

    gates = []
    for name in NAMES:
        wire = len(gates) % 2
        figure.put({"Gate on qubit (CNOT: control)": str(wire)})
        figure.press(name)
        wires = [wire, 1 - wire] if name in ("CNOT", "CZ") else [wire]
        angle = [np.pi / 4] if name[0] == "R" else []
        gates.append((name, wires, *angle))
        figure.assert_shows(gates)
    assert figure.root.locator(".qml-gate").count() == len(gates)
    chosen = figure.control("Circuit").evaluate("e => e.selectedOptions[0].text")
    assert "your own" in chosen

    # Keys on the slider turn the latest rotation only: two steps of pi/24.
    # It keeps the focus while the picture changes.
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    gates[-1] = ("RZ", gates[-1][1], np.pi / 3)
    figure.assert_shows(gates)
    for key, angle in (("End", np.pi), ("Home", -np.pi)):
        page.keyboard.press(key)
        gates[-1] = ("RZ", gates[-1][1], angle)
        figure.assert_shows(gates)

    # Undo brings back the rotation before, with its own angle on the slider.
    figure.button("Undo").click()
    figure.assert_shows(gates[:-1])
    assert slider.get_attribute("aria-valuetext") == "0.25π"

    for _ in range(3):
        figure.button("H").click()
    assert "No more than 12 gates" in figure.said
    assert figure.root.locator(".qml-gate").count() == 12


def seen(vector, around, above):
    """Turn the sphere so that the viewer looks along -x, with z up; y is then to the right."""
    a, e = np.radians([around, above])
    turn = np.array([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]])
    tilt = np.array([[np.cos(e), 0, np.sin(e)], [0, 1, 0], [-np.sin(e), 0, np.cos(e)]])
    return (tilt @ turn @ vector)[1:]


def test_spheres_turn_by_keys_and_pointer(figure):
    page = figure.page
    figure.put({"Circuit": "product state"})
    vectors = np.array([[np.sin(np.pi / 3), 0, 0.5], [0, 1, 0]])
    spheres = figure.root.locator(".qml-spheres")

    def assert_seen(around, above):
        figure.settle()
        for k, vector in enumerate(vectors):
            np.testing.assert_allclose(figure.tip(k), seen(vector, around, above), atol=1e-9)

    assert_seen(30, 20)
    spheres.focus()
    for key, view in [
        ("ArrowRight", (20, 20)),
        ("ArrowUp", (20, 10)),
        ("ArrowLeft", (30, 10)),
        ("ArrowDown", (30, 20)),
    ]:
        page.keyboard.press(key)
        assert_seen(*view)
    assert page.evaluate("document.activeElement.className") == "qml-spheres"
    for _ in range(15):
        page.keyboard.press("ArrowDown")
    assert_seen(30, 90)  # not over the pole
    figure.button("Reset view").click()
    assert_seen(30, 20)

    box = spheres.bounding_box()
    x, y = box["x"] + 60, box["y"] + 60
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 10)
    page.mouse.move(x + 50, y + 30)
    assert_seen(5, 35)  # half a degree a pixel; what is in front follows the pointer
    page.mouse.up()
    page.mouse.move(x, y)
    assert_seen(5, 35)
    assert figure.said.startswith("Circuit: RY(0.333π) on 0, H on 1")


def test_fits_a_phone(base, page):
    page.set_viewport_size({"width": 360, "height": 800})
    figure = States(page, base)
    for name in NAMES:
        figure.button(name).click()
    figure.settle()
    figure.assert_inside(".qml-figure-view > div > *, button, select")
    assert min(b.bounding_box()["height"] for b in figure.root.locator("button").all()) >= 24
    # The circuit scrolls to its end by itself.
    circuit = figure.root.locator(".qml-scroll")
    assert circuit.evaluate("e => e.scrollWidth - e.clientWidth - e.scrollLeft") < 2
