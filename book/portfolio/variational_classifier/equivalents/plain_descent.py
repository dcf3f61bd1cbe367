# Plain gradient descent, the best of three starts by the training loss; no momentum.
# %% train
def train(model, states, y, *, n_layers, n_steps, rng):
    q = int(np.log2(np.shape(states)[1]))
    t = 2.0 * np.asarray(y) - 1
    best = None
    for _ in range(3):
        theta = rng.normal(scale=0.5, size=(n_layers, q, 2))
        for _ in range(n_steps):
            theta = theta - 0.3 * gradient(lambda v: model(v, states), theta, t)
        loss = np.mean((model(theta, states) - t) ** 2)
        if best is None or loss < best[0]:
            best = loss, theta
    return best[1]
