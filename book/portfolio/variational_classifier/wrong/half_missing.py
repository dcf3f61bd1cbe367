# Forgets the factor 1/2 of the shift rule.
# loses: gradient.one_angle, gradient.all_angles, gradient.coarse_values
# hint: factor 1/2
# %% gradient
def gradient(f, theta, targets):
    theta = np.asarray(theta, dtype=float)
    errors = np.asarray(f(theta)) - np.asarray(targets)
    result = []
    for k in range(theta.size):
        step = np.zeros(theta.size)
        step[k] = np.pi / 2
        step = step.reshape(theta.shape)
        slope = np.asarray(f(theta + step)) - np.asarray(f(theta - step))
        result.append(np.mean(2 * errors * slope))
    return np.reshape(result, theta.shape)
