"""Classifiers: scikit-learn's own checks, PennyLane circuits as oracle, what they can learn."""

import pickle
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pennylane as qml
import psutil
import pytest
from scipy import stats
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from qmlcourse import _checks
from qmlcourse.kernels import kernel_matrix, projected_kernel
from qmlcourse.models import (
    QuantumKernelClassifier,
    ReuploadingClassifier,
    VariationalClassifier,
)
from qmlcourse.models._training import Circuit, compiled, expectations, padded

pytestmark = pytest.mark.extra("jax")
MODELS = [VariationalClassifier, ReuploadingClassifier, QuantumKernelClassifier]
CIRCUITS = [VariationalClassifier, ReuploadingClassifier]


# Its 30 features need 30 qubits, which the default max_qubits refuses; test_weights.py runs the
# check on fewer qubits, and its law on fewer features.
TOO_WIDE = {"check_sample_weight_equivalence_on_dense_data": "30 features need 30 qubits"}


@parametrize_with_checks(
    [model() for model in MODELS], expected_failed_checks=lambda estimator: TOO_WIDE
)
# As scikit-learn does for its own estimators: its checks fit labels that follow from nothing, and
# whether 600 iterations settle on those differs by processor. Where the defaults must converge,
# the next test says.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def xor(rng, n_samples=80):
    X = rng.uniform(-1, 1, (n_samples, 2))
    return X, np.where(X[:, 0] * X[:, 1] > 0, "same", "other")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_defaults_learn_xor_and_converge(model, seed):
    rng = np.random.default_rng(seed)
    # Converging: a ConvergenceWarning would be an error here.
    fitted = model(random_state=seed).fit(*xor(rng))
    assert fitted.score(*xor(rng, 400)) > 0.88


@pytest.mark.parametrize("model", MODELS)
def test_three_classes_of_real_data(model):
    X, y = load_iris(return_X_y=True)
    fitted = make_pipeline(StandardScaler(), model(random_state=0)).fit(X[::2], y[::2])
    assert fitted.score(X[1::2], y[1::2]) > 0.9
    assert fitted.decision_function(X).shape == (150, 3)


def pennylane_logits(model, x):
    """Compute the logits of a fitted model by a circuit written out with templates."""
    n_qubits = len(x)

    @qml.qnode(qml.device("default.qubit", wires=n_qubits))
    def circuit():
        if isinstance(model, VariationalClassifier):
            qml.AngleEmbedding(x, wires=range(len(x)), rotation="X")
        for layer, weights in enumerate(model.weights_):
            for k in range(n_qubits):
                if isinstance(model, ReuploadingClassifier):
                    qml.RX(x[k] * model._parameters["inputs"][layer, k], wires=k)
            if model.entangle and n_qubits > 1:
                for k in range(n_qubits if n_qubits > 2 else 1):
                    qml.CZ(wires=[k, (k + 1) % n_qubits])
            for k in range(n_qubits):
                qml.Rot(*weights[k], wires=k)
        return [qml.expval(qml.Z(k)) for k in range(n_qubits)]

    return model.coef_ @ np.array(circuit()) + model.intercept_


@pytest.mark.parametrize("model", CIRCUITS)
@pytest.mark.parametrize("entangle", [True, False])
@pytest.mark.parametrize(("d", "n_classes"), [(1, 2), (2, 2), (3, 2), (2, 3)])
def test_decisions_are_those_of_the_pennylane_circuit(model, entangle, d, n_classes, rng):
    X = rng.normal(size=(12, d))
    y = np.arange(12) % n_classes
    fitted = model(
        n_layers=2, bandwidth=0.8, entangle=entangle, max_iter=3, n_iter_no_change=3, tol=0,
        random_state=0,
    )  # fmt: skip
    with pytest.warns(ConvergenceWarning):
        fitted.fit(X, y)
    ours = fitted.decision_function(X).reshape(12, -1)
    theirs = [pennylane_logits(fitted, 0.8 * x) for x in X]
    np.testing.assert_allclose(ours, theirs, atol=1e-12)
    proba = fitted.predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    if n_classes == 2:
        np.testing.assert_allclose(np.log(proba[:, 1] / proba[:, 0]), ours[:, 0], atol=1e-12)
    else:
        np.testing.assert_allclose(
            np.log(proba / proba[:, :1]), ours - ours[:, :1], atol=1e-12
        )  # fmt: skip


