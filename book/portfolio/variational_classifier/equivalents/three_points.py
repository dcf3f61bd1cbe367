# The gradient by fitting the sinusoid through three values an angle; flat angles.
# %% gradient
def gradient(f, theta, targets):
    theta = np.array(theta, dtype=float)
    errors = f(theta) - np.array(targets)
    result = []
    for k in np.ndindex(theta.shape):
        values = []
        for shift in (0, np.pi / 2, np.pi, -np.pi / 2):
            moved = theta.copy()
            moved[k] += shift
            values.append(np.array(f(moved)))
        # f = a + b cos + c sin about the point, so the slope is c: the mean of both quarter turns.
        middle = (values[0] + values[2]) / 2
        c = ((values[1] - middle) - (values[3] - middle)) / 2
        result.append(2 * np.mean(errors * c))
    return np.reshape(result, theta.shape).tolist()
