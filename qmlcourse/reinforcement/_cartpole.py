"""The cart with a pole, many at once. Public through reinforcement."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array

_GRAVITY, _CART, _POLE, _HALF, _FORCE, _DT = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02
_X, _ANGLE = 2.4, 12 * 2 * np.pi / 360
# A position, a speed, an angle and its speed that count as large: what policies divide by.
SCALE = np.array([2.4, 2.5, 0.21, 2.5])


def cartpole_start(shape: int | Sequence[int], *, rng: np.random.Generator) -> Array:
    r"""Draw states in which an episode begins: each entry uniform between -0.05 and 0.05.

    Parameters
    ----------
    shape : int or sequence of int
        How many states, in any number of axes.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float64, shape (*shape, 4)
        Position of the cart in metres, its speed in metres a second, angle of the pole in radians,
        and its speed in radians a second.

    Raises
    ------
    ValueError, TypeError
        If an entry of ``shape`` is below 1, or ``rng`` is no Generator.

    Notes
    -----
    As in Gymnasium's ``CartPole-v1``. Used in the chapter *Reinforcement learning*,
    ``applications/reinforcement_learning``.

    Examples
    --------
    >>> bool((abs(cartpole_start(3, rng=np.random.default_rng(0))) <= 0.05).all())
    True
    """
    axes = shape if isinstance(shape, Sequence) else (shape,)
    sizes = [_checks.integer(n, "shape") for n in axes]
    rng = _checks.generator(rng)
    _checks.memory(64 * int(np.prod(sizes, dtype=object)), f"shape={_checks.shown(shape)}")
    return rng.uniform(-0.05, 0.05, (*sizes, 4))


def cartpole_step(states: ArrayLike, actions: ArrayLike) -> tuple[Array, Array]:
    r"""Push carts for 0.02 seconds, and tell which poles are lost.

    With force F of 10 newton, cart and pole of mass 1 and 0.1 kg, half a pole l of 0.5 m,
    one Euler step of

    .. math::
        \ddot\vartheta = \frac{g\sin\vartheta - \cos\vartheta\,u}
            {l\,(4/3 - m\cos^2\vartheta / M)}, \qquad
        \ddot x = u - \frac{m l}{M}\,\ddot\vartheta\cos\vartheta, \qquad
        u = \frac{F + m l\,\dot\vartheta^2\sin\vartheta}{M}

    Parameters
    ----------
    states : array_like, shape (..., 4)
        As :func:`cartpole_start` gives them.
    actions : array_like of int or bool, shape (...,)
        1 pushes to the right, 0 to the left.

    Returns
    -------
    ndarray of float64, shape (..., 4); ndarray of bool, shape (...,)
        The next states, and whether the episode is over there: the cart is further than 2.4 m from
        the middle, or the pole further than 12 degrees from upright. That step still counts.

    Raises
    ------
    ValueError, TypeError
        If a state has not 4 finite entries, or the actions are not one of 0 and 1 for each state.

    Notes
    -----
    The equations are those of Gymnasium's ``CartPole-v1`` with its default integrator, in double
    precision throughout; Gymnasium rounds what it shows to single precision. Source: Barto, Sutton
    and Anderson 1983, doi 10.1109/TSMC.1983.6313077. Used in the chapter *Reinforcement learning*,
    ``applications/reinforcement_learning``.

    Examples
    --------
    Pushed to the right, the cart gains speed and the pole tips to the left.

    >>> after, lost = cartpole_step([0.0, 0.0, 0.0, 0.0], 1)
    >>> after.round(4), bool(lost)
    (array([ 0.    ,  0.1951,  0.    , -0.2927]), False)
    """
    s = _checks.array(states, "states", ndim=None)
    if s.ndim == 0 or s.shape[-1] != 4:
        raise ValueError(f"states must have the shape (..., 4); got {s.shape}.")
    given = _checks.array(actions, "actions", ndim=None)
    if given.shape != s.shape[:-1]:
        raise ValueError(
            f"actions must have the shape {s.shape[:-1]}, one for each state; got {given.shape}."
        )
    if not ((given == 0) | (given == 1)).all():
        bad = given[(given != 0) & (given != 1)].flat[0]
        raise ValueError(f"actions must be 0 or 1; got {bad:g}.")
    return step(s, given)


def step(states: Array, actions: Array) -> tuple[Array, Array]:
    """Return the same, of arguments that are known to be right."""
    _x, speed, angle, turning = np.moveaxis(states, -1, 0)
    total, moment = _CART + _POLE, _POLE * _HALF
    sin, cos = _sin_cos(angle)
    push = (_FORCE * (2.0 * actions - 1) + moment * turning**2 * sin) / total
    bend = (_GRAVITY * sin - cos * push) / (_HALF * (4 / 3 - _POLE * cos**2 / total))
    gain = push - moment * bend * cos / total
    after = states.copy()
    for i, rate in enumerate((speed, gain, turning, bend)):
        after[..., i] += _DT * rate
    lost = (np.abs(after[..., 0]) > _X) | (np.abs(after[..., 2]) > _ANGLE)
    return after, lost


def _sin_cos(x: Array) -> tuple[Array, Array]:
    """Return sine and cosine; of small angles by products, which all processors round alike.

    Libraries differ in the last bit, and in 200 steps a pole makes that ten million times larger.
    """
    y = x * x
    sin, cos = np.ones_like(y), np.ones_like(y)
    for k in range(14, 0, -2):
        sin = 1 - y / (k * (k + 1)) * sin
        cos = 1 - y / (k * (k - 1)) * cos
    small = y < 0.0625
    if small.all():  # as long as the poles stand
        return x * sin, cos
    return np.where(small, x * sin, np.sin(x)), np.where(small, cos, np.cos(x))
