"""What the variational and the re-uploading classifier share: fit, early stopping, predict."""

import warnings
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import _checks, _extras
from .._typing import Array
from ._common import bandwidth, check_qubits, checked, filled, weighted
from ._training import Circuit, compiled, pad, padded

_CHUNK = 512  # samples predicted at once


class CircuitClassifier(ClassifierMixin, BaseEstimator):
    """Train a circuit's angles by Adam on the log-loss. The subclasses encode the data."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_layers": [Interval(Integral, 1, None, closed="left")],
        "bandwidth": [StrOptions({"scale"}), Interval(Real, 0, None, closed="neither")],
        "entangle": ["boolean"],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [None, Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "shots": [None, Interval(Integral, 1, None, closed="left")],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "max_qubits": [Interval(Integral, 1, None, closed="left")],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
    }
    _reupload: ClassVar[bool]
    #: The extra without which it can't be fitted, and the modules it brings.
    needs: ClassVar[tuple[str, ...]] = ("jax", "jax", "optax")

    def __init__(
        self,
        *,
        n_layers: int = 2,
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
        self.n_layers = n_layers
        self.bandwidth = bandwidth
        self.entangle = entangle
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.shots = shots
        self.class_weight = class_weight
        self.max_qubits = max_qubits
        self.verbose = verbose
        self.random_state = random_state

    def _data_qubits(self, n_features: int) -> int:
        raise NotImplementedError

    def _data(self, X: Array) -> Array:
        raise NotImplementedError

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train on X, shape (n_samples, n_features), and labels y; return self.

        A sample of weight w counts in the loss like w equal samples, one of weight 0 like none.
        """
        self._import()
        samples, targets = checked(self, X, y)
        samples, indices, each, weights = weighted(self, samples, targets, sample_weight)
        n_logits = 1 if len(self.classes_) == 2 else len(self.classes_)
        d = samples.shape[1]
        needed = check_qubits(self, self._data_qubits(d), d)
        self._circuit = Circuit(
            needed, self.n_layers, n_logits, self._reupload, self.entangle, self.shots
        )
        self.bandwidth_ = bandwidth(self.bandwidth, samples, each)
        seed = check_random_state(self.random_state).randint(2**31)
        self._seed = seed
        data = self._data(samples)
        held_out: Any = None
        if self.early_stopping:
            try:
                train, held = train_test_split(
                    np.arange(len(indices)), test_size=self.validation_fraction, stratify=indices,
                    random_state=seed,
                )  # fmt: skip
            except ValueError as error:
                raise ValueError(
                    "validation_fraction must leave a sample of each class both to train on and "
                    f"to hold out; got {self.validation_fraction:g} of {len(indices)} samples: "
                    f"{str(error).rstrip('.')}."
                ) from error
            part = None if weights is None else weights[held]
            held_out = self._batches(data[held], indices[held], part, whole=True)
            held_out = tuple(a[0] for a in held_out)
            data, indices = data[train], indices[train]
            weights = None if weights is None else weights[train]
        self._train(data, indices, weights, held_out, np.random.default_rng(seed))
        per_epoch = len(indices) * (1 + 2 * self._circuit.n_angles)
        if held_out is not None:
            per_epoch += len(held)
        self.n_circuits_ = self.n_iter_ * per_epoch
        self.n_circuits_per_prediction_ = 1
        return self

    def _batches(
        self, data: Array, y: Array, weights: Array | None = None, whole: bool = False
    ) -> list[Array]:
        """Fold samples, labels, weights and whether they are real into (batches, size, ...).

        Weights have mean 1, and padding weighs nothing: a batch's loss is their weighted sum
        over its real samples, so that light samples count little even in a batch of their own.
        """
        n = len(y)
        size = padded(n) if whole or self.batch_size is None else min(self.batch_size, n)
        total = -(-n // size) * size
        real = (np.arange(total) < n).astype(float)
        each = real
        if weights is not None:
            weights = weights / weights.max()
            each = np.append(weights / weights.mean(), np.zeros(total - n))
        folded = [pad(data, total), pad(y, total), each, real]
        return [a.reshape(-1, size, *a.shape[1:]) for a in folded]

    def _train(self, data: Any, y: Any, weights: Any, held_out: Any, rng: Any) -> None:
        import jax
        from jax.experimental import enable_x64

        batches = self._batches(data, y, weights)
        # Backpropagation keeps a state for every gate.
        gates = self._circuit.n_angles + self._circuit.n_layers * self._circuit.n_qubits
        n_bytes = 16 * batches[1].shape[1] * gates * 2**self._circuit.n_qubits
        _checks.memory(n_bytes, "A training step (batch_size makes it smaller)")
        parameters = self._circuit.parameters(rng)
        patience = self.n_iter_no_change
        curve = np.empty((0, 1 if held_out is None else 2))
        with enable_x64():
            programs = compiled(self._circuit)
            key = jax.random.key(self._seed)
            state = (parameters, programs.start(parameters), (np.array(np.inf), parameters))
            try:
                while len(curve) < self.max_iter:
                    epochs = min(patience, self.max_iter - len(curve))
                    blank = np.zeros((patience, curve.shape[1]))
                    # A rate, count and curve that are data compile once for all settings.
                    *state, new = programs.train(
                        tuple(state), tuple(batches), held_out, jax.random.fold_in(key, len(curve)),
                        np.float64(self.learning_rate), epochs, blank,
                    )  # fmt: skip
                    self._parameters = jax.tree.map(
                        np.asarray, state[0] if held_out is None else state[2][1]
                    )
                    curve = np.concatenate([curve, np.asarray(new)[:epochs]])
                    if not np.isfinite(curve).all():
                        raise ValueError(
                            "learning_rate must be so small that the loss stays finite; "
                            f"got {self.learning_rate:g}."
                        )
                    if self.verbose:
                        print(f"Iteration {len(curve)}, loss = {curve[-1, 0]:.6f}")
                    watched = curve[:, -1]
                    if len(curve) > patience and (
                        watched[-patience:].min() > watched[:-patience].min() - self.tol
                    ):
                        break
                else:
                    warnings.warn(
                        f"Adam: max_iter ({self.max_iter}) reached and the loss hasn't converged "
                        "yet.", ConvergenceWarning, stacklevel=4,
                    )  # fmt: skip
            except KeyboardInterrupt:
                if not len(curve):
                    raise
                warnings.warn("Training interrupted by user.", stacklevel=4)
        self.loss_curve_ = curve[:, 0].tolist()
        self.n_iter_ = len(curve)
        self.weights_ = self._parameters["weights"]
        self.coef_, self.intercept_ = self._parameters["coef"], self._parameters["intercept"]
        if held_out is not None:
            self.validation_loss_curve_ = curve[:, 1].tolist()

    def _import(self) -> None:
        extra, *modules = self.needs
        _extras.needs(type(self).__name__, *modules, extra=extra)

    def _logits(self, X: ArrayLike) -> Array:
        check_is_fitted(self)
        self._import()
        import jax
        from jax.experimental import enable_x64

        _checks.unmasked(X, "X")
        data = self._data(validate_data(self, X, reset=False, dtype=np.float64))
        with enable_x64():
            programs = compiled(self._circuit)
            key = jax.random.key(self._seed + 1)
            parts = []
            for start in range(0, len(data), _CHUNK):
                part = data[start : start + _CHUNK]
                z = programs.logits(
                    self._parameters, pad(part, padded(len(part))), jax.random.fold_in(key, start)
                )
                parts.append(np.asarray(z)[: len(part)])
        return np.concatenate(parts)

    def decision_function(self, X: ArrayLike) -> Array:
        """Compute log-odds, shape (n_samples,), or a logit a class, (n_samples, n_classes)."""
        z = self._logits(X)
        return z[:, 0] if len(self.classes_) == 2 else z

    def predict_proba(self, X: ArrayLike) -> Array:
        """Compute class probabilities, shape (n_samples, n_classes)."""
        z = self._logits(X)
        if len(self.classes_) == 2:
            return np.hstack([expit(-z), expit(z)])
        return softmax(z, axis=1)

    def predict(self, X: ArrayLike) -> Array:
        """Return the most probable class of each sample, shape (n_samples,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(filled(self, state))
