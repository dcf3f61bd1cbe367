# The race as a data frame, the interval from SciPy.
# %% compare
def race(draw, contenders, seeds):
    import pandas as pd

    frames = []
    for seed in reversed(seeds):
        data = draw(np.random.default_rng(seed))
        scores = [contender(*data) for contender in contenders.values()]
        frames.append(pd.DataFrame({"model": list(contenders), "score": scores, "seed": seed}))
    return pd.concat(frames)


def paired(rows, model, baseline, *, ratio=0.0):
    import pandas as pd

    wide = pd.DataFrame(rows).pivot(index="seed", columns="model", values="score")
    delta = (wide[model] - wide[baseline]).dropna()
    n = len(delta)
    scale = delta.std() * (1 / n + ratio) ** 0.5
    low, high = stats.t.interval(0.95, n - 1, loc=delta.mean(), scale=scale)
    return {"difference": delta.mean(), "low": low, "high": high, "n": n}
