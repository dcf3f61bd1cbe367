"""Mitigation against closed forms: what is removed exactly, what it costs, where it fails."""

import numpy as np
import pennylane as qml
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from qmlcourse import mitigation, noise
from qmlcourse.hardware._tapes import prepare
from qmlcourse.mitigation import Estimate, _regression

ZZ = qml.Z(0) @ qml.Z(1)


def random_tape(rng, n=3, layers=2, observable=ZZ):
    operations = []
    for _ in range(layers):
        operations += [qml.RY(rng.uniform(0, 2 * np.pi), q) for q in range(n)]
        operations += [qml.RZ(rng.uniform(0, 2 * np.pi), q) for q in range(n)]
        operations += [qml.CNOT([q, (q + 1) % n]) for q in range(n)]
    return qml.tape.QuantumScript(operations, [qml.expval(observable)])


def exact(tape):
    [value] = qml.execute([tape], qml.device("default.qubit", wires=tape.wires))
    return float(value)


def state(tape):
    final = tape.copy(measurements=[qml.state()])
    return qml.execute([final], qml.device("default.qubit", wires=tape.wires))[0]


class Recorder:
    """An executor that keeps what it was asked for."""

    def __init__(self, answer):
        self.answer, self.calls = answer, []

    def __call__(self, tapes, shots):
        self.calls.append((tapes, shots))
        return [Estimate(self.answer(tape), 0.01, shots or 0) for tape in tapes]


def global_decay(rate):
    """Return an executor whose value decays exponentially with the number of gates."""
    return Recorder(lambda tape: exact(tape) * np.exp(-rate * len(tape.operations)))


@given(st.floats(1, 9), st.integers(0, 2**32 - 1))
def test_folding_keeps_the_state_and_reaches_the_factor(factor, seed):
    rng = np.random.default_rng(seed)
    tape = random_tape(rng, layers=int(rng.integers(1, 4)))
    folded = mitigation.fold_global(tape, factor)
    d = len(tape.operations)
    assert abs(len(folded.operations) - factor * d) <= 1
    assert abs(np.vdot(state(tape), state(folded))) == pytest.approx(1, abs=1e-9)
    assert folded.operations[:d] == tape.operations
    assert folded.measurements == tape.measurements


@pytest.mark.parametrize("factor", [1, 3, 5, 7])
def test_odd_factors_are_exact_folds(factor, rng):
    tape = random_tape(rng)
    folded = mitigation.fold_global(tape, factor).operations
    d = len(tape.operations)
    assert len(folded) == factor * d
    for block in range(factor):
        part = folded[block * d : (block + 1) * d]
        back = [qml.adjoint(op, lazy=False) for op in reversed(tape.operations)]
        assert part == (back if block % 2 else tape.operations)


def test_in_between_the_last_gates_are_folded():
    tape = qml.tape.QuantumScript(
        [qml.RX(0.1, 0), qml.RY(0.2, 0), qml.RZ(0.3, 0), qml.H(0)], [qml.expval(qml.Z(0))]
    )
    folded = mitigation.fold_global(tape, 2).operations
    assert folded[4:] == [qml.H(0), qml.RZ(-0.3, 0), qml.RZ(0.3, 0), qml.H(0)]


