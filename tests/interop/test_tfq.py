"""TensorFlow Quantum's numbers against Cirq's own simulator and closed forms."""

import sys

import numpy as np
import pytest

from qmlcourse.interop import _tfq, tfq_expectation, tfq_gradient

cirq = pytest.importorskip("cirq")
sympy = pytest.importorskip("sympy")
pytestmark = pytest.mark.extra("tfq")

Q = cirq.LineQubit.range(4)
A, B = sympy.symbols("a b")
X, Y, Z = cirq.X, cirq.Y, cirq.Z
TURN = cirq.Circuit(cirq.rx(A)(Q[0]))


def exact(circuit, observable, a, b):
    found = cirq.Simulator(dtype=np.complex128).simulate(circuit, {"a": a, "b": b}, qubit_order=Q)
    place = {q: k for k, q in enumerate(Q)}
    return observable.expectation_from_state_vector(found.final_state_vector, place).real


@pytest.mark.parametrize("x", [1e3, -1e5, 1e8])
def test_large_angles_keep_the_precision(x):
    written = cirq.Circuit(cirq.rx(x)(Q[0]))
    assert tfq_expectation(written, Z(Q[0]))[0, 0] == pytest.approx(np.cos(x), abs=3e-7)
    assert tfq_expectation(TURN, Z(Q[0]), "a", [[x]])[0, 0] == pytest.approx(np.cos(x), abs=3e-7)
    assert tfq_gradient(TURN, Z(Q[0]), "a", [[x]])[0, 0] == pytest.approx(-np.sin(x), abs=1e-6)


def test_a_large_angle_under_a_control_counts_in_full_periods():
    """A controlled rotation by 2 pi is no identity: its period is 4 pi."""
    circuit = cirq.Circuit(cirq.H(Q[0]), cirq.rz(A)(Q[1]).controlled_by(Q[0]))
    x = 2 * np.pi * 101 + 0.3
    ours = tfq_expectation(circuit, [X(Q[0]), Y(Q[0])], [A], [[x]])[0]
    np.testing.assert_allclose(ours, [np.cos(x / 2), -np.sin(x / 2)], atol=1e-6)


def test_empty_circuits_are_identities():
    one = cirq.Circuit(X(Q[0]))
    assert tfq_expectation(cirq.Circuit(), Z(Q[0])).tolist() == [[1.0]]
    assert tfq_expectation(cirq.Circuit(), cirq.PauliString() * 2.5).tolist() == [[2.5]]
    ours = tfq_expectation([cirq.Circuit(), TURN], [Z(Q[0]), Z(Q[3]), X(Q[1])], ["a"],
                           [[0.3], [0.3]])  # fmt: skip
    np.testing.assert_allclose(ours, [[1, 1, 0], [np.cos(0.3), 1, 0]], atol=1e-6)
    slopes = tfq_gradient([cirq.Circuit(), TURN], [Z(Q[0]), Z(Q[1])], ["a"], [[0.3], [0.3]])
    np.testing.assert_allclose(slopes, [[0], [-np.sin(0.3)]], atol=1e-6)
    assert tfq_expectation(one, [Z(Q[0]), Z(Q[1]), cirq.I(Q[2])]).tolist() == [[-1, 1, 1]]


def test_sums_without_a_term_and_circuits_without_a_turn_are_computed():
    none = cirq.PauliSum()
    assert tfq_expectation(TURN, none, "a", [[0.3]]).tolist() == [[0.0]]
    assert tfq_gradient(TURN, none, "a", [[0.3]]).tolist() == [[0.0]]
    ours = tfq_expectation(TURN, [none, Z(Q[0])], "a", [[0.3]])
    np.testing.assert_allclose(ours, [[0, np.cos(0.3)]], atol=1e-6)
    # The only symbol is a global phase, which no value depends on.
    phase = cirq.Circuit(cirq.H(Q[0]), cirq.global_phase_operation(sympy.exp(sympy.I * A)))
    assert tfq_expectation(phase, X(Q[0]), "a", [[0.3]])[0, 0] == pytest.approx(1, abs=1e-6)
    assert tfq_gradient(phase, X(Q[0]), "a", [[0.3]]).tolist() == [[0.0]]


def test_factors_keep_all_digits():
    observable = 1.123456789 * Z(Q[0]) + 1e6 * cirq.PauliString() - 0.25 * Z(Q[0]) * X(Q[1])
    assert tfq_expectation(cirq.Circuit(X(Q[0])), observable)[0, 0] == 1e6 - 1.123456789


