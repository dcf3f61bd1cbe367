# Chooses the configuration with the best training score.
# loses: compare.tuning
# hint: by its training score
# %% compare
def compare(models, X, y, seeds, *, budget):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    rows = []
    for seed in seeds:
        for name, (fit, configurations) in models.items():

            def accuracy(c, A, a, B, b, fit=fit, seed=seed):
                scaler = StandardScaler().fit(A)
                predict = fit(scaler.transform(A), a, c, np.random.default_rng(seed))
                return float(np.mean(predict(scaler.transform(B)) == b))

            A, B, a, b = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
            candidates = configurations[:budget]
            inner = [accuracy(c, A, a, A, a) for c in candidates]
            k = int(np.argmax(inner))
            rows.append(
                {
                    "seed": seed,
                    "model": name,
                    "tried": len(candidates),
                    "chosen": k,
                    "train_score": accuracy(candidates[k], A, a, A, a),
                    "test_score": accuracy(candidates[k], A, a, B, b),
                }
            )
    return rows
