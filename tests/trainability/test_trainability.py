"""Gradient variance against PennyLane and exact formulas."""

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


def test_the_memory_asked_for_is_what_large_circuits_use(rng):
    peaks = []
    for n_qubits in (15, 16):
        circuit = ansatz.random_pauli(n_qubits, 2, rng=rng)
        theta = rng.uniform(0, 2 * np.pi, (1, 2 * n_qubits))
        tracemalloc.start()
        try:
            trainability.first_derivatives([circuit], theta, "local")
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    asked = [_derivatives.working_memory(n_qubits, 1) for n_qubits in (15, 16)]
    # What is the same for both sizes, such as modules, is left out.
    assert np.diff(peaks) == pytest.approx(np.diff(asked), rel=0.01)


@pytest.mark.parametrize("n_qubits", [2, 3, 5])
def test_costs_are_their_observables(n_qubits):
    wires = range(n_qubits)
    zeros = [qml.Projector([0], wires=k) for k in wires]
    right = {
        "global": qml.Projector([0] * n_qubits, wires=wires),
        "local": qml.dot([1 / n_qubits] * n_qubits, zeros),
        "zz": qml.Z(0) @ qml.Z(1),
    }
    for cost, observable in right.items():
        matrix = qml.matrix(observable, wire_order=wires)
        found = _derivatives.cost_diagonal(cost, n_qubits)
        np.testing.assert_allclose(np.diag(found), matrix, atol=1e-15)
    for cost in ("global", "local"):
        np.testing.assert_array_equal(_derivatives.cost_diagonal(cost, 1), [1, 0])


def test_the_defaults_of_variance_and_scan():
    explicit = {
        "ansatz": ansatz.random_pauli,
        "init": "uniform",
        "n_samples": 200,
    }
    one, other = (
        gradient_variance(2, 1, **options, rng=np.random.default_rng(0))
        for options in ({}, {**explicit, "cost": "global"})
    )
    assert one == other
    scans = [
        trainability.variance_scan([2], [1], **options, rng=np.random.default_rng(0))
        for options in ({}, {**explicit, "costs": ["global"]})
    ]
    pd.testing.assert_frame_equal(*scans)
    assert tuple(scans[0].iloc[0])[3:] == one


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


def one_by_one(circuits, thetas, cost):
    return [pennylane_gradient(c, t, cost) for c, t in zip(circuits, thetas, strict=True)]


def ring(circuit):
    """Return the circuit with CZ gates around a ring."""
    other = Ansatz(circuit.axes, circuit.entangle, circuit.start)
    other.__dict__["pairs"] = [(k, (k + 1) % circuit.n_qubits) for k in range(circuit.n_qubits)]
    return other


VARIED = {
    "start": lambda q, rng: Ansatz(
        rng.integers(1, 4, (3, q)), np.ones(3, bool), start=rng.uniform(0, 3)
    ),
    "entangle": lambda q, rng: Ansatz(rng.integers(1, 4, (4, q)), rng.random(4) < 0.5, start=0.3),
    "layers": lambda q, rng: ansatz.random_pauli(q, int(rng.integers(1, 5)), rng=rng),
    "kind": lambda q, rng: (
        ansatz.hardware_efficient(q, 1)
        if rng.random() < 0.5
        else ansatz.identity_blocks(q, 2, rng=rng)
    ),
    "pairs": lambda q, rng: (
        ring(ansatz.random_pauli(q, 3, rng=rng))
        if rng.random() < 0.5
        else ansatz.random_pauli(q, 3, rng=rng)
    ),
}


@pytest.mark.parametrize("cost", _derivatives.COSTS)
@pytest.mark.parametrize("varied", VARIED)
def test_each_circuit_keeps_its_own_fields(varied, cost, rng):
    circuits = [VARIED[varied](3, rng) for _ in range(8)]
    thetas = [rng.uniform(0, 2 * np.pi, c.n_parameters) for c in circuits]
    ours = trainability.first_derivatives(circuits, thetas, cost)
    np.testing.assert_allclose(ours, one_by_one(circuits, thetas, cost), atol=1e-6)


def test_circuits_of_different_width_run_together(rng):
    circuits = [ansatz.random_pauli(q, 2, rng=rng) for q in (2, 4, 2, 3, 4)]
    thetas = [rng.uniform(0, 2 * np.pi, c.n_parameters) for c in circuits]
    ours = trainability.first_derivatives(circuits, thetas, "local")
    np.testing.assert_allclose(ours, one_by_one(circuits, thetas, "local"), atol=1e-6)


