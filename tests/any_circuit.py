"""Circuits drawn from the whole of PennyLane's standard gates, for tests of whatever runs them."""

import numpy as np
import pennylane as qml
import scipy.sparse
from scipy import stats

MATH = qml.ops.op_math
# What stands among the operators and is drawn elsewhere here, or is no operation on qubits.
LEFT_OUT = {
    "observables": {"Hermitian", "Projector", "SparseHamiltonian", "LinearCombination"},
    "wrappers, drawn by wrapped()": {
        "Adjoint", "ChangeOpBasis", "Controlled", "ControlledOp", "Evolution", "Exp", "Pow",
        "Prod", "SProd", "Sum",
    },
    "base classes": {"CompositeOp", "ScalarSymbolicOp", "SymbolicOp"},
    "measure on the way": {"Conditional", "MidMeasure", "PauliMeasure"},
    "prepare a state": {"BasisState", "QubitDensityMatrix", "StatePrep"},
    "cut a circuit": {"WireCut"},
    "needs another package": {"FromBloq"},
}  # fmt: skip
MODULES = ("pennylane.ops.qubit", "pennylane.ops.op_math", "pennylane.ops.identity",
           "pennylane.ops.meta", "pennylane.ops.channel", "pennylane.ops.mid_measure")  # fmt: skip
LABELS = [
    [0, 1, 2, 3], [2, 0, 3, 1], [7, 3, 5, 11], ["b", "a", "d", "c"], ["x", 1, "0", 0],
    [-1, 4, 0, 2], list(np.arange(4)), [np.int64(2), 0, np.int32(1), 3], ["aux", "q0", 3, 1.5],
]  # fmt: skip


def standard() -> dict[str, type]:
    """Return the operators on qubits that PennyLane has, templates aside."""
    found = {}
    for space in (qml, qml.ops, MATH):
        for value in vars(space).values():
            if (
                isinstance(value, type)
                and issubclass(value, qml.operation.Operator)
                and value.__module__.startswith(MODULES)
            ):
                found[value.__name__] = value
    for names in LEFT_OUT.values():
        for name in names:
            found.pop(name, None)
    return found


def angle(rng):
    special = [0.0, np.pi / 2, -np.pi, 7.1, 1e-3]
    return float(rng.choice(special)) if rng.random() < 0.2 else float(rng.uniform(-4, 4))


def unitary(rng, n):
    return stats.unitary_group.rvs(2**n, random_state=rng)


def hermitian(rng, n):
    a = rng.normal(size=(2**n, 2**n)) + 1j * rng.normal(size=(2**n, 2**n))
    return a + a.conj().T


def some(rng, wires, k):
    return [wires[i] for i in rng.permutation(len(wires))[:k]]


def _kraus(rng, n):
    """Return 3 Kraus matrices, a third each of an isometry."""
    isometry = stats.unitary_group.rvs(3 * 2**n, random_state=rng)[:, : 2**n]
    return list(isometry.reshape(3, 2**n, 2**n))


def _pauli_error(rng, w):
    return qml.PauliError("".join(rng.choice(list("XYZ"), len(w))), float(rng.uniform(0, 1)), w)


def _generalized(rng, w):
    return qml.GeneralizedAmplitudeDamping(*rng.uniform(0, 1, 2), w)


def _thermal(rng, w):
    t1 = rng.uniform(1, 3)
    t2 = rng.uniform(0.2, 1) * t1
    return qml.ThermalRelaxationError(rng.uniform(0, 1), t1, t2, rng.uniform(0, 2), w)


def _multi_controlled_x(rng, w):
    return qml.MultiControlledX(w, control_values=rng.integers(2, size=len(w) - 1).tolist())


def _controlled_unitary(rng, w):
    values = rng.integers(2, size=len(w) - 1).tolist()
    return qml.ControlledQubitUnitary(unitary(rng, 1), wires=w, control_values=values)


def _comparator(rng, w):
    return qml.IntegerComparator(int(rng.integers(4)), geq=bool(rng.integers(2)), wires=w)


