# Takes overlapping splits for independent ones.
# loses: interval.corrected
# hint: Splits of the same samples overlap
# %% interval
def paired_difference(rows, first, second, *, features, ratio):
    scores = {(r["model"], r["seed"]): r["accuracy"] for r in rows if r["features"] == features}
    one = {s: v for (m, s), v in scores.items() if m == first}
    two = {s: v for (m, s), v in scores.items() if m == second}
    n = len(one)
    d = np.array([one[s] - two[s] for s in one])
    spread, quantile = d.std(ddof=1), stats.t.ppf(0.975, n - 1)
    reach = quantile * spread * np.sqrt(1 / n)
    return {"mean": d.mean(), "low": d.mean() - reach, "high": d.mean() + reach}
