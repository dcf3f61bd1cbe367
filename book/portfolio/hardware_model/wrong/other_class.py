# Learns the probability of y = 0.
# loses: train.learns, train.reproducible
# hint: opposite class
# %% train
def features(X, theta):
    X, theta = np.asarray(X, dtype=float), np.asarray(theta, dtype=float)
    bits = np.indices((2, 2, 2)).reshape(3, 8)
    signs = (-1.0) ** (bits[0] * bits[1] + bits[1] * bits[2])  # the two CZ gates
    # All leading axes of theta are circuits of their own: (..., L, 3, 2) gives (..., N, 3).
    state = np.zeros((8, *np.broadcast_shapes((*theta.shape[:-3], 1), (len(X),))), complex)
    state[0] = 1
    for layer in range(theta.shape[-3]):
        if layer > 0:
            state *= signs.reshape(8, *[1] * (state.ndim - 1))
        for k in range(3):
            z, y = np.moveaxis(theta[..., layer, k, :, None], -2, 0)
            m = turn(X[:, k % 2], z, y)
            s = state.reshape(2**k, 2, 2 ** (2 - k), *state.shape[1:])
            zero, one = s[:, 0], s[:, 1]
            turned = [m[0] * zero + m[1] * one, m[2] * zero + m[3] * one]
            state = np.stack(turned, axis=1).reshape(state.shape)
    return np.moveaxis(np.tensordot(1.0 - 2.0 * bits, np.abs(state) ** 2, 1), 0, -1)


def turn(x, z, y):
    cx, sx, cy, sy = np.cos(x / 2), -1j * np.sin(x / 2), np.cos(y / 2), np.sin(y / 2)
    down, up = np.exp(-0.5j * z), np.exp(0.5j * z)
    first, second = (down * cx, down * sx), (up * sx, up * cx)  # RZ(z) RX(x)
    return (
        cy * first[0] - sy * second[0],
        cy * first[1] - sy * second[1],
        sy * first[0] + cy * second[0],
        sy * first[1] + cy * second[1],
    )


def loss_and_gradient(flat, X, y):
    theta, w, b = flat[:-4].reshape(-1, 3, 2), flat[-4:-1], flat[-1]
    shifts = np.pi / 2 * np.eye(theta.size).reshape(-1, *theta.shape)
    E, *shifted = features(X, np.concatenate([theta[None], theta + shifts, theta - shifts]))
    up, down = np.split(np.array(shifted), 2)
    logits = E @ w + b
    residual = (1 / (1 + np.exp(-logits)) - y) / len(y)
    loss = np.logaddexp(0, (1 - 2 * y) * logits).mean() + 1e-3 * w @ w
    by_angle = np.einsum("pnk,k,n->p", (up - down) / 2, w, residual)
    return loss, np.concatenate([by_angle, E.T @ residual + 2e-3 * w, [residual.sum()]])


def train(X, y, *, rng):
    X, y = np.asarray(X, dtype=float), 1 - np.asarray(y, dtype=float)
    start = np.concatenate([rng.normal(scale=0.5, size=18), np.full(3, 0.5), [0.0]])
    found = optimize.minimize(
        loss_and_gradient, start, (X, y), jac=True, method="L-BFGS-B", options={"maxiter": 40}
    )
    # Rounded, so that what is stored and sent is the same on every machine.
    flat = np.round(found.x, 6)
    return {"theta": flat[:-4].reshape(3, 3, 2), "w": flat[-4:-1], "b": float(flat[-1])}
