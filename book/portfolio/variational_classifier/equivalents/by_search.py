# The protocol by GridSearchCV over a small estimator in a pipeline; pandas table of results.
# %% compare
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline


class Model(ClassifierMixin, BaseEstimator):
    def __init__(self, fit_function=None, configurations=None, position=0, seed=0):
        self.fit_function, self.configurations = fit_function, configurations
        self.position, self.seed = position, seed

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        configuration = self.configurations[self.position]
        rng = np.random.default_rng(self.seed)
        self.predict_ = self.fit_function(X, y, configuration, rng)
        return self

    def predict(self, X):
        return self.predict_(X)


def compare(models, X, y, seeds, *, budget):
    parts = []
    for name in models:
        fit, configurations = models[name]
        positions = list(range(len(configurations)))[:budget]
        for seed in seeds:
            A, B, a, b = train_test_split(X, y, random_state=seed, stratify=y, test_size=1 / 4)
            pipe = Pipeline([("s", StandardScaler()), ("m", Model(fit, configurations, 0, seed))])
            folds = StratifiedKFold(n_splits=3, shuffle=True, random_state=seed)
            search = GridSearchCV(pipe, {"m__position": positions}, cv=folds).fit(A, a)
            parts.append(
                {
                    "model": name,
                    "seed": seed,
                    "tried": len(positions),
                    "chosen": search.best_params_["m__position"],
                    "test_score": search.score(B, b),
                    "train_score": search.score(A, a),
                }
            )
    return pd.DataFrame(parts)
