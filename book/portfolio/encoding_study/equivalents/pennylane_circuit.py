# PennyLane's uniformly controlled rotations, turned into a list of gates.
# %% circuit
import pennylane as qml


def amplitude_circuit(x):
    n = max(1, (len(x) - 1).bit_length())
    tensor = np.pad(np.asarray(x, dtype=float), (0, 2**n - len(x))).reshape((2,) * n)
    operations = []
    for k in range(n):
        later = tuple(range(k + 1, n))
        sides = np.sqrt((tensor**2).sum(axis=later)) if later else tensor
        angles = 2 * np.arctan2(sides[..., 1], sides[..., 0]).ravel()
        if k == 0:
            operations.append(qml.RY(angles[0], wires=0))
        else:
            operations.append(qml.SelectPauliRot(angles, range(k), k, rot_axis="Y"))
    tape = qml.tape.QuantumScript(operations)
    (tape,), _ = qml.transforms.decompose(tape, gate_set={"RX", "RY", "RZ", "CNOT"})
    return [[op.name, list(op.wires), *map(float, op.parameters)] for op in tape.operations]
