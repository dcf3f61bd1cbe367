# Joins all pairs of qubits, as the usual IQP encoding does.
# loses: encode.amplitudes, encode.bandwidth
# hint: neighbours on a ring
# %% encode
def states(X, bandwidth):
    angles = bandwidth * np.asarray(X, dtype=float)
    d = angles.shape[1]
    # z[k, b] is the eigenvalue of Z on qubit k for basis state b.
    z = 1 - 2 * ((np.arange(2**d) >> np.arange(d)[::-1, None]) & 1)
    j, k = np.triu_indices(d, 1)
    phases = np.exp(-0.5j * (angles @ z + (angles[:, j] * angles[:, k]) @ (z[j] * z[k])))
    hadamards = np.ones((1, 1))
    for _ in range(d):
        hadamards = np.kron(hadamards, np.array([[1, 1], [1, -1]]) / np.sqrt(2))
    return phases * ((phases * hadamards[0]) @ hadamards)
