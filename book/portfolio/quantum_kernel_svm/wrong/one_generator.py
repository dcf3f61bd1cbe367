# Uses one generator for all seeds.
# loses: compare.same_data
# hint: One generator
# %% compare
def race(draw, contenders, seeds):
    rows = []
    rng = np.random.default_rng(seeds[0])
    for seed in seeds:
        data = draw(rng)
        for name, contender in contenders.items():
            rows.append({"seed": seed, "model": name, "score": contender(*data)})
    return rows


def paired(rows, model, baseline, *, ratio=0.0):
    first = {row["seed"]: row["score"] for row in rows if row["model"] == model}
    second = {row["seed"]: row["score"] for row in rows if row["model"] == baseline}
    delta = np.array([first[seed] - second[seed] for seed in first if seed in second])
    spread = delta.std(ddof=1) * np.sqrt(1 / len(delta) + ratio)
    mean, half = delta.mean(), stats.t.ppf(0.975, len(delta) - 1) * spread
    return {
        "difference": float(mean),
        "low": float(mean - half),
        "high": float(mean + half),
        "n": len(delta),
    }
