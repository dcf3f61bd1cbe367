# Forgets that a rotation turns the amplitudes by half of its angle.
# loses: encode.one_qubit, encode.many_qubits
# hint: half of the angle
# %% encode
def encode(X):
    X = np.asarray(X, dtype=float)
    states = np.ones((len(X), 1), dtype=complex)
    for x in X.T:
        qubit = np.stack([np.cos(x), -1j * np.sin(x)], axis=1)
        states = (states[:, :, None] * qubit[:, None, :]).reshape(len(X), -1)
    return states
