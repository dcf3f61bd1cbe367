# Takes the number of gates for the depth.
# loses: resources.depth, resources.cost_table
# hint: not the gate count
# %% resources
def resources(gates):
    return {
        "qubits": len({w for gate in gates for w in gate[1]}),
        "depth": len(gates),
        "gates": len(gates),
        "two_qubit_gates": sum(len(gate[1]) == 2 for gate in gates),
    }


def resource_table(circuits, feature_counts, *, rng):
    return [
        {"encoding": name, "features": d, **resources(circuit(rng.normal(size=d)))}
        for name, circuit in circuits.items()
        for d in feature_counts
    ]