@pytest.mark.parametrize(
    "gate",
    [
        *[qml.S(0), qml.T(0), qml.SX(0), qml.PhaseShift(0.3, 0), qml.Rot(0.1, 0.2, 0.3, 0)],
        *[qml.U3(0.1, 0.2, 0.3, 0), qml.CRX(0.4, [0, 1]), qml.SWAP([0, 1]), qml.ECR([0, 1])],
        *[qml.QubitUnitary(np.diag([1, 1j]), 0), qml.PauliRot(0.3, "XY", [0, 1])],
        *[qml.ISWAP([0, 1]), qml.SISWAP([0, 1]), qml.PSWAP(0.3, [0, 1]), qml.adjoint(qml.SX(0))],
        *[qml.FermionicSWAP(0.3, [0, 1]), qml.IsingXY(0.3, [0, 1]), qml.pow(qml.SX(0), 3)],
        *[qml.exp(qml.X(0) @ qml.Y(1), 0.3j), qml.ctrl(qml.SX(1), 0, control_values=[0])],
        *[qml.prod(qml.S(0), qml.ISWAP([1, 0])), qml.adjoint(qml.ISWAP([0, 1]))],
        qml.ControlledQubitUnitary(np.diag([1, 1j]), wires=[0, 1], control_values=[0]),
        *[qml.pow(qml.QubitUnitary(np.diag([1, 1j]), 0), 0.3), qml.QFT([0, 1])],
    ],
)
def test_noise_counts_a_gate_and_its_inverse_alike(gate):
    start = [qml.RX(0.4, 0), qml.RY(0.9, 1)]
    tape = qml.tape.QuantumScript([*start, gate], [qml.expval(ZZ)])
    folded = mitigation.fold_global(tape, 3)
    assert abs(np.vdot(state(tape), state(folded))) == pytest.approx(1, abs=1e-9)
    [noisy], _ = qml.add_noise(folded, noise.depolarizing(0.01, 0.01))
    [once], _ = qml.add_noise(tape, noise.depolarizing(0.01, 0.01))
    assert n_channels(noisy) == 3 * n_channels(once)


def n_channels(tape):
    return sum(isinstance(op, qml.operation.Channel) for op in tape.operations)


def test_preparations_are_not_folded_and_templates_are_expanded():
    layers = qml.StronglyEntanglingLayers(np.ones((1, 2, 3)), range(2))
    prepare = qml.StatePrep(np.array([0, 1, 0, 0]), [0, 1])
    tape = qml.tape.QuantumScript([prepare, layers, qml.adjoint(layers)], [qml.expval(ZZ)])
    folded = mitigation.fold_global(tape, 3)
    names = [op.name for op in folded.operations]
    assert names.count("StatePrep") == 1 and names[0] == "StatePrep"
    assert names.count("Rot") == 3 * 4 and names.count("CNOT") == 3 * 4
    assert exact(folded) == pytest.approx(exact(tape))


def test_factor_1_changes_nothing_noise_sees(rng):
    tape, model = random_tape(rng), noise.depolarizing(0.01, 0.03)
    run = noise.executor(model)
    same, tripled = run([mitigation.fold_global(tape, f) for f in (1, 3)], None)
    assert same == run([tape], None)[0]
    # Each gate's channel shrinks the value once; three times as many shrink it more.
    assert abs(tripled.value) < abs(same.value)


@given(st.lists(st.floats(1, 9), min_size=2, max_size=5, unique_by=lambda x: round(x, 1)))
def test_weights_recover_every_polynomial_they_promise(factors):
    x = np.array(factors)
    for fit, degree in [("linear", 1), ("richardson", len(x) - 1)]:
        weights = mitigation.extrapolation_weights(x, fit)
        for power in range(degree + 1):
            scale = np.abs(weights * x**power).sum()
            assert weights @ x**power == pytest.approx(float(power == 0), abs=1e-9 * scale)
    assert np.polyfit(x, np.cos(x), 1)[1] == pytest.approx(
        mitigation.extrapolation_weights(x, "linear") @ np.cos(x), abs=1e-7
    )


def test_variance_grows_by_the_documented_factor():
    # 5.21875 times the variance of a point, 15.65625 with a third of the shots each.
    weights = mitigation.extrapolation_weights([1, 3, 5], "richardson")
    np.testing.assert_allclose(weights, [15 / 8, -5 / 4, 3 / 8])
    assert (weights**2).sum() == pytest.approx(5.21875)
    assert 3 * (mitigation.extrapolation_weights([1, 3, 5]) ** 2).sum() == pytest.approx(4.375)

    tape = qml.tape.QuantumScript([qml.RX(np.pi / 2, 0)], [qml.expval(qml.Z(0))])
    run = noise.executor(rng=np.random.default_rng(5))  # value 0: variance 1/shots
    for fit, factor in [("richardson", 15.65625), ("linear", 4.375)]:
        found = [mitigation.zne(tape, run, 3000, fit=fit) for _ in range(120)]
        ratio = np.array([e.value for e in found]) ** 2 * 3000 / factor
        assert 1e-3 < stats.chi2.cdf(ratio.sum(), 120) < 1 - 1e-3
        assert np.mean([e.error for e in found]) == pytest.approx(np.sqrt(factor / 3000), rel=0.01)
        assert {e.shots for e in found} == {3000}


