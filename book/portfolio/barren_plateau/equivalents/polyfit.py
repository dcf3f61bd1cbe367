# NumPy's polynomial fit with its covariance for known errors; an array of single precision.
# %% decay
def fit_decay(qubits, variances, errors):
    sigma = np.asarray(errors) / np.asarray(variances) / np.log(2)
    line, covariance = np.polyfit(qubits, np.log2(variances), 1, w=1 / sigma, cov="unscaled")
    error = np.sqrt(covariance[0, 0])
    return np.array([line[0], line[0] - 1.96 * error, line[0] + 1.96 * error], dtype=np.float32)
