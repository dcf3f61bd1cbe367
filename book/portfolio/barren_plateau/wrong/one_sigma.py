# The interval is one standard error on each side.
# loses: decay.decay_interval, decay.decay_coverage
# hint: one standard error
# %% decay
def fit_decay(qubits, variances, errors):
    """Fit log2(variance) = a + b * qubits by weighted least squares."""
    q, v, e = (np.asarray(values, dtype=float) for values in (qubits, variances, errors))
    y, weights = np.log2(v), (v * np.log(2) / e) ** 2
    centred = q - np.average(q, weights=weights)
    spread = weights @ centred**2
    slope = (weights * centred) @ y / spread
    reach = 1 / np.sqrt(spread)
    return float(slope), float(slope - reach), float(slope + reach)