def test_exponential_is_exact_on_exponentials():
    x = np.array([1.0, 2.0, 3.5, 5.0])
    for amplitude, rate, asymptote in [(0.8, 0.3, 0.0), (-0.7, 0.1, 0.0), (0.4, 0.9, 0.25)]:
        y = asymptote + amplitude * np.exp(-rate * x)
        points = [Estimate(v, 0.02, 10) for v in y]
        value, error, shots = mitigation.extrapolate(
            x, points, fit="exponential", asymptote=asymptote
        )
        assert value == pytest.approx(amplitude + asymptote, abs=1e-9)
        assert shots == 40

        def fitted(y, asymptote=asymptote, amplitude=amplitude, rate=rate):
            [a, _], _ = optimize.curve_fit(
                lambda x, a, b: asymptote + a * np.exp(-b * x), x, y, [amplitude, rate]
            )
            return a

        step = 1e-4
        slopes = [(fitted(y + step * e) - fitted(y - step * e)) / (2 * step) for e in np.eye(4)]
        assert error == pytest.approx(0.02 * np.linalg.norm(slopes), rel=1e-4)


@pytest.mark.parametrize("y", [[0.3, 0.05, -0.02], [0.0, 0.1, 0.2], [-0.1, -0.1, 0.0]])
def test_where_no_exponential_fits_the_line_is_returned_with_a_warning(y):
    points = [Estimate(v, 0.02, 10) for v in y]
    with pytest.warns(UserWarning, match="No exponential towards 0 fits .* linear fit is returned"):
        found = mitigation.extrapolate([1, 3, 5], points, fit="exponential")
    assert found == mitigation.extrapolate([1, 3, 5], points, fit="linear")


def test_does_the_warning_point_at_the_caller():
    points = [Estimate(0.3, 0.02, 10), Estimate(-0.1, 0.02, 10)]
    with pytest.warns(UserWarning, match="No exponential") as caught:
        mitigation.extrapolate([1, 3], points, fit="exponential")
    assert caught[0].filename == __file__


@pytest.mark.parametrize("tiny", [1e-6, 1e-11, 1e-15])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_value_near_the_asymptote_does_not_lead_the_fit_astray(tiny, sign):
    # Its logarithm is large and says nothing: a start by it ends in another minimum.
    x = np.array([1.0, 2.0, 3.0, 5.0])
    y = np.array([0.5, 0.25, 0.13, tiny])
    right, _ = optimize.curve_fit(lambda x, a, b: a * np.exp(-b * x), x, y, [1.0, 0.7])
    points = [Estimate(sign * v, 0.02, 10) for v in y]
    found = mitigation.extrapolate(x, points, fit="exponential")
    assert found.value == pytest.approx(sign * right[0], rel=1e-6)


def test_zne_of_a_global_decay_is_exact_with_the_exponential(rng):
    tape = random_tape(rng)
    run = global_decay(0.01)
    found = mitigation.zne(tape, run, 900, fit="exponential")
    assert found.value == pytest.approx(exact(tape), abs=1e-8)
    assert found.shots == 900
    [(tapes, shots)] = run.calls
    assert shots == 300
    assert [len(t.operations) for t in tapes] == [18, 54, 90]
    linear = mitigation.zne(tape, run, 900).value
    assert abs(linear - exact(tape)) < abs(run([tape], 1)[0].value - exact(tape))


def test_zne_extrapolates_over_the_factors_reached():
    # Of five gates, the factor 2 folds two: 1.8. A value linear in gates must come out exactly.
    tape = qml.tape.QuantumScript([qml.RX(0.1, 0)] * 5, [qml.expval(qml.Z(0))])
    run = Recorder(lambda t: 1 - 0.01 * len(t.operations))
    assert mitigation.zne(tape, run, 30, factors=[1, 2, 3]).value == pytest.approx(1, abs=1e-12)


