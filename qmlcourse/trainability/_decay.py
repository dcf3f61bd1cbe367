"""How the variance falls with the number of qubits. Public through trainability."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats


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


def fit_decay(scan: pd.DataFrame) -> Decay:
    r"""Fit an exponential decay of the variance with the number of qubits.

    .. math:: \log_2 \mathrm{Var} = a + b\,q,

    by least squares weighted with the bootstrap intervals, at one depth and one cost.

    Parameters
    ----------
    scan : DataFrame
        Columns ``n_qubits, value, low, high``, as :func:`variance_scan` makes; at least 3
        different numbers of qubits and every low above 0.

    Returns
    -------
    Decay
        ``slope`` b with a 95% interval (Student's t with n − 2 degrees of freedom, from the
        scatter about the line), and ``intercept`` a.

    Raises
    ------
    ValueError
        If a column is missing, there are fewer than 3 sizes, or a variance is not positive.

    Notes
    -----
    Used in the chapter *Barren plateaus*.

    Examples
    --------
    >>> exact = pd.DataFrame({"n_qubits": [2, 4, 6], "value": [2.0**-4, 2.0**-8, 2.0**-12]})
    >>> exact["low"], exact["high"] = exact.value / 2, exact.value * 2
    >>> round(fit_decay(exact).slope, 9)
    -2.0
    """
    missing = {"n_qubits", "value", "low", "high"} - set(scan.columns)
    if missing:
        raise ValueError(f"scan must have the columns {sorted(missing)}; it lacks them.")
    if scan["n_qubits"].nunique() < 3:
        raise ValueError(f"scan must hold 3 sizes or more; got {scan['n_qubits'].nunique()}.")
    if not (scan[["value", "low", "high"]] > 0).all(axis=None):
        raise ValueError("scan must hold positive variances only; got one that is not.")
    q = scan["n_qubits"].to_numpy(float)
    y = np.log2(scan["value"].to_numpy(float))
    width = np.log2(scan["high"].to_numpy(float)) - np.log2(scan["low"].to_numpy(float))
    weight = 1 / np.maximum(width, 1e-9) ** 2
    weight = weight / weight.sum()
    centre = weight @ q
    spread = weight @ (q - centre) ** 2
    slope = weight @ ((q - centre) * y) / spread
    intercept = weight @ y - slope * centre
    residual = y - intercept - slope * q
    error = np.sqrt((weight @ residual**2) / (spread * (len(q) - 2)))
    reach = stats.t.ppf(0.975, len(q) - 2) * error
    return Decay(float(slope), float(slope - reach), float(slope + reach), float(intercept))