GATES = {
    "sum": lambda: cirq.rx(A + B / 3)(Q[0]),
    "product": lambda: cirq.ry(A * B)(Q[1]),
    "function": lambda: cirq.Z(Q[0]) ** (sympy.cos(A) * 2),
    "factor": lambda: cirq.XX(Q[0], Q[1]) ** (0.123456789 * A),
    "controlled rotation": lambda: cirq.rx(A)(Q[0]).controlled_by(Q[1]),
    "controlled Y": lambda: cirq.ry(A)(Q[2]).controlled_by(Q[1], control_values=[0]),
    "control values": lambda: cirq.XPowGate(exponent=A, global_shift=0.3)(Q[0]).controlled_by(
        Q[1], Q[3], control_values=[(0, 1), 1]
    ),
    "two controls": lambda: cirq.rz(B)(Q[0]).controlled_by(Q[1], Q[2]),
    "controlled iSWAP": lambda: (cirq.ISWAP(Q[0], Q[1]) ** A).controlled_by(Q[2]),
    "phased": lambda: cirq.PhasedXPowGate(exponent=A, phase_exponent=B / 3)(Q[0]),
    "phased iSWAP": lambda: cirq.PhasedISwapPowGate(exponent=A, phase_exponent=B)(Q[0], Q[1]),
    "fSim": lambda: cirq.FSimGate(A, 0.3 * B)(Q[1], Q[2]),
    "phased XZ": lambda: cirq.PhasedXZGate(
        x_exponent=A, z_exponent=0.2, axis_phase_exponent=B
    )(Q[3]),
    "CCZ": lambda: cirq.CCZ(*Q[:3]) ** A,
    "matrix": lambda: cirq.MatrixGate(cirq.testing.random_unitary(4, random_state=3))(*Q[:2]),
    "tagged": lambda: cirq.ry(A)(Q[1]).with_tags("t"),
}  # fmt: skip


@pytest.mark.parametrize("name", GATES)
def test_gates_and_expressions_of_symbols(name):
    """Values by Cirq's simulator, slopes by central differences of the same."""
    start = [cirq.ry(0.4 + k)(q) for k, q in enumerate(Q)]
    mixed = [cirq.CNOT(Q[0], Q[1]), cirq.rx(0.1 * A * B)(Q[0]), cirq.CZ(Q[2], Q[3]), cirq.T(Q[2])]
    turned = [cirq.rx(0.7).on_each(*Q)]
    circuit = cirq.Circuit(start, mixed, GATES[name](), turned)
    observable = 1.2345678 * X(Q[0]) * Z(Q[1]) + 0.3 * Y(Q[2]) - 0.7 * Z(Q[3])
    at, h = (0.37, -1.9), 1e-5
    ours = tfq_expectation(circuit, observable, ["a", "b"], [at])[0, 0]
    assert ours == pytest.approx(exact(circuit, observable, *at), abs=3e-6)
    slopes = [
        (exact(circuit, observable, *(at + step)) - exact(circuit, observable, *(at - step)))
        / (2 * h)
        for step in np.eye(2) * h
    ]
    ours = tfq_gradient(circuit, observable, ["a", "b"], [at])[0]
    np.testing.assert_allclose(ours, slopes, atol=1e-5)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: tfq_expectation(TURN, Z(Q[0])), r"\['a'\] are missing"),
        (lambda: tfq_expectation(TURN, Z(Q[0]), ["a", "a"], [[1, 2]]), "'a' twice"),
        (lambda: tfq_expectation(TURN, Z(Q[0]), ["a", "b"], [[1, 2]]), r"\['b'\], which none"),
        (lambda: tfq_expectation(TURN, 1j * Z(Q[0]), ["a"], [[1]]), "real, finite coefficients"),
        (lambda: tfq_expectation(TURN, np.nan * Z(Q[0]), ["a"], [[1]]), "real, finite coeff"),
        (lambda: tfq_expectation(TURN, Z(Q[0]), ["a"], [[np.inf]]), "finite numbers; got infinity"),
        (lambda: tfq_expectation(TURN, Z(Q[0]), ["a"], [[1e12]]), "at most 1e.09 half turns"),
        (lambda: tfq_expectation(cirq.Circuit(cirq.rx(1e20)(Q[0])), Z(Q[0])), "circuits must give"),
        (lambda: tfq_expectation(cirq.Circuit(X(Q[0]) ** (1 / A)), Z(Q[0]), "a", [[0]]), "got inf"),
        (lambda: tfq_expectation(cirq.Circuit(cirq.depolarize(0.1)(Q[0])), Z(Q[0])), "without noi"),
        (lambda: tfq_expectation(cirq.Circuit(cirq.measure(Q[0]), X(Q[0])), Z(Q[0])), "before the"),
        (lambda: tfq_expectation(cirq.Circuit(X.on_each(*cirq.LineQubit.range(60))), Z(Q[0])),
         "60 qubits would need"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, match):
    with pytest.raises(ValueError, match=match):
        call()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"circuits": []}, "circuits must be a cirq.Circuit"),
        ({"circuits": [TURN, 3]}, "circuits must be a cirq.Circuit"),
        ({"observables": []}, "observables must be Pauli strings"),
        ({"observables": 5}, "observables must be Pauli strings"),
        ({"observables": None}, "observables must be Pauli strings"),
        ({"observables": "Z"}, "observables must be Pauli strings"),
        ({"observables": [Z(Q[0]), "Z"]}, "observables must be Pauli strings"),
        ({"symbols": None}, "symbols must be names"),
        ({"symbols": [5]}, "symbols must be names"),
    ],
)
def test_what_is_something_else_is_named(change, match):
    given = {"circuits": TURN, "observables": Z(Q[0]), "symbols": ["a"], "values": [[0.3]]}
    with pytest.raises(TypeError, match=match):
        tfq_expectation(**given | change)