def test_zne_removes_the_orders_of_noise_it_promises():
    # Depolarizing commutes with gates on one wire: then folding multiplies noise by its factor.
    gates = [qml.RX(0.2 * k, 0) for k in range(1, 7)]
    tape = qml.tape.QuantumScript(gates, [qml.expval(qml.Z(0))])
    errors = []
    for p in (0.002, 0.001):
        run = noise.executor(noise.depolarizing(p, p))
        raw = run([tape], None)[0].value - exact(tape)
        found = [mitigation.zne(tape, run, None, fit=f) for f in ("linear", "richardson")]
        assert {(e.error, e.shots) for e in found} == {(0.0, 0)}
        errors.append([abs(raw), *(abs(e.value - exact(tape)) for e in found)])
    # Half the noise: half the error, a quarter with the line, an eighth with the parabola.
    assert errors[0] / np.array(errors[1]) == pytest.approx([2, 4, 8], rel=0.1)


def test_folding_leaves_noise_that_does_not_commute_with_its_gate():
    # Documented: the noise of an inverse comes before its gate, so y(0) is off by p (A - B) / 2.
    gates = [qml.RY(0.8, 0), qml.RX(1.1, 1), qml.CNOT([0, 1])]
    tape = qml.tape.QuantumScript(gates, [qml.expval(qml.Z(1))])
    p = 1e-4
    model = noise.depolarizing(0, p)
    run = noise.executor(model)
    after = run([tape], None)[0].value - exact(tape)
    shaken = [qml.DepolarizingChannel(p, wires=w) for w in (0, 1)]
    early = tape.copy(operations=[*gates[:2], *shaken, gates[2]])
    before = noise.executor()([early], None)[0].value - exact(tape)
    left = mitigation.zne(tape, run, None, fit="richardson").value - exact(tape)
    assert abs(after - before) > 0.2 * p
    assert left == pytest.approx((after - before) / 2, rel=0.01)


def test_zne_does_not_remove_readout_errors(rng):
    tape = random_tape(rng)
    run = noise.executor(noise.readout(noise.confusion_matrix(0.1, 0.1)))
    for fit in ("linear", "richardson", "exponential"):
        found = mitigation.zne(tape, run, None, fit=fit).value
        assert found == pytest.approx(0.8**2 * exact(tape), abs=1e-9)


@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_consistent_readout_is_inverted_exactly(n, seed):
    rng = np.random.default_rng(seed)
    matrices = [noise.confusion_matrix(*rng.uniform(0, 0.3, 2)) for _ in range(n)]
    p = rng.dirichlet(np.full(2**n, 0.5))
    read = noise.apply_readout(p, matrices)
    np.testing.assert_allclose(mitigation.invert_readout(read, matrices), p, atol=1e-12)
    np.testing.assert_allclose(mitigation.invert_readout(read * 1e4, matrices), p, atol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_inverted_readout_is_the_nearest_physical(seed):
    rng = np.random.default_rng(seed)
    matrices = [noise.confusion_matrix(*rng.uniform(0.05, 0.3, 2)) for _ in range(2)]
    counts = rng.multinomial(30, rng.dirichlet(np.full(4, 0.2)))
    found = mitigation.invert_readout(counts, matrices)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1, abs=1e-12)
    quasi = np.linalg.solve(np.kron(*matrices), counts / counts.sum())
    # Optimality of a projection: no feasible direction, so no vertex, lies closer.
    assert ((np.eye(4) - found) @ (quasi - found)).max() < 1e-12


def test_bit_strings_put_qubit_0_first():
    A, B = noise.confusion_matrix(0.1, 0.2), noise.confusion_matrix(0.05, 0.0)
    read = noise.apply_readout([0, 1, 0, 0], [A, B])  # the state 01
    counts = {f"{i:02b}": round(1e6 * v) for i, v in enumerate(read)}
    np.testing.assert_allclose(mitigation.invert_readout(counts, [A, B]), [0, 1, 0, 0], atol=1e-12)