@pytest.mark.parametrize("encoding", ["amplitude", "iqp"])
def test_other_encodings_start_from_their_states(encoding, rng):
    X, y = rng.normal(size=(10, 3)), np.arange(10) % 2
    fitted = VariationalClassifier(
        encoding, n_layers=1, bandwidth=0.5, max_iter=1, n_iter_no_change=1, random_state=0
    )
    with pytest.warns(ConvergenceWarning):
        fitted.fit(X, y)
    q = 2 if encoding == "amplitude" else 3

    @qml.qnode(qml.device("default.qubit", wires=q))
    def circuit(x):
        if encoding == "amplitude":
            qml.AmplitudeEmbedding(x, wires=range(q), normalize=True, pad_with=0.0)
        else:
            qml.IQPEmbedding(0.5 * x, wires=range(q))
        for k in range(q if q > 2 else 1):
            qml.CZ(wires=[k, (k + 1) % q])
        for k in range(q):
            qml.Rot(*fitted.weights_[0, k], wires=k)
        return [qml.expval(qml.Z(k)) for k in range(q)]

    theirs = [fitted.coef_[0] @ np.array(circuit(x)) + fitted.intercept_[0] for x in X]
    np.testing.assert_allclose(fitted.decision_function(X), theirs, atol=1e-12)


def test_the_loss_curve_is_that_of_pennylanes_adam(rng):
    """The same circuit, start and steps, one sample at a time by PennyLane's own optimiser."""
    X, y = rng.normal(size=(6, 2)), np.array([0, 1, 1, 0, 1, 1])
    model = VariationalClassifier(
        n_layers=2, bandwidth=1.0, learning_rate=0.2, max_iter=4, n_iter_no_change=4, tol=0,
        random_state=3,
    )  # fmt: skip
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y)
    np_ = qml.numpy
    start = Circuit(2, 2, 1, False, True, None).parameters(np.random.default_rng(model._seed))

    @qml.qnode(qml.device("default.qubit", wires=2))
    def circuit(weights, x):
        qml.AngleEmbedding(x, wires=[0, 1])
        for layer in weights:
            qml.CZ(wires=[0, 1])
            for k in range(2):
                qml.Rot(layer[k, 0], layer[k, 1], layer[k, 2], wires=k)
        return [qml.expval(qml.Z(k)) for k in range(2)]

    def loss(weights, coef, intercept):
        total = 0.0
        for x, label in zip(X, y, strict=True):
            z = coef[0] @ np_.stack(circuit(weights, x)) + intercept[0]
            total = total + np_.log(1 + np_.exp(z)) - label * z
        return total / len(y)

    # PennyLane adds eps before its bias correction, where it weighs about 30 times as much.
    optimiser = qml.AdamOptimizer(0.2, beta2=0.999, eps=1e-8 / 30)
    p = [np_.array(start[name], requires_grad=True) for name in ("weights", "coef", "intercept")]
    curve = []
    for _ in range(4):
        p, value = optimiser.step_and_cost(loss, *p)
        curve.append(float(value))
    np.testing.assert_allclose(model.loss_curve_, curve, rtol=1e-6)


