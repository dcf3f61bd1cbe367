# Takes 1.96 for a handful of seeds.
# loses: interval.corrected
# hint: Student's t
# %% interval
def paired_difference(rows, first, second, *, features, ratio):
    scores = {(r["model"], r["seed"]): r["accuracy"] for r in rows if r["features"] == features}
    one = {s: v for (m, s), v in scores.items() if m == first}
    two = {s: v for (m, s), v in scores.items() if m == second}
    n = len(one)
    d = np.array([one[s] - two[s] for s in one])
    spread, quantile = d.std(ddof=1), stats.norm.ppf(0.975)
    reach = quantile * spread * np.sqrt(1 / n + ratio)
    return {"mean": d.mean(), "low": d.mean() - reach, "high": d.mean() + reach}