def test_readout_expectation_is_unbiased_inside_and_its_error_holds():
    rng = np.random.default_rng(11)
    matrices = [noise.confusion_matrix(0.05, 0.15), noise.confusion_matrix(0.1, 0.08)]
    p = np.array([0.4, 0.1, 0.2, 0.3])
    read = noise.apply_readout(p, matrices)
    for wires, parity in [(None, [1, -1, -1, 1]), ([0], [1, 1, -1, -1]), ([1], [1, -1, 1, -1])]:
        found = [
            mitigation.readout_expectation(rng.multinomial(2000, read), matrices, wires)
            for _ in range(300)
        ]
        pulls = np.array([(e.value - p @ parity) / e.error for e in found])
        assert abs(pulls.mean()) < 4 / np.sqrt(300)
        assert 1e-3 < stats.chi2.cdf((pulls**2).sum(), 300) < 1 - 1e-3
        assert {e.shots for e in found} == {2000}


def test_removing_readout_errors_costs_shots():
    A = noise.confusion_matrix(0.2, 0.2)
    counts = {"0": 5000, "1": 5000}
    clean = mitigation.readout_expectation(counts, np.eye(2)).error
    assert mitigation.readout_expectation(counts, A).error / clean == pytest.approx(1 / 0.6)


def test_regression_removes_a_global_decay_exactly(rng):
    tape = random_tape(rng)
    run = global_decay(0.02)
    found = mitigation.clifford_data_regression(tape, run, 4000, n_training=10, rng=rng)
    assert found.value == pytest.approx(exact(tape), abs=1e-9)
    [(first, own), (training, each)] = run.calls
    assert first == [tape]
    assert (own, each, len(training)) == (2000, 200, 10)
    assert found.shots == 4000


def test_regression_learns_readout_errors_too(rng):
    tape = random_tape(rng)
    run = noise.executor(noise.readout(noise.confusion_matrix(0.1, 0.1)))
    found = mitigation.clifford_data_regression(tape, run, None, rng=rng)
    assert found.value == pytest.approx(exact(tape), abs=1e-9)
    assert found.shots == 0


def test_training_circuits_are_near_clifford_and_of_the_same_shape(rng):
    tape = random_tape(rng)
    run = global_decay(0.02)
    mitigation.clifford_data_regression(
        tape, run, 4000, n_training=8, fraction_non_clifford=0.25, rng=rng
    )
    for training in run.calls[1][0]:
        assert [(o.name, o.wires) for o in training.operations] == [
            (o.name, o.wires) for o in tape.operations
        ]
        kept = 0
        for new, old in zip(training.operations, tape.operations, strict=True):
            if new.parameters:
                turns = new.parameters[0] / (np.pi / 2)
                kept += new == old
                # Rounded to the nearest multiple, or kept.
                assert new == old or (turns == round(turns) and _near(new, old) <= np.pi / 4)
        assert kept == 3  # a quarter of 12 rotations