# Operators that take more than angles: how many wires, and how to make one.
MADE = {
    "Barrier": (2, lambda rng, w: qml.Barrier(w)),
    "BlockEncode": (2, lambda rng, w: qml.BlockEncode(0.3 * rng.normal(size=(2, 2)), w)),
    "ControlledQubitUnitary": (3, _controlled_unitary),
    "DiagonalQubitUnitary": (
        2, lambda rng, w: qml.DiagonalQubitUnitary(np.exp(1j * rng.uniform(0, 6, 4)), w)
    ),
    "GeneralizedAmplitudeDamping": (1, _generalized),
    "GlobalPhase": (2, lambda rng, w: qml.GlobalPhase(angle(rng), w)),
    "Identity": (2, lambda rng, w: qml.Identity(w)),
    "IntegerComparator": (3, _comparator),
    "MultiControlledX": (3, _multi_controlled_x),
    "MultiRZ": (3, lambda rng, w: qml.MultiRZ(angle(rng), w)),
    "PCPhase": (2, lambda rng, w: qml.PCPhase(angle(rng), int(rng.integers(1, 4)), w)),
    "PauliError": (2, _pauli_error),
    "PauliRot": (2, lambda rng, w: qml.PauliRot(angle(rng), rng.choice(list("IXYZ")) + "Y", w)),
    "QubitChannel": (2, lambda rng, w: qml.QubitChannel(_kraus(rng, 2), w)),
    "QubitUnitary": (2, lambda rng, w: qml.QubitUnitary(unitary(rng, 2), w)),
    "ResetError": (1, lambda rng, w: qml.ResetError(*rng.uniform(0, 0.5, 2), w)),
    "Snapshot": (0, lambda rng, w: qml.Snapshot()),
    "SpecialUnitary": (1, lambda rng, w: qml.SpecialUnitary(rng.normal(size=3), w)),
    "ThermalRelaxationError": (1, _thermal),
}  # fmt: skip
CLASSES = standard()
CHANNELS = sorted(n for n, c in CLASSES.items() if issubclass(c, qml.operation.Channel))
GATES = sorted(set(CLASSES) - set(CHANNELS))


def make(name, rng, wires):
    """Return the operator of that name on some of the wires; None if it needs more."""
    if name in MADE:
        n, build = MADE[name]
        return build(rng, some(rng, wires, n)) if n <= len(wires) else None
    kind = CLASSES[name]
    if kind.num_wires is None or kind.num_wires > len(wires):
        return None
    if issubclass(kind, qml.operation.Channel):
        numbers = [float(rng.uniform(0, 1))] * kind.num_params
    else:
        numbers = [angle(rng) for _ in range(kind.num_params)]
    return kind(*numbers, wires=some(rng, wires, kind.num_wires))


def wrapped(op, rng, wires):
    """Return an operator made of the gate, or the gate."""
    free = [w for w in wires if w not in op.wires]
    kind = rng.choice(["adjoint", "pow", "ctrl", "prod", "exp", "sprod", "evolve", "twice"])
    if kind == "adjoint":
        return qml.adjoint(op)
    if kind == "pow":
        return qml.pow(op, int(rng.integers(2, 4)))
    # PennyLane decomposes no controlled BlockEncode, and takes NumPy's integers for numbers to
    # add where it decomposes a controlled DiagonalQubitUnitary.
    odd = ["BlockEncode"]
    if any(isinstance(w, np.integer) for w in wires):
        odd.append("DiagonalQubitUnitary")
    if kind == "ctrl" and free and len(op.wires) < 3 and op.name not in odd:
        return qml.ctrl(op, free[0], control_values=[int(rng.integers(2))])
    if kind == "prod":
        return qml.prod(op, make("RX", rng, wires), make("S", rng, wires))
    if kind == "exp":
        return qml.exp(qml.X(wires[0]) @ qml.Y(wires[1]), 1j * angle(rng))
    if kind == "evolve":
        return qml.evolve(qml.Z(wires[1]) @ qml.X(wires[0]), angle(rng))
    if kind == "sprod":
        return qml.s_prod(np.exp(1j * angle(rng)), qml.X(wires[0]))
    return qml.adjoint(qml.adjoint(op)) if kind == "twice" else op


