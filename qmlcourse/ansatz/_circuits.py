"""Layered circuits: their axes, angles, operators and states. Public through ansatz."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ..simulator import PAULIS, cz_signs, rotation, zero_states

if TYPE_CHECKING:
    from pennylane.operation import Operator


@dataclass(frozen=True)
class Ansatz:
    r"""A circuit of layers :math:`\mathrm{CZ}^{e_l} \bigotimes_k R_{P_{lk}}(\theta_{lk})`.

    Attributes
    ----------
    axes : ndarray of int, shape (n_layers, n_qubits)
        1, 2, 3 for X, Y, Z.
    entangle : ndarray of bool, shape (n_layers,)
        Whether CZ gates between neighbours (k, k+1) follow the layer.
    start : float
        Angle of an RY on every qubit before the first layer, in radians.
    mirror : int
        Length of a block whose second half undoes its first when the angles are mirrored;
        0 if the circuit has none.

    Notes
    -----
    Used in the chapter *Barren plateaus*.
    """

    axes: Array
    entangle: Array
    start: float = 0.0
    mirror: int = field(default=0)

    @property
    def n_qubits(self) -> int:
        """Number of qubits."""
        return int(self.axes.shape[1])

    @property
    def n_parameters(self) -> int:
        """Number of angles: one for each layer and qubit."""
        return int(self.axes.size)

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """The neighbours that a CZ joins."""
        return [(k, k + 1) for k in range(self.n_qubits - 1)]

    def _angles(self, theta: ArrayLike) -> Array:
        theta = np.asarray(theta, dtype=float)
        if theta.shape[-1:] != (self.n_parameters,):
            raise ValueError(
                f"theta must hold {self.n_parameters} angles; got shape {theta.shape}."
            )
        return theta.reshape(theta.shape[:-1] + self.axes.shape)

    def ops(self, theta: ArrayLike) -> "list[Operator]":
        """Return the circuit as PennyLane operators, for one vector of angles.

        Called inside a QNode, this applies them: PennyLane queues an operator when it is made.
        """
        import pennylane as qml

        gate = {1: qml.RX, 2: qml.RY, 3: qml.RZ}
        ops = [qml.RY(self.start, k) for k in range(self.n_qubits)] if self.start else []
        for axes, angles, entangle in zip(
            self.axes, self._angles(theta), self.entangle, strict=True
        ):
            ops += [gate[int(axes[k])](angles[k], k) for k in range(self.n_qubits)]
            ops += [qml.CZ(pair) for pair in self.pairs] if entangle else []
        return ops

    def states(self, thetas: ArrayLike) -> Array:
        """Return the states, shape (n, 2**n_qubits), for angles of shape (n, n_parameters)."""
        angles = self._angles(np.atleast_2d(_checks.array(thetas, "thetas", ndim=2)))
        states = zero_states(len(angles), self.n_qubits)
        start = np.broadcast_to(rotation("Y", self.start), (1, 2, 2))
        for k in range(self.n_qubits):
            states = rotate(states, start, k)
        signs = cz_signs(self.n_qubits, self.pairs)
        for layer, axes in enumerate(self.axes):
            gates = rotations(axes, angles[:, layer])
            for k in range(self.n_qubits):
                states = rotate(states, gates[:, k], k)
            if self.entangle[layer]:
                states = states * signs
        return states


def rotations(axes: Array, angles: Array) -> Array:
    """Return rotation matrices, shape angles.shape + (2, 2), about axes coded 1, 2, 3."""
    half = angles[..., None, None] / 2
    return np.cos(half) * PAULIS[0] - 1j * np.sin(half) * PAULIS[axes]


def rotate(states: Array, gates: Array, k: int) -> Array:
    """Apply gates of shape (n, 2, 2) or (1, 2, 2) to qubit k."""
    tensor = states.reshape(len(states), 2**k, 2, -1)
    return (gates[:, None] @ tensor).reshape(len(states), -1)


def random_pauli(n_qubits: int, depth: int, *, rng: np.random.Generator) -> Ansatz:
    r"""Draw the random circuit in which barren plateaus were first seen.

    .. math:: \prod_{l=1}^{D}\Big(\mathrm{CZ}_{\text{chain}}
        \bigotimes_k R_{P_{lk}}(\theta_{lk})\Big)\, R_Y(\pi/4)^{\otimes q},
        \quad P_{lk} \sim \{X, Y, Z\}

    Parameters
    ----------
    n_qubits, depth : int
        At least 1.
    rng : numpy.random.Generator
        Draws the axes; the angles are parameters.

    Returns
    -------
    Ansatz

    Raises
    ------
    ValueError, TypeError
        If a number is not a positive integer or rng not a Generator.

    Notes
    -----
    Source: arXiv:1803.11173. Used in the chapter *Barren plateaus*.

    Examples
    --------
    >>> random_pauli(3, 5, rng=np.random.default_rng(0)).n_parameters
    15
    """
    shape = _shape(n_qubits, depth)
    axes = _checks.generator(rng).integers(1, 4, size=shape)
    return Ansatz(axes, np.ones(shape[0], dtype=bool), start=np.pi / 4)


def _shape(n_qubits: int, depth: int) -> tuple[int, int]:
    return _checks.integer(depth, "depth"), _checks.integer(n_qubits, "n_qubits")


def hardware_efficient(
    n_qubits: int, depth: int, *, rng: np.random.Generator | None = None
) -> Ansatz:
    r"""Build layers of RY and RZ on every qubit, then CZ between neighbours.

    .. math:: \prod_{l=1}^{D} \mathrm{CZ}_{\text{chain}}
        \bigotimes_k R_Z(\theta'_{lk}) R_Y(\theta_{lk})

    Parameters
    ----------
    n_qubits, depth : int
        At least 1.
    rng : numpy.random.Generator, optional
        Not used: the circuit has no random part; accepted so that ansätze are
        interchangeable.

    Returns
    -------
    Ansatz
        With 2 n_qubits depth angles.

    Raises
    ------
    ValueError, TypeError
        If a number is not a positive integer.

    Notes
    -----
    Source: arXiv:1704.05018. Used in the chapter *Barren plateaus*.

    Examples
    --------
    >>> hardware_efficient(3, 5).n_parameters
    30
    """
    depth, n_qubits = _shape(n_qubits, depth)
    axes = np.tile(np.array([[2], [3]]), (depth, n_qubits))
    return Ansatz(axes, np.tile([False, True], depth))


def identity_blocks(
    n_qubits: int, depth: int, *, n_blocks: int = 1, rng: np.random.Generator
) -> Ansatz:
    r"""Draw random blocks whose second half can undo the first.

    .. math:: \prod_b U_b^\dagger(\theta'_b)\, U_b(\theta_b), \quad
        \theta'_b = \theta_b \Rightarrow \text{each block is the identity}

    Parameters
    ----------
    n_qubits, depth : int
        ``depth`` layers in all, a multiple of ``2 * n_blocks``.
    n_blocks : int
        At least 1.
    rng : numpy.random.Generator
        Draws the axes.

    Returns
    -------
    Ansatz
        With ``mirror`` set to a block's length; :func:`mirrored` makes the angles.

    Raises
    ------
    ValueError, TypeError
        If the depth is no such multiple, or a number is not a positive integer.

    Notes
    -----
    Source: arXiv:1903.05076. The CZ gates at a block's centre cancel and are left out. Used
    in the chapter *Barren plateaus*.

    Examples
    --------
    >>> identity_blocks(2, 8, n_blocks=2, rng=np.random.default_rng(0)).mirror
    4
    """
    depth, n_qubits = _shape(n_qubits, depth)
    n_blocks = _checks.integer(n_blocks, "n_blocks")
    half, rest = divmod(depth, 2 * n_blocks)
    if rest:
        raise ValueError(f"depth must be a multiple of {2 * n_blocks}; got {depth}.")
    first = _checks.generator(rng).integers(1, 4, size=(n_blocks, half, n_qubits))
    axes = np.concatenate([first, first[:, ::-1]], axis=1).reshape(depth, n_qubits)
    entangle = np.tile([True] * (half - 1) + [False], 2 * n_blocks)
    return Ansatz(axes, entangle, start=np.pi / 4, mirror=2 * half)


def mirrored(ansatz: Ansatz, thetas: Array) -> Array:
    """Return angles whose second half of each block undoes the first, last layer first."""
    if not ansatz.mirror:
        raise ValueError("ansatz must have blocks, as identity_blocks makes; got one without.")
    blocks = thetas.reshape(len(thetas), -1, ansatz.mirror, ansatz.n_qubits).copy()
    half = ansatz.mirror // 2
    blocks[:, :, half:] = -blocks[:, :, half - 1 :: -1][:, :, :half]
    return blocks.reshape(thetas.shape)
