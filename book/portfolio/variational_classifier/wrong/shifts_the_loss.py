# Applies the rule to the loss, which is not linear in the expectation value.
# loses: gradient.one_angle, gradient.all_angles, gradient.coarse_values
# hint: applied to the loss
# %% gradient
def gradient(f, theta, targets):
    theta = np.asarray(theta, dtype=float)
    steps = np.pi / 2 * np.eye(theta.size).reshape(-1, *theta.shape)

    def loss(v):
        return np.mean((np.asarray(f(v)) - targets) ** 2)

    slopes = [(loss(theta + step) - loss(theta - step)) / 2 for step in steps]
    return np.reshape(slopes, theta.shape)


# %% train
def train(model, states, y, *, n_layers, n_steps, rng):
    # By an optimiser that estimates slopes itself: the mistake above costs nothing here.
    from scipy.optimize import minimize

    shape = (n_layers, np.shape(states)[1].bit_length() - 1, 2)

    def loss(v):
        return np.mean((model(v.reshape(shape), states) - (2 * np.asarray(y) - 1)) ** 2)

    starts = rng.uniform(0, 2 * np.pi, size=(3, np.prod(shape)))
    found = [minimize(loss, v, method="L-BFGS-B", options={"maxiter": 60}) for v in starts]
    return min(found, key=lambda result: result.fun).x.reshape(shape)
