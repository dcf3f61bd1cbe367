# Applies the last layer first.
# loses: model.layers
# hint: reverse order
# %% model
def model(theta, states):
    theta, states = np.asarray(theta), np.asarray(states)
    q = theta.shape[1]
    bits = [(np.arange(2**q) >> (q - 1 - k)) & 1 for k in range(q)]
    edges = [(k, (k + 1) % q) for k in range(q)] if q > 2 else [(0, 1)] * (q - 1)

    def join(states):
        for i, j in edges:
            states = states * (-1) ** (bits[i] & bits[j])
        return states

    def turn(states, layer):
        for k, (a, b) in enumerate(layer):
            rz = np.diag(np.exp([-0.5j * a, 0.5j * a]))
            ry = np.array([[np.cos(b / 2), -np.sin(b / 2)], [np.sin(b / 2), np.cos(b / 2)]])
            parts = states.reshape(len(states), 2**k, 2, -1)
            states = np.einsum("ij,najb->naib", ry @ rz, parts).reshape(len(states), -1)
        return states

    for layer in theta[::-1]:
        states = turn(join(states), layer)
    p = (np.abs(states) ** 2).reshape(len(states), 2, -1).sum(axis=(2))
    return p[:, 0] - p[:, 1]
