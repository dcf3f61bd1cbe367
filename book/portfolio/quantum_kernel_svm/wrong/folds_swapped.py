# Trains on the rows of a fold and scores the others.
# loses: tune.accuracies, tune.fold_scaling
# hint: wrong way round
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
        rest, held_out = held_out, np.setdiff1d(np.arange(len(y_train)), held_out)
        by_value = grams(X_train[rest], X_train[held_out])
        for value, C in cv:
            cv[value, C].append(accuracy(by_value[value], C, y_train[rest], y_train[held_out]))
    value, C = max(cv, key=lambda pair: np.mean(cv[pair]))
    tested = accuracy(grams(X_train, X_test)[value], C, y_train, y_test)
    return {
        "value": value,
        "C": C,
        "cv_accuracy": float(np.mean(cv[value, C])),
        "test_accuracy": float(tested),
    }
