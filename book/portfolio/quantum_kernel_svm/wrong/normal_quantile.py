# Takes 1.96 with a handful of seeds.
# loses: compare.interval
# hint: normal quantile
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
    spread = delta.std(ddof=1) * np.sqrt(1 / len(delta) + ratio)
    mean, half = delta.mean(), stats.norm.ppf(0.975) * spread
    return {
        "difference": float(mean),
        "low": float(mean - half),
        "high": float(mean + half),
        "n": len(delta),
    }
