# One circuit and many angles: the variance of one seed's axes.
# loses: variance.value, variance.circuits, variance.interval
# hint: many circuits
# %% variance
def gradient_variance(n, depth, cost, circuits, *, rng):
    """Estimate the variance of the first derivative over random circuits."""
    axes = random_axes(n, depth, rng=np.random.default_rng(2))
    found = np.array(
        [derivative(rng.uniform(0, 2 * np.pi, (depth, n)), axes, cost) for _ in range(circuits)]
    )
    again = found[rng.integers(circuits, size=(1000, circuits))].var(axis=1, ddof=1)
    low, high = np.quantile(again, [0.025, 0.975])
    return float(found.var(ddof=1)), float(low), float(high)
