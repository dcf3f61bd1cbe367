# The observable is carried backwards through the circuit, and the states stay as they are.
# %% model
def model(theta, states):
    theta = np.asarray(theta, dtype=float)
    q = theta.shape[1]
    observable = np.diag(np.repeat([1.0, -1.0], 2 ** (q - 1))).astype(complex)
    edges = {frozenset({k, (k + 1) % q}) for k in range(q)} if q > 1 else set()
    for layer in theta[::-1]:
        turn = np.ones((1, 1))
        for a, b in layer:
            ry = np.array([[np.cos(b / 2), -np.sin(b / 2)], [np.sin(b / 2), np.cos(b / 2)]])
            turn = np.kron(turn, ry @ np.diag(np.exp([-0.5j * a, 0.5j * a])))
        observable = turn.conj().T @ observable @ turn
        for edge in edges:
            places = [1 << (q - 1 - k) for k in edge]
            both = np.array([all(i & p for p in places) for i in range(2**q)])
            sign = np.where(both, -1, 1)
            observable = sign[:, None] * observable * sign
    states = np.asarray(states)
    return np.einsum("ni,ij,nj->n", states.conj(), observable, states).real
