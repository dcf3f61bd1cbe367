# SVC calls the kernel itself, in a pipeline with the scaler; a grid search over C.
# %% tune
def tune(kernel, values, penalties, folds, X_train, y_train, X_test, y_test):
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline

    X_train, y_train = np.asarray(X_train), np.asarray(y_train)
    splits = [(np.setdiff1d(np.arange(len(y_train)), f), np.array(f)) for f in folds]
    searches = []
    for value in values:
        svm = SVC(kernel=lambda A, B, value=value: kernel(A, B, value))
        search = GridSearchCV(
            make_pipeline(StandardScaler(), svm), {"svc__C": list(penalties)}, cv=splits
        )
        searches.append(search.fit(X_train, y_train))
    best = int(np.argmax([search.best_score_ for search in searches]))
    return {
        "value": values[best],
        "C": searches[best].best_params_["svc__C"],
        "cv_accuracy": searches[best].best_score_,
        "test_accuracy": searches[best].score(X_test, y_test),
    }
