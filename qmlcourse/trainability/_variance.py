"""The variance of the gradient over random circuits. Public through trainability."""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from itertools import product
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd

from .. import _checks, _parallel
from .._progress import progress
from .._typing import Array
from ..ansatz._circuits import (
    Ansatz,
    checked,
    hardware_efficient,
    identity_blocks,
    mirrored,
    random_pauli,
)
from ._derivatives import COSTS, first_derivatives, working_memory
from ._interval import skip_resamples, variance_interval

T = TypeVar("T")
AnsatzMaker = Callable[..., Ansatz]
_ANSAETZE: dict[str, AnsatzMaker] = {
    "random_pauli": random_pauli,
    "hardware_efficient": hardware_efficient,
    "identity_blocks": identity_blocks,
}
INITS = ("uniform", "gaussian", "identity")


class Variance(NamedTuple):
    """A gradient variance with its interval.

    Attributes
    ----------
    value : float
        The sample variance.
    low : float
        Lower end of its 95% interval, as :func:`variance_interval` makes.
    high : float
        Upper end of it.
    samples : int
        Number of random circuits.
    """

    value: float
    low: float
    high: float
    samples: int


def gradient_variance(
    n_qubits: int,
    depth: int,
    *,
    cost: str = "global",
    ansatz: str | AnsatzMaker = random_pauli,
    init: str = "uniform",
    n_samples: int = 200,
    rng: np.random.Generator,
) -> Variance:
    r"""Estimate the variance of the first derivative over random circuits and angles.

    .. math:: \mathrm{Var}[\partial_1 C] = \frac{1}{n-1}\sum_i (g_i - \bar g)^2, \quad
        C = \langle\psi(\theta)|O|\psi(\theta)\rangle

    Parameters
    ----------
    n_qubits, depth : int
        Size of the ansatz.
    cost : {"global", "local", "zz"}
        The observable O: :math:`|0\ldots0\rangle\langle0\ldots0|`; the mean of the one-qubit
        projectors :math:`|0\rangle\langle0|_k`; or :math:`Z_0 Z_1`.
    ansatz : callable or {"random_pauli", "hardware_efficient", "identity_blocks"}
        ``ansatz(n_qubits, depth, rng=rng)`` makes one circuit of ``n_qubits``; its layers, axes,
        CZ gates and start may differ from circuit to circuit.
    init : {"uniform", "gaussian", "identity"}
        Angles uniform in :math:`[0, 2\pi)`; normal with variance 1/depth; or uniform with
        each block's second half undoing its first (for ``identity_blocks``, or circuits with
        such a ``mirror``).
    n_samples : int
        Random circuits, at least 2.
    rng : numpy.random.Generator

    Returns
    -------
    Variance
        ``value``, ``low``, ``high`` (a 95% interval; :func:`variance_interval` says how often
        it covers) and ``samples``.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above, or the states don't fit into memory.

    Notes
    -----
    Source: arXiv:1803.11173, arXiv:2001.00550; the normal initialisation: arXiv:2203.09376. Used in
    the chapter *Barren plateaus*.

    Examples
    --------
    >>> v = gradient_variance(2, 1, n_samples=50, rng=np.random.default_rng(0))
    >>> v.low < v.value < v.high, v.samples
    (True, 50)
    """
    make = _check_setting(n_qubits, depth, cost, ansatz, init, n_samples)
    rng = _checks.generator(rng)
    return _measured(*_drawn(n_qubits, depth, make, init, n_samples, rng), cost, rng)


def _drawn(
    n_qubits: int,
    depth: int,
    make: AnsatzMaker,
    init: str,
    n_samples: int,
    rng: np.random.Generator,
) -> tuple[list[Ansatz], list[Array]]:
    """Return random circuits and their angles."""
    ansaetze = [make(n_qubits, depth, rng=rng) for _ in range(n_samples)]
    for circuit in ansaetze:
        if checked(circuit, "ansatz(...)").n_qubits != n_qubits:
            raise ValueError(
                f"ansatz must make circuits of {n_qubits} qubits; got one of {circuit.n_qubits}."
            )
    if init == "gaussian":
        thetas = [rng.normal(0, depth**-0.5, a.n_parameters) for a in ansaetze]
    else:
        thetas = [rng.uniform(0, 2 * np.pi, a.n_parameters) for a in ansaetze]
    if init == "identity":
        thetas = [mirrored(a, t[None])[0] for a, t in zip(ansaetze, thetas, strict=True)]
    return ansaetze, thetas


