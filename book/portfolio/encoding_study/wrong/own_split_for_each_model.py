# Draws another split for every model.
# loses: compare.tuned, compare.accuracy
# hint: random_state=seed
# %% compare
def prepare(X_train, X_test, n_features):
    pca = PCA(n_features, svd_solver="full").fit(X_train)
    train, test = pca.transform(X_train), pca.transform(X_test)
    spread = train[:, 0].std()
    return train / spread, test / spread


def compare(X, y, kernels, *, feature_counts, seeds, prepare=prepare):
    rows = []
    for seed in seeds:
        for d in feature_counts:
            for number, (name, model) in enumerate(kernels.items()):
                other = seed + 1000 * (number + 1)
                parts = train_test_split(X, y, test_size=0.25, stratify=y, random_state=other)
                y_train, y_test = parts[2:]
                A, B = prepare(parts[0], parts[1], d)
                folds = list(StratifiedKFold(4).split(A, y_train))
                grams = {scale: model["kernel"](A, A, scale) for scale, _ in model["settings"]}
                scores = [
                    _validation(grams[scale], y_train, C, folds) for scale, C in model["settings"]
                ]
                best = int(np.argmax(scores))
                scale, C = model["settings"][best]
                svm = SVC(kernel="precomputed", C=C).fit(grams[scale], y_train)
                right = svm.predict(model["kernel"](B, A, scale)) == y_test
                row = {"features": d, "seed": seed, "model": name, "setting": best}
                rows.append({**row, "accuracy": float(right.mean())})
    return rows


def _validation(gram, y, C, folds):
    """Return the mean accuracy over the folds."""
    scores = []
    for fit, held in folds:
        svm = SVC(kernel="precomputed", C=C).fit(gram[np.ix_(fit, fit)], y[fit])
        scores.append((svm.predict(gram[np.ix_(held, fit)]) == y[held]).mean())
    return np.mean(scores)
