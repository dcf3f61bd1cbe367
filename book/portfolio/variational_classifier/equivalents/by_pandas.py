# Pairs by an index of pandas; the interval by the distribution itself.
# %% paired_interval
import pandas as pd


def paired_interval(table, model, reference, *, overlap=0.0):
    wide = pd.DataFrame(table).pivot(index="seed", columns="model", values="test_score")
    d = wide[model] - wide[reference]
    n = len(d)
    scale = d.std() * np.sqrt(1 / n + overlap)
    low, high = stats.t(df=n - 1, loc=d.mean(), scale=scale).interval(0.95)
    return np.array([d.mean(), low, high])