@pytest.mark.parametrize("reupload", [False, True])
def test_shots_are_unbiased_and_binomial(reupload):
    import jax
    from jax.experimental import enable_x64

    shots, n = 50, 4000
    exact, noisy = (Circuit(2, 1, 2, reupload, True, s) for s in (None, shots))
    rng = np.random.default_rng(1)
    weights = rng.uniform(0, 6, (1, 2, 3))
    sample = rng.uniform(0, 6, (1, 2)) if reupload else np.array([0.6, 0.0, 0.8j, 0.0])
    with enable_x64():
        keys = jax.random.split(jax.random.key(0), n)
        f, g = expectations(exact), expectations(noisy)
        true = np.asarray(f(weights, sample, keys[0]))
        drawn = np.asarray(jax.jit(jax.vmap(g, (None, None, 0)))(weights, sample, keys))

        def first(h):
            return lambda w, key: h(w, sample, key)[0]

        slope = np.asarray(jax.grad(first(f))(weights, keys[0]))
        slopes = np.asarray(
            jax.jit(jax.vmap(jax.grad(first(g)), (None, 0)))(weights, keys)
        )  # fmt: skip
    # Each qubit: mean <Z>, and the variance of a mean of +-1 over the shots.
    error = np.sqrt((1 - true**2) / shots / n)
    assert (np.abs(drawn.mean(axis=0) - true) < 4 * error).all()
    ratio = drawn.var(axis=0, ddof=1) * shots / (1 - true**2)
    low, high = stats.chi2.ppf([1e-4, 1 - 1e-4], n - 1) / (n - 1)
    assert ((low < ratio) & (ratio < high)).all()
    # What came is a fraction of the shots.
    ones = (drawn + 1) * shots / 2
    np.testing.assert_allclose(ones, ones.round(), atol=1e-9)
    # Parameter shift: unbiased, with the variance of two sampled values, (v+ + v-)/4.
    deviation = np.abs(slopes.mean(axis=0) - slope)
    spread = slopes.std(axis=0, ddof=1)
    assert (deviation < 4.5 * spread / np.sqrt(n) + 1e-12).all()
    assert 0 < spread.max() <= np.sqrt(2 / 4 / shots) * 1.1


def test_a_data_angle_has_its_gradient_under_shots():
    """Re-uploading trains the factors of its inputs: shots must not cut them off."""
    import jax
    from jax.experimental import enable_x64

    circuit = Circuit(1, 1, 1, True, True, 10**8)
    with enable_x64():
        g = expectations(circuit)
        weights = np.array([[[0.3, 0.4, 0.5]]])

        def value(angle):
            return g(weights, angle, jax.random.key(0))[0]

        slope = jax.grad(value)(np.array([[0.7]]))

    # By hand: <Z> = cos(a) cos(0.4) - sin(a) sin(0.3) sin(0.4) after RX(a), Rot(0.3, 0.4, 0.5).
    by_hand = -np.sin(0.7) * np.cos(0.4) - np.cos(0.7) * np.sin(0.3) * np.sin(0.4)
    # Four standard errors of the shift rule at 10^8 shots are 3e-4.
    np.testing.assert_allclose(slope, [[by_hand]], atol=3e-4)


def test_training_with_shots_learns():
    rng = np.random.default_rng(0)
    model = VariationalClassifier(shots=200, max_iter=100, random_state=0)
    with warnings.catch_warnings():
        # Whether noise lets it converge in time is not the question here.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(*xor(rng))
    assert model.score(*xor(rng, 400)) > 0.85


def test_circuits_counted_are_those_pennylane_runs(rng):
    X, y = rng.normal(size=(10, 2)), np.arange(10) % 2
    model = VariationalClassifier(n_layers=2, max_iter=3, n_iter_no_change=3, random_state=0)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y)
    device = qml.device("default.qubit", wires=2)

    @qml.qnode(device, diff_method="parameter-shift")
    def circuit(weights):
        qml.AngleEmbedding(X[0], wires=[0, 1])
        qml.StronglyEntanglingLayers(weights, wires=[0, 1], imprimitive=qml.CZ)
        return qml.expval(qml.Z(0))

    weights = qml.numpy.array(rng.normal(size=(2, 2, 3)), requires_grad=True)
    with qml.Tracker(device) as tracker:
        circuit(weights)
        qml.grad(circuit)(weights)
    # qml.grad runs the forward circuit once more than the loss needs.
    for_one_sample = tracker.totals["executions"] - 1
    assert model.n_circuits_ == 3 * 10 * for_one_sample


