# Qubit 0 is the least significant bit.
# loses: encode.many_qubits
# hint: most significant
# %% encode
def encode(X):
    X = np.asarray(X, dtype=float)
    states = np.ones((len(X), 1), dtype=complex)
    for x in X.T[::-1]:
        qubit = np.stack([np.cos(x / 2), -1j * np.sin(x / 2)], axis=1)
        states = (states[:, :, None] * qubit[:, None, :]).reshape(len(X), -1)
    return states
