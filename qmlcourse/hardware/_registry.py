"""Backends by name."""

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .. import _checks
from . import _google, _ibm_fakes
from ._backend import Backend
from ._ibm import IBMDevice
from ._ionq import IonQDevice
from ._recorded import Recorded
from ._simulators import Exact, Shots

if TYPE_CHECKING:
    import pandas as pd

_DEVICES = {"ibm": "ibm_fez", "ionq": "qpu.forte-1"}  # an example of each, to ask what is missing


def backends() -> "pd.DataFrame":
    """List the backends, and what keeps those from being used here that can't be.

    Returns
    -------
    pandas.DataFrame
        Columns ``name``, ``kind``, ``provider``, ``usable`` and ``missing``, a sentence or "".
        Nothing is contacted. A name in angle brackets stands for many.

    Notes
    -----
    Used in the chapter *Hardware project*.

    Examples
    --------
    >>> table = backends().set_index("name")
    >>> table.loc["google/weber", "kind"]
    'calibration-based simulation'
    >>> bool(table.loc["exact", "usable"])
    True
    """
    import pandas as pd

    found = [(name, get_backend(name)) for name in _offline()]
    found += [
        (f"{family}/<{what}>", get_backend(f"{family}/{_DEVICES[family]}"))
        for family, what in (("ibm", "device"), ("ionq", "target"))
    ]
    rows = []
    for name, backend in found:
        missing = backend.missing() or ""
        rows.append((name, backend.kind, backend.provider, not missing, missing))
    rows.append(("record/<file>", "as recorded", "as recorded", True, ""))
    return pd.DataFrame(rows, columns=["name", "kind", "provider", "usable", "missing"])


def get_backend(
    name: str, *, optimize: int | None = None, qubits: Sequence[str | int] | None = None
) -> Backend:
    """Return the backend of this name; nothing is loaded or contacted yet.

    Parameters
    ----------
    name : str
        exact, shots, google/weber, google/rainbow, ibm/fake_manila or another snapshot,
        ibm/<device>, ionq/<target>, record/<file>.
    optimize : 0 or 1, optional
        1 lets the compiler merge gates, and cancel those that undo each other, barriers or not;
        0 compiles each gate by itself, so that folded gates stay. The default of a stand-in is 1,
        that of a device 0; IonQ's merges gates on one qubit only.
    qubits : sequence, optional
        Of a stand-in: the physical qubit of each wire, as records name them. By default those
        whose calibrated errors add up to the least for the circuit.

    Returns
    -------
    Backend
        With ``name``, ``kind``, ``provider``, ``device``, ``missing()``, and ``execute`` as
        :func:`run` calls it, with circuits that are prepared and a seed for each.

    Raises
    ------
    ValueError
        If there is no backend of this name, or it takes no such option.

    Notes
    -----
    Used in the chapter *Hardware project*.

    Examples
    --------
    >>> get_backend("google/weber").kind
    'calibration-based simulation'
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be the name of a backend; got {name!r}.")
    if optimize is not None:
        optimize = _checks.integer(optimize, "optimize", low=0, high=1)
    if isinstance(qubits, (str, bytes)) or not isinstance(qubits, (Iterable, type(None))):
        raise TypeError(f"qubits must be a sequence of names of qubits; got {qubits!r}.")
    chosen = None if qubits is None else tuple(str(q) for q in qubits)
    family, _, device = name.partition("/")
    level = 1 if optimize is None else optimize
    if family == "google" and device in _google.CHIPS:
        return _google.Google(device, level, chosen)
    if family == "ibm" and device.lower().startswith("fake"):
        known = _ibm_fakes.names()
        if device in known or not known:
            return _ibm_fakes.IBMFake(device, level, chosen)
        raise _unknown(name)
    backend = _others(name, optimize)
    if qubits is not None or (optimize is not None and not hasattr(backend, "optimize")):
        raise ValueError(
            f"optimize is an option of stand-ins and devices, qubits of stand-ins; got "
            f"{'qubits' if qubits is not None else 'optimize'} for {name}."
        )
    return backend


def _others(name: str, optimize: int | None) -> Backend:
    if name == "exact":
        return Exact()
    if name == "shots":
        return Shots()
    family, _, device = name.partition("/")
    if family == "record" and device:
        return Recorded(device)
    if family == "ibm" and device:
        return IBMDevice(device, optimize=optimize)
    if family == "ionq" and device:
        try:
            return IonQDevice(device, optimize=optimize)
        except ValueError as error:
            raise ValueError(f"{error}{_near(name)}") from None
    raise _unknown(name)


def _offline() -> list[str]:
    """Return the names of everything simulated here."""
    chips = [f"google/{chip}" for chip in _google.CHIPS]
    return ["exact", "shots", *chips, *(f"ibm/{n}" for n in _ibm_fakes.names() or ["fake_manila"])]


def _unknown(name: str) -> ValueError:
    """Return what to raise for a name that no backend has."""
    return ValueError(
        "backend must be one of exact, shots, google/weber, google/rainbow, ibm/fake_<snapshot>, "
        f"ibm/<device>, ionq/<target>, record/<file>; got {name!r}.{_near(name)}"
    )


def _near(name: str) -> str:
    """Return a question with the names that are near this one, "" if none is."""
    full = [*_offline(), "ionq/simulator", "ionq/qpu.aria-1", "ionq/qpu.forte-1"]
    # Half of a name, such as "weber" or "fake_manilla", is near too.
    spelled = {known.rpartition("/")[2]: known for known in full} | {known: known for known in full}
    near = "".join(name.lower().split())
    close = [spelled[found] for found in difflib.get_close_matches(near, spelled, 3, 0.7)]
    return f" Did you mean {' or '.join(dict.fromkeys(close))}?" if close else ""
