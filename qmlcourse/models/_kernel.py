"""The quantum-kernel support vector machine. Public through models."""

from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.svm import SVC
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import _checks
from .._typing import Array
from ..encodings._registry import REGISTRY, find
from ..kernels import kernel_matrix
from ._common import bandwidth, check_qubits, checked, filled, weighted


class QuantumKernelClassifier(ClassifierMixin, BaseEstimator):
    r"""Classify by a support vector machine on a quantum kernel.

    .. math:: f(x) = \sum_i \alpha_i y_i\, k(x_i, x) + b, \qquad
              k(x, x') = |\langle\phi(x)|\phi(x')\rangle|^2

    or the projected kernel. More than two classes: one vote for each pair of classes.

    Parameters
    ----------
    encoding : {"basis", "angle", "amplitude", "iqp", "reupload"}
        As in :func:`qmlcourse.encodings.encoded_states`; basis takes bits alone.
    kind : {"fidelity", "projected"}
        As in :func:`qmlcourse.kernels.kernel_matrix`.
    bandwidth : float or "scale"
        Factor on the features, in radians. "scale", the default, is
        :math:`\sqrt{2 / d}` over the root mean square of the d features' standard deviations.
    n_repeats : int
        Of the iqp encoding.
    gamma : float
        Of the projected kernel.
    C : float
        Inverse strength of the regularisation, as in ``SVC``.
    class_weight : dict, "balanced" or None
        Factor on the weight of each class, as in ``SVC``.
    entangle : bool
        False leaves out the two-qubit gates of iqp and reupload: the ablation. The angle
        encoding has none; amplitude can't do without.
    shots : int, optional
        Measurements an entry of the fidelity kernel; default: exact.
    max_qubits : int
        More qubits than that are refused.
    random_state : int, RandomState or None
        Of the shots.

    Attributes
    ----------
    classes_, n_features_in_, feature_names_in_ :
        As in scikit-learn.
    X_fit_ : ndarray, shape (n_samples, n_features)
        The training samples.
    svc_ : SVC
        The machine fitted to their kernel matrix.
    bandwidth_ : float
        The factor used.
    n_circuits_ : int
        Circuits a device would have run for this fit: one a pair of samples, or for the
        projected kernel three a sample.
    n_circuits_per_prediction_ : int
        One a support vector, or three for the projected kernel.

    Raises
    ------
    ValueError
        For what scikit-learn refuses (NaN, one class, other features than in fit), for more
        features than ``max_qubits``, for shots with the projected kernel.
    NotFittedError
        If asked to predict before fit.

    Notes
    -----
    Sources: arXiv:1804.11326, arXiv:1803.07128, arXiv:2011.01938 (projected). Used in the chapter
    *Fair benchmarking*.

    Examples
    --------
    >>> X, y = [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]], [0, 1, 1, 0]
    >>> QuantumKernelClassifier().fit(X, y).predict([[-0.9, 1.1], [0.9, 1.1]])
    array([1, 0])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "encoding": [StrOptions(REGISTRY.keys())],  # a view: also those registered later
        "kind": [StrOptions({"fidelity", "projected"})],
        "bandwidth": [StrOptions({"scale"}), Interval(Real, 0, None, closed="neither")],
        "n_repeats": [Interval(Integral, 1, None, closed="left")],
        "gamma": [Interval(Real, 0, None, closed="neither")],
        "C": [Interval(Real, 0, None, closed="neither")],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "entangle": ["boolean"],
        "shots": [None, Interval(Integral, 1, None, closed="left")],
        "max_qubits": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        encoding: str = "iqp",
        *,
        kind: str = "fidelity",
        bandwidth: float | str = "scale",
        n_repeats: int = 1,
        gamma: float = 1.0,
        C: float = 10.0,
        class_weight: dict[Any, float] | str | None = None,
        entangle: bool = True,
        shots: int | None = None,
        max_qubits: int = 12,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.encoding = encoding
        self.kind = kind
        self.bandwidth = bandwidth
        self.n_repeats = n_repeats
        self.gamma = gamma
        self.C = C
        self.class_weight = class_weight
        self.entangle = entangle
        self.shots = shots
        self.max_qubits = max_qubits
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train on X, shape (n_samples, n_features), and labels y; return self.

        A sample of weight w counts like w equal samples, one of weight 0 like none.
        """
        samples, targets = checked(self, X, y)
        samples, indices, each, weights = weighted(self, samples, targets, sample_weight)
        d = samples.shape[1]
        check_qubits(self, find(self.encoding).n_qubits(d), d)
        self._rng_seed = check_random_state(self.random_state).randint(2**31, size=2)
        # Narrower with more features: a product over them then keeps its spread.
        self.bandwidth_ = bandwidth(self.bandwidth, samples, each, of_one=np.sqrt(2 / d))
        self.X_fit_ = samples
        K = self._kernel(samples, None, self._rng_seed[0])
        self.svc_ = SVC(C=self.C, kernel="precomputed")
        self.svc_.fit(K, indices, sample_weight=weights)
        n = len(samples)
        self.n_circuits_ = 3 * n if self.kind == "projected" else n * (n - 1) // 2
        self.n_circuits_per_prediction_ = 3 if self.kind == "projected" else len(self.svc_.support_)
        return self

    def _kernel(self, X: Array, Y: Array | None, seed: int) -> Array:
        options: dict[str, Any] = find(self.encoding).accepted(
            bandwidth=self.bandwidth_, n_repeats=self.n_repeats, entangle=self.entangle
        )
        if self.kind == "projected":
            options["gamma"] = self.gamma
        return kernel_matrix(
            X,
            Y,
            encoding=self.encoding,
            kind=self.kind,
            shots=self.shots,
            rng=np.random.default_rng(seed),
            **options,
        )

    def decision_function(self, X: ArrayLike) -> Array:
        """Compute f, shape (n_samples,), or (n_samples, n_classes) for more than two."""
        check_is_fitted(self)
        _checks.unmasked(X, "X")
        samples = validate_data(self, X, reset=False, dtype=np.float64)
        support = self.svc_.support_
        K = np.zeros((len(samples), len(self.X_fit_)))
        K[:, support] = self._kernel(samples, self.X_fit_[support], self._rng_seed[1])
        return self.svc_.decision_function(K)

    def predict(self, X: ArrayLike) -> Array:
        """Return the class of each sample, shape (n_samples,)."""
        z = self.decision_function(X)
        return self.classes_[(z > 0).astype(int) if z.ndim == 1 else z.argmax(axis=1)]

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(filled(self, state))
