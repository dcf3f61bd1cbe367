"""Circuits of all kinds of gates, drawn: for tests against default.qubit."""

import numpy as np
import pennylane as qml

LABELS = {
    "integers": [0, 1, 2, 3],
    "gaps": [5, 2, 11, 7],
    "NumPy's": list(np.arange(4)),
    "text": ["d", "b", "a", "c"],
    "mixed": ["a", 3, 1.5, "d"],
}


def unitary(rng, n):
    return np.linalg.qr(rng.normal(size=(2**n, 2**n)) + 1j * rng.normal(size=(2**n, 2**n)))[0]


def gate(rng, wires):
    """Return one gate on some of four wires."""

    def w(k):
        return [wires[i] for i in rng.permutation(4)[:k]]

    def a():
        return float(rng.normal() * 3)

    choices = [
        lambda: getattr(qml, rng.choice(["RX", "RY", "RZ", "PhaseShift", "U1"]))(a(), w(1)),
        lambda: getattr(qml, rng.choice(["X", "Y", "Z", "H", "S", "T", "SX"]))(w(1)),
        lambda: getattr(qml, rng.choice(["CNOT", "CY", "CZ", "CH", "SWAP", "ISWAP", "SISWAP",
                                         "ECR"]))(w(2)),
        lambda: getattr(qml, rng.choice(["CRX", "CRY", "CRZ", "IsingXX", "IsingYY", "IsingZZ",
                                         "IsingXY", "PSWAP", "SingleExcitation",
                                         "ControlledPhaseShift", "CPhaseShift01",
                                         "FermionicSWAP"]))(a(), w(2)),
        lambda: getattr(qml, rng.choice(["DoubleExcitation", "OrbitalRotation"]))(a(), w(4)),
        lambda: getattr(qml, rng.choice(["Toffoli", "CSWAP", "CCZ"]))(w(3)),
        lambda: getattr(qml, rng.choice(["Rot", "U3"]))(a(), a(), a(), w(1)),
        lambda: qml.CRot(a(), a(), a(), w(2)),
        lambda: qml.PauliRot(a(), "".join(rng.choice(list("IXYZ"), 3)), w(3)),
        lambda: qml.MultiRZ(a(), w(3)),
        lambda: qml.MultiControlledX(w(4), control_values=[0, 1, 0]),
        lambda: qml.QubitUnitary(unitary(rng, 2), w(2)),
        lambda: qml.DiagonalQubitUnitary(np.exp(1j * rng.normal(size=4)), w(2)),
        lambda: qml.adjoint(qml.Rot(a(), a(), a(), w(1))),
        lambda: qml.adjoint(qml.QubitUnitary(unitary(rng, 1), w(1))),
        lambda: qml.adjoint(getattr(qml, rng.choice(["S", "T", "SX"]))(w(1))),
        lambda: qml.pow(qml.RY(a(), w(1)), 2.5),
        lambda: qml.pow(qml.S(w(1)), -1),
        lambda: qml.exp(qml.X([wires[0]]) @ qml.Z([wires[2]]), 1j * a()),
        lambda: qml.prod(qml.X([wires[1]]), qml.CNOT(w(2)), qml.RZ(a(), w(1))),
        lambda: qml.QFT(w(3)),
        lambda: qml.IQPEmbedding(rng.normal(size=3), w(3)),
        lambda: qml.StronglyEntanglingLayers(rng.normal(size=(1, 3, 3)), w(3)),
        lambda: qml.GlobalPhase(a()),
        lambda: qml.Barrier(w(2)),
        lambda: qml.Identity(w(1)),
        lambda: qml.Snapshot(),
    ]  # fmt: skip
    for k in (1, 2):
        choices.append(
            lambda k=k: qml.ctrl(
                qml.RX(a(), [wires[3]]), wires[:k], control_values=rng.integers(2, size=k).tolist()
            )
        )
    choices.append(lambda: qml.ctrl(qml.GlobalPhase(a()), w(1)))
    return choices[rng.integers(len(choices))]()


def operations(rng, wires, n=8):
    """Return n gates, at times after a prepared state, that touch all four wires."""
    start = {
        0: lambda: [qml.StatePrep(unitary(rng, 2)[0], wires[:2])],
        1: lambda: [qml.BasisState(rng.integers(2, size=3), wires[1:])],
        2: lambda: [
            qml.AmplitudeEmbedding(rng.normal(size=5), wires[:3], pad_with=0.3, normalize=True)
        ],
    }.get(int(rng.integers(6)), list)()
    return [*start, *(gate(rng, wires) for _ in range(n)), qml.Identity(wires)]


def observable(rng, wires):
    """Return an observable: words, products that cancel, sums, matrices, projectors."""

    def pauli():
        letters = [qml.X, qml.Y, qml.Z, qml.Identity]
        return letters[rng.integers(4)]([wires[rng.integers(4)]])

    def word():
        return (
            qml.prod(*(pauli() for _ in range(rng.integers(1, 5)))) if rng.integers(3) else pauli()
        )

    def hermitian(op):  # a product of the same wire's letters may carry an i
        phase = next(iter(op.pauli_rep.values()))
        return op if abs(np.imag(phase)) < 1e-12 else 1j * op

    matrix = rng.normal(size=(4, 4))
    c = rng.normal(size=3)
    return [
        lambda: hermitian(word()),
        lambda: float(c[0]) * hermitian(word()),
        lambda: sum((float(x) * hermitian(word()) for x in c[1:]), float(c[0]) * hermitian(word())),
        lambda: qml.Hamiltonian(c.tolist(), [hermitian(word()) for _ in c]),
        lambda: qml.Hermitian(matrix + matrix.T, [wires[2], wires[0]]),
        lambda: qml.Projector(rng.integers(2, size=2), [wires[3], wires[1]]),
        lambda: qml.Projector(unitary(rng, 1)[0], [wires[1]]),
        lambda: qml.Hermitian(matrix[:2, :2] + matrix[:2, :2].T, [wires[0]]) @ qml.Y([wires[3]]),
        lambda: qml.Hadamard([wires[1]]) @ qml.Z([wires[0]]) + 0.5 * qml.X([wires[2]]),
        lambda: qml.Identity([wires[0]]),
    ][rng.integers(10)]()
