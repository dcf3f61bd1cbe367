# Divides the variance by n.
# loses: paired_interval.students_interval
# hint: divides by n - 1
# %% paired_interval
def paired_interval(table, model, reference, *, overlap=0.0):
    a, b = (
        {row["seed"]: row["test_score"] for row in table if row["model"] == name}
        for name in (model, reference)
    )
    d = np.array([a[seed] - b[seed] for seed in a])
    half = stats.t.ppf(0.975, len(d) - 1) * np.sqrt((1 / len(d) + overlap) * d.var(ddof=0))
    return [d.mean(), d.mean() - half, d.mean() + half]
