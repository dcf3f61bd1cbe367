# Single precision, and lists in place of arrays.
# %% encode
def encode(X):
    X = np.asarray(X, dtype=np.float32)
    n, q = X.shape
    states = np.ones((n, 2**q), dtype=np.complex64)
    for k in range(q):
        bit = (np.arange(2**q) >> (q - 1 - k)) & 1
        states *= np.where(bit, -1j * np.sin(X[:, [k]] / 2), np.cos(X[:, [k]] / 2))
    return states.astype(np.complex64)


# %% model
def model(theta, states):
    theta = np.asarray(theta, dtype=np.float32)
    states = np.asarray(states, dtype=np.complex64)
    q = theta.shape[1]
    pairs = {tuple(sorted((k, (k + 1) % q))) for k in range(q)} if q > 1 else set()
    bits = [(np.arange(2**q) >> (q - 1 - k)) & 1 for k in range(q)]
    for layer in theta:
        for i, j in pairs:
            states = np.where(bits[i] & bits[j], -states, states)
        for k, (a, b) in enumerate(layer):
            halves = states.reshape(len(states), 2**k, 2, -1)
            zero = np.exp(-0.5j * a) * halves[:, :, 0]
            one = np.exp(0.5j * a) * halves[:, :, 1]
            c, s = np.cos(b / 2), np.sin(b / 2)
            turned = [c * zero - s * one, s * zero + c * one]
            states = np.stack(turned, axis=2).reshape(len(states), -1).astype(np.complex64)
    weights = np.where(bits[0], -1.0, 1.0)
    return (np.abs(states) ** 2 @ weights).tolist()