def _measured(
    ansaetze: list[Ansatz], thetas: list[Array], cost: str, rng: np.random.Generator
) -> Variance:
    """Return the variance of the circuits' first derivatives; rng draws the resamples."""
    gradients = first_derivatives(ansaetze, thetas, cost)
    low, high = variance_interval(gradients, rng=rng)
    return Variance(float(gradients.var(ddof=1)), low, high, len(ansaetze))


def _check_setting(
    n_qubits: int,
    depth: int,
    cost: str,
    ansatz: str | AnsatzMaker,
    init: str,
    n_samples: int,
) -> AnsatzMaker:
    _checks.choice(cost, "cost", COSTS)
    _checks.choice(init, "init", INITS)
    make = ansatz if callable(ansatz) else _ANSAETZE[_checks.choice(ansatz, "ansatz", _ANSAETZE)]
    of = "ansatz(n_qubits, depth, rng=rng)"
    _checks.accepts(make, "ansatz", of, n_qubits, depth, rng=None)
    if init == "identity" and make in (random_pauli, hardware_efficient):
        raise ValueError("init='identity' needs ansatz=identity_blocks; got another ansatz.")
    n_qubits = _checks.integer(n_qubits, "n_qubits", low=2 if cost == "zz" else 1)
    depth = _checks.integer(depth, "depth")
    n_samples = _checks.integer(n_samples, "n_samples", low=2)
    if make is identity_blocks and depth % 2:
        raise ValueError(f"depth must be a multiple of 2; got {depth}.")
    _checks.memory(working_memory(n_qubits, n_samples), f"circuits of {n_qubits} qubits")
    # Each angle has an axis, and both are numbers of 8 bytes.
    _checks.memory(16 * n_samples * depth * n_qubits, "the angles of that many circuits")
    return make


def variance_scan(
    n_qubits: Iterable[int],
    depths: Iterable[int],
    *,
    costs: Iterable[str] = ("global",),
    ansatz: str | AnsatzMaker = random_pauli,
    init: str = "uniform",
    n_samples: int = 200,
    rng: np.random.Generator,
    n_jobs: int | None = None,
    verbose: bool = True,
) -> pd.DataFrame:
    """Estimate the gradient variance for every combination of cost, qubits and depth.

    Parameters
    ----------
    n_qubits, depths : iterable of int
    costs : iterable of str
    ansatz, init, n_samples, rng
        As in :func:`gradient_variance`.
    n_jobs : int, optional
        Combinations computed side by side by joblib, so ``joblib.parallel_config("dask")`` sends
        them to a cluster. All circuits are drawn here, so the numbers are those of one process.
        What a worker had that was killed is computed again.
    verbose : bool
        Say on a terminal how far it got and the time left.

    Returns
    -------
    DataFrame
        Columns ``cost, n_qubits, depth, value, low, high, samples``, a row a combination.

    Raises
    ------
    ValueError, TypeError
        If any combination is not allowed; before the first is computed.

    Notes
    -----
    Source: arXiv:1803.11173. Used in the chapter *Barren plateaus*.

    Examples
    --------
    >>> scan = variance_scan([2, 3], [1], n_samples=20, rng=np.random.default_rng(0))
    >>> scan[["cost", "n_qubits", "depth"]].to_records(index=False).tolist()
    [('global', 2, 1), ('global', 3, 1)]
    """
    # Lists first: an iterator gives its values once.
    cells = list(
        product(
            _several(costs, "costs"), _several(n_qubits, "n_qubits"), _several(depths, "depths")
        )
    )
    makers = [_check_setting(q, depth, cost, ansatz, init, n_samples) for cost, q, depth in cells]
    rng = _checks.generator(rng)

    def tasks() -> Iterator[tuple[list[Ansatz], list[Array], str, np.random.Generator]]:
        for make, (cost, q, depth) in zip(makers, cells, strict=True):
            circuits = _drawn(q, depth, make, init, n_samples, rng)
            yield *circuits, cost, deepcopy(rng)
            # What the resamples draw, elsewhere, comes before the next circuits.
            skip_resamples(n_samples, rng=rng)

    rows: list[dict[str, object]] = [{} for _ in cells]
    with progress(len(cells), "settings", show=None if verbose else False) as display:
        if _parallel.wanted(n_jobs) and len(cells) > 1:
            found = _parallel.side_by_side(_measured, tasks(), n_jobs)
        else:
            found = enumerate(_measured(*task) for task in tasks())
        for place, variance in found:
            cost, q, depth = cells[place]
            rows[place] = {"cost": cost, "n_qubits": q, "depth": depth, **variance._asdict()}
            display.update()
    return pd.DataFrame(rows)


def _several(values: Iterable[T], name: str) -> list[T]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a list of values; got {values!r}.")
    listed = list(values)
    if not listed:
        raise ValueError(f"{name} must not be empty.")
    return listed
