# Counts the CNOTs alone as gates on two qubits.
# loses: resources.counts, resources.cost_table
# hint: CZ acts on two
# %% resources
def resources(gates):
    free = {}
    for _, wires, *_ in gates:
        free |= dict.fromkeys(wires, 1 + max(free.get(w, 0) for w in wires))
    return {
        "qubits": len(free),
        "depth": max(free.values(), default=0),
        "gates": len(gates),
        "two_qubit_gates": sum(gate[0] == "CNOT" for gate in gates),
    }


def resource_table(circuits, feature_counts, *, rng):
    return [
        {"encoding": name, "features": d, **resources(circuit(rng.normal(size=d)))}
        for name, circuit in circuits.items()
        for d in feature_counts
    ]
