"""Gradient variance against PennyLane, exact formulas and its interval's own coverage."""

import tracemalloc

import numpy as np
import pandas as pd
import pennylane as qml
import pytest
from joblib import cpu_count

from qmlcourse import ansatz, trainability
from qmlcourse.ansatz import Ansatz
from qmlcourse.trainability import _derivatives, gradient_variance


def pennylane_gradient(circuit, theta, cost):
    q = circuit.n_qubits

    @qml.qnode(qml.device("default.qubit", wires=q))
    def expectation(theta):
        circuit.ops(theta)
        if cost == "global":
            return qml.expval(qml.Projector([0] * q, wires=range(q)))
        if cost == "local":
            return qml.expval(qml.dot([1 / q] * q, [qml.Projector([0], wires=k) for k in range(q)]))
        return qml.expval(qml.Z(0) @ qml.Z(1))

    shift = np.eye(len(theta))[0] * np.pi / 2
    return (expectation(theta + shift) - expectation(theta - shift)) / 2


@pytest.mark.parametrize("cost", _derivatives.COSTS)
@pytest.mark.parametrize("n_qubits", [2, 4, 5])
def test_derivatives_equal_pennylane_on_the_same_circuits(cost, n_qubits, rng):
    circuits = [ansatz.random_pauli(n_qubits, 5, rng=rng) for _ in range(4)]
    thetas = rng.uniform(0, 2 * np.pi, (4, 5 * n_qubits))
    theirs = [pennylane_gradient(c, t, cost) for c, t in zip(circuits, thetas, strict=True)]
    # Ours runs in single precision.
    ours = trainability.first_derivatives(circuits, thetas, cost)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize(
    ("setting", "value"), [("_CHUNK", 64), ("_ANGLES", 30), ("_ROWS", 2), ("_BLOCK", 2)]
)
def test_chunks_change_nothing(setting, value, rng, monkeypatch):
    circuits = [ansatz.random_pauli(5, 3, rng=rng) for _ in range(7)]
    thetas = rng.uniform(0, 2 * np.pi, (7, 15))
    whole = trainability.first_derivatives(circuits, thetas, "zz")
    monkeypatch.setattr(_derivatives, setting, value)
    parts = trainability.first_derivatives(circuits, thetas, "zz")
    np.testing.assert_allclose(parts, whole, atol=1e-7)


def test_memory_does_not_grow_with_the_number_of_circuits(rng):
    n = 80 * cpu_count()
    circuits = [ansatz.random_pauli(12, 2, rng=rng) for _ in range(n)]
    thetas = rng.uniform(0, 2 * np.pi, (n, 24))
    tracemalloc.start()
    try:
        trainability.first_derivatives(circuits, thetas, "zz")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # All states at once would be five times as much.
    assert peak < 2 * _derivatives.working_memory(12, n)


def product_rx(n_qubits, depth, *, rng):
    """Return one layer of RX: the cost is a product, so its variance is known exactly."""
    return Ansatz(np.ones((depth, n_qubits), dtype=int), np.zeros(depth, dtype=bool))


@pytest.mark.parametrize("n_qubits", [1, 2, 4])
def test_variance_of_a_product_circuit_is_exact(n_qubits, rng):
    # d/da prod cos^2(a_k / 2): variance 1/8 for qubit 0, E cos^4 = 3/8 for each other.
    exact = 1 / 8 * (3 / 8) ** (n_qubits - 1)
    v = gradient_variance(n_qubits, 1, ansatz=product_rx, n_samples=4000, rng=rng)
    assert v.low < exact < v.high
    # The local cost is a mean of cos^2: 1 / (8 n^2).
    local = gradient_variance(n_qubits, 1, cost="local", ansatz=product_rx, n_samples=4000, rng=rng)
    assert local.low < 1 / 8 / n_qubits**2 < local.high


def test_variance_is_centred(rng):
    # RX(a) RX(b) on one qubit with b fixed by the start: all gradients equal, variance 0.
    def tilted(n_qubits, depth, *, rng):
        return Ansatz(np.full((depth, n_qubits), 2), np.zeros(depth, dtype=bool), start=np.pi / 2)

    # Angles near 0 leave the state at the slope of cos^2: the mean gradient is -1/2.
    v = gradient_variance(1, 10**6, ansatz=lambda *a, rng: tilted(1, 1, rng=rng),
                          init="gaussian", n_samples=100, rng=rng)  # fmt: skip
    assert v.value < 1e-5


def test_identity_init_keeps_the_gradient_large(rng):
    settings = {"ansatz": ansatz.identity_blocks, "n_samples": 200}
    kept = gradient_variance(8, 40, cost="zz", init="identity", rng=rng, **settings)
    lost = gradient_variance(8, 40, cost="zz", init="uniform", rng=rng, **settings)
    assert kept.low > 4 * lost.high


