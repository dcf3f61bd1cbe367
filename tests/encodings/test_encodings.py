"""Encodings against dense matrices and PennyLane's templates, their costs and spectra."""

from fractions import Fraction
from functools import partial
from itertools import combinations
from types import SimpleNamespace

import dense
import numpy as np
import pandas as pd
import pennylane as qml
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qmlcourse import _checks, encodings, kernels
from qmlcourse.encodings import encoded_states, resources
from qmlcourse.encodings._encoding import BANDWIDTH, Encoding, Option
from qmlcourse.encodings._registry import REGISTRY, find
from qmlcourse.models import QuantumKernelClassifier


def dense_angle(x, rotation="X", c=1.0):
    d = len(x)
    s = dense.zero(d)
    for k in range(d):
        s = dense.pauli_rotation(c * x[k], {k: rotation}, d) @ s
    return s


def dense_iqp(x, r=1, c=1.0):
    d = len(x)
    s = dense.zero(d)
    for _ in range(r):
        s = dense.on(dict.fromkeys(range(d), dense.H), d) @ s
        for k in range(d):
            s = dense.pauli_rotation(c * x[k], {k: "Z"}, d) @ s
        for j, k in combinations(range(d), 2):
            s = dense.pauli_rotation(c * c * x[j] * x[k], {j: "Z", k: "Z"}, d) @ s
    return s


def dense_reupload(x, weights, rotation="X", c=1.0):
    d = len(x)
    s = dense.zero(d)
    ring = [(k, (k + 1) % d) for k in range(d)] if d > 2 else [(0, 1)] * (d - 1)
    for w in weights:
        for k in range(d):
            s = dense.pauli_rotation(c * x[k], {k: rotation}, d) @ s
        for k in range(d):
            for axis, angle in zip("ZYZ", w[k], strict=True):
                s = dense.pauli_rotation(angle, {k: axis}, d) @ s
        for i, j in ring:
            s = dense.cz(i, j, d) @ s
    return s


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_states_are_the_dense_products(d, rng):
    X = rng.normal(size=(3, d))
    weights = rng.normal(size=(2, d, 3))
    cases = [
        (encoded_states(X), [dense_angle(x) for x in X]),
        (
            encoded_states(X, "angle", rotation="Y", bandwidth=0.3),
            [dense_angle(x, "Y", 0.3) for x in X],
        ),
        (encoded_states(X, "iqp"), [dense_iqp(x) for x in X]),
        (
            encoded_states(X, "iqp", n_repeats=3, bandwidth=0.7),
            [dense_iqp(x, 3, 0.7) for x in X],
        ),
        (
            encoded_states(X, "reupload", weights=weights, bandwidth=2.0),
            [dense_reupload(x, weights, c=2.0) for x in X],
        ),
        (encoded_states(X, "reupload"), [dense_reupload(x, np.zeros((2, d, 3))) for x in X]),
    ]
    for ours, exact in cases:
        assert ours.dtype == np.complex128
        np.testing.assert_allclose(ours, exact, atol=1e-13)


def test_without_entanglement_the_two_qubit_gates_are_gone(rng):
    X, weights = rng.normal(size=(3, 3)), rng.normal(size=(2, 3, 3))
    for x, iqp, reupload in zip(
        X,
        encoded_states(X, "iqp", n_repeats=2, entangle=False),
        encoded_states(X, "reupload", weights=weights, entangle=False),
        strict=True,
    ):
        # Each qubit by itself: the product of the one-feature encodings.
        alone = [encoded_states([[v]], "iqp", n_repeats=2)[0] for v in x]
        np.testing.assert_allclose(iqp, np.kron(np.kron(*alone[:2]), alone[2]), atol=1e-13)
        alone = [encoded_states([[x[k]]], "reupload", weights=weights[:, [k]])[0] for k in range(3)]
        np.testing.assert_allclose(reupload, np.kron(np.kron(*alone[:2]), alone[2]), atol=1e-13)
    for encoding in ("iqp", "reupload"):
        with_gates, without = (resources(encoding, 4, entangle=e) for e in (True, False))
        assert without["two_qubit_gates"] == 0 < with_gates["two_qubit_gates"]
        assert without["depth"] < with_gates["depth"]


def test_basis_states_are_one_hot():
    states = encoded_states([[0, 0, 1], [1, 1, 0]], "basis")
    np.testing.assert_array_equal(states, np.eye(8)[[1, 6]])


