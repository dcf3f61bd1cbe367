# Chooses the pair by its test accuracy.
# loses: tune.choice
# hint: that leaks
# %% tune
def tune(kernel, values, penalties, folds, X_train, y_train, X_test, y_test):
    X_train, y_train, X_test, y_test = map(np.asarray, (X_train, y_train, X_test, y_test))

    def grams(fit_rows, score_rows):
        scaler = StandardScaler().fit(fit_rows)
        A, B = scaler.transform(fit_rows), scaler.transform(score_rows)
        return {value: (kernel(A, A, value), kernel(B, A, value)) for value in values}

    def accuracy(gram, C, y_fit, y_score):
        model = SVC(C=C, kernel="precomputed").fit(gram[0], y_fit)
        return np.mean(model.predict(gram[1]) == y_score)

    cv = {(value, C): [] for value in values for C in penalties}
    for held_out in folds:
        rest = np.setdiff1d(np.arange(len(y_train)), held_out)
        by_value = grams(X_train[rest], X_train[held_out])
        for value, C in cv:
            cv[value, C].append(accuracy(by_value[value], C, y_train[rest], y_train[held_out]))
    final = grams(X_train, X_test)
    scores = {(v, p): accuracy(final[v], p, y_train, y_test) for v, p in cv}
    value, C = max(scores, key=scores.get)
    tested = scores[value, C]
    return {
        "value": value,
        "C": C,
        "cv_accuracy": float(np.mean(cv[value, C])),
        "test_accuracy": float(tested),
    }
