# The interval is rescaled by the scatter about the line.
# loses: decay.decay_interval
# hint: scatter
# %% decay
def fit_decay(qubits, variances, errors):
    """Fit log2(variance) = a + b * qubits by weighted least squares."""
    q, v, e = (np.asarray(values, dtype=float) for values in (qubits, variances, errors))
    y, weights = np.log2(v), (v * np.log(2) / e) ** 2
    centred = q - np.average(q, weights=weights)
    spread = weights @ centred**2
    slope = (weights * centred) @ y / spread
    left = y - np.average(y, weights=weights) - slope * centred
    scatter = np.sqrt(weights @ left**2 / (len(q) - 2))
    reach = stats.t.ppf(0.975, len(q) - 2) * scatter / np.sqrt(spread)
    return float(slope), float(slope - reach), float(slope + reach)
