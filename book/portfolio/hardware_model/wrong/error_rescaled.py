# Rescales the error by the residuals, as fits do by default.
# loses: extrapolate.linear_error, extrapolate.exponential
# hint: rescaled
# %% extrapolate
def extrapolate(scales, values, errors, *, fit="linear"):
    scales, values, errors = (np.asarray(a, dtype=float) for a in (scales, values, errors))
    if fit == "exponential" and abs(np.sign(values).sum()) == len(values):
        log, relative = np.log(np.abs(values)), errors / np.abs(values)
        intercept, error = extrapolate(scales, log, relative)
        size = np.exp(intercept)
        return np.sign(values[0]) * size, size * error
    design = np.column_stack([np.ones_like(scales), scales]) / errors[:, None]
    covariance = np.linalg.inv(design.T @ design)
    found = covariance @ design.T @ (values / errors)
    left = np.sum((values / errors - design @ found) ** 2) / (len(values) - 2)
    return found[0], np.sqrt(covariance[0, 0] * left)
