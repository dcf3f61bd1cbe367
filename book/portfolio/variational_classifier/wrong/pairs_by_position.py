# Subtracts scores in the order of the rows, whatever their seeds.
# loses: paired_interval.pairs
# hint: Pair them by seed
# %% paired_interval
def paired_interval(table, model, reference, *, overlap=0.0):
    a, b = (
        [row["test_score"] for row in table if row["model"] == name] for name in (model, reference)
    )
    d = np.array(a) - np.array(b)
    half = stats.t.ppf(0.975, len(d) - 1) * np.sqrt((1 / len(d) + overlap) * d.var(ddof=1))
    return [d.mean(), d.mean() - half, d.mean() + half]