def test_amplitudes_are_the_normalised_features_padded():
    states = encoded_states([[1.0, -2.0, 2.0]], "amplitude")
    np.testing.assert_allclose(states, [[1 / 3, -2 / 3, 2 / 3, 0]], atol=1e-15)
    # One feature still needs a qubit, and huge or tiny rows keep their direction.
    np.testing.assert_array_equal(encoded_states([[-5.0]], "amplitude"), [[-1, 0]])
    np.testing.assert_allclose(
        encoded_states([[3e300, 4e300], [3e-310, 4e-310]], "amplitude"),
        [[0.6, 0.8]] * 2,
        atol=1e-9,
    )


@pytest.mark.parametrize(
    ("encoding", "options", "template"),
    [
        ("angle", {}, lambda x, w: qml.AngleEmbedding(x, w)),
        ("angle", {"rotation": "Z"}, lambda x, w: qml.AngleEmbedding(x, w, rotation="Z")),
        ("iqp", {}, lambda x, w: qml.IQPEmbedding(x, w)),
        ("iqp", {"n_repeats": 2}, lambda x, w: qml.IQPEmbedding(x, w, n_repeats=2)),
        (
            "amplitude",
            {},
            lambda x, w: qml.AmplitudeEmbedding(x, w, normalize=True, pad_with=0.0),
        ),
        ("basis", {}, lambda x, w: qml.BasisEmbedding(x.astype(int), w)),
    ],
)
@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_states_equal_pennylane_templates(encoding, options, template, d, rng):
    X = rng.integers(0, 2, (3, d)) if encoding == "basis" else rng.normal(size=(3, d))
    n_qubits = resources(encoding, d)["qubits"]

    @qml.qnode(qml.device("default.qubit", wires=n_qubits))
    def circuit(x):
        template(x, range(n_qubits))
        return qml.state()

    theirs = np.array([circuit(x) for x in X])
    np.testing.assert_allclose(encoded_states(X, encoding, **options), theirs, atol=1e-12)


@given(
    st.sampled_from(["angle", "amplitude", "iqp", "reupload"]),
    st.integers(1, 5),
    st.integers(0, 2**32 - 1),
)
def test_states_have_norm_1_and_batch_like_single_rows(encoding, d, seed):
    X = np.random.default_rng(seed).normal(size=(4, d)) * 3
    states = encoded_states(X, encoding)
    assert states.shape == (4, 2 ** resources(encoding, d)["qubits"])
    np.testing.assert_allclose(np.linalg.norm(states, axis=1), 1, atol=1e-12)
    for x, state in zip(X, states, strict=True):
        np.testing.assert_allclose(encoded_states(x[None], encoding)[0], state, atol=1e-12)


def elementary(ops):
    """Decompose PennyLane operators to the gates that resources() counts."""
    known = {"RX", "RY", "RZ", "Hadamard", "X", "PauliX", "CNOT", "CZ"}
    (tape,), _ = qml.devices.preprocess.decompose(
        qml.tape.QuantumScript(ops),
        stopping_condition=lambda op: op.name in known,
        skip_initial_state_prep=False,
        name="test",
    )
    return tape


@pytest.mark.parametrize("d", [1, 2, 3, 4, 7, 8])
def test_resources_are_those_of_pennylane_circuits(d, rng):
    x = rng.uniform(0.1, 1, d)
    q = resources("amplitude", d)["qubits"]
    full = np.pad(x, (0, 2**q - d), constant_values=0.5)
    circuits = {
        "basis": [qml.X(k) for k in range(d)],
        "angle": [qml.AngleEmbedding(x, range(d))],
        "iqp": [qml.IQPEmbedding(x, range(d))],
        "amplitude": [qml.MottonenStatePreparation(full / np.linalg.norm(full), range(q))],
    }
    for encoding, ops in circuits.items():
        tape = elementary(ops)
        counted = resources(encoding, d)
        assert counted == {
            "qubits": len(tape.wires),
            "depth": tape.graph.get_depth(),
            "gates": len(tape.operations),
            "two_qubit_gates": sum(len(op.wires) == 2 for op in tape.operations),
        }, encoding


