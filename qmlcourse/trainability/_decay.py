"""How the variance falls with the number of qubits. Public through trainability."""

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple, overload

import numpy as np
import pandas as pd
from scipy import stats

from .. import _checks

MEASURED = ("n_qubits", "value", "low", "high", "samples")  # what rows of one group differ in


class Decay(NamedTuple):
    """A fitted exponential decay of the variance.

    Attributes
    ----------
    slope : float
        Change of log2(variance) per added qubit.
    low : float
        Lower end of its 95% interval.
    high : float
        Upper end of it.
    intercept : float
        log2(variance) extrapolated to 0 qubits.
    """

    slope: float
    low: float
    high: float
    intercept: float


@overload
def fit_decay(scan: pd.DataFrame, *, by: None = None) -> Decay: ...
@overload
def fit_decay(scan: pd.DataFrame, *, by: str | Sequence[str]) -> pd.DataFrame: ...
def fit_decay(scan: pd.DataFrame, *, by: str | Sequence[str] | None = None) -> Decay | pd.DataFrame:
    r"""Fit an exponential decay of the variance with the number of qubits.

    .. math:: \log_2 \mathrm{Var} = a + b\,q,

    by least squares weighted with the intervals, at one depth and one cost, or in each group.

    Parameters
    ----------
    scan : DataFrame
        Columns ``n_qubits, value, low, high``, as :func:`variance_scan` makes; at least 3
        different numbers of qubits and every low above 0. A row whose high is infinite has no
        weight. Rows of one size are repetitions, equal in every column but ``samples`` and these;
        the depth may grow with the qubits.
    by : str or list of str, optional
        Columns that tell groups apart, such as ``"cost"`` or ``["cost", "depth"]``.

    Returns
    -------
    Decay or DataFrame
        ``slope`` b with a 95% interval (Student's t with n − 2 degrees of freedom, from the
        scatter about the line), and ``intercept`` a. With ``by``, a row a group, sorted: the
        columns of ``by``, then ``slope, low, high, intercept``.

    Raises
    ------
    ValueError, TypeError
        If a column is missing, there are fewer than 3 sizes, a variance is not positive or not
        in its interval, or the rows belong to several groups and ``by`` does not say so.

    Notes
    -----
    Used in the chapter *Barren plateaus*.

    Examples
    --------
    >>> exact = pd.DataFrame({"n_qubits": [2, 4, 6], "value": [2.0**-4, 2.0**-8, 2.0**-12]})
    >>> exact["low"], exact["high"] = exact.value / 2, exact.value * 2
    >>> round(fit_decay(exact).slope, 9)
    -2.0
    >>> slower = exact.assign(cost="zz", n_qubits=[4, 8, 12])
    >>> both = pd.concat([exact.assign(cost="global"), slower])
    >>> fit_decay(both, by="cost")[["cost", "slope"]].round(9).to_records(index=False).tolist()
    [('global', -2.0), ('zz', -1.0)]
    """
    if not isinstance(scan, pd.DataFrame):
        raise TypeError(f"scan must be a pandas DataFrame; got {type(scan).__name__}.")
    missing = [name for name in MEASURED[:4] if name not in scan.columns]
    if missing:
        raise ValueError(f"scan must have the columns {missing}; it lacks them.")
    if by is None:
        return _line(scan, "scan")
    allowed = [name for name in scan.columns if name not in (*MEASURED, *Decay._fields)]
    names = [by] if isinstance(by, str) or not isinstance(by, Iterable) else list(by)
    known = [name for name in names if isinstance(name, Hashable) and name in allowed]
    if not names or known != names or len(set(names)) < len(names):
        raise ValueError(f"by must name different columns out of {allowed}; got {by!r}.")
    rows = []
    for key, part in scan.groupby(names, dropna=False, observed=True):
        group = dict(zip(names, key, strict=True))
        said = ", ".join(f"{name}={value}" for name, value in group.items())
        rows.append(group | _line(part.drop(columns=names), f"scan with {said}")._asdict())
    if not rows:
        raise ValueError("scan must not be empty.")
    return pd.DataFrame(rows)


def _line(scan: pd.DataFrame, name: str) -> Decay:
    """Fit the line of one group."""
    _one_group(scan, name)
    q, value, low = (
        _checks.array(scan[c], f"{c} of {name}", ndim=1) for c in ("n_qubits", "value", "low")
    )
    high = _checks.upper_ends(scan["high"], f"high of {name}")
    if not ((low > 0) & (low <= value) & (value <= high)).all():
        raise ValueError(f"{name} must hold positive variances inside their intervals only.")
    bounded = np.isfinite(high)
    q, value, low, high = q[bounded], value[bounded], low[bounded], high[bounded]
    if len(np.unique(q)) < 3:
        raise ValueError(f"{name} must hold 3 sizes or more; got {len(np.unique(q))}.")
    y = np.log2(value)
    weight = 1 / np.maximum(np.log2(high) - np.log2(low), 1e-9) ** 2
    weight = weight / weight.sum()
    centre = weight @ q
    spread = weight @ (q - centre) ** 2
    slope = weight @ ((q - centre) * y) / spread
    intercept = weight @ y - slope * centre
    residual = y - intercept - slope * q
    error = np.sqrt((weight @ residual**2) / (spread * (len(q) - 2)))
    reach = stats.t.ppf(0.975, len(q) - 2) * error
    return Decay(float(slope), float(slope - reach), float(slope + reach), float(intercept))


def _one_group(scan: pd.DataFrame, name: str) -> None:
    """Raise if rows differ in what is not measured: one line through all would mean nothing."""
    for column in scan.columns.difference(MEASURED, sort=False):
        # A depth may be one for each size; a cost is one for all.
        whole = column in ("cost", "ansatz", "init")
        parts = [scan] if whole else [part for _, part in scan.groupby("n_qubits")]
        for part in parts:
            values = part[column].unique()
            if len(values) > 1:
                shown = ", ".join(map(str, values[:3]))
                raise ValueError(
                    f"{name} must hold one {column}; got {shown}: choose one, or pass "
                    f"by={column!r} for one fit a group."
                )
