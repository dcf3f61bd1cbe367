"""Our error mitigation beside mitiq's, number by number: run by ``nox -s mitiq``.

mitiq can't share an environment with TensorFlow Quantum, so this is no pytest module and
imports mitiq only when run. It prints a table and exits with 1 if any row differs.
"""

import sys

import numpy as np

TOLERANCE = 1e-6


def gate_list(rng, n=3, layers=3):
    """Return name, angle and wires of the gates of a random circuit."""
    gates = []
    for _ in range(layers):
        gates += [("RY", float(rng.uniform(0, 6)), (q,)) for q in range(n)]
        gates += [("RZ", float(rng.uniform(0, 6)), (q,)) for q in range(n)]
        gates += [("CNOT", None, (q, (q + 1) % n)) for q in range(n)]
    return gates


def to_tape(gates):
    import pennylane as qml

    operations = [
        getattr(qml, name)(*([] if angle is None else [angle]), wires=wires)
        for name, angle, wires in gates
    ]
    return qml.tape.QuantumScript(operations, [qml.expval(qml.Z(0) @ qml.Z(1))])


def to_cirq(gates):
    import cirq

    kinds, qubits = {"RX": cirq.rx, "RY": cirq.ry, "RZ": cirq.rz}, cirq.LineQubit.range(3)
    return cirq.Circuit(
        cirq.CNOT(*(qubits[w] for w in wires)) if angle is None else kinds[name](angle)(qubits[w])
        for name, angle, wires in gates
        for w in wires[:1]
    )


def folds(rng):
    from mitiq.zne.scaling import fold_global

    from qmlcourse import mitigation

    for layers in (1, 2, 3):
        gates = gate_list(rng, layers=layers)
        for factor in (1, 1.5, 2, 2.4, 3, 4.2, 5, 7):
            ours = len(mitigation.fold_global(to_tape(gates), factor).operations)
            theirs = len(list(fold_global(to_cirq(gates), factor).all_operations()))
            yield f"gates of {len(gates)} folded by {factor}", ours, theirs


def extrapolations(rng):
    from mitiq.zne import inference

    from qmlcourse import mitigation

    factories = {
        "linear": lambda x, y: inference.LinearFactory.extrapolate(x, y),
        "richardson": lambda x, y: inference.RichardsonFactory.extrapolate(x, y),
        # Without avoid_log, mitiq fits the logarithm: another model unless the data are exact.
        "exponential": lambda x, y: inference.ExpFactory.extrapolate(
            x, y, asymptote=0.0, avoid_log=True
        ),
    }
    for x in ([1, 3, 5], [1.0, 1.5, 2.0, 3.0]):
        for sign in (1, -1):
            y = sign * 0.8 * np.exp(-0.2 * np.array(x)) + rng.normal(0, 0.02, len(x))
            points = [mitigation.Estimate(v, 0.02, 100) for v in y.tolist()]
            for fit, theirs in factories.items():
                ours = mitigation.extrapolate(x, points, fit=fit).value
                yield f"{fit} of {len(x)} points", ours, theirs(x, y.tolist())


def whole_runs(rng):
    import cirq
    from mitiq.zne import execute_with_zne, inference
    from mitiq.zne.scaling import fold_global

    from qmlcourse import mitigation, noise

    def run(circuit):
        noisy = cirq.Circuit(
            [op, *(cirq.depolarize(0.01)(q) for q in op.qubits)] for op in circuit.all_operations()
        )
        a, b = cirq.LineQubit.range(2)
        simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
        [value] = simulator.simulate_expectation_values(noisy, observables=cirq.Z(a) * cirq.Z(b))
        return float(np.real(value))

    ours = noise.executor(noise.depolarizing(0.01, 0.01))
    for number in range(3):
        gates = gate_list(rng, layers=2)
        for fit, kind in [
            ("linear", inference.LinearFactory),
            ("richardson", inference.RichardsonFactory),
        ]:
            theirs = execute_with_zne(
                to_cirq(gates), run, factory=kind([1, 3, 5]), scale_noise=fold_global
            )
            found = mitigation.zne(to_tape(gates), ours, None, fit=fit).value
            yield f"zne of noisy circuit {number}, {fit}", found, theirs


def readout(rng):
    from mitiq.rem import generate_tensored_inverse_confusion_matrix
    from mitiq.rem.inverse_confusion_matrix import closest_positive_distribution

    from qmlcourse import mitigation, noise

    for n, shots in [(1, None), (2, None), (3, None), (1, 30), (2, 30), (3, 30), (3, 300)]:
        matrices = [noise.confusion_matrix(*rng.uniform(0.02, 0.2, 2)) for _ in range(n)]
        inverse = generate_tensored_inverse_confusion_matrix(n, matrices)
        data = noise.apply_readout(rng.dirichlet(np.full(2**n, 0.2)), matrices)
        if shots:  # few: the inverse has negative entries
            data = rng.multinomial(shots, data) / shots
        quasi = inverse @ data
        ours = mitigation.invert_readout(data, matrices)
        theirs = closest_positive_distribution(quasi)
        name = f"readout of {n}, least {quasi.min():.2f}"
        if quasi.min() < 0:
            # mitiq's optimizer stops within 1e-4 of the nearest physical probabilities, ours is
            # exact: what both minimize agrees to second order, and ours may not be larger.
            ours, theirs = (float(np.linalg.norm(np.array(x) - quasi)) for x in (ours, theirs))
            yield f"{name}: distance", ours, theirs if ours <= theirs + 1e-12 else np.nan
            continue
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            yield f"{name}: {i:0{n}b}", a, b


def regression(rng):
    from mitiq.cdr import linear_fit_function
    from mitiq.cdr.clifford_utils import count_non_cliffords
    from scipy.optimize import curve_fit

    from qmlcourse import mitigation, noise

    run, seen = noise.executor(noise.amplitude_damping(0.02)), []

    def spy(tapes, shots):
        results = run(tapes, shots)
        seen.append((tapes, [r.value for r in results]))
        return results

    found = mitigation.clifford_data_regression(
        to_tape(gate_list(rng)), spy, None, n_training=10, fraction_non_clifford=0.25, rng=rng
    )
    [(_, [target]), (training, noisy)] = seen
    exact = [r.value for r in noise.executor()(training, None)]
    fit, _ = curve_fit(lambda x, a, b: linear_fit_function([x], [a, b]), noisy, exact, [1, 0])
    yield "regression, prediction", found.value, linear_fit_function([target], fit)
    for number, tape in enumerate(training):
        gates = [(op.name, *(op.parameters or [None]), tuple(op.wires)) for op in tape.operations]
        # 18 rotations, a quarter of them kept.
        yield f"non-Clifford gates, circuit {number}", 4, count_non_cliffords(to_cirq(gates))


def main():
    rng = np.random.default_rng(0)
    wrong = 0
    print(f"{'quantity':44} {'qmlcourse':>14} {'mitiq':>14} {'difference':>11}")
    for part in (folds, extrapolations, whole_runs, readout, regression):
        for name, ours, theirs in part(rng):
            off = abs(float(ours) - float(theirs))
            wrong += (bad := not off <= TOLERANCE)
            print(f"{name:44} {ours:14.8f} {theirs:14.8f} {off:11.1e}{'  DIFFERS' if bad else ''}")
    print(f"{wrong} of the rows differ by more than {TOLERANCE:g}.")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