def test_resources_follow_their_formulas():
    for d in (1, 2, 3, 6, 16, 33):
        assert resources("angle", d) == {
            "qubits": d, "depth": 1, "gates": d, "two_qubit_gates": 0
        }  # fmt: skip
        iqp = resources("iqp", d, n_repeats=2)
        assert iqp["two_qubit_gates"] == 2 * d * (d - 1)
        q = max(1, int(np.ceil(np.log2(d))))
        amplitude = resources("amplitude", d)
        assert (amplitude["qubits"], amplitude["gates"]) == (q, 2 ** (q + 1) - 3)
        layer = resources("reupload", d, n_layers=1)
        assert layer["gates"] == 4 * d + {1: 0, 2: 1}.get(d, d)
        assert resources("reupload", d, n_layers=3)["gates"] == 3 * layer["gates"]


@pytest.mark.parametrize("n_repeats", [1, 2, 3])
def test_spectrum_is_that_of_the_circuit(n_repeats, rng):
    weights = rng.normal(size=(n_repeats, 1, 3))
    n = 2 * n_repeats + 5
    x = 2 * np.pi * np.arange(n) / n
    states = encoded_states(x[:, None], "reupload", n_layers=n_repeats, weights=weights)
    c = encodings.fourier_coefficients(np.abs(states[:, 0]) ** 2)
    seen = np.flatnonzero(np.abs(c) > 1e-12) - n // 2
    np.testing.assert_array_equal(seen, encodings.frequency_spectrum(n_repeats))


def test_spectrum_of_other_generators():
    spectrum = encodings.frequency_spectrum(1, eigenvalues=[0, 1, 3])
    np.testing.assert_array_equal(spectrum, [-3, -2, -1, 0, 1, 2, 3])
    np.testing.assert_array_equal(encodings.frequency_spectrum(2, eigenvalues=[0.25]), [0])


def test_fourier_coefficients_are_the_integrals(rng):
    c = rng.normal(size=(3, 2)) @ [1, 1j]
    series = np.concatenate([c[::-1].conj(), [0.7], c])
    x = 2 * np.pi * np.arange(7) / 7
    values = (series * np.exp(1j * np.outer(x, np.arange(-3, 4)))).sum(1).real
    np.testing.assert_allclose(encodings.fourier_coefficients(values), series, atol=1e-14)
    with pytest.raises(ValueError, match="values must have odd length"):
        encodings.fourier_coefficients([1.0, 2.0])


@pytest.mark.parametrize(
    ("encoding", "options"),
    [("angle", {}), ("reupload", {}), ("iqp", {}), ("iqp", {"entangle": False})],
)
def test_rows_whose_phases_overflow_are_named(encoding, options):
    # A product overflows from 1e154 on, a number from 1.8e308.
    large, too_large = (1e153, 1e155) if encoding == "iqp" and not options else (1e307, 8e307)
    assert np.isfinite(encoded_states([[large, -large]], encoding, **options)).all()
    options = {"bandwidth": 100.0, **options}
    X = [[1.0, 2.0], [too_large, -too_large], [too_large, 1.0]]
    with pytest.raises(
        ValueError, match=f"X must have finite phases in the {encoding} encoding; .*row 1 overflow"
    ):
        encoded_states(X, encoding, **options)


@given(
    st.lists(st.floats(-1e160, 1e160), min_size=1, max_size=4),
    st.floats(1e-3, 1e3),
    st.booleans(),
)
def test_iqp_states_are_finite_or_refused(x, bandwidth, entangle):
    options = {"bandwidth": bandwidth, "entangle": entangle}
    try:
        states = encoded_states([x], "iqp", **options)
    except ValueError:
        with np.errstate(over="ignore"):
            assert entangle and np.isinf(np.square(bandwidth * np.array(x))).any()
    else:
        np.testing.assert_allclose(np.linalg.norm(states), 1, atol=1e-9)


@pytest.mark.parametrize(
    "given",
    [
        lambda X: X.astype(np.float32),
        lambda X: X.astype(int),
        lambda X: X.astype(bool),
        lambda X: np.array([[Fraction(int(v)) for v in row] for row in X], dtype=object),
        lambda X: pd.DataFrame(X, columns=["b", "a", "c"]),
        np.asfortranarray,
        lambda X: np.repeat(X, 2, axis=0)[::2],
        lambda X: X.tolist(),
    ],
)
@pytest.mark.parametrize("encoding", encodings.ENCODINGS)
def test_any_table_of_real_numbers_is_taken_and_left_as_it_was(given, encoding):
    X = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
    expected = encoded_states(X, encoding)
    table = given(X)
    if isinstance(table, np.ndarray):
        table.flags.writeable = False
    np.testing.assert_array_equal(encoded_states(table, encoding), expected)


