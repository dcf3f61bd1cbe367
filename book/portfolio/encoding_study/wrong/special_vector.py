# Counts the circuit of a special vector, in which gates drop out.
# loses: resources.cost_table
# hint: drawn from rng
# %% resources
def resources(gates):
    free = {}
    for _, wires, *_ in gates:
        free |= dict.fromkeys(wires, 1 + max(free.get(w, 0) for w in wires))
    return {
        "qubits": len(free),
        "depth": max(free.values(), default=0),
        "gates": len(gates),
        "two_qubit_gates": sum(len(gate[1]) == 2 for gate in gates),
    }


def resource_table(circuits, feature_counts, *, rng):
    return [
        {"encoding": name, "features": d, **resources(circuit(np.ones(d)))}
        for name, circuit in circuits.items()
        for d in feature_counts
    ]
