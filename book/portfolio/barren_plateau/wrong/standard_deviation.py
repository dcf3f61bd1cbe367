# The standard deviation is reported as the variance.
# loses: variance.value, variance.circuits, variance.interval
# hint: standard deviation
# %% variance
def gradient_variance(n, depth, cost, circuits, *, rng):
    """Estimate the variance of the first derivative over random circuits."""
    found = np.array(
        [
            derivative(rng.uniform(0, 2 * np.pi, (depth, n)), random_axes(n, depth, rng=rng), cost)
            for _ in range(circuits)
        ]
    )
    again = found[rng.integers(circuits, size=(1000, circuits))].std(axis=1, ddof=1)
    low, high = np.quantile(again, [0.025, 0.975])
    return float(found.std(ddof=1)), float(low), float(high)