def test_options_are_left_as_they_were(rng):
    weights = rng.normal(size=(2, 3, 3))
    before = weights.copy()
    states = encoded_states(rng.normal(size=(4, 3)), "reupload", weights=weights, n_layers=2)
    np.testing.assert_array_equal(weights, before)
    assert not np.shares_memory(states, weights)


def test_an_encoding_takes_some_of_the_settings_given():
    settings = {"bandwidth": 2.0, "n_repeats": 3, "entangle": False}
    assert {name: list(find(name).accepted(**settings)) for name in encodings.ENCODINGS} == {
        "basis": [],
        "angle": ["bandwidth"],
        "amplitude": [],
        "iqp": ["bandwidth", "n_repeats", "entangle"],
        "reupload": ["bandwidth", "entangle"],
    }


def one_qubit_states(X, bandwidth, shift):
    """Rotate a single qubit by the sum of the features: one that the package doesn't have."""
    half = (bandwidth * X.sum(axis=1) + shift) / 2
    return np.stack([np.cos(half), np.sin(half)], axis=1).astype(complex)


def below_ten(X, name, **options):
    if X.max() >= 10:
        raise ValueError(f"{name} must be below 10 for the toy encoding.")


def test_an_encoding_is_one_entry_in_the_registry(rng, monkeypatch):
    toy = Encoding(
        name="toy",
        options={"bandwidth": BANDWIDTH, "shift": Option(0.0, _checks.real)},
        n_qubits=lambda n_features: 1,
        encode=one_qubit_states,
        gates=lambda n_features, **options: [(0,)] * n_features,
        check=below_ten,
    )
    monkeypatch.setitem(REGISTRY, "toy", toy)
    X, Y = rng.normal(size=(40, 3)), rng.normal(size=(7, 3))
    states = encoded_states(X, "toy", bandwidth=0.5, shift=0.2)
    np.testing.assert_array_equal(states, one_qubit_states(X, 0.5, 0.2))
    assert resources("toy", 3, bandwidth=2.0) == {
        "qubits": 1, "depth": 3, "gates": 3, "two_qubit_gates": 0
    }  # fmt: skip
    cosine = np.cos(X.sum(axis=1)[:, None] - Y.sum(axis=1))
    np.testing.assert_allclose(
        kernels.kernel_matrix(X, Y, encoding="toy", batch_size=3), (1 + cosine) / 2, atol=1e-13
    )
    np.testing.assert_allclose(
        kernels.projected_kernel(X, Y, encoding="toy", gamma=0.3), np.exp(0.3 * (cosine - 1))
    )
    y = X.sum(axis=1) > 0
    for kind in ("fidelity", "projected"):
        model = QuantumKernelClassifier("toy", kind=kind, n_repeats=2, max_qubits=1)
        assert model.fit(X, y).score(X, y) > 0.9
    with pytest.raises(ValueError, match="'n_repeats' is not an option of the toy encoding; all"):
        encoded_states(X, "toy", n_repeats=2)
    with pytest.raises(TypeError, match="shift must be a finite number; got '1'"):
        kernels.kernel_matrix(X, encoding="toy", shift="1")
    with pytest.raises(ValueError, match="Y must be below 10 for the toy encoding"):
        kernels.kernel_matrix(X, [[1, 2, 10]], encoding="toy")


BAD_X = [
    ([[np.nan, 1.0]], ValueError, "X must hold finite numbers; got NaN"),
    ([[np.inf, 1.0]], ValueError, "X must hold finite numbers; got infinity"),
    (np.zeros((0, 2)), ValueError, r"X must not be empty; got shape \(0, 2\)"),
    ([1.0, 2.0], ValueError, r"X must be a 2-D array; got shape \(2,\)"),
    ([["1.0", "2.0"]], TypeError, "X must hold numbers; got dtype"),
    ([[None, 1.0]], TypeError, "X must hold numbers; got dtype object"),
    ([[1.0], [1.0, 2.0]], ValueError, "X must be a 2-D array of numbers; got ragged rows"),
    ([[1j, 2.0]], TypeError, "X must hold real numbers; got complex"),
]