def gate(rng, wires, wrap=0.35):
    op = None
    while op is None:
        op = make(str(rng.choice(GATES)), rng, wires)
    nothing = (qml.Barrier, qml.Snapshot, qml.GlobalPhase)
    return wrapped(op, rng, wires) if rng.random() < wrap and not isinstance(op, nothing) else op


def channel(rng, wires):
    return make(str(rng.choice(CHANNELS)), rng, wires)


def paulis(rng, wires):
    """Return a product of Paulis, with identities and factors that repeat."""
    letters = [qml.X, qml.Y, qml.Z, qml.Identity]
    chosen = [wires[i] for i in rng.integers(len(wires), size=rng.integers(1, 5))]
    return qml.prod(
        *[letters[rng.integers(4)](w) for w in chosen], qml.Z(wires[0]) @ qml.Z(wires[0])
    )


def observable(rng, wires):
    pick = some(rng, wires, 2)
    kinds = [
        lambda: qml.Z(pick[0]),
        lambda: qml.Y(pick[0]) @ qml.Identity(pick[1]),
        lambda: qml.Hadamard(pick[0]),
        lambda: qml.Identity(pick[0]),
        lambda: real_part(paulis(rng, wires)),
        lambda: qml.Hamiltonian([0.3, -1.2, 2.0], [qml.X(w) @ qml.Z(pick[0]) if w != pick[0]
                                                   else qml.Y(w) for w in wires[:3]]),
        lambda: 0.7 * qml.X(pick[0]) + qml.Z(pick[1]) @ qml.Y(pick[0]) - 0.2 * qml.I(pick[0]),
        lambda: qml.Z(pick[0]) + qml.Z(pick[1]),
        lambda: qml.s_prod(-1.5, qml.Y(pick[0])),
        lambda: qml.Hermitian(hermitian(rng, 1), [pick[0]]),
        lambda: qml.Hermitian(hermitian(rng, 2), pick),
        lambda: qml.Hermitian(hermitian(rng, 1), [pick[0]]) @ qml.Y(pick[1]),
        lambda: 2 * qml.Hermitian(hermitian(rng, 1), [pick[0]]) + qml.X(pick[0]),
        lambda: qml.Projector(rng.integers(2, size=2).tolist(), pick),
        lambda: qml.Projector(unitary(rng, 2)[0], pick),
        lambda: qml.Projector([1], [pick[0]]) @ qml.Y(pick[1]),
        lambda: qml.Hadamard(pick[0]) @ qml.Hadamard(pick[1]),
        lambda: qml.SparseHamiltonian(scipy.sparse.csr_matrix(hermitian(rng, 2)), pick),
    ]  # fmt: skip
    return kinds[rng.integers(len(kinds))]()


def real_part(word):
    """Return a product of Paulis without the phase that repeated factors bring."""
    [phase] = word.pauli_rep.values()
    return word if np.isreal(phase) else qml.s_prod(1 / phase, word)


def circuit(rng, *, n_gates=6, channels=False, labels=None, wrap=0.35):
    """Return a tape that measures one expectation value."""
    wires = LABELS[rng.integers(len(LABELS))] if labels is None else labels
    wires = list(wires)
    operations = []
    if rng.random() < 0.3:
        k = int(rng.integers(1, len(wires) + 1))
        pick = some(rng, wires, k)
        operations.append(
            qml.BasisState(rng.integers(2, size=k), pick)
            if rng.random() < 0.5
            else qml.StatePrep(unitary(rng, k)[0], pick)
        )
    for _ in range(n_gates):
        operations.append(gate(rng, wires, wrap))
        if channels and rng.random() < 0.3:
            operations.append(channel(rng, wires))
    return qml.tape.QuantumScript(operations, [qml.expval(observable(rng, wires))])
