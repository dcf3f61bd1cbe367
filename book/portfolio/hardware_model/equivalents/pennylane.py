# The circuit in PennyLane with broadcasting; an estimate from a matrix of bits.
# %% train
import pennylane as qml

_device = qml.device("default.qubit", wires=3)


@qml.qnode(_device)
def _circuit(X, theta):
    for number, layer in enumerate(theta):
        if number > 0:
            qml.CZ(wires=[1, 2])
            qml.CZ(wires=[1, 0])
        for k in (2, 1, 0):
            qml.RX(X[:, k % 2], wires=k)
            qml.RZ(layer[k, 0], wires=k)
            qml.RY(layer[k, 1], wires=k)
    return [qml.expval(qml.Z(k)) for k in range(3)]


def features(X, theta):
    return np.stack(_circuit(np.asarray(X), np.asarray(theta)), axis=1)


def train(X, y, *, rng):
    theta, w, b = rng.uniform(-1, 1, size=(3, 3, 2)), np.full(3, 1.0), 0.0
    m, v = np.zeros(22), np.zeros(22)
    for t in range(1, 36):
        E, jacobian = features(X, theta), _jacobian(X, theta)
        r = (1 / (1 + np.exp(-(E @ w + b))) - y) / len(y)
        g = np.concatenate([(jacobian @ w @ r), E.T @ r + 2e-3 * w, [r.sum()]])
        m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g**2
        step = 0.3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-8)
        theta, w, b = theta - step[:18].reshape(3, 3, 2), w - step[18:21], b - step[21]
    return {"theta": theta.tolist(), "w": w.astype(np.float32), "b": np.float64(b)}


def _jacobian(X, theta):
    shifts = np.pi / 2 * np.eye(18).reshape(18, 3, 3, 2)
    sides = []
    for sign in (1, -1):
        angles = np.repeat(theta + sign * shifts, len(X), axis=0)  # a row for shift and point
        rows = np.tile(X, (18, 1))
        sides.append(features(rows, np.moveaxis(angles, 0, -1)).reshape(18, len(X), 3))
    return (sides[0] - sides[1]) / 2


# %% expectation
def expectation(counts, wires):
    bits = np.array([[int(c) for c in word] for word in counts])
    shots = np.array(list(counts.values()))
    z = np.prod(1 - 2 * bits[:, wires], axis=1)
    value = np.average(z, weights=shots)
    n = shots.sum()
    m = n * value / (n + 2)
    return np.array([value, np.sqrt(1 - m * m) / np.sqrt(n)])