@pytest.mark.parametrize("model", CIRCUITS)
def test_one_layer_already_sees_its_neighbours(model, rng):
    """A CZ after the last rotation would commute with the measured Z and do nothing."""
    X = rng.normal(size=(20, 3))
    fitted = model(n_layers=1, max_iter=1, n_iter_no_change=1, random_state=0)
    with pytest.warns(ConvergenceWarning):
        fitted.fit(X, np.arange(20) % 2)
    z = fitted.decision_function(X)
    for k in range(3):
        assert np.abs(fitted.decision_function(X + 0.5 * np.eye(3)[k]) - z).max() > 1e-3


@pytest.mark.parametrize("model", CIRCUITS)
def test_without_entanglement_logits_are_sums_over_features(model, rng):
    """Every feature is still seen, but z(a, b) - z(a, b') does not depend on a."""
    X, y = xor(rng)
    z = model(entangle=False, random_state=0).fit(X, y).decision_function
    a, b = np.array([0.5, 0.0]), np.array([0.0, 0.5])
    for one, other in ((a, b), (b, a)):
        step = z(X + one) - z(X)
        assert np.abs(step).max() > 0.1
        np.testing.assert_allclose(z(X + one + other) - z(X + other), step, atol=1e-10)


def test_kernel_machine_is_svc_on_the_kernel(rng):
    X, y = xor(rng)
    new = rng.normal(size=(20, 2))
    for kind, options in [("fidelity", {"n_repeats": 2}), ("projected", {"gamma": 0.7})]:
        model = QuantumKernelClassifier(kind=kind, bandwidth=0.8, C=3.0, **options).fit(X, y)
        function = kernel_matrix if kind == "fidelity" else projected_kernel
        svc = SVC(C=3.0, kernel="precomputed").fit(function(X, bandwidth=0.8, **options), y)
        theirs = svc.decision_function(function(new, X, bandwidth=0.8, **options))
        np.testing.assert_allclose(model.decision_function(new), theirs, atol=1e-12)
        assert (model.predict(new) == svc.predict(function(new, X, bandwidth=0.8, **options))).all()
        fit, each = (80 * 79 // 2, len(svc.support_)) if kind == "fidelity" else (3 * 80, 3)
        assert (model.n_circuits_, model.n_circuits_per_prediction_) == (fit, each)


def test_kernel_without_entanglement_is_a_product_over_features(rng):
    X, y = xor(rng)
    model = QuantumKernelClassifier(entangle=False, bandwidth=0.8, random_state=0).fit(X, y)
    K = model._kernel(X, None, 0)
    product = np.prod([np.cos(0.4 * (X[:, [k]] - X[:, k])) ** 2 for k in range(2)], axis=0)
    np.testing.assert_allclose(K, product, atol=1e-12)


def test_kernel_with_shots_is_reproducible_and_noisy(rng):
    X, y = xor(rng)
    a, b, exact = (
        QuantumKernelClassifier(shots=s, random_state=r).fit(X, y)
        for s, r in [(100, 0), (100, 0), (None, 0)]
    )
    z = a.decision_function(X)
    np.testing.assert_array_equal(z, a.decision_function(X))
    np.testing.assert_array_equal(z, b.decision_function(X))
    assert np.abs(z - exact.decision_function(X)).max() > 0.05


@pytest.mark.parametrize("model", MODELS)
def test_lives_in_scikit_learn(model, rng):
    X, y = xor(rng)
    settings = {"C": [1.0, 10.0]} if model is QuantumKernelClassifier else {"learning_rate": [0.1]}
    grid = {f"model__{name}": values for name, values in settings.items()}
    pipeline = make_pipeline(StandardScaler(), PCA(2))
    pipeline.steps.append(("model", model(random_state=0)))
    search = GridSearchCV(pipeline, grid, cv=2).fit(X, y)
    assert set(search.classes_) == {"same", "other"}
    again = pickle.loads(pickle.dumps(search.best_estimator_))
    np.testing.assert_array_equal(again.decision_function(X), search.decision_function(X))
    fresh = clone(search.best_estimator_).fit(X, y)
    np.testing.assert_allclose(fresh.decision_function(X), search.decision_function(X))


@pytest.mark.parametrize("model", CIRCUITS)
def test_random_state_decides_everything(model, rng):
    X, y = xor(rng)
    options = {"max_iter": 20, "tol": 0, "batch_size": 32, "early_stopping": True}
    fits = [model(random_state=s, **options) for s in (1, 1, 2)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        curves = [f.fit(X, y).loss_curve_ for f in fits]
    assert curves[0] == curves[1] != curves[2]


def test_early_stopping_keeps_the_best_epoch(rng):
    X, y = rng.normal(size=(40, 3)), np.arange(40) % 2  # labels of no meaning: it overfits
    model = ReuploadingClassifier(
        n_layers=4, early_stopping=True, validation_fraction=0.25, random_state=0
    )
    model.fit(X, y)
    best = int(np.argmin(model.validation_loss_curve_))
    assert best < model.n_iter_ - model.n_iter_no_change
    assert model.n_iter_ < model.max_iter
    # The kept angles give the smallest validation loss, not the last one.
    from sklearn.model_selection import train_test_split

    _, held = train_test_split(
        np.arange(40), test_size=0.25, stratify=y, random_state=model._seed
    )  # fmt: skip
    p = model.predict_proba(X[held])[np.arange(10), y[held]]
    np.testing.assert_allclose(-np.log(p).mean(), min(model.validation_loss_curve_), rtol=1e-9)
    per_epoch = 30 * (1 + 2 * 4 * 3 * 4) + 10
    assert model.n_circuits_ == model.n_iter_ * per_epoch


def test_padding_weighs_nothing(rng):
    """37 samples are padded to 64: the first loss is the mean over 37."""
    X, y = xor(rng, 37)
    model = VariationalClassifier(max_iter=1, n_iter_no_change=1, random_state=0)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y)
    before = clone(model)
    before.__dict__.update(model.__dict__)
    before._parameters = model._circuit.parameters(np.random.default_rng(model._seed))
    p = before.predict_proba(X)[np.arange(37), (y == "same").astype(int)]
    np.testing.assert_allclose(model.loss_curve_, [-np.log(p).mean()])


def test_batches_cover_every_sample_once(rng):
    X, y = xor(rng, 37)
    model = VariationalClassifier(batch_size=10, random_state=0).fit(X, y)
    data, labels, weight, _ = model._batches(model._data(X), np.arange(37))
    assert data.shape == (4, 10, 4)
    assert labels[weight == 1].tolist() == list(range(37))


def test_settings_that_are_data_compile_nothing_new(rng):
    X, y = xor(rng, 70)
    model = VariationalClassifier(random_state=0).fit(X, y)
    programs = compiled(model._circuit)
    before = programs.train._cache_size()
    for rate, n in [(0.2, 70), (0.05, 100), (0.1, 128)]:
        other = VariationalClassifier(
            learning_rate=rate, bandwidth=0.5, max_iter=10, random_state=1
        )
        with pytest.warns(ConvergenceWarning):
            other.fit(*xor(rng, n))
    assert programs.train._cache_size() == before
    assert [padded(n) for n in (1, 16, 17, 64, 65)] == [16, 16, 32, 64, 128]


def interrupt_the_third(monkeypatch):
    """Let Ctrl-C come with the third piece of training; return the calls so far."""
    from qmlcourse.models import _circuit_classifier

    programs = compiled(Circuit(2, 3, 1, False, True, None))
    calls = []

    def train(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return programs.train(*args)

    monkeypatch.setattr(
        _circuit_classifier, "compiled", lambda circuit: programs._replace(train=train)
    )
    return calls


def test_interrupted_training_keeps_what_it_learned(rng, monkeypatch):
    X, y = xor(rng)
    calls = interrupt_the_third(monkeypatch)
    model = VariationalClassifier(random_state=0)
    with pytest.warns(UserWarning, match=r"^Training interrupted by user\.$"):
        model.fit(X, y)
    assert model.n_iter_ == 20 and len(model.loss_curve_) == 20
    assert model.loss_curve_[-1] < model.loss_curve_[0]
    assert model.predict(X).shape == (80,)
    # Before anything was learned there is nothing to keep.
    calls[:] = [None, None]
    with pytest.raises(KeyboardInterrupt):
        VariationalClassifier(random_state=0).fit(X, y)


def test_both_warnings_of_training_point_at_the_caller(rng, monkeypatch):
    X, y = xor(rng)
    with pytest.warns(ConvergenceWarning) as caught:
        VariationalClassifier(max_iter=10, tol=0, random_state=0).fit(X, y)
    interrupt_the_third(monkeypatch)
    with pytest.warns(UserWarning, match="interrupted") as also:
        VariationalClassifier(random_state=0).fit(X, y)
    assert [caught[0].filename, also[0].filename] == [__file__, __file__]


def test_verbose_prints_the_loss(rng, capsys):
    model = VariationalClassifier(max_iter=20, tol=0, verbose=True, random_state=0)
    sentence = r"^Adam: max_iter \(20\) reached and the loss hasn't converged yet\.$"
    with pytest.warns(ConvergenceWarning, match=sentence):
        model.fit(*xor(rng))
    assert capsys.readouterr().out.splitlines() == [
        f"Iteration {n}, loss = {model.loss_curve_[n - 1]:.6f}" for n in (10, 20)
    ]


@pytest.mark.parametrize("model", MODELS)
class TestBadInput:
    def test_unfitted(self, model):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            model().predict([[0.0]])

    def test_one_class(self, model):
        with pytest.raises(ValueError, match="number of classes has to be greater than one"):
            model().fit([[0.0], [1.0]], [1, 1])

    def test_nan(self, model):
        with pytest.raises(ValueError, match="Input X contains NaN"):
            model().fit([[np.nan], [1.0]], [0, 1])

    def test_text(self, model):
        with pytest.raises(ValueError, match="could not convert string to float"):
            model().fit([["a"], ["b"]], [0, 1])

    def test_continuous_target(self, model):
        with pytest.raises(ValueError, match="Unknown label type: continuous"):
            model().fit([[0.0], [1.0]], [0.1, 0.7])

    def test_too_many_features(self, model):
        X = np.eye(30)
        with pytest.raises(ValueError, match=r"30 features.*30 qubits.*max_qubits=12"):
            model().fit(X, np.arange(30) % 2)

    def test_other_features_than_in_fit(self, model, rng):
        fitted = model(random_state=0).fit(*xor(rng))
        with pytest.raises(ValueError, match="expecting 2 features as input"):
            fitted.predict([[0.0, 1.0, 2.0]])

    def test_constant_features_are_no_obstacle(self, model, rng):
        X, y = xor(rng)
        X = np.column_stack([X, np.full(len(X), 3.0)])
        assert model(random_state=0).fit(X, y).score(X, y) > 0.85
        constant = model(random_state=0).fit(np.ones((8, 2)), np.arange(8) % 2)
        assert np.isfinite(constant.decision_function(np.ones((3, 2)))).all()

    def test_settings(self, model):
        X, y = [[0.0], [1.0]], [0, 1]
        for setting, bad in [("bandwidth", 0), ("shots", 0), ("max_qubits", "a"), ("entangle", 2)]:
            with pytest.raises(ValueError, match=f"The '{setting}' parameter of {model.__name__}"):
                model(**{setting: bad}).fit(X, y)


@pytest.mark.parametrize("model", CIRCUITS)
def test_more_classes_than_qubits(model, rng):
    """Classes are rows of the linear layer, so they cost no qubits."""
    angle = np.arange(100) % 5 * 2 * np.pi / 5
    X = np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.1 * rng.normal(size=(100, 2))
    fitted = model(random_state=0, max_qubits=2).fit(X, np.arange(100) % 5)
    assert fitted.coef_.shape == (5, 2)
    assert fitted.score(X, np.arange(100) % 5) > 0.95


def test_a_zero_sample_has_no_amplitudes():
    with pytest.raises(ValueError, match="no zero vector for the amplitude encoding; row 1"):
        QuantumKernelClassifier("amplitude").fit([[1.0, 0.0], [0.0, 0.0]], [0, 1])


def test_the_projected_kernel_takes_no_shots(rng):
    with pytest.raises(ValueError, match="shots must be None for the projected kernel"):
        QuantumKernelClassifier(kind="projected", shots=10).fit(*xor(rng))


MIXED = [
    (["a", 1], TypeError, "y must hold numbers or texts as labels; got int and str"),
    (np.array(["a", 1], object), TypeError, "got int and str"),
    (["a", True], TypeError, "got bool and str"),
    (["a", b"b"], TypeError, "got bytes and str"),
    (["a", None], ValueError, "y must have a label for every sample; got missing ones"),
    ([1, None], ValueError, "got missing ones"),
    (["a", np.nan], ValueError, "got missing ones"),
    (pd.Series(["a", 2.5]), TypeError, "got float and str"),
]


@pytest.mark.parametrize("model", [QuantumKernelClassifier(), VariationalClassifier()])
@pytest.mark.parametrize(("y", "error", "message"), MIXED)
@pytest.mark.extra("jax")
def test_labels_of_two_kinds_are_named(model, y, error, message):
    with pytest.raises(error, match=message):
        model.fit([[0.0], [1.0]], y)


@pytest.mark.parametrize("weight", ["a", None, [1], 1j, np.nan])
def test_class_weights_that_are_no_numbers_are_named(weight):
    model = QuantumKernelClassifier(class_weight={"neg": weight, "pos": 1.0})
    with pytest.raises(ValueError, match="class_weight must hold finite numbers above 0; got"):
        model.fit([[0.0], [1.0]], ["neg", "pos"])


@pytest.mark.parametrize(("n", "fraction"), [(4, 0.1), (6, 0.9), (20, 0.04), (20, 0.96)])
@pytest.mark.extra("jax")
def test_samples_too_few_to_hold_any_out_are_named(n, fraction):
    model = VariationalClassifier(early_stopping=True, validation_fraction=fraction)
    message = rf"validation_fraction must leave .*; got {fraction} of {n} samples: .*[^.]\.$"
    with pytest.raises(ValueError, match=message):
        model.fit(np.arange(n)[:, None], [0, 1] * (n // 2))


SHARED = {
    "n_layers": 2, "bandwidth": "scale", "entangle": True, "learning_rate": 0.1, "max_iter": 600,
    "batch_size": None, "tol": 1e-3, "n_iter_no_change": 10, "early_stopping": False,
    "validation_fraction": 0.1, "shots": None, "class_weight": None, "max_qubits": 12,
    "verbose": False, "random_state": None,
}  # fmt: skip
DEFAULTS = {
    ReuploadingClassifier: SHARED,
    VariationalClassifier: SHARED | {"encoding": "angle", "n_layers": 3},
    QuantumKernelClassifier: {
        "encoding": "iqp", "kind": "fidelity", "bandwidth": "scale", "n_repeats": 1, "gamma": 1.0,
        "C": 10.0, "class_weight": None, "entangle": True, "shots": None, "max_qubits": 12,
        "random_state": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_the_settings_and_their_defaults(model):
    assert model().get_params() == DEFAULTS[model]
    for name in DEFAULTS[model]:
        given = object()
        assert model(**{name: given}).get_params()[name] is given


def quick(model, **options):
    short = {} if model is QuantumKernelClassifier else {"n_layers": 1, "max_iter": 20, "tol": 0}
    return model(**{"random_state": 0, **short, **options})


def fitted(model, X, y, *weights):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # few epochs on purpose
        return model.fit(X, y, *weights)


@pytest.mark.parametrize("model", MODELS)
def test_numbers_of_other_types_are_doubles(model, rng):
    X, y = xor(rng, 24)
    X, weights = X.astype(np.float32), np.arange(24, dtype=np.int8) % 5
    one = fitted(quick(model), X, y, weights)
    other = fitted(quick(model), X.astype(float), y, weights.astype(float))
    z = one.decision_function(X)
    assert z.dtype == np.float64
    np.testing.assert_array_equal(z, other.decision_function(X.astype(float)))


@pytest.mark.parametrize("model", MODELS)
def test_samples_to_predict_may_not_be_masked(model, rng):
    X, y = xor(rng, 24)
    masked = np.ma.masked_less(X, 0)
    with pytest.raises(ValueError, match=r"^X must hold no masked entries"):
        fitted(quick(model), X, y).predict(masked)


@pytest.mark.parametrize("model", CIRCUITS)
def test_many_samples_are_predicted_each_as_alone(model, rng):
    few = fitted(quick(model), *xor(rng, 24))
    X, _ = xor(rng, 1100)
    z = few.decision_function(X)
    assert z.shape == (1100,)
    for k in (0, 511, 512, 1023, 1024, 1099):
        np.testing.assert_allclose(few.decision_function(X[[k]]), z[[k]], atol=1e-12)


def test_training_starts_from_what_is_documented():
    """Angles all around the circle, a linear layer about 0, factors of 1."""
    start = Circuit(4, 500, 500, True, True, None).parameters(np.random.default_rng(0))
    assert stats.kstest(start["weights"].ravel(), stats.uniform(0, 2 * np.pi).cdf).pvalue > 1e-3
    assert stats.kstest(start["coef"].ravel(), stats.norm(0, 3 / 2).cdf).pvalue > 1e-3
    assert start["weights"].shape == (500, 4, 3) and start["coef"].shape == (500, 4)
    np.testing.assert_array_equal(start["intercept"], np.zeros(500))
    np.testing.assert_array_equal(start["inputs"], np.ones((500, 4)))
    assert "inputs" not in Circuit(4, 1, 1, False, True, None).parameters(np.random.default_rng(0))


class Stop(Exception):
    pass


@pytest.mark.parametrize(("options", "samples"), [({}, 128), ({"batch_size": 10}, 10)])
def test_a_training_step_asks_for_a_state_of_every_gate(options, samples, monkeypatch, rng):
    def memory(n_bytes, what):
        if what == "A training step (batch_size makes it smaller)":
            raise Stop(n_bytes)

    monkeypatch.setattr(_checks, "memory", memory)
    with pytest.raises(Stop) as asked:
        VariationalClassifier(n_layers=2, **options).fit(rng.normal(size=(100, 3)), [0, 1] * 50)
    layers = qml.StronglyEntanglingLayers(np.ones((2, 3, 3)), range(3), imprimitive=qml.CZ)
    gates = sum(len(op.decomposition()) if op.name == "Rot" else 1 for op in layers.decomposition())
    assert asked.value.args == (16 * samples * gates * 2**3,)


def test_too_little_memory_is_named(monkeypatch, rng):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=20_000))
    sentence = r"^A training step \(batch_size makes it smaller\) would need .* GiB of memory"
    with pytest.raises(ValueError, match=sentence):
        VariationalClassifier().fit(rng.normal(size=(20, 2)), [0, 1] * 10)


@pytest.mark.parametrize("tol", [1e-3, 0.02])
def test_training_stops_at_the_first_plateau(tol, rng):
    model = VariationalClassifier(tol=tol, random_state=0).fit(*xor(rng))
    curve = np.array(model.loss_curve_)
    assert len(curve) == model.n_iter_

    def on_a_plateau(n):
        return curve[n - 10 : n].min() > curve[: n - 10].min() - tol

    looked_at = range(20, model.n_iter_ + 1, 10)
    assert [n for n in looked_at if on_a_plateau(n)] == [model.n_iter_]


def test_a_tolerance_of_zero_lets_a_level_loss_go_on(rng):
    X, y = xor(rng)
    still = {"learning_rate": 1e-300, "max_iter": 40, "random_state": 0}
    assert VariationalClassifier(**still).fit(X, y).n_iter_ == 20
    model = VariationalClassifier(**still, tol=0)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y)
    assert model.n_iter_ == 40
    assert len(set(model.loss_curve_)) == 1


@pytest.mark.parametrize("model", CIRCUITS)
def test_a_package_that_is_missing_is_named(model, monkeypatch, rng):
    X, y = xor(rng, 24)
    trained = fitted(quick(model), X, y)
    monkeypatch.setitem(sys.modules, "optax", None)
    sentence = rf"^{model.__name__} needs optax of the extra 'jax': .* install '\.\[jax\]'"
    for call in (lambda: model().fit(X, y), lambda: trained.predict(X)):
        with pytest.raises(ModuleNotFoundError, match=sentence):
            call()
