# The interval is one standard error on each side.
# loses: variance.interval
# hint: half as wide
# %% variance
def gradient_variance(n, depth, cost, circuits, *, rng):
    """Estimate the variance of the first derivative over random circuits."""
    found = np.array(
        [
            derivative(rng.uniform(0, 2 * np.pi, (depth, n)), random_axes(n, depth, rng=rng), cost)
            for _ in range(circuits)
        ]
    )
    again = found[rng.integers(circuits, size=(1000, circuits))].var(axis=1, ddof=1)
    low, high = np.quantile(again, [0.1587, 0.8413])
    return float(found.var(ddof=1)), float(low), float(high)
