# Runs the circuit once.
# loses: encode.amplitudes, encode.bandwidth
# hint: one round
# %% encode
def states(X, bandwidth):
    angles = bandwidth * np.asarray(X, dtype=float)
    d = angles.shape[1]
    # z[k, b] is the eigenvalue of Z on qubit k for basis state b.
    z = 1 - 2 * ((np.arange(2**d) >> np.arange(d)[::-1, None]) & 1)
    neighbours = angles * np.roll(angles, -1, axis=1)
    phases = np.exp(-0.5j * (angles @ z + neighbours @ (z * np.roll(z, -1, axis=0))))
    hadamards = np.ones((1, 1))
    for _ in range(d):
        hadamards = np.kron(hadamards, np.array([[1, 1], [1, -1]]) / np.sqrt(2))
    return phases * hadamards[0]
