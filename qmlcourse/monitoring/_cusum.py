"""Cumulative sums of what lies above and below a baseline, for many streams at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array


class Cusum(NamedTuple):
    """The two paths of a two-sided CUSUM, in standard deviations of the baseline.

    Attributes
    ----------
    upper, lower : numpy.ndarray, shape (..., n_steps)
        Sums that grow while the values lie above, or below, the baseline. None is negative.
    """

    upper: Array
    lower: Array


def cusum(
    values: ArrayLike, *, mean: ArrayLike = 0.0, std: ArrayLike = 1.0, slack: float = 0.5
) -> Cusum:
    r"""Return the paths of a two-sided CUSUM of standardised values.

    With :math:`z_t = (x_t - \mu) / \sigma`, a start at zero and the slack k,

    .. math::
        C^+_t = \max(0,\; C^+_{t-1} + z_t - k), \qquad
        C^-_t = \max(0,\; C^-_{t-1} - z_t - k).

    An alarm is the first :math:`C^\pm_t > h`: see :func:`first_alarm` for it, and
    :func:`~qmlcourse.monitoring.alarm_threshold` for h. A slack of half the shift that one wants
    to see, in standard deviations, sees it fastest (Page 1954, doi 10.1093/biomet/41.1-2.100).

    Parameters
    ----------
    values : array_like, shape (..., n_steps)
        What was measured, in order; each row is a stream of its own.
    mean, std : array_like, shape () or (...)
        Of the baseline; one each, or one a stream. ``std`` is above 0.
    slack : float
        k, in standard deviations, at least 0.

    Returns
    -------
    Cusum
        ``upper`` and ``lower``, each of the shape of ``values``.

    Raises
    ------
    TypeError, ValueError
        For values that are empty or not finite, and for what has no such shape or range.

    Notes
    -----
    The chapter ``book/practice/operations`` watches reference entries of a kernel with it.

    Examples
    --------
    >>> paths = cusum([0.0, 2.0, 2.0, -1.0], slack=0.5)
    >>> paths.upper.tolist(), paths.lower.tolist()
    ([0.0, 1.5, 3.0, 1.5], [0.0, 0.0, 0.0, 0.5])
    """
    x = _checks.array(values, "values", ndim=None)
    if x.ndim == 0 or x.size == 0:
        raise ValueError(f"values must have at least one step; got shape {x.shape}.")
    k = _slack(slack)
    centre, scale = (_each(v, name, x.shape[:-1]) for v, name in ((mean, "mean"), (std, "std")))
    if (scale <= 0).any():
        raise ValueError(f"std must be above 0; got {_checks.shown(float(scale.min()))}.")
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        z = (x - centre[..., None]) / scale[..., None]
    if not np.isfinite(z).all():
        raise ValueError("values must be finite in units of std; got some that are not.")
    upper, lower = np.empty_like(z), np.empty_like(z)
    up = down = np.zeros(x.shape[:-1])
    for t in range(z.shape[-1]):
        up = upper[..., t] = np.maximum(0.0, up + z[..., t] - k)
        down = lower[..., t] = np.maximum(0.0, down - z[..., t] - k)
    return Cusum(upper, lower)


def first_alarm(paths: Cusum | ArrayLike, threshold: float) -> Array:
    """Return the first step at which a path is above the threshold; −1 where none is.

    Parameters
    ----------
    paths : Cusum or array_like, shape (..., n_steps)
        Of :func:`cusum`, of which either side may raise the alarm, or any statistic.
    threshold : float
        In the units of the path.

    Returns
    -------
    numpy.ndarray of int, shape (...)
        The step, counted from 0, or −1.

    Notes
    -----
    The chapter is ``book/practice/operations``.

    Examples
    --------
    >>> first_alarm([[0.0, 2.0, 5.0], [0.0, 1.0, 0.0]], threshold=1.5).tolist()
    [1, -1]
    """
    if isinstance(paths, Cusum):
        sides = [_checks.array(side, "paths", ndim=None) for side in paths]
        if sides[0].shape != sides[1].shape:
            raise ValueError(f"paths must be of one shape; got {sides[0].shape}, {sides[1].shape}.")
        path = np.maximum(*sides)
    else:
        path = _checks.array(paths, "paths", ndim=None)
    if path.ndim == 0 or path.size == 0:
        raise ValueError(f"paths must have at least one step; got shape {path.shape}.")
    above = path > _checks.real(threshold, "threshold")
    return np.where(above.any(axis=-1), above.argmax(axis=-1), -1)


def _slack(slack: object) -> float:
    """Return a slack of at least 0."""
    k = _checks.real(slack, "slack")
    if k < 0:
        raise ValueError(f"slack must be at least 0; got {_checks.shown(slack)}.")
    return k


def _each(value: ArrayLike, name: str, shape: tuple[int, ...]) -> Array:
    """Return one number a stream."""
    given = _checks.array(value, name, ndim=None)
    if given.shape not in ((), shape):
        raise ValueError(f"{name} must be one number, or have shape {shape}; got {given.shape}.")
    return np.broadcast_to(given, shape)
