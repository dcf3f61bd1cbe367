# Treats overlapping splits as new data.
# loses: compare.interval
# hint: no effect
# %% compare
def race(draw, contenders, seeds):
    rows = []
    for seed in seeds:
        data = draw(np.random.default_rng(seed))
        for name, contender in contenders.items():
            rows.append({"seed": seed, "model": name, "score": contender(*data)})
    return rows


def paired(rows, model, baseline, *, ratio=0.0):
    first = {row["seed"]: row["score"] for row in rows if row["model"] == model}
    second = {row["seed"]: row["score"] for row in rows if row["model"] == baseline}
    delta = np.array([first[seed] - second[seed] for seed in first if seed in second])
    spread = delta.std(ddof=1) * np.sqrt(1 / len(delta))
    mean, half = delta.mean(), stats.t.ppf(0.975, len(delta) - 1) * spread
    return {
        "difference": float(mean),
        "low": float(mean - half),
        "high": float(mean + half),
        "n": len(delta),
    }
