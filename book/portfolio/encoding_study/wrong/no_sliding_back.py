# Starts a new step whenever a qubit of the current one is used again: no gate slides back.
# loses: resources.depth
# hint: slide back
# %% resources
def resources(gates):
    steps, busy = 0, set()
    for _, wires, *_ in gates:
        if steps == 0 or busy & set(wires):
            steps, busy = steps + 1, set()
        busy |= set(wires)
    return {
        "qubits": len({w for gate in gates for w in gate[1]}),
        "depth": steps,
        "gates": len(gates),
        "two_qubit_gates": sum(len(gate[1]) == 2 for gate in gates),
    }


def resource_table(circuits, feature_counts, *, rng):
    return [
        {"encoding": name, "features": d, **resources(circuit(rng.normal(size=d)))}
        for name, circuit in circuits.items()
        for d in feature_counts
    ]
