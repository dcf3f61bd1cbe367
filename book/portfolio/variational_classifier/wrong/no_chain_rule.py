# Returns the slope of the values, not of the loss.
# loses: gradient.one_angle, gradient.all_angles, gradient.coarse_values
# hint: chain rule
# %% gradient
def gradient(f, theta, targets):
    theta = np.asarray(theta, dtype=float)
    result = []
    for k in range(theta.size):
        step = np.zeros(theta.size)
        step[k] = np.pi / 2
        step = step.reshape(theta.shape)
        slope = (np.asarray(f(theta + step)) - np.asarray(f(theta - step))) / 2
        result.append(np.mean(slope))
    return np.reshape(result, theta.shape)


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
