"""Arguments of a comparison that can't work are named before a model is fitted, others work."""

import numpy as np
import pytest
from fakes import SALTS, Salted, fixed, noise
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss, make_scorer, r2_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from qmlcourse.comparison import compare

X, y = fixed()
TEXTS = np.array(["no", "yes"])[y]
THREE = np.arange(60) % 3
PROBABLE = make_scorer(log_loss, response_method="predict_proba", greater_is_better=False)


class Maker:
    def __call__(self, n):
        return fixed(n)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"datasets": {"z": lambda: fixed()}}, TypeError,
         r"datasets\['z'\] must be a function of the keyword rng; got .*signature \(\)\.$"),
        ({"datasets": {"z": lambda n: fixed()}}, TypeError, r"datasets\['z'\].*signature \(n\)\.$"),
        ({"datasets": {"z": Maker()}}, TypeError, r"datasets\['z'\] must be a function"),
        ({"datasets": {"z": lambda rng, /: fixed()}}, TypeError, r"datasets\['z'\] must be a func"),
        ({"scoring": "r2"}, ValueError, "scorer of classifiers; got 'r2', of regression"),
        ({"scoring": "neg_mean_squared_error"}, ValueError, "of regression"),
        ({"scoring": make_scorer(r2_score)}, ValueError, "of regression"),
        ({"scoring": "neg_log_loss"}, ValueError,
         r"'neg_log_loss' needs predict_proba, which models\['m'\] hasn't"),
        ({"scoring": PROBABLE}, ValueError, r"needs predict_proba, which models\['m'\] hasn't"),
        ({"scoring": "roc_auc"}, ValueError, r"needs decision_function or predict_proba, which"),
        ({"scoring": "neg_log_loss", "models": {"g": GaussianNB(), "s": SVC()}}, ValueError,
         r"models\['s'\] hasn't"),
        ({"scoring": "f1", "datasets": {"t": (X, TEXTS)}}, ValueError,
         r"scoring must suit the labels of datasets\['t'\]; got 'f1': .*pos_label"),
        ({"scoring": "f1", "datasets": {"n": (X, y), "t": (X, THREE)}}, ValueError,
         r"datasets\['t'\]; got 'f1': Target is multiclass"),
        ({"scoring": "roc_auc", "models": {"g": GaussianNB()}, "datasets": {"t": (X, THREE)}},
         ValueError, r"datasets\['t'\]; got 'roc_auc'"),
        ({"store": "~nosuch-user/x"}, ValueError, "store .*~nosuch-user/x', and there is no user"),
        ({"datasets": {"t": (X, ["a", 1] * 30)}}, TypeError, "numbers or texts .*got int and str"),
        ({"datasets": {"t": (X, ["a", np.nan] * 30)}}, ValueError, "got missing ones"),
        ({"datasets": {"t": (X, np.arange(60) // 59)}}, ValueError, r"[^.]\.$"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_named_before_a_model_is_fitted(changed, error, message, monkeypatch):
    for kind in (Salted, SVC, GaussianNB):
        monkeypatch.setattr(kind, "fit", lambda *_: pytest.fail("a model was fitted"))
    good = {"models": {"m": (Salted(), SALTS)}, "datasets": {"d": noise}, "seeds": 1}
    with pytest.raises(error, match=message) as raised:
        compare(**(good | changed))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("model", "scoring", "labels"),
    [
        (Salted(), "matthews_corrcoef", TEXTS),
        (GaussianNB(), "neg_log_loss", TEXTS),
        (make_pipeline(StandardScaler(), LogisticRegression()), "roc_auc", TEXTS),
        (SVC(), "average_precision", y),
        ((Pipeline([("c", SVC())]), {"c": [GaussianNB()]}), "neg_log_loss", y),
        (GaussianNB(), "roc_auc_ovr", THREE),
        (Salted(), "f1_macro", THREE),
        (Salted(), make_scorer(f1_score, pos_label="yes"), TEXTS),
        (Salted(), lambda model, X, y: float(model.salt), y),
        (DummyClassifier(), "precision", y),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_what_can_work_runs(model, scoring, labels):
    table = compare({"m": model}, {"d": (X, labels)}, seeds=1, cv=2, scoring=scoring)
    assert np.isfinite(table["score"]).all()


def test_a_folder_whose_name_starts_like_a_home_works_where_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~no one so called").mkdir()
    for store in ("~no one so called", "~no one so called/below", tmp_path / "~other"):
        compare({"m": Salted()}, {"d": noise}, seeds=1, store=store)
    assert len(list(tmp_path.rglob("*.json"))) == 3
