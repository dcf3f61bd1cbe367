"""Layered circuits: their axes, angles, operators and states. Public through ansatz."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ..simulator import PAULIS, cz_signs, rotation, zero_states

if TYPE_CHECKING:
    from pennylane.operation import Operator


@dataclass(frozen=True, eq=False)
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

    Raises
    ------
    ValueError, TypeError
        If an attribute is not as above.

    Notes
    -----
    Used in the chapter *Barren plateaus*.
    """

    axes: Array
    entangle: Array
    start: float = 0.0
    mirror: int = field(default=0)

    def __post_init__(self) -> None:
        """Check and keep copies: a maker may reuse its arrays for the next circuit."""
        axes = _checks.array(self.axes, "axes", ndim=2)
        if not np.isin(axes, [1, 2, 3]).all():
            raise ValueError("axes must be 1, 2 or 3, for X, Y and Z; got another number.")
        entangle = np.array(self.entangle)
        if entangle.dtype != bool or entangle.shape != axes.shape[:1]:
            raise ValueError(
                f"entangle must be {len(axes)} of True or False, one a layer; got "
                f"shape {entangle.shape} of {entangle.dtype}."
            )
        mirror = _checks.integer(self.mirror, "mirror", low=0)
        if mirror % 2 or (mirror and len(axes) % mirror):
            raise ValueError(f"mirror must be even and divide {len(axes)} layers; got {mirror}.")
        kept = {"axes": axes.astype(int), "entangle": entangle, "mirror": mirror}
        for name, value in {**kept, "start": _checks.real(self.start, "start")}.items():
            object.__setattr__(self, name, value)
        self.axes.flags.writeable = self.entangle.flags.writeable = False

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

    def ops(self, theta: Any) -> "list[Operator]":
        """Return the circuit as PennyLane operators.

        Parameters
        ----------
        theta : array, shape (n_parameters,) or (n, n_parameters)
            Angles in radians, of NumPy or any framework that PennyLane differentiates: they
            reach the gates as they are. Rows are a batch, which PennyLane broadcasts.

        Notes
        -----
        Called inside a QNode, this applies them: PennyLane queues an operator when it is made.

        Examples
        --------
        >>> import pennylane as qml
        >>> circuit = Ansatz([[1]], [False])  # RX
        >>> @qml.qnode(qml.device("default.qubit"))
        ... def cost(theta):
        ...     circuit.ops(theta)
        ...     return qml.expval(qml.Z(0))
        >>> qml.grad(cost)(qml.numpy.array([np.pi / 2], requires_grad=True)).round(12)
        array([-1.])
        """
        import pennylane as qml

        if isinstance(theta, (list, tuple)):
            theta = qml.math.stack(theta) if theta else np.empty(0)
        shape = qml.math.shape(theta)
        if len(shape) not in (1, 2) or shape[-1] != self.n_parameters or 0 in shape:
            raise ValueError(f"theta must hold {self.n_parameters} angles; got shape {shape}.")
        if isinstance(theta, np.ndarray) and theta.dtype != object:
            _checks.array(theta, "theta", ndim=len(shape))
        gate = {1: qml.RX, 2: qml.RY, 3: qml.RZ}
        angles = (theta[..., i] for i in range(self.n_parameters))
        ops = [qml.RY(self.start, k) for k in range(self.n_qubits)] if self.start else []
        for axes, entangle in zip(self.axes, self.entangle, strict=True):
            ops += [gate[int(axis)](next(angles), k) for k, axis in enumerate(axes)]
            ops += [qml.CZ(pair) for pair in self.pairs] if entangle else []
        return ops

    def states(self, thetas: ArrayLike) -> Array:
        """Return the states, shape (n, 2**n_qubits), for angles of shape (n, n_parameters)."""
        angles = _checks.array(thetas, "thetas", ndim=2)
        if angles.shape[1] != self.n_parameters:
            raise ValueError(
                f"theta must hold {self.n_parameters} angles; got shape {angles.shape}."
            )
        angles = angles.reshape(-1, *self.axes.shape)
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


def checked(ansatz: object, name: str) -> Ansatz:
    """Return a circuit if its fields say all of it, which those who read them rely on."""
    if not isinstance(ansatz, Ansatz):
        raise TypeError(f"{name} must be an Ansatz; got {type(ansatz).__name__}.")
    kind = type(ansatz)
    if kind.ops is not Ansatz.ops or kind.states is not Ansatz.states:
        raise TypeError(
            f"{name} must be built of its fields; {kind.__name__} has gates of its own."
        )
    return ansatz


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
    shape = _checks.integer(depth, "depth"), _checks.integer(n_qubits, "n_qubits")
    _checks.memory(16 * shape[0] * shape[1], "an ansatz of that depth and number of qubits")
    return shape


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
    thetas = _checks.array(thetas, "thetas", ndim=2)
    if thetas.shape[1] != ansatz.n_parameters:
        raise ValueError(
            f"thetas must hold {ansatz.n_parameters} angles; got shape {thetas.shape}."
        )
    blocks = thetas.reshape(len(thetas), -1, ansatz.mirror, ansatz.n_qubits).copy()
    half = ansatz.mirror // 2
    blocks[:, :, half:] = -blocks[:, :, half - 1 :: -1][:, :, :half]
    return blocks.reshape(thetas.shape)