@pytest.mark.parametrize("varied", VARIED)
def test_variance_is_that_of_the_circuits_one_by_one(varied, rng):
    made = []

    def make(n_qubits, depth, *, rng):
        made.append(VARIED[varied](n_qubits, rng))
        return made[-1]

    ours = gradient_variance(3, 1, ansatz=make, n_samples=12, rng=np.random.default_rng(5))
    draw = np.random.default_rng(5)
    circuits = [VARIED[varied](3, draw) for _ in range(12)]
    thetas = [draw.uniform(0, 2 * np.pi, c.n_parameters) for c in circuits]
    alone = np.var(one_by_one(circuits, thetas, "global"), ddof=1)
    assert ours.value == pytest.approx(alone, rel=1e-4)


def test_a_maker_may_reuse_its_arrays():
    axes = np.ones((1, 2), dtype=int)

    def make(n_qubits, depth, *, rng):
        axes[:] = rng.integers(1, 4, axes.shape)
        return Ansatz(axes, np.zeros(1, dtype=bool))

    def fresh(n_qubits, depth, *, rng):
        return Ansatz(rng.integers(1, 4, (1, 2)), np.zeros(1, dtype=bool))

    a, b = (
        gradient_variance(2, 1, ansatz=m, n_samples=20, rng=np.random.default_rng(3))
        for m in (make, fresh)
    )
    assert a == b


class Own(Ansatz):
    """Has gates that no field tells of."""

    def ops(self, theta):
        return []


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda q, d, rng: ansatz.random_pauli(q + 1, d, rng=rng), ValueError,
         "^ansatz must make circuits of 2 qubits; got one of 3"),
        (lambda q, d, rng: None, TypeError, r"^ansatz\(\.\.\.\) must be an Ansatz; got NoneType"),
        (lambda q, d, rng: Own([[1, 1]], [False]), TypeError,
         r"^ansatz\(\.\.\.\) .*Own has gates of its own"),
    ],
)  # fmt: skip
def test_makers_of_something_else_are_named(make, error, message, rng):
    with pytest.raises(error, match=message):
        gradient_variance(2, 1, ansatz=make, n_samples=3, rng=rng)


@pytest.mark.parametrize(
    ("circuits", "thetas", "cost", "message"),
    [
        ([], [], "zz", "one ansatz or more"),
        ([(1, 1)], [[0.1], [0.2]], "global", "thetas must hold one vector for each"),
        ([(1, 1), (2, 1)], [[0.1], [0.2]], "global", r"thetas\[1\] must hold 2 angles; got 1"),
        ([(1, 1)], [[np.nan]], "global", r"thetas\[0\] must hold finite numbers"),
        ([(2, 1), (1, 1)], [[0.1, 0.2], [0.3]], "zz", "for one qubit; got 'zz'"),
    ],
)
def test_bad_circuits_are_named(circuits, thetas, cost, message, rng):
    made = [ansatz.random_pauli(q, d, rng=rng) for q, d in circuits]
    with pytest.raises(ValueError, match=message):
        trainability.first_derivatives(made, thetas, cost)


def test_gaussian_angles_have_mean_zero_and_variance_one_over_depth(rng, monkeypatch):
    seen = []

    def spy(ansaetze, thetas, cost):
        seen.extend(np.ravel(thetas))
        return np.arange(len(thetas), dtype=float)

    monkeypatch.setattr("qmlcourse.trainability._variance.first_derivatives", spy)
    gradient_variance(10, 25, init="gaussian", n_samples=400, rng=rng)
    # 100,000 angles of standard deviation 0.2: five standard errors.
    assert np.mean(seen) == pytest.approx(0, abs=5 * 0.2 / 100000**0.5)
    assert np.var(seen) == pytest.approx(1 / 25, rel=5 * (2 / 100000) ** 0.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_samples": 10**400}, "^the angles of that many circuits would need"),
        ({"depth": 10**400}, "^the angles of that many circuits would need"),
        ({"n_qubits": 10**400}, "^circuits of 1000.* qubits would need"),
        ({"n_samples": -1}, "n_samples must be an integer at least 2; got -1"),
        ({"depth": 0}, "depth must be an integer at least 1; got 0"),
        ({"depth": 3, "ansatz": "identity_blocks"}, "depth must be a multiple of 2; got 3"),
    ],
)
def test_absurd_sizes_are_named_before_any_work(change, message, rng):
    settings = {"n_qubits": 2, "depth": 2} | change
    with pytest.raises(ValueError, match=message):
        gradient_variance(**settings, rng=rng)
    lists = {"n_qubits": [2, settings.pop("n_qubits")], "depths": [2, settings.pop("depth")]}
    before = rng.bit_generator.state
    with pytest.raises(ValueError, match=message):
        trainability.variance_scan(**lists, **settings, rng=rng)
    assert rng.bit_generator.state == before


def test_numpy_integers_are_integers():
    a, b = (
        gradient_variance(i(2), i(3), n_samples=i(100), rng=np.random.default_rng(0))
        for i in (int, np.int8)
    )
    assert a == b
    assert type(b.samples) is int
