"""The variational and the re-uploading classifier. Public through models."""

from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from .._typing import Array
from ..encodings import encoded_states
from ..encodings._registry import find
from ._circuit_classifier import CircuitClassifier


class VariationalClassifier(CircuitClassifier):
    r"""Classify by expectations of a trained circuit that starts from the encoded data.

    With :math:`|\phi(x)\rangle` the encoded sample and :math:`U(\theta)` layers of a ring of CZ
    followed by ``Rot`` on every qubit,

    .. math:: \mathrm{logit}_c(x) = \sum_k a_{ck}\,\langle\phi(x)|U^\dagger(\theta) Z_k
              U(\theta)|\phi(x)\rangle + b_c.

    Angles, :math:`a` and :math:`b` minimise the log-loss; two classes have one logit. Every
    qubit is read, so that without entanglement no feature is lost. Samples are encoded once;
    all are trained on at once, jitted by JAX.

    Parameters
    ----------
    encoding : {"angle", "amplitude", "iqp"}
        As in :func:`qmlcourse.encodings.encoded_states`.
    n_layers : int
        Trained layers.
    bandwidth : float or "scale"
        Factor on the features, in radians. "scale", the default, is 1 over the root mean
        square of the features' standard deviations.
    entangle : bool
        False leaves out every CZ of the trained layers: the ablation. With one feature a
        qubit the logits are then sums of functions of one feature each.
    learning_rate : float
        Of Adam.
    max_iter : int
        Most epochs.
    batch_size : int, optional
        Samples a step; default: all.
    tol, n_iter_no_change : float, int
        Training stops once the best loss of the last ``n_iter_no_change`` epochs is not
        ``tol`` below the best before. It is looked at every ``n_iter_no_change`` epochs.
    early_stopping, validation_fraction : bool, float
        Hold that share of the samples out, watch the loss on it, and keep the best epoch.
    shots : int, optional
        Measurements a circuit; default: exact expectations. With shots, values are sampled
        and gradients follow the parameter-shift rule from samples of their own.
    class_weight : dict, "balanced" or None
        Factor on the weight of each class in the loss, as in ``LogisticRegression``.
    max_qubits : int
        More features than that are refused.
    verbose : bool
        Print the loss every ``n_iter_no_change`` epochs.
    random_state : int, RandomState or None
        Of the first angles, the batches, the held-out samples and the shots.

    Attributes
    ----------
    classes_, n_features_in_, feature_names_in_ :
        As in scikit-learn.
    weights_ : ndarray, shape (n_layers, n_qubits, 3)
        Trained angles of each ``Rot``.
    coef_, intercept_ : ndarray, shapes (n_logits, n_qubits) and (n_logits,)
        The linear layer from each qubit's expectation to the logits.
    bandwidth_ : float
        The factor used.
    loss_curve_, validation_loss_curve_ : list of float
        Mean log-loss of each epoch; the second with ``early_stopping``.
    n_iter_ : int
        Epochs run.
    n_circuits_ : int
        Circuits a device would have run for this fit, with two for each angle, sample and
        epoch by the parameter-shift rule.
    n_circuits_per_prediction_ : int
        1.

    Raises
    ------
    ValueError
        For what scikit-learn refuses (NaN, one class, other features than in fit) and for
        more features than ``max_qubits``.
    NotFittedError
        If asked to predict before fit.
    ConvergenceWarning
        Warned, not raised: ``max_iter`` came first.

    Notes
    -----
    Sources: arXiv:1804.00633 (circuit-centric classifiers), arXiv:1811.11184 (parameter shift).
    Used in the chapters *Training loops* and *Fair benchmarking*.

    Examples
    --------
    >>> X = [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]] * 5
    >>> y = [0, 1, 1, 0] * 5
    >>> VariationalClassifier(random_state=0).fit(X, y).predict([[-1.0, 1.0], [1.0, 1.0]])
    array([1, 0])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **CircuitClassifier._parameter_constraints,
        # Not all: basis takes bits alone, and reupload's weights belong to the model below.
        "encoding": [StrOptions({"angle", "amplitude", "iqp"})],
    }
    _reupload = False

    def __init__(
        self,
        encoding: str = "angle",
        *,
        n_layers: int = 3,
        bandwidth: float | str = "scale",
        entangle: bool = True,
        learning_rate: float = 0.1,
        max_iter: int = 600,
        batch_size: int | None = None,
        tol: float = 1e-3,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        shots: int | None = None,
        class_weight: dict[Any, float] | str | None = None,
        max_qubits: int = 12,
        verbose: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(
            n_layers=n_layers,
            bandwidth=bandwidth,
            entangle=entangle,
            learning_rate=learning_rate,
            max_iter=max_iter,
            batch_size=batch_size,
            tol=tol,
            n_iter_no_change=n_iter_no_change,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            shots=shots,
            class_weight=class_weight,
            max_qubits=max_qubits,
            verbose=verbose,
            random_state=random_state,
        )
        self.encoding = encoding

    def _data_qubits(self, n_features: int) -> int:
        return find(self.encoding).n_qubits(n_features)

    def _data(self, X: Array) -> Array:
        options = find(self.encoding).accepted(bandwidth=self.bandwidth_)
        return encoded_states(X, self.encoding, **options)


class ReuploadingClassifier(CircuitClassifier):
    r"""Classify by a trained circuit that takes the data in again before every layer.

    .. math:: \mathrm{logit}_c(x) = \sum_k a_{ck}\,\langle 0|U^\dagger Z_k U|0\rangle + b_c,
              \qquad U = \prod_l \mathrm{Rot}(\theta_l)\, \mathrm{CZ}_{\text{ring}}
              \textstyle\bigotimes_j R_X(w_{lj}\,s\,x_j),

    with :math:`s` the bandwidth and trained :math:`w`, which begin at 1. One qubit a feature;
    every qubit is read.

    Parameters
    ----------
    n_layers : int
        Times the data are taken in: with :math:`w = 1` the largest frequency of a feature.
    bandwidth : float or "scale"
        Factor on the features, in radians. "scale", the default, is 1 over the root mean
        square of the features' standard deviations.
    entangle : bool
        False leaves out every CZ of the trained layers: the ablation. With one feature a
        qubit the logits are then sums of functions of one feature each.
    learning_rate : float
        Of Adam.
    max_iter : int
        Most epochs.
    batch_size : int, optional
        Samples a step; default: all.
    tol, n_iter_no_change : float, int
        Training stops once the best loss of the last ``n_iter_no_change`` epochs is not
        ``tol`` below the best before. It is looked at every ``n_iter_no_change`` epochs.
    early_stopping, validation_fraction : bool, float
        Hold that share of the samples out, watch the loss on it, and keep the best epoch.
    shots : int, optional
        Measurements a circuit; default: exact expectations. With shots, values are sampled
        and gradients follow the parameter-shift rule from samples of their own.
    class_weight : dict, "balanced" or None
        Factor on the weight of each class in the loss, as in ``LogisticRegression``.
    max_qubits : int
        More features than that are refused.
    verbose : bool
        Print the loss every ``n_iter_no_change`` epochs.
    random_state : int, RandomState or None
        Of the first angles, the batches, the held-out samples and the shots.

    Attributes
    ----------
    classes_, n_features_in_, feature_names_in_ :
        As in scikit-learn.
    weights_ : ndarray, shape (n_layers, n_qubits, 3)
        Trained angles of each ``Rot``.
    inputs_ : ndarray, shape (n_layers, n_qubits)
        The trained w: each layer's factors on the features, beside the bandwidth.
    coef_, intercept_ : ndarray, shapes (n_logits, n_qubits) and (n_logits,)
        The linear layer from each qubit's expectation to the logits.
    bandwidth_ : float
        The factor used.
    loss_curve_, validation_loss_curve_ : list of float
        Mean log-loss of each epoch; the second with ``early_stopping``.
    n_iter_ : int
        Epochs run.
    n_circuits_ : int
        Circuits a device would have run for this fit, with two for each angle, sample and
        epoch by the parameter-shift rule.
    n_circuits_per_prediction_ : int
        1.

    Raises
    ------
    ValueError
        For what scikit-learn refuses (NaN, one class, other features than in fit) and for
        more features than ``max_qubits``.
    NotFittedError
        If asked to predict before fit.
    ConvergenceWarning
        Warned, not raised: ``max_iter`` came first.

    Notes
    -----
    Sources: arXiv:1907.02085 (re-uploading), arXiv:2008.08605 (its frequencies). Used in the
    chapter *Fair benchmarking*.

    Examples
    --------
    >>> X = [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]] * 5
    >>> y = [0, 1, 1, 0] * 5
    >>> ReuploadingClassifier(random_state=0).fit(X, y).predict([[-1.0, 1.0], [1.0, 1.0]])
    array([1, 0])
    """

    _reupload = True

    def _data_qubits(self, n_features: int) -> int:
        return n_features

    @property
    def inputs_(self) -> Array:
        """Each layer's factors on the features, shape (n_layers, n_qubits)."""
        check_is_fitted(self)
        return self._parameters["inputs"]

    def _data(self, X: Array) -> Array:
        with np.errstate(over="ignore"):
            angles = self.bandwidth_ * X
        # Trained factors stretch them, and Adam squares their slopes.
        if not (np.abs(angles) < 1e100).all():
            raise ValueError(
                "X must have angles below 1e100 in the re-uploading circuit; "
                f"got {np.abs(angles).max():.2g} times the trained factors."
            )
        return angles