@pytest.mark.parametrize(("X", "error", "message"), BAD_X)
@pytest.mark.parametrize("encoding", encodings.ENCODINGS)
def test_bad_features_are_named(X, error, message, encoding):
    with pytest.raises(error, match=message):
        encoded_states(X, encoding)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: encoded_states([[0.5, 1.0]], "basis"),
            ValueError,
            "X must hold only bits, 0 or 1, for the basis encoding; got 0.5",
        ),
        (
            lambda: encoded_states([[1.0, 0.0], [0.0, 0.0]], "amplitude"),
            ValueError,
            "X must have no zero vector for the amplitude encoding; row 1",
        ),
        (
            lambda: encoded_states([[1.0]], "angel"),
            ValueError,
            "encoding must be one of 'basis', .*; got 'angel'",
        ),
        (
            lambda: encoded_states([[1.0]], "angle", n_repeats=2),
            ValueError,
            "'n_repeats' is not an option of the angle encoding; allowed: rotation, bandwidth",
        ),
        (
            lambda: encoded_states([[1.0]], bandwidth=0),
            ValueError,
            "bandwidth must be a finite number above 0; got 0",
        ),
        (
            lambda: encoded_states([[1.0]], rotation="W"),
            ValueError,
            "rotation must be one of",
        ),
        (
            lambda: encoded_states([[1.0]], "iqp", n_repeats=1.5),
            TypeError,
            "n_repeats must be an integer at least 1; got 1.5",
        ),
        (
            lambda: encoded_states([[1.0]], "reupload", weights=np.zeros((3, 1, 3))),
            ValueError,
            r"weights must have shape \(2, 1, 3\); got \(3, 1, 3\)",
        ),
        (
            lambda: encoded_states(np.ones((1, 45))),
            ValueError,
            "1 states of 45 qubits would need .* GiB of memory; .* is available",
        ),
        *(
            (
                partial(encoded_states, [[1.0]], encoding, entangle=entangle),
                TypeError,
                f"entangle must be True or False; got {entangle!r}",
            )
            for encoding in ("iqp", "reupload")
            for entangle in ("no", 1, None)
        ),
        (
            lambda: resources("iqp", 2, entangle="no"),
            TypeError,
            "entangle must be True or False; got 'no'",
        ),
        (
            lambda: encoded_states([[1.0]], "reupload", weights=np.zeros((2, 3))),
            ValueError,
            r"weights must be a 3-D array; got shape \(2, 3\)",
        ),
        (
            lambda: resources("amplitude", 2, bandwidth=1.0),
            ValueError,
            "'bandwidth' is not an option of the amplitude encoding; allowed: none",
        ),
        (lambda: resources("angle", 0), ValueError, "n_features must be .* got 0"),
        (lambda: resources("angle", True), TypeError, "n_features must be an integer"),
        (lambda: encodings.frequency_spectrum(0), ValueError, "n_repeats must be"),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_spectrum_far_from_zero_has_each_frequency_once():
    # Rounding makes the two gaps of 0.1 differ by 1e-11.
    found = encodings.frequency_spectrum(eigenvalues=(1e6 / 3, 1e6 / 3 + 0.1, 1e6 / 3 + 0.2))
    np.testing.assert_allclose(found, [-0.2, -0.1, 0, 0.1, 0.2], atol=1e-9)


def test_a_spectrum_beyond_memory_is_refused(monkeypatch):
    free = SimpleNamespace(available=8 * 10**6 - 1)
    monkeypatch.setattr(_checks.psutil, "virtual_memory", lambda: free)
    with pytest.raises(ValueError, match="the differences of 1000 eigenvalues would need"):
        encodings.frequency_spectrum(eigenvalues=np.arange(1000.0))


@pytest.mark.parametrize("name", REGISTRY)
def test_states_are_complex(name):
    assert encoded_states([[1, 0, 1, 1]], encoding=name).dtype == complex


def test_a_fault_of_values_names_them():
    with pytest.raises(ValueError, match=r"^values must hold finite numbers; got NaN"):
        encodings.fourier_coefficients([0, np.nan, 1])


def test_a_feature_whose_products_may_overflow_is_refused():
    with pytest.raises(
        ValueError, match=r"X must have finite phases in the iqp encoding; .* row 0"
    ):
        encoded_states([[1e200, 1]], "iqp")
