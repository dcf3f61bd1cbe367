"""Weights of samples and classes: as many equal rows; inputs of the classifiers at any scale."""

import pickle
import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import check_sample_weight_equivalence_on_dense_data

from qmlcourse.models import (
    QuantumKernelClassifier,
    ReuploadingClassifier,
    VariationalClassifier,
    _kernel,
)

pytestmark = pytest.mark.extra("jax")
MODELS = [VariationalClassifier, ReuploadingClassifier, QuantumKernelClassifier]
CIRCUITS = [VariationalClassifier, ReuploadingClassifier]
SHORT = {"n_layers": 1, "max_iter": 20, "tol": 0.0, "random_state": 0}


@pytest.fixture
def data(rng):
    # As many with as without the repetitions: programs are compiled for each power of two.
    return rng.normal(size=(24, 2)), np.arange(24) % 3, np.array([0, 1, 1, 2, 1, 1, 2, 0] * 3)


@pytest.fixture(autouse=True)
def exact_svc(monkeypatch):
    """libsvm stops at 1e-3, where equal problems may differ by as much."""
    monkeypatch.setattr(_kernel, "SVC", partial(SVC, tol=1e-12))


def fit(model, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # few epochs on purpose
        return model.fit(*args, **kwargs)


def made(model, **options):
    return model(**({"random_state": 0} if model is QuantumKernelClassifier else SHORT) | options)


def same(one, other, X):
    np.testing.assert_array_equal(one.classes_, other.classes_)
    np.testing.assert_allclose(one.bandwidth_, other.bandwidth_, rtol=1e-14)
    # Sums in other orders, carried through the training.
    np.testing.assert_allclose(
        one.decision_function(X), other.decision_function(X), rtol=1e-7, atol=1e-9
    )


@pytest.mark.parametrize("model", [VariationalClassifier, QuantumKernelClassifier])
def test_scikit_learns_check_of_weights(model):
    estimator = model("amplitude", **({} if model is QuantumKernelClassifier else SHORT))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        check_sample_weight_equivalence_on_dense_data(model.__name__, estimator)


@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 2.0, 2: 0.5}])
@pytest.mark.parametrize("model", MODELS)
def test_a_weight_is_that_many_equal_rows(model, class_weight, data):
    X, y, w = data
    weighted = fit(made(model, class_weight=class_weight), X, y, sample_weight=w)
    repeated = fit(made(model, class_weight=class_weight), np.repeat(X, w, 0), np.repeat(y, w))
    same(weighted, repeated, X)


@pytest.mark.parametrize("model", MODELS)
def test_a_class_weight_is_the_weight_of_its_samples(model, data):
    X, y, _ = data
    names = np.array(["a", "b", "c"])[y]
    by_class = fit(made(model, class_weight={"a": 2.0, "c": 0.25}), X, names)
    # The bandwidth is that of the samples, so it is set here.
    each = np.array([2.0, 1.0, 0.25])[y]
    by_sample = fit(made(model, bandwidth=by_class.bandwidth_), X, names, sample_weight=each)
    same(by_class, by_sample, X)
    plain = fit(made(model), X, names)
    assert np.abs(plain.decision_function(X) - by_class.decision_function(X)).max() > 0.01


@pytest.mark.parametrize("model", MODELS)
def test_balanced_is_by_the_weights_of_the_classes(model, data):
    X, y, _ = data
    y = np.array([0, 0, 1, 2] * 6)
    balanced = fit(made(model, class_weight="balanced"), X, y)
    same(balanced, fit(made(model, class_weight={0: 2 / 3, 1: 4 / 3, 2: 4 / 3}), X, y), X)


@pytest.mark.parametrize("model", MODELS)
def test_a_class_without_weight_is_absent(model, data):
    X, y, _ = data
    some = y < 2
    weighted = fit(made(model), X, y, sample_weight=some)
    same(weighted, fit(made(model), X[some], y[some]), X)
    assert weighted.n_circuits_ == fit(made(model), X[some], y[some]).n_circuits_


@pytest.mark.parametrize("model", CIRCUITS)
@pytest.mark.parametrize("scale", [1e-200, 1e300])
def test_only_the_ratio_of_weights_counts_in_a_mean(model, scale, data):
    X, y, w = data
    same(fit(made(model), X, y, w), fit(made(model), X, y, scale * w), X)


@pytest.mark.parametrize("model", CIRCUITS)
def test_a_batch_of_one_still_weighs_its_sample(model, data):
    """A loss divided by the batch's own weight would forget it where a batch is one sample."""
    X, y, _ = data
    each = np.where(y == 0, 1.0, 1e-9)
    few = fit(made(model, batch_size=1), X, y, each)
    heavy = few.predict_proba(X[y == 0])[:, 0]
    assert -np.log(heavy).mean() < 0.3
    *_, weights, real = few._batches(few._data(X), y, each)
    np.testing.assert_allclose((weights.sum(1) / real.sum(1)).mean(), 1)
    np.testing.assert_allclose(weights.ravel() / weights.max(), each)


def test_the_loss_curve_is_the_weighted_mean(data):
    X, y, w = data
    model = made(VariationalClassifier).set_params(max_iter=1, n_iter_no_change=1)
    fit(model, X, y, w)
    model._parameters = model._circuit.parameters(np.random.default_rng(model._seed))
    p = model.predict_proba(X)[np.arange(24), y]
    np.testing.assert_allclose(model.loss_curve_, [np.average(-np.log(p), weights=w)])