@pytest.mark.parametrize(
    ("sample", "variance"),
    [
        (lambda rng, n: rng.normal(size=n), 1.0),
        (lambda rng, n: np.sin(rng.uniform(0, 2 * np.pi, n)) / 2, 1 / 8),
    ],
)
def test_interval_covers_the_truth_about_as_often_as_it_says(sample, variance, rng):
    hits = 0
    for _ in range(400):
        low, high = trainability.variance_interval(sample(rng, 200), rng=rng, n_resamples=399)
        hits += low <= variance <= high
    # 95% of 400 within four standard errors of 1.1%; heavier tails are the chapter's matter.
    assert 0.905 <= hits / 400 <= 0.995


def test_scan_and_fit_recover_the_exact_decay(rng):
    scan = trainability.variance_scan(
        [1, 2, 3, 4, 5, 6], [1], ansatz=product_rx, n_samples=3000, rng=rng
    )
    assert list(scan.columns) == ["cost", "n_qubits", "depth", "value", "low", "high", "samples"]
    decay = trainability.fit_decay(scan)
    assert decay.low < np.log2(3 / 8) < decay.high
    assert decay.high - decay.low < 0.3


def test_fit_interval_covers_the_slope(rng):
    q = np.arange(2, 12)
    hits = 0
    for _ in range(300):
        noise = rng.normal(0, 0.2, len(q))
        value = 2.0 ** (1 - 1.5 * q + noise)
        scan = pd.DataFrame({"n_qubits": q, "value": value})
        scan["low"], scan["high"] = value * 2**-0.4, value * 2**0.4
        decay = trainability.fit_decay(scan)
        hits += decay.low <= -1.5 <= decay.high
    assert 0.9 <= hits / 300 <= 0.99


def test_scan_runs_every_combination_and_rng_decides(rng):
    def scan(seed):
        return trainability.variance_scan(
            [2, 3], [1, 4], costs=("local", "zz"), n_samples=10, rng=np.random.default_rng(seed)
        )

    first = scan(1)
    assert first[["cost", "n_qubits", "depth"]].apply(tuple, axis=1).tolist() == [
        (c, q, d) for c in ("local", "zz") for q in (2, 3) for d in (1, 4)
    ]
    pd.testing.assert_frame_equal(first, scan(1))
    assert not np.allclose(first["value"], scan(2)["value"])


def test_two_circuits_have_an_interval_too(rng):
    # Half of the resamples hold one value twice: variance 0.
    assert trainability.variance_interval(np.array([0.0, 1.0]), rng=rng) == (0, 0.5)


def test_one_sample_value_is_its_own_interval():
    low, high = trainability.variance_interval(np.full(9, 0.3), rng=np.random.default_rng(0))
    assert low == high == 0


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"n_qubits": 0}, ValueError, "n_qubits must be an integer at least 1; got 0"),
        ({"n_qubits": 70}, ValueError, "70 qubits would need"),
        ({"n_qubits": 1, "cost": "zz"}, ValueError, "n_qubits must be an integer at least 2"),
        ({"depth": "3"}, TypeError, "depth must be an integer at least 1; got '3'"),
        ({"cost": "globl"}, ValueError, "cost must be one of 'global', 'local', 'zz'"),
        ({"ansatz": "none"}, ValueError, "ansatz must be one of 'random_pauli'"),
        ({"init": "zeros"}, ValueError, "init must be one of 'uniform'"),
        ({"init": "identity"}, ValueError, "init='identity' needs ansatz=identity_blocks"),
        ({"n_samples": 1}, ValueError, "n_samples must be an integer at least 2; got 1"),
        ({"rng": 5}, TypeError, "rng must be a numpy.random.Generator"),
    ],
)
def test_bad_settings_are_named(change, error, message):
    arguments = {"n_qubits": 2, "depth": 1, "rng": np.random.default_rng(0)} | change
    n_qubits, depth = arguments.pop("n_qubits"), arguments.pop("depth")
    with pytest.raises(error, match=message):
        gradient_variance(n_qubits, depth, **arguments)
    # The scan finds it before it computes the good combinations.
    with pytest.raises(error, match=message):
        cost = arguments.pop("cost", "global")
        trainability.variance_scan([2, n_qubits], [1, depth], costs=[cost], **arguments)


@pytest.mark.parametrize(
    ("scan", "message"),
    [
        (pd.DataFrame({"n_qubits": [1, 2, 3]}), "scan must have the columns"),
        (pd.DataFrame({"n_qubits": [1, 2], "value": 1, "low": 1, "high": 1}), "3 sizes"),
        (
            pd.DataFrame({"n_qubits": [1, 2, 3], "value": 0.0, "low": 1, "high": 1}),
            "positive variances",
        ),
    ],
)
def test_bad_scans_are_named(scan, message):
    with pytest.raises(ValueError, match=message):
        trainability.fit_decay(scan)


def test_scan_lists_are_lists(rng):
    with pytest.raises(TypeError, match="depths must be a list of values; got 3"):
        trainability.variance_scan([2], 3, rng=rng)
    with pytest.raises(ValueError, match="n_qubits must not be empty"):
        trainability.variance_scan([], [3], rng=rng)
