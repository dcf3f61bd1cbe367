# Treats overlapping splits as independent.
# loses: paired_interval.overlapping_splits
# hint: correlated
# %% paired_interval
def paired_interval(table, model, reference, *, overlap=0.0):
    a, b = (
        {row["seed"]: row["test_score"] for row in table if row["model"] == name}
        for name in (model, reference)
    )
    d = np.array([a[seed] - b[seed] for seed in a])
    half = stats.t.ppf(0.975, len(d) - 1) * np.sqrt((1 / len(d)) * d.var(ddof=1))
    return [d.mean(), d.mean() - half, d.mean() + half]
