# The model is a circuit of PennyLane.
# %% model
import pennylane as qml


def model(theta, states):
    theta = np.asarray(theta)
    q = theta.shape[1]

    @qml.qnode(qml.device("default.qubit", wires=q))
    def circuit(states):
        qml.StatePrep(states, wires=range(q))
        for layer in theta:
            for k in reversed(range(q if q > 2 else q - 1)):
                qml.CZ([(k + 1) % q, k])
            for k in range(q):
                qml.RZ(layer[k, 0], wires=k)
                qml.RY(layer[k, 1], wires=k)
        return qml.expval(qml.Z(0))

    return circuit(np.asarray(states))
