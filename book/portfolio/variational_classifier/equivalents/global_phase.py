# Another global phase for each sample, and a loop over samples with Kronecker products.
# %% encode
def encode(X):
    states = []
    for x in np.asarray(X):
        state = np.ones(1)
        for angle in x:
            state = np.kron(state, [1j * np.cos(angle / 2), np.sin(angle / 2)])
        states.append(state)
    return states
