# Shifts by pi, where the two values are equal.
# loses: gradient.one_angle, gradient.all_angles, gradient.coarse_values, train.line, train.quadrants, train.reproducible
# hint: quarter turn
# ruff: noqa: E501
# %% gradient
def gradient(f, theta, targets):
    theta = np.asarray(theta, dtype=float)
    errors = np.asarray(f(theta)) - np.asarray(targets)
    result = []
    for k in range(theta.size):
        step = np.zeros(theta.size)
        step[k] = np.pi
        step = step.reshape(theta.shape)
        slope = (np.asarray(f(theta + step)) - np.asarray(f(theta - step))) / 2
        result.append(np.mean(2 * errors * slope))
    return np.reshape(result, theta.shape)