def test_early_stopping_watches_the_weighted_loss(data):
    from sklearn.model_selection import train_test_split

    X, y, w = data
    w = w + 0.5
    model = fit(made(VariationalClassifier, early_stopping=True, validation_fraction=0.25), X, y, w)
    _, held = train_test_split(np.arange(24), test_size=0.25, stratify=y, random_state=model._seed)
    p = model.predict_proba(X[held])[np.arange(6), y[held]]
    watched = np.average(-np.log(p), weights=w[held])
    np.testing.assert_allclose(watched, min(model.validation_loss_curve_), rtol=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_the_score_takes_weights(model, data):
    X, y, w = data
    fitted = fit(made(model), X, y)
    right = fitted.predict(X) == y
    assert fitted.score(X, y, sample_weight=w) == pytest.approx(np.average(right, weights=w))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("scale", [1e-300, 1e-170, 1e170, 1e300])
def test_the_default_bandwidth_takes_features_of_any_scale(model, scale, data):
    X, y, _ = data
    # A power of two changes no digit.
    scale = 2.0 ** round(np.log2(scale))
    one, other = fit(made(model), X, y), fit(made(model), scale * X, y)
    np.testing.assert_array_equal(other.decision_function(scale * X), one.decision_function(X))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"sample_weight": -np.ones(24)}, ValueError, "Negative values in data passed to `sample"),
        ({"sample_weight": np.zeros(24)}, ValueError, "at least one non-zero number"),
        ({"sample_weight": np.ones(23)}, ValueError, "sample_weight"),
        ({"sample_weight": np.full(30, np.nan)}, ValueError, "sample_weight.* contains NaN"),
        (
            {"sample_weight": np.ma.masked_less(np.arange(24), 3)},
            ValueError,
            "sample_weight .*mask",
        ),
        ({"class_weight": {0: -1.0}}, ValueError, "class_weight must hold finite numbers above 0"),
        ({"class_weight": {0: 0.0}}, ValueError, "class_weight must hold finite numbers above 0"),
        ({"class_weight": "even"}, ValueError, "The 'class_weight' parameter of"),
        ({"X": lambda X: np.ma.masked_less(X, 0)}, ValueError, "X must hold no masked entries"),
        ({"y": lambda y: np.ma.masked_less(y, 1)}, ValueError, "y must hold no masked entries"),
        ({"X": scipy.sparse.csr_array}, TypeError, "X must be dense; got a sparse csr_array"),
        ({"X": lambda X: 5e-324 * (X > 0)}, ValueError, 'X must spread by .*bandwidth="scale"'),
    ],
)
def test_bad_input_is_named(model, change, error, message, data):
    X, y, _ = data
    X, y = change.get("X", np.asarray)(X), change.get("y", np.asarray)(y)
    options = {"class_weight": change["class_weight"]} if "class_weight" in change else {}
    with pytest.raises(error, match=message):
        fit(made(model, **options), X, y, sample_weight=change.get("sample_weight"))


def test_angles_that_training_can_not_handle_are_refused(data):
    X, y, _ = data
    with pytest.raises(ValueError, match="X must have angles below 1e100 in the re-uploading"):
        fit(made(ReuploadingClassifier, bandwidth=1.0), 1e307 * X, y)
    fitted = fit(made(ReuploadingClassifier), X, y)
    with pytest.raises(ValueError, match="X must have angles below 1e100 in the re-uploading"):
        fitted.predict([[1.7e308, 0.0]])
    with pytest.raises(ValueError, match="learning_rate must be so small that the loss stays fin"):
        fit(made(VariationalClassifier, learning_rate=1e308), X, y)


def test_the_trained_factors_of_the_inputs_are_public(data):
    X, y, _ = data
    with pytest.raises(NotFittedError):
        _ = ReuploadingClassifier().inputs_
    fitted = fit(made(ReuploadingClassifier), X, y)
    assert fitted.inputs_.shape == (1, 2)
    assert np.abs(fitted.inputs_ - 1).max() > 0.01
    # They multiply the features: a feature stretched by s needs factors s times smaller.
    z = fitted.decision_function(X)
    fitted._parameters["inputs"] = fitted.inputs_ / [2.0, 4.0]
    np.testing.assert_allclose(fitted.decision_function(X * [2.0, 4.0]), z, atol=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_a_model_pickled_before_a_setting_was_known_has_its_default(model, data):
    X, y, _ = data
    fitted = fit(made(model), X, y)
    del fitted.__dict__["class_weight"]
    again = pickle.loads(pickle.dumps(fitted))
    assert again.get_params()["class_weight"] is None
    np.testing.assert_array_equal(again.decision_function(X), fitted.decision_function(X))


@pytest.mark.parametrize("model", MODELS)
def test_tables_keep_their_names(model, data):
    X, y, w = data
    table = pd.DataFrame(X, columns=["b", "a"], index=range(24, 0, -1))
    fitted = fit(made(model), table, pd.Series(y), sample_weight=pd.Series(w, index=table.index))
    assert fitted.feature_names_in_.tolist() == ["b", "a"]
    expected = fit(made(model), X, y, w).decision_function(X)
    np.testing.assert_array_equal(fitted.decision_function(table), expected)
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(table[["a", "b"]])
