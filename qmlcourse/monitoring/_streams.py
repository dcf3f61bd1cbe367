"""Detectors that need no baseline: river's ADWIN and Page-Hinkley test, asked in one way."""

from typing import Any

from numpy.typing import ArrayLike

from .. import _checks, _extras


def adwin(values: ArrayLike, *, delta: float = 0.002, clock: int = 32) -> list[int]:
    r"""Return the steps at which ADWIN, of river, sees a change of the mean.

    It keeps a window, and drops its older part whenever two parts of it differ by more than a bound
    that depends on ``delta`` (Bifet and Gavaldà 2007, doi 10.1137/1.9781611972771.42). The bound
    is made for values in [0, 1], so what is measured has to be brought to that scale.

    Parameters
    ----------
    values : array_like, shape (n_steps,)
        In order.
    delta : float
        Its confidence, between 0 and 1: an upper bound on the false alarms of one test, not of a
        horizon.
    clock : int
        It looks at every so many values only.

    Returns
    -------
    list of int
        Steps, counted from 0; it begins anew after each.

    Raises
    ------
    ModuleNotFoundError
        Without river, of the extra ``drift``.

    Notes
    -----
    The chapter is ``book/practice/operations``.

    Examples
    --------
    >>> adwin([0.0] * 100 + [1.0] * 100, clock=1)
    [115]
    """
    options = {
        "delta": _checks.real(delta, "delta", above=0, below=1),
        "clock": _checks.integer(clock, "clock"),
    }
    return _alarms("adwin", "ADWIN", values, options)


def page_hinkley(
    values: ArrayLike,
    *,
    delta: float = 0.005,
    threshold: float = 50.0,
    alpha: float = 1.0,
    min_instances: int = 30,
) -> list[int]:
    r"""Return the steps at which the two-sided Page-Hinkley test, of river, alarms.

    It is a CUSUM about the running mean: with :math:`d_t = x_t - \bar x_t`, the upper side is that
    of :func:`~qmlcourse.monitoring.cusum` for d with the slack ``delta``. No baseline is needed,
    but after a change the mean runs after the values.

    Parameters
    ----------
    values : array_like, shape (n_steps,)
        In order, in the units of ``delta`` and ``threshold``.
    delta : float
        The slack, at least 0.
    threshold : float
        Above 0.
    alpha : float
        Forgetting factor of the sums, above 0 and at most 1. At 1, our default, nothing is
        forgotten; river's is 0.9999.
    min_instances : int
        No alarm before so many values.

    Returns
    -------
    list of int
        Steps, counted from 0; it begins anew after each.

    Raises
    ------
    ModuleNotFoundError
        Without river, of the extra ``drift``.

    Notes
    -----
    The chapter is ``book/practice/operations``.

    Examples
    --------
    >>> page_hinkley([0.0] * 40 + [1.0] * 40, threshold=5.0)
    [45]
    """
    options = {
        "delta": _checks.real(delta, "delta"),
        "threshold": _checks.real(threshold, "threshold", above=0),
        "alpha": _checks.real(alpha, "alpha", above=0),
        "min_instances": _checks.integer(min_instances, "min_instances"),
    }
    for name, wrong, allowed in (
        ("delta", options["delta"] < 0, "at least 0"),
        ("alpha", options["alpha"] > 1, "above 0 and at most 1"),
    ):
        if wrong:
            raise ValueError(f"{name} must be {allowed}; got {options[name]:g}.")
    return _alarms("page_hinkley", "PageHinkley", values, options)


def _alarms(what: str, detector: str, values: ArrayLike, options: dict[str, Any]) -> list[int]:
    given = _checks.array(values, "values", ndim=1)
    _extras.needs(what, "river.drift", extra="drift")
    from river import drift

    watch = getattr(drift, detector)(**options)
    found = []
    for t, x in enumerate(given.tolist()):
        watch.update(x)
        if watch.drift_detected:
            found.append(t)
    return found
