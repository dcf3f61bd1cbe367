# Outer products; angles within one turn, so another sign; one draw cut to size; states for kernels.
# %% states
from functools import reduce


def angle_state(x):
    turned = [(np.cos(a / 2), np.sin(a / 2)) for a in np.mod(x, 2 * np.pi)]
    return reduce(np.multiply.outer, turned, 1.0).ravel()


def amplitude_state(x):
    largest = np.max(np.abs(x))
    if not largest > 0:
        raise ValueError(f"no direction: all {len(x)} entries are 0")
    state = np.zeros(2 ** max(1, int(np.ceil(np.log2(len(x))))))
    state[: len(x)] = np.divide(x, largest)
    return state / np.sqrt(state @ state)


# %% resources
def resources(gates):
    wires = sorted({wire for gate in gates for wire in gate[1]})
    depth = np.zeros(len(wires), dtype=int)
    kinds = [gate[0] for gate in gates]
    for _, on, *_ in gates:
        places = [wires.index(wire) for wire in on]
        depth[places] = depth[places].max() + 1
    return {
        "qubits": np.int64(len(wires)),
        "depth": depth.max(initial=0),
        "gates": len(kinds),
        "two_qubit_gates": kinds.count("CNOT") + kinds.count("CZ"),
    }


def resource_table(circuits, feature_counts, *, rng):
    longest = rng.standard_normal(max(feature_counts))
    rows = []
    for d in sorted(feature_counts):
        for name, circuit in circuits.items():
            rows.append(resources(circuit(longest[:d])) | {"encoding": name, "features": d})
    return rows


# %% kernels
def angle_kernel(A, B, scale=1.0):
    A, B = scale * np.asarray(A) / 2, scale * np.asarray(B) / 2
    a, b = np.stack([np.cos(A), np.sin(A)]), np.stack([np.cos(B), np.sin(B)])
    return np.einsum("ims,ins->mns", a, b).prod(axis=2) ** 2


def amplitude_kernel(A, B, scale=1.0):
    A, B = np.asarray(A), np.asarray(B)
    squared = np.sum(A**2, axis=1)[:, None] * np.sum(B**2, axis=1)
    return (A @ B.T) ** 2 / squared


def twins(x):
    x = np.asarray(x)
    turn = np.zeros(len(x))
    turn[-1] = 4 * np.pi
    return {"sign": x * -1, "angle": x - turn, "length": x * 2}
