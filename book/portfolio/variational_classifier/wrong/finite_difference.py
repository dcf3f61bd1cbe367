# A central difference over a small step: exact until the values have errors.
# loses: gradient.coarse_values
# hint: no small step
# %% gradient
def gradient(f, theta, targets):
    theta = np.asarray(theta, dtype=float)
    errors = np.asarray(f(theta)) - np.asarray(targets)
    result = []
    for k in range(theta.size):
        step = np.zeros(theta.size)
        step[k] = 1e-5
        step = step.reshape(theta.shape)
        slope = (np.asarray(f(theta + step)) - np.asarray(f(theta - step))) / 2e-5
        result.append(np.mean(2 * errors * slope))
    return np.reshape(result, theta.shape)
