# Scales once, on the whole training part, before the folds.
# loses: compare.scaling_in_folds
# hint: held out
# %% compare
def compare(models, X, y, seeds, *, budget):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    rows = []
    for seed in seeds:
        for name, (fit, configurations) in models.items():

            def accuracy(c, A, a, B, b, fit=fit, seed=seed):
                predict = fit(A, a, c, np.random.default_rng(seed))
                return float(np.mean(predict(B) == b))

            A, B, a, b = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
            scaler = StandardScaler().fit(A)
            A, B = scaler.transform(A), scaler.transform(B)
            folds = StratifiedKFold(3, shuffle=True, random_state=seed)
            candidates = configurations[:budget]
            inner = [
                np.mean([accuracy(c, A[i], a[i], A[j], a[j]) for i, j in folds.split(A, a)])
                for c in candidates
            ]
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
