"""A data re-uploading circuit as policy. Public through reinforcement."""

import numpy as np

from .. import _checks
from .._typing import Array
from ._policies import Tables

_TOGETHER = 512  # states that are worked on together, so that they stay in the cache
_H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)


class CircuitPolicy:
    r"""A data re-uploading circuit, one qubit a feature: :math:`z = w\,\langle Z\cdots Z\rangle`.

    Layer 0 turns each qubit by RY and RZ and joins neighbours on a ring by CZ. Each upload l then
    turns qubit k by :math:`RX(\lambda_{lk} s_k)`, and another layer follows. The last one is RY
    alone: RZ and CZ are diagonal, as what is measured is, and would change nothing there. As in
    RX = H RZ H, all that depends on the state is diagonal; the rest is one matrix a layer, made
    once an update.

    Parameters
    ----------
    n_uploads : int
        Uploads, at least 1: 3 have 41 parameters for 4 features.
    n_features : int
        Entries of a state and qubits, from 1 to 8. Two qubits are joined once, one not at all.
    weight : float
        Where w starts: the logit lies between -w and w, so a small one can only waver.

    Notes
    -----
    The order of the parameters is the angles, shape (n_uploads, n_features, 2) with RY before RZ,
    and those of the last layer, shape (n_features,); then :math:`\lambda`, shape
    (n_uploads, n_features), then w. Softmax policies of such
    circuits: Jerbi et al. 2021, arXiv:2103.05577. Used in the chapter *Reinforcement learning*,
    ``applications/reinforcement_learning``.

    Examples
    --------
    Without angles, RX turns the only qubit: z is the cosine of the state.

    >>> policy = CircuitPolicy(1, n_features=1)
    >>> tables = policy.prepare(np.array([[0.0, 0, 0, 1, 1]]))
    >>> policy.logits(tables, np.array([[[0.0], [np.pi / 3]]])).round(12)
    array([[1. , 0.5]])
    """

    def __init__(self, n_uploads: int = 3, n_features: int = 4, *, weight: float = 10.0) -> None:
        self.n_uploads = _checks.integer(n_uploads, "n_uploads")
        self.n_features = _checks.integer(n_features, "n_features", high=8)
        self.weight = _checks.real(weight, "weight")
        q = self.n_features
        bits = np.arange(2**q)[:, None] >> np.arange(q - 1, -1, -1) & 1
        self._z = 1.0 - 2 * bits  # (2**q, q)
        ring = {tuple(sorted((k, (k + 1) % q))) for k in range(q)} if q > 1 else set()
        crossed = sum((bits[:, i] & bits[:, j] for i, j in ring), np.zeros(2**q, int))
        self._cz = (1.0 - 2 * (crossed % 2))[:, None]  # signs of the rows of a layer's matrix
        self._parity = self._z.prod(axis=1)
        self._hadamards = np.ones((1, 1))
        for _ in range(q):
            self._hadamards = np.kron(self._hadamards, _H)

    @property
    def n_parameters(self) -> int:
        """Length of a run's row of parameters."""
        return self.n_features * (3 * self.n_uploads + 1) + 1

    def start(self, n_runs: int, *, rng: np.random.Generator) -> Array:
        r"""Draw parameters, shape (n_runs, n_parameters).

        Angles are uniform between :math:`-\pi` and :math:`\pi`, all :math:`\lambda` are 1, and w
        is ``weight``.
        """
        n_runs = _checks.integer(n_runs, "n_runs")
        rng = _checks.generator(rng)
        made = np.ones((n_runs, self.n_parameters))
        n = self.n_angles
        made[:, -1] = self.weight
        made[:, :n] = rng.uniform(-np.pi, np.pi, (n_runs, n))
        return made

    @property
    def n_angles(self) -> int:
        """How many of the parameters, the first ones, are angles of the layers."""
        return self.n_features * (2 * self.n_uploads + 1)

    def prepare(self, parameters: Array) -> Tables:
        """Return what does not depend on the states, runs first.

        The first vector, a matrix after each upload, the factors of the uploads, and w. The last
        matrix is the observable, carried back to the last upload.
        """
        angles, scale, w = self._split(parameters)
        layers = self._layers(_turns(angles))
        h = self._hadamards
        first = h @ layers[:, 0, :, 0, None]
        between = h @ layers[:, 1:-1] @ h
        last = layers[:, -1] @ h
        seen = last.conj().transpose(0, 2, 1) * self._parity @ last
        return (first[..., 0], between, seen, scale, w)

    def logits(self, tables: Tables, states: Array) -> Array:
        """Return z of states of shape (runs, n, features), as (runs, n)."""
        return tables[-1] * self.expectations(tables, states)

    def expectations(self, tables: Tables, states: Array) -> Array:
        """Return the expectation value of Z on all qubits, for states as in ``logits``."""
        first, between, seen, scale, _ = tables
        # The states come last from here on, so that sums run over long rows.
        turned = states.transpose(0, 2, 1)[:, None] * scale[..., None]  # (r, uploads, q, n)
        phases = self._phases(turned)
        psi = first[..., None] * phases[:, 0]
        for i in range(self.n_uploads - 1):
            psi = between[:, i] @ psi
            psi *= phases[:, i + 1]
        after = seen @ psi
        # Rounding must not leave a probability outside of 0 to 1.
        return (psi.real * after.real + psi.imag * after.imag).sum(axis=1).clip(-1, 1)

    def gradient(self, parameters: Array, states: Array, weights: Array) -> Array:
        """Return the derivative of sum_n weights_n z_n for one run, states (n, features).

        By adjoint differentiation: the states are carried forth once, and back once.
        """
        angles, scale, w = (part[0] for part in self._split(parameters[None]))
        turns = _turns(angles)
        layers = self._layers(turns)
        h = self._hadamards
        inside = [h @ layers[0], *(h @ layers[1:-1] @ h), layers[-1] @ h]
        by_w, by_scale = 0.0, np.zeros(scale.shape)
        inner = np.zeros(layers.shape, dtype=complex)
        for k in range(0, len(states), _TOGETHER):
            part = slice(k, k + _TOGETHER)
            by_w += self._carry(inside, scale, states[part].T, weights[part], by_scale, inner)
        # From the matrices in use back to the layers.
        inner[:-1] = h @ inner[:-1]
        inner[1:] = inner[1:] @ h
        inner[:-1] *= self._cz
        by_angle = self._by_angle(turns, inner).ravel()
        by_angle = np.append(by_angle[: -2 * self.n_features], by_angle[-2 * self.n_features :: 2])
        return np.append(w * np.concatenate([by_angle, by_scale.ravel()]), by_w)

    def _carry(
        self, inside: list[Array], scale: Array, states: Array, weights: Array, by_scale: Array,
        inner: Array,
    ) -> float:  # fmt: skip
        """Return the weighted sum of means, and add to what the derivatives are made of.

        ``inner`` sums the conjugate of what comes back to a matrix times what went into it.
        """
        phases = self._phases(states * scale[..., None])  # (uploads, 2**q, n)
        psi = inside[0][:, :1]
        entered = []
        for i in range(self.n_uploads):
            psi = psi * phases[i]
            entered.append(psi)
            psi = inside[i + 1] @ psi
        back = psi * self._parity[:, None]
        means = (psi.real * back.real + psi.imag * back.imag).sum(axis=0)
        back = back.conj()  # as a row, which goes back through the matrices themselves
        back *= weights
        for i in range(self.n_uploads - 1, -1, -1):
            before = entered[i]
            inner[i + 1] += back @ before.T
            back = inside[i + 1].T @ back
            slope = self._z.T @ (back * before).imag
            by_scale[i] += (slope * states).sum(axis=1)
            back *= phases[i]
        inner[0, :, 0] += back.sum(axis=1)
        return weights @ means

    def _by_angle(self, turns: Array, inner: Array) -> Array:
        """Return derivatives by all angles, shape (n_uploads + 1, n_features, 2)."""
        # d RY = -i/2 Y on the right of the turn, d RZ = -i/2 Z on its left.
        pauli_y, pauli_z = np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
        q = self.n_features
        changed = np.tile(turns[:, None, None], (1, q, 2, 1, 1, 1))
        for k in range(q):
            changed[:, k, 0, k] = -0.5j * turns[:, k] @ pauli_y
            changed[:, k, 1, k] = -0.5j * pauli_z @ turns[:, k]
        return 2 * np.einsum("lij,lkaij->lka", inner, _kron(changed)).real

    def _layers(self, turns: Array) -> Array:
        """Return the matrices of the layers, for turns (..., n_uploads + 1, q, 2, 2)."""
        made = _kron(turns)
        made[..., :-1, :, :] *= self._cz
        return made

    def _split(self, parameters: Array) -> tuple[Array, Array, Array]:
        """Return angles (runs, n_uploads + 1, q, 2), the last RZ at 0; factors; and w."""
        q = self.n_features
        angles = np.zeros((len(parameters), self.n_uploads + 1, q, 2))
        inner = self.n_angles - q
        angles[:, :-1] = parameters[:, :inner].reshape(-1, self.n_uploads, q, 2)
        angles[:, -1, :, 0] = parameters[:, inner : self.n_angles]
        return (
            angles,
            parameters[:, self.n_angles : -1].reshape(-1, self.n_uploads, self.n_features),
            parameters[:, -1:],
        )

    def _phases(self, angles: Array) -> Array:
        """Return the diagonal of RZ on every qubit, (..., 2**q, n) for angles (..., q, n)."""
        half = np.empty(angles.shape, dtype=complex)
        half.real, half.imag = np.cos(angles / 2), -np.sin(angles / 2)
        # Of all signs but the first; the other half are their conjugates, backwards.
        made = half[..., :1, :]
        for k in range(1, self.n_features):
            both = np.stack([half[..., k, :], half[..., k, :].conj()], axis=-2)
            made = made[..., :, None, :] * both[..., None, :, :]
            made = made.reshape(*made.shape[:-3], 2**k, made.shape[-1])
        return np.concatenate([made, made[..., ::-1, :].conj()], axis=-2)


def _turns(angles: Array) -> Array:
    """Return RZ RY of angles (..., 2), shape (..., 2, 2)."""
    y, z = angles[..., 0] / 2, angles[..., 1] / 2
    turn = np.stack([np.cos(y), -np.sin(y), np.sin(y), np.cos(y)], axis=-1)
    phase = np.exp(-1j * np.stack([z, -z], axis=-1))
    return phase[..., :, None] * turn.reshape(*y.shape, 2, 2)


def _kron(turns: Array) -> Array:
    """Return the product on all qubits of turns (..., q, 2, 2), shape (..., 2**q, 2**q)."""
    made = turns[..., 0, :, :]
    for k in range(1, turns.shape[-3]):
        made = np.einsum("...ij,...kl->...ikjl", made, turns[..., k, :, :])
        size = made.shape[-1] * made.shape[-2]
        made = made.reshape(*made.shape[:-4], size, size)
    return made
