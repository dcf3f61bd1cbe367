"""Models to compare: classical baselines, quantum models and their ablations, all tuned."""

from typing import Any

import numpy as np
from scipy.stats import loguniform, randint
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC


def baselines() -> dict[str, Any]:
    """Return classical classifiers with their search spaces, ready for :func:`compare`.

    Returns
    -------
    dict of str to (pipeline, search space) or classifier
        ``"dummy"`` (the most frequent class, not tuned), ``"logistic regression"``,
        ``"RBF-SVM"``, ``"small MLP"`` (one hidden layer), ``"boosted trees"`` and
        ``"random Fourier features"`` (with logistic regression: a classical stand-in for models
        that are Fourier series, as re-uploading circuits are). Each scales its features to mean
        0 and variance 1 on its training samples. One to three settings are tuned.

    Notes
    -----
    The spaces suit tens to hundreds of samples. Source: arXiv:2403.07059 for the choice of
    baselines, arXiv:2206.11740 and arXiv:2210.13200 for the stand-in. Used in the chapter *Fair
    benchmarking*.

    Examples
    --------
    >>> pipeline, space = baselines()["RBF-SVM"]
    >>> sorted(space)
    ['svc__C', 'svc__gamma']
    """
    # Newton's method with Cholesky: few features, and no limit on iterations to run into.
    logistic = LogisticRegression(solver="newton-cholesky", max_iter=1000)
    # lbfgs stops by itself on small data; Adam would want its own learning rate tuned.
    mlp = MLPClassifier(solver="lbfgs", max_iter=5000, max_fun=10**6)
    return {
        "dummy": DummyClassifier(),
        "logistic regression": (
            make_pipeline(StandardScaler(), logistic),
            {"logisticregression__C": loguniform(1e-3, 1e3)},
        ),
        "RBF-SVM": (
            make_pipeline(StandardScaler(), SVC()),
            {"svc__C": loguniform(1e-2, 1e3), "svc__gamma": loguniform(1e-3, 1e1)},
        ),
        "small MLP": (
            make_pipeline(StandardScaler(), mlp),
            {
                "mlpclassifier__hidden_layer_sizes": [(4,), (8,), (16,)],
                "mlpclassifier__activation": ["tanh", "relu"],
                "mlpclassifier__alpha": loguniform(1e-3, 1e1),
            },
        ),
        "boosted trees": (
            make_pipeline(StandardScaler(), GradientBoostingClassifier()),
            {
                "gradientboostingclassifier__learning_rate": loguniform(3e-2, 3e-1),
                "gradientboostingclassifier__n_estimators": randint(20, 101),
                "gradientboostingclassifier__max_depth": [1, 2, 3],
            },
        ),
        "random Fourier features": (
            make_pipeline(StandardScaler(), RBFSampler(), logistic),
            {
                "rbfsampler__gamma": loguniform(1e-3, 1e1),
                "rbfsampler__n_components": [32, 64, 128],
                "logisticregression__C": loguniform(1e-3, 1e3),
            },
        ),
    }


def quantum_models() -> dict[str, Any]:
    """Return the quantum classifiers and their ablations with search spaces.

    Returns
    -------
    dict of str to (pipeline, search space)
        ``"variational"``, ``"re-uploading"``, ``"quantum kernel"``, ``"projected kernel"`` and,
        without entangling gates, ``"variational, no entanglement"``, ``"re-uploading, no
        entanglement"`` and ``"kernel, no entanglement"``. Features are scaled to angles from
        -pi/2 to pi/2 on the training samples; every model has three settings tuned, an ablation
        the same as its original.

    Notes
    -----
    With the same seed an ablation is tuned over the same candidates as its original. Source:
    arXiv:2403.07059. Used in the chapter *Fair benchmarking*.

    Examples
    --------
    >>> pipeline, space = quantum_models()["variational, no entanglement"]
    >>> pipeline[-1].entangle, len(space)
    (False, 3)
    """
    from ..models import QuantumKernelClassifier, ReuploadingClassifier, VariationalClassifier

    circuit = {
        "model__n_layers": [1, 2, 4],  # each depth compiles a program
        "model__learning_rate": loguniform(3e-2, 3e-1),
        "model__bandwidth": loguniform(3e-1, 3e0),
    }
    kernel = {
        "model__bandwidth": loguniform(3e-2, 3e0),
        "model__n_repeats": [1, 2, 3],
        "model__C": loguniform(1e-2, 1e3),
    }
    projected = {
        "model__bandwidth": loguniform(3e-2, 3e0),
        "model__gamma": loguniform(1e-2, 1e1),
        "model__C": loguniform(1e-2, 1e3),
    }
    return {
        "variational": (_on_angles(VariationalClassifier(max_iter=1000)), circuit),
        "re-uploading": (_on_angles(ReuploadingClassifier(max_iter=1000)), circuit),
        "quantum kernel": (_on_angles(QuantumKernelClassifier()), kernel),
        "projected kernel": (_on_angles(QuantumKernelClassifier(kind="projected")), projected),
        "variational, no entanglement": (
            _on_angles(VariationalClassifier(entangle=False, max_iter=1000)), circuit,
        ),
        "re-uploading, no entanglement": (
            _on_angles(ReuploadingClassifier(entangle=False, max_iter=1000)), circuit,
        ),
        "kernel, no entanglement": (_on_angles(QuantumKernelClassifier(entangle=False)), kernel),
    }  # fmt: skip


def _on_angles(model: Any) -> Pipeline:
    return Pipeline([("scaler", MinMaxScaler((-np.pi / 2, np.pi / 2))), ("model", model)])
