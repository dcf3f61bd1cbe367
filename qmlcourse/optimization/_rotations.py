"""The mixer of QAOA as real rotations of a state in two real parts.

With the phases of :math:`S^{\\dagger}` put on each qubit, X becomes Y, and
:math:`e^{-i\\beta Y}` is a rotation by :math:`\\beta`: real. Where a state is the same with all
bits flipped, half of it is enough: the first qubit is then 0, and its X flips all the others.
"""

from functools import cache, cached_property

import numpy as np

from .._typing import Array

_CHUNK = 5  # most qubits rotated by one matrix: more take more arithmetic, fewer more passes


class Mixer:
    """Rotations of all qubits, on states of shape ``(2, size)``: real and imaginary part."""

    def __init__(self, n_qubits: int, *, folded: bool) -> None:
        self.folded = folded
        self.n = n_qubits - 1 if folded else n_qubits
        # As even as possible, the widest last, where a product is one large one.
        count = -(-self.n // _CHUNK)
        self.chunks = [(self.n + k) // count for k in range(count)]
        # What the flip of all bits is worth in these phases: 1, -i, -1 or i.
        self.turn = [(1, 0), (0, -1), (-1, 0), (0, 1)][n_qubits % 4]

    @cached_property
    def parity(self) -> Array:
        """The sign of each basis state: -1 for an odd number of ones."""
        signs = np.ones(1)
        for _ in range(self.n):
            signs = np.concatenate([signs, -signs])
        return signs

    def start(self) -> Array:
        """Return the uniform state, in the rotated phases."""
        state = np.ones(1, dtype=complex)
        for _ in range(self.n):
            state = np.concatenate([state, 1j * state])
        return np.stack([state.real, state.imag]) / np.sqrt(len(state))

    def finish(self, state: Array) -> Array:
        """Return the complex amplitudes of all qubits, in the usual phases."""
        phases = self.start()
        made = (state[0] + 1j * state[1]) * (phases[0] - 1j * phases[1]) * np.sqrt(state.shape[1])
        return np.concatenate([made, made[::-1]]) / np.sqrt(2) if self.folded else made

    def rotate(self, state: Array, beta: float) -> Array:
        """Return the state after the mixer with this angle."""
        c, s = np.cos(beta), np.sin(beta)
        rotation = np.array([[c, -s], [s, c]])
        powers = {1: rotation}
        for k in range(2, max(self.chunks, default=1) + 1):
            powers[k] = (rotation[:, None, :, None] * powers[k - 1][:, None]).reshape(2**k, 2**k)
        left = 1
        for k in self.chunks:
            state = _on(powers[k], state, left)
            left *= 2**k
        return c * state + s * self._flipped(state) if self.folded else state

    def generate(self, state: Array) -> Array:
        """Return the derivative of the rotation at angle 0, which commutes with it."""
        result = self._flipped(state) if self.folded else np.zeros_like(state)
        left = 1
        for k in self.chunks:
            result += _on(_generator(k), state, left)
            left *= 2**k
        return result

    def _flipped(self, state: Array) -> Array:
        """Return -i X on the first qubit, which flips the others."""
        signed = state[:, ::-1] * self.parity
        real, imaginary = self.turn
        if imaginary:
            signed = np.stack([-imaginary * signed[1], imaginary * signed[0]])
        return signed if imaginary else real * signed


def _on(matrix: Array, state: Array, left: int) -> Array:
    """Apply a matrix to the qubits behind the first log2(left)."""
    k = len(matrix)
    right = state.shape[1] // (left * k)
    if right == 1:
        return (state.reshape(-1, k) @ matrix.T).reshape(state.shape)
    return np.matmul(matrix, state.reshape(2 * left, k, right)).reshape(state.shape)


@cache
def _generator(k: int) -> Array:
    result = np.zeros((2**k, 2**k))
    for qubit in range(k):
        one = np.kron(np.eye(2**qubit), [[0.0, -1.0], [1.0, 0.0]])
        result += np.kron(one, np.eye(2 ** (k - 1 - qubit)))
    return result