def test_the_missing_extra_is_named(monkeypatch):
    _tfq.tensorflow_quantum.cache_clear()
    monkeypatch.setitem(sys.modules, "tensorflow_quantum", None)
    for call in (tfq_expectation, tfq_gradient):
        with pytest.raises(ImportError, match=r"qmlcourse\[tfq\]"):
            call(TURN, [Z(Q[0])], ["a"], [[0.3]])


@pytest.mark.parametrize(
    "exponent",
    [
        sympy.Abs(A), sympy.Abs(A * B), A * sympy.sign(B), sympy.floor(A) * A + B,
        sympy.Mod(A, 2) * B, sympy.ceiling(A * B) * A, sympy.Heaviside(A) * B, sympy.frac(A) + B,
        sympy.re(A) + sympy.conjugate(B), sympy.Max(A, B), sympy.sqrt(A**2 + B**2),
        sympy.floor(A + sympy.floor(B)) * A,
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("point", [(0.7, 0.4), (-0.4, 1.3)])
def test_gradients_of_functions_with_steps(exponent, point):
    circuit = cirq.Circuit(cirq.rx(exponent)(Q[0]))
    names, step = sorted(cirq.parameter_names(circuit)), 1e-5
    values = dict(zip("ab", point, strict=True))

    def value(moved):
        return np.cos(float(exponent.subs(moved)))

    right = [
        (value(values | {n: values[n] + step}) - value(values | {n: values[n] - step})) / 2 / step
        for n in names
    ]
    found = tfq_gradient(circuit, Z(Q[0]), names, [[values[n] for n in names]])
    np.testing.assert_allclose(found[0], right, atol=1e-5)


@pytest.mark.parametrize("exponent", [sympy.sqrt(A), A**0.5, sympy.Abs(A) ** 0.3], ids=str)
def test_a_derivative_that_is_not_finite_is_named(exponent):
    circuit = cirq.Circuit(cirq.rx(exponent)(Q[0]))
    assert tfq_expectation(circuit, Z(Q[0]), ["a"], [[0.0]])[0, 0] == pytest.approx(1)
    with pytest.raises(ValueError, match=r"values must give finite derivatives.* by a at a = 0 is"):
        tfq_gradient(circuit, Z(Q[0]), ["a"], [[0.5], [0.0]])


def test_a_function_that_numpy_lacks_is_named():
    circuit = cirq.Circuit(cirq.rx(sympy.Function("f")(A))(Q[0]))
    for compute in (tfq_expectation, tfq_gradient):
        with pytest.raises(ValueError, match=r"that NumPy can compute from a; got f\(a\)"):
            compute(circuit, Z(Q[0]), ["a"], [[0.5]])