def test_the_defaults_of_zne_and_regression(rng):
    tape = random_tape(rng)
    run = global_decay(0.01)
    explicit = {"factors": [1, 3, 5], "fit": "linear", "asymptote": 0.0}
    assert mitigation.zne(tape, run, 90) == mitigation.zne(tape, run, 90, **explicit)
    found = [
        mitigation.clifford_data_regression(
            tape, run, None, rng=np.random.default_rng(1), **options
        )
        for options in ({}, {"n_training": 20, "fraction_non_clifford": 0.5})
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("error", [0.0, 0.004, 0.1])
def test_regression_error_is_that_of_a_prediction(error, rng):
    """By NumPy's line and its covariance: shots of x0, the line at x0, scatter beyond shots."""
    tape, jitter = random_tape(rng), np.random.default_rng(2)
    seen = []

    def run(tapes, shots):
        exact_values = np.array([exact(t) for t in tapes])
        noisy = 0.4 * exact_values + 0.05 + jitter.uniform(-0.01, 0.01, len(tapes))
        seen.append((exact_values, noisy))
        return [Estimate(x, error, 10) for x in noisy]

    found = mitigation.clifford_data_regression(tape, run, None, n_training=9, rng=rng)
    (_, [x0]), (y, x) = seen
    (a, b), covariance = np.polyfit(x, y, 1, cov="unscaled")
    variance = ((y - a * x - b) ** 2).sum() / (9 - 2)
    line = variance * np.array([x0, 1]) @ covariance @ np.array([x0, 1])
    scatter = max(0, variance - a**2 * error**2)
    assert found.value == pytest.approx(a * x0 + b)
    assert found.error == pytest.approx(np.sqrt(a**2 * error**2 + line + scatter))
    assert found.shots == 100


def test_regression_takes_the_circuits_of_three_times_as_many_whose_values_spread(rng):
    tape, run = random_tape(rng), global_decay(0.01)
    mitigation.clifford_data_regression(tape, run, None, n_training=7, rng=np.random.default_rng(3))
    taken = np.array([exact(t) for t in run.calls[1][0]])
    drawn = _regression._near_clifford(tape, 21, 0.5, np.random.default_rng(3))
    left = sorted(exact(t) for t in drawn)
    for point in np.linspace(left[0], left[-1], 7):
        nearest = min(np.abs(taken - point))
        assert nearest <= min(abs(v - point) for v in left) + 1e-12
        taken = np.delete(taken, np.abs(taken - point).argmin())
        left.pop(int(np.abs(np.array(left) - point).argmin()))


def _near(a, b):
    return abs(a.parameters[0] - b.parameters[0])


def test_regression_error_covers_shots_and_scatter():
    rng = np.random.default_rng(8)
    tape = random_tape(rng)
    run = noise.executor(noise.depolarizing(0.005, 0.02), rng=rng)
    found = [
        mitigation.clifford_data_regression(tape, run, 4000, n_training=8, rng=rng)
        for _ in range(15)
    ]
    pulls = np.array([(e.value - exact(tape)) / e.error for e in found])
    assert 0.4 < np.sqrt((pulls**2).mean()) < 1.6
    assert {e.shots for e in found} == {2000 + 8 * 250}


def test_seeds_decide_the_training_circuits(rng):
    tape, run = random_tape(rng), noise.executor(noise.amplitude_damping(0.03))
    first, again, other = (
        mitigation.clifford_data_regression(
            tape, run, None, n_training=5, rng=np.random.default_rng(s)
        ).value
        for s in (1, 1, 2)
    )
    assert first == again != other


def test_mitigation_beats_no_mitigation_under_gate_noise():
    rng = np.random.default_rng(0)
    run = noise.executor(noise.depolarizing(0.002, 0.02))
    raw, linear, regression = [], [], []
    for _ in range(5):
        tape = random_tape(rng)
        raw.append(abs(run([tape], None)[0].value - exact(tape)))
        linear.append(abs(mitigation.zne(tape, run, None).value - exact(tape)))
        learned = mitigation.clifford_data_regression(tape, run, None, n_training=8, rng=rng)
        regression.append(abs(learned.value - exact(tape)))
    assert np.median(linear) < 0.5 * np.median(raw)
    assert np.median(regression) < 0.5 * np.median(raw)


TAPE = random_tape(np.random.default_rng(1))
RNG = np.random.default_rng(0)
POINTS = [Estimate(0.5, 0.1, 10), Estimate(0.4, 0.1, 10)]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: mitigation.fold_global(TAPE, 0.5), ValueError, "factor must be at least 1; got"),
        (lambda: mitigation.fold_global(TAPE, "3"), TypeError, "factor must be"),
        (lambda: mitigation.fold_global(ZZ, 3), TypeError, "tape must be a PennyLane tape"),
        (
            lambda: mitigation.fold_global(qml.tape.QuantumScript([], []), 3),
            ValueError,
            "tape must have gates to fold",
        ),
        (
            lambda: mitigation.fold_global(
                qml.tape.QuantumScript([qml.X(0), qml.BitFlip(0.1, 0)]), 3
            ),
            ValueError,
            "tape must have unitary gates only; got BitFlip",
        ),
        (
            lambda: mitigation.extrapolation_weights([1, 3, 3]),
            ValueError,
            "factors must be at least 2 distinct numbers",
        ),
        (lambda: mitigation.extrapolation_weights([0, 1]), ValueError, "of at least 1"),
        (
            lambda: mitigation.extrapolation_weights([1, 3], "exponential"),
            ValueError,
            "fit must be one of 'linear', 'richardson'; got 'exponential'",
        ),
        (
            lambda: mitigation.extrapolate([1, 3, 5], POINTS),
            ValueError,
            "estimates must be 3, one a factor; got 2",
        ),
        (
            lambda: mitigation.extrapolate([1, 3], POINTS, fit="cubic"),
            ValueError,
            "fit must be one of 'linear', 'richardson', 'exponential'; got 'cubic'",
        ),
        (
            lambda: mitigation.extrapolate([1, 3], POINTS, asymptote="0"),
            TypeError,
            "asymptote must be a finite number",
        ),
        (lambda: mitigation.extrapolate("13", POINTS), TypeError, "factors must hold numbers"),
        (lambda: mitigation.extrapolate([[1, 3]], POINTS), ValueError, "factors must be a 1-D"),
        (lambda: mitigation.zne(TAPE, noise.executor(), 30.0), TypeError, "shots must be an int"),
        (
            lambda: mitigation.extrapolate([1, 3], [POINTS[0], Estimate(0.1, -1, 1)]),
            ValueError,
            "an error and shots of at least 0",
        ),
        (
            lambda: mitigation.zne(TAPE, noise.executor(rng=RNG), 2),
            ValueError,
            "shots must be an integer at least 3; got 2",
        ),
        (lambda: mitigation.zne(TAPE, None, 30), TypeError, "executor must be a function"),
        (
            lambda: mitigation.zne(
                TAPE.copy(operations=[*TAPE.operations, qml.BitFlip(0.1, 0)]),
                noise.executor(),
                None,
            ),
            ValueError,
            "circuit must have unitary gates only; got BitFlip",
        ),
        (
            lambda: mitigation.zne(TAPE.copy(operations=[]), noise.executor(), None),
            ValueError,
            "circuit must have gates to fold; got none",
        ),
        (
            lambda: mitigation.zne(TAPE, lambda tapes, shots: POINTS, 30),
            ValueError,
            "executor must give 3 estimates; got 2",
        ),
        (
            lambda: mitigation.zne(TAPE, noise.executor(), 30, fit="cubic"),
            ValueError,
            "fit must be one of",
        ),
        (
            lambda: mitigation.zne(
                qml.tape.QuantumScript([qml.X(0)], [qml.expval(qml.Z(0))]),
                noise.executor(),
                None,
                factors=[1, 1.5],
            ),
            ValueError,
            r"factors must differ when 1 gates are folded; got \[1.0, 1.0\]",
        ),
        (
            lambda: mitigation.zne(TAPE.copy(measurements=[qml.probs([0])]), None, 30),
            ValueError,
            "circuit must measure one expectation value",
        ),
        (
            lambda: mitigation.invert_readout({"0": 1, "01": 1}, np.eye(2)),
            ValueError,
            "counts must have bit strings of one length",
        ),
        (lambda: mitigation.invert_readout({"2": 1}, np.eye(2)), ValueError, "bit strings"),
        (lambda: mitigation.invert_readout({}, np.eye(2)), ValueError, "must not be empty"),
        (
            lambda: mitigation.invert_readout({"0": -1, "1": 2}, np.eye(2)),
            ValueError,
            r"counts\['0'\] must be an integer at least 0; got -1",
        ),
        (lambda: mitigation.invert_readout([0, 0], np.eye(2)), ValueError, "a sum above 0"),
        (
            lambda: mitigation.invert_readout([[1, 1]], np.eye(2)),
            ValueError,
            "counts must be a 1-D",
        ),
        (
            lambda: mitigation.invert_readout({"0" * 60: 1}, np.eye(2)),
            ValueError,
            "the probabilities of 60 qubits would need",
        ),
        (lambda: mitigation.invert_readout([1, 1, 1], np.eye(2)), ValueError, "got 3"),
        (
            lambda: mitigation.invert_readout([1, 1], noise.confusion_matrix(0.5, 0.5)),
            ValueError,
            "matrices must have an inverse",
        ),
        (
            lambda: mitigation.readout_expectation([0.5, 0.5], np.eye(2)),
            ValueError,
            "counts must be whole numbers",
        ),
        (
            lambda: mitigation.readout_expectation([5, 5], np.eye(2), [1]),
            ValueError,
            "wires must be distinct, from 0 to 0",
        ),
        (
            lambda: mitigation.clifford_data_regression(
                TAPE, noise.executor(), None, n_training=2, rng=RNG
            ),
            ValueError,
            "n_training must be an integer at least 3; got 2",
        ),
        (
            lambda: mitigation.clifford_data_regression(
                TAPE, noise.executor(), 30, n_training=20, rng=RNG
            ),
            ValueError,
            "shots must be an integer at least 40; got 30",
        ),
        (
            lambda: mitigation.clifford_data_regression(TAPE, noise.executor(), None, rng=0),
            TypeError,
            "rng must be a numpy.random.Generator",
        ),
        (
            lambda: mitigation.clifford_data_regression(
                TAPE, noise.executor(), None, fraction_non_clifford=1, rng=RNG
            ),
            ValueError,
            "fraction_non_clifford must be a finite number above 0 and below 1",
        ),
        (
            lambda: mitigation.clifford_data_regression(
                qml.tape.QuantumScript([qml.RX(np.pi, 0), qml.H(0)], [qml.expval(qml.Z(0))]),
                noise.executor(),
                None,
                rng=RNG,
            ),
            ValueError,
            "circuit must have at least 2 rotations that are not Clifford gates; got 0",
        ),
        (
            lambda: mitigation.clifford_data_regression(
                qml.tape.QuantumScript([qml.RZ(0.3, 0), qml.RZ(0.4, 0)], [qml.expval(qml.Z(0))]),
                noise.executor(),
                None,
                rng=RNG,
            ),
            ValueError,
            "fraction_non_clifford must make training circuits differ",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    "nothing",
    [qml.Barrier(0), qml.WireCut(0), qml.Snapshot(), qml.GlobalPhase(0.3), qml.Barrier(0) ** 2],
    ids=str,
)
def test_what_is_no_gate_is_not_folded(nothing):
    tape = qml.tape.QuantumScript([qml.RX(0.1, 0), nothing, qml.RX(0.2, 0)], [qml.expval(qml.Z(0))])
    folded = mitigation.fold_global(tape, 3).operations
    assert [op.data for op in folded if op.name == "RX"] == [
        (0.1,),
        (0.2,),
        (-0.2,),
        (-0.1,),
        (0.1,),
        (0.2,),
    ]
    assert len(folded) == 7


@pytest.mark.parametrize("gate", [qml.S(0), qml.T(0), qml.SX(0), qml.H(0), qml.RX(0.3, 0)], ids=str)
def test_an_inverse_is_one_gate_on_devices_too(gate):
    tape = qml.tape.QuantumScript([gate], [qml.counts(wires=[0])])
    [_, inverse, _] = mitigation.fold_global(tape, 3).operations
    assert len(prepare(tape.copy(operations=[inverse])).tape.operations) == 1
    # Up to a phase.
    product = qml.matrix(inverse) @ qml.matrix(gate)
    np.testing.assert_allclose(product, product[0, 0] * np.eye(2), atol=1e-12)


def test_all_parameters_of_a_fold_are_trainable():
    tape = qml.tape.QuantumScript(
        [qml.RX(0.1, 0), qml.RY(0.2, 0)], [qml.expval(qml.Z(0))], None, [0]
    )
    assert mitigation.fold_global(tape, 3).trainable_params == [0, 1, 2, 3, 4, 5]
