# GridSearchCV and scikit-learn's pieces; equal settings resolved the other way round.
# %% compare
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV, StratifiedShuffleSplit


def prepare(X_train, X_test, n_features):
    mean = np.mean(X_train, axis=0)
    axes = np.linalg.eigh(np.cov(np.asarray(X_train).T))[1]
    axes = axes[:, ::-1][:, :n_features]
    train = (X_train - mean) @ axes
    return train / train[:, 0].std(), (X_test - mean) @ axes / train[:, 0].std()


class KernelMachine(ClassifierMixin, BaseEstimator):
    def __init__(self, kernel=None, setting=0, settings=None):
        self.kernel, self.setting, self.settings = kernel, setting, settings

    def fit(self, X, y):
        scale, C = self.settings[self.setting]
        self.classes_ = np.unique(y)
        self.svm_ = SVC(C=C, kernel=lambda A, B: self.kernel(A, B, scale)).fit(X, y)
        return self

    def predict(self, X):
        return self.svm_.predict(X)


def compare(X, y, kernels, *, feature_counts, seeds, prepare=prepare):
    table = []
    for d in feature_counts:
        for seed in seeds:
            splitter = StratifiedShuffleSplit(1, test_size=0.25, random_state=seed)
            ((train, test),) = splitter.split(X, y)
            A, B = prepare(X[train], X[test], d)
            for name, model in kernels.items():
                machine = KernelMachine(model["kernel"], 0, model["settings"])
                backwards = list(range(len(model["settings"])))[::-1]
                search = GridSearchCV(machine, {"setting": backwards}, cv=StratifiedKFold(4))
                search.fit(A, y[train])
                table.append(
                    {
                        "model": name,
                        "seed": seed,
                        "features": d,
                        "accuracy": search.score(B, y[test]),
                        "setting": search.best_params_["setting"],
                    }
                )
    return table


# %% interval
def paired_difference(rows, first, second, *, features, ratio):
    import pandas as pd

    frame = pd.DataFrame(rows)
    wide = frame[frame.features == features].pivot(index="seed", columns="model", values="accuracy")
    delta = wide[first] - wide[second]
    scale = delta.std() * (1 / len(delta) + ratio) ** 0.5
    low, high = stats.t.interval(0.95, len(delta) - 1, loc=delta.mean(), scale=scale)
    return {"low": low, "high": high, "mean": delta.mean()}
