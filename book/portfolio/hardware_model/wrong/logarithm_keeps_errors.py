# Gives the logarithms the errors of the values.
# loses: extrapolate.exponential
# hint: error of a logarithm
# %% extrapolate
def extrapolate(scales, values, errors, *, fit="linear"):
    scales, values, errors = (np.asarray(a, dtype=float) for a in (scales, values, errors))
    if fit == "exponential" and abs(np.sign(values).sum()) == len(values):
        log, relative = np.log(np.abs(values)), errors
        intercept, error = extrapolate(scales, log, relative)
        size = np.exp(intercept)
        return np.sign(values[0]) * size, size * error
    design = np.column_stack([np.ones_like(scales), scales]) / errors[:, None]
    covariance = np.linalg.inv(design.T @ design)
    return (covariance @ design.T @ (values / errors))[0], np.sqrt(covariance[0, 0])
