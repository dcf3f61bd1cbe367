# Matrices with determinant other than 1 (a global phase), float32 features, several short starts.
# %% train
def features(X, theta):
    X, theta = np.asarray(X), np.asarray(theta)
    state = np.zeros((len(X), 2, 2, 2), dtype=np.complex64)
    state[:, 0, 0, 0] = 1j
    for number, layer in enumerate(theta):
        if number:
            state[:, 1, 1, :] *= -1
            state[:, :, 1, 1] *= -1
        ones = np.ones(len(X))
        turned = []
        for k in range(3):
            x = X[:, k % 2] / 2
            rx = np.array([[np.cos(x), -1j * np.sin(x)], [-1j * np.sin(x), np.cos(x)]])
            phase = np.diag([1, np.exp(1j * layer[k, 0])])
            c, s = np.cos(layer[k, 1] / 2), np.sin(layer[k, 1] / 2)
            turned.append(np.einsum("ij,jkn->nik", np.array([[c, -s], [s, c]]) @ phase, rx * ones))
        state = np.einsum("nijk,nai,nbj,nck->nabc", state, *turned).astype(np.complex64)
    p = np.abs(state) ** 2
    marginals = [p.sum(axis=(2, 3)), p.sum(axis=(1, 3)), p.sum(axis=(1, 2))]
    return np.stack([q[:, 0] - q[:, 1] for q in marginals], axis=1)


def _gradient(flat, X, y):
    # Single precision is too coarse for small steps, and fine for the shift of a quarter turn.
    theta, w, b = flat[:18].reshape(3, 3, 2), flat[18:21], flat[21]
    E = features(X, theta).astype(float)
    logit = E @ w + b
    r = (stats.logistic.cdf(logit) - y) / len(y)
    g = np.zeros(22)
    for i in range(18):
        e = np.zeros(18)
        e[i] = np.pi / 2
        up, down = (
            features(X, (flat[:18] + e).reshape(3, 3, 2)),
            features(X, (flat[:18] - e).reshape(3, 3, 2)),
        )
        g[i] = r @ ((up - down) / 2 @ w)
    g[18:21], g[21] = E.T @ r + 2e-3 * w, r.sum()
    return -np.mean(stats.logistic.logcdf((2 * y - 1) * logit)) + 1e-3 * np.sum(w**2), g


def train(X, y, *, rng):
    y = np.asarray(y)
    short = [
        optimize.minimize(
            _gradient,
            rng.normal(size=22),
            (X, y),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 4},
        )
        for _ in range(2)
    ]
    start = min(short, key=lambda f: f.fun).x
    best = optimize.minimize(
        _gradient, start, (X, y), jac=True, method="L-BFGS-B", options={"maxiter": 25}
    ).x
    return {"b": best[21:], "w": best[18:21].tolist(), "theta": best[:18].reshape(3, 3, 2)}
