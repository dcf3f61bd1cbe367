# Adam over all layers with a mask, angles kept in one period, a list of lists.
# %% train
def train(theta, axes, teacher, cost, layers, steps, shots, *, learning_rate=0.1, rng):
    theta = np.array(theta, dtype=float)
    m, v = np.zeros(theta.shape), np.zeros(theta.shape)
    mask = np.isin(np.arange(len(theta)), layers)[:, None]
    for t in range(steps):
        g = np.zeros(theta.shape)
        g[np.ravel(layers)] = estimate_gradient(
            theta, axes, teacher, cost, list(layers), shots, rng=rng
        )
        m += 0.1 * (g - m)
        v += 0.001 * (g * g - v)
        rate = learning_rate * np.sqrt(1 - 0.999 ** (t + 1)) / (1 - 0.9 ** (t + 1))
        theta = theta + mask * rate * m / (np.sqrt(v) + 1e-8 * np.sqrt(1 - 0.999 ** (t + 1)))
    return theta.tolist()
