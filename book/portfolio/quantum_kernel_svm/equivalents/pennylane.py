# The circuit in PennyLane, gate by gate, phases of the ring in reverse order.
# %% encode
def states(X, bandwidth):
    import pennylane as qml

    d = np.shape(X)[1]

    @qml.qnode(qml.device("default.qubit", wires=d))
    def circuit(x):
        for _ in range(2):
            for k in range(d):
                qml.Hadamard(k)
            for k in reversed(range(d)):
                qml.IsingZZ(x[k] * x[(k + 1) % d], wires=[(k + 1) % d, k])
            for k in range(d):
                qml.RZ(x[k], wires=k)
        return qml.state()

    return np.array([circuit(bandwidth * np.asarray(x)) for x in X])
