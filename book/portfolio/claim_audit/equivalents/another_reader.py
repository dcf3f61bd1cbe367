# Another name, and so another manuscript: other flaws, another decoy.
# %% reader
def reader():
    return "  chien-shiung   WU "


# %% reproduce
BANDWIDTHS, GAMMAS, RIDGES = (0.2, 0.4, 0.8), (0.03, 0.3, 3.0), (0.1, 1.0)


def strongest(X, y, rows):
    return np.argsort(-np.abs(np.corrcoef(X[rows].T, y[rows])[-1, :-1]))[:4]


def scaled(X, rows):
    return (X - X[rows].mean(axis=0)) / X[rows].std(axis=0)


def quantum(Z, fit, bandwidth, circuit):
    S = encoded_states(Z @ circuit, "iqp", bandwidth=bandwidth)
    return np.abs(S @ S[fit].conj().T) ** 2


def rbf(Z, fit, gamma):
    return np.exp(-gamma * ((Z[:, None] - Z[fit]) ** 2).sum(axis=-1))


def score(K, ridge, y, fit, rows):
    weights = np.linalg.solve(K[fit] + ridge * np.eye(len(fit)), y[fit])
    hit = np.sign(K[rows] @ weights) == y[rows]
    return (hit[y[rows] > 0].mean() + hit[y[rows] < 0].mean()) / 2


def race(kernels, ridges, y, fit, choose, rows):
    pairs = [(K, ridge) for K in kernels for ridge in ridges]
    K, ridge = max(pairs, key=lambda pair: score(*pair, y, fit, choose))
    return score(K, ridge, y, fit, rows), K


def run(data, kept=()):
    results = []
    for X, y in zip(data["X"], data["y"], strict=True):
        first = np.sort(np.unique(X, axis=0, return_index=True)[1])
        X, y = X[first], y[first]
        train, later = np.array_split(np.arange(len(y)), 2)
        valid, test = np.array_split(later, 2)
        Z = scaled(X[:, strongest(X, y, train)], train)
        ours = []
        for circuit in data["circuits"]:
            kernels = [quantum(Z, train, b, circuit) for b in BANDWIDTHS]
            value, K = race(kernels, RIDGES, y, train, valid, test)
            ours.append(value)
        grid = GAMMAS if "tuning" in kept else GAMMAS[2:]
        theirs, C = race([rbf(Z, train, g) for g in grid], RIDGES, y, train, valid, test)
        results.append((np.mean(ours) if "circuits" in kept else max(ours), theirs))
    q, c = np.array(results).T
    d = q - c
    half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    job = data["jobs"][1 if "device" in kept else 0]
    fit, rows = np.split(np.arange(len(job["y"])), 2)
    device = score(job["counts"][:, fit] / job["shots"], 1.0, job["y"], fit, rows)
    g = geometric_difference(C[train], K[train], regularization=0.01)
    values = q.mean(), c.mean(), d.mean(), d.mean() - half, d.mean() + half, device, g
    names = "quantum", "classical", "difference", "low", "high", "device", "geometry"
    return dict(zip(names, values, strict=True))


def reproduce(data):
    return run(data)


# %% mend
def mended(data, rule):
    return run(data, [rule])


# %% correct
def corrected(data):
    return run(data, ["circuits", "tuning", "device"])


def verdict(low, high):
    if low > 0:
        return "supported"
    if high < 0:
        return "reversed"
    return "unresolved"


# %% audit
def audit():
    return {
        "flaws": [
            {"rule": "tuning", "number": "geometry", "printed": 6.716, "mended": 2.905},
            {"rule": "device", "number": "device", "printed": 0.790, "mended": 0.591},
            {
                "rule": "circuits", "number": "high", "printed": 0.091, "mended": 0.063,
                "where": "np.max(vals)",
            },
        ],
        "difference": -0.017,
        "low": -0.0540,
        "high": 0.019,
        "verdict": "unresolved",
    }  # fmt: skip
