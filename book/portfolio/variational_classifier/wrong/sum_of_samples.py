# Sums over the samples where the loss is a mean.
# loses: gradient.all_angles
# hint: gradient of the sum
# %% gradient
def gradient(f, theta, targets):
    theta = np.asarray(theta, dtype=float)
    errors = np.asarray(f(theta)) - np.asarray(targets)
    result = []
    for k in range(theta.size):
        step = np.zeros(theta.size)
        step[k] = np.pi / 2
        step = step.reshape(theta.shape)
        slope = (np.asarray(f(theta + step)) - np.asarray(f(theta - step))) / 2
        result.append(np.sum(2 * errors * slope))
    return np.reshape(result, theta.shape)
