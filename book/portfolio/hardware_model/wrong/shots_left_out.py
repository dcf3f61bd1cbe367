# The cost leaves out how many shots were spent.
# loses: score.rows
# hint: belong to its cost
# %% score
def score(ideal, methods):
    ideal = np.asarray(ideal, dtype=float)

    def price(method):
        return np.mean(np.asarray(method["error"]) ** 2)

    rows = []
    for name, method in methods.items():
        off, error = np.asarray(method["value"]) - ideal, np.asarray(method["error"])
        rms, shot_noise = np.sqrt(np.mean(off**2)), np.sqrt(np.mean(error**2))
        rows.append(
            {
                "method": name,
                "rms": rms,
                "shot_noise": shot_noise,
                "excess": np.sqrt(max(0.0, rms**2 - shot_noise**2)),
                "covered": np.mean(np.abs(off) <= 1.96 * error),
                "cost": price(method) / price(methods["raw"]),
            }
        )
    return rows


def paired(a, b):
    difference = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    n = len(difference)
    half = stats.t.ppf(0.975, n - 1) * difference.std(ddof=1) / np.sqrt(n)
    return difference.mean(), half
