"""Circuits of quantum models within others: counted where that can be, else unknown."""

from functools import partial

import numpy as np
import pytest
from fakes import Salted, noise
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from qmlcourse.comparison import compare, summarize
from qmlcourse.kernels import kernel_matrix

SEARCH = GridSearchCV(Salted(), {"salt": [1, 2]}, cv=2)
X = np.array([[0.1, 0.2], [0.3, 0.4]])
ONE = 10 * 45 + 2 * 15  # fit and predict, of Salted on 60 samples


def three_classes(*, rng):
    return rng.normal(size=(60, 2)), rng.permutation(np.arange(60) % 3)


def counted(model, data=noise, **options):
    table = compare({"m": model}, {"d": data}, seeds=1, cv=2, **options)
    return table["circuits"][0]


class Rated(Salted):
    def predict_proba(self, X):
        return np.eye(len(self.classes_))[np.searchsorted(self.classes_, self.predict(X))]


@pytest.mark.parametrize(
    ("model", "data", "fits"),
    [
        (make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), Salted())), noise, 1),
        (OneVsRestClassifier(Rated()), three_classes, 3),
        (OneVsRestClassifier(make_pipeline(StandardScaler(), Rated())), three_classes, 3),
        (VotingClassifier([("a", Salted(1)), ("b", DummyClassifier())]), noise, 1),
        (VotingClassifier([("a", Rated(1)), ("b", Rated(2))], voting="soft"), noise, 2),
        (make_pipeline(StandardScaler(), DummyClassifier()), noise, 0),
        (BaggingClassifier(DummyClassifier(), 2), noise, 0),
        (make_pipeline(FunctionTransformer(np.tanh), LogisticRegression()), noise, 0),
    ],
)  # fmt: skip
def test_circuits_within_models_are_counted(model, data, fits):
    count = counted(model, data)
    assert count == fits * ONE and isinstance(count, np.integer)


class Stored(Salted):
    """Needs no circuit to predict."""

    def fit(self, X, y):
        super().fit(X, y)
        del self.n_circuits_per_prediction_
        return self


def test_a_model_may_predict_without_circuits():
    assert counted(Stored()) == 10 * 45


@pytest.mark.parametrize(
    "model",
    [
        SEARCH,
        make_pipeline(StandardScaler(), SEARCH),
        CalibratedClassifierCV(Rated(), cv=2),
        BaggingClassifier(Salted(), 2),
        StackingClassifier([("a", Rated())], cv=2, stack_method="predict_proba"),
        OneVsRestClassifier(CalibratedClassifierCV(Rated(), cv=2)),
        OneVsOneClassifier(Rated()),
        SVC(kernel=partial(kernel_matrix, encoding="angle")),
        make_pipeline(FunctionTransformer(partial(kernel_matrix, Y=X)), LogisticRegression()),
    ],
)
def test_circuits_that_a_model_hides_are_unknown(model):
    assert np.isnan(counted(model))


def test_circuits_that_one_candidate_hides_are_unknown():
    # Of the two settings the search chooses the one whose circuits are known.
    model = Pipeline([("c", Salted())]), {"c": [SEARCH, Salted()]}
    kind = lambda model, X, y: float(isinstance(model[-1], Salted))  # noqa: E731
    table = compare({"m": model}, {"d": noise}, seeds=1, cv=2, scoring=kind)
    assert "Salted()" in table["params"][0] and "GridSearch" not in table["params"][0]
    assert np.isnan(table["circuits"][0])


def test_one_unknown_makes_a_total_unknown():
    space = {"salt": [1, 2]}
    hidden = (SEARCH, {"estimator__salt": [1, 2]})
    table = compare({"a": (Salted(), space), "b": hidden}, {"d": noise}, seeds=2, cv=2, budget=2)
    assert table["circuits"].isna().tolist() == [False, False, True, True]
    total = summarize(table).set_index("model")["circuits"]
    tuning = 2 * 45 * 10 + 2 * 45 * 2
    assert total["a"] == 2 * (tuning + ONE) and np.isnan(total["b"])
