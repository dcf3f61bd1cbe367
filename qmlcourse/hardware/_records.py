"""Records of runs: what a reader needs to believe a number."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, fields
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from .. import _files
from .._estimate import Estimate, standard_error
from .._typing import Array
from ._tapes import label

SCHEMA = 2


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one circuit gave on one backend, and how: the same from a formula to a device.

    Attributes
    ----------
    backend, kind, provider, device : str
        The name that :func:`run` takes; one of exact simulation, sampled simulation,
        calibration-based simulation, device; who made it; which.
    wires : list of str or int
        The circuit's wires. Bit k of each bit string is wire k of this list.
    qubits : list of str
        Physical qubit of each wire at the start; empty in a simulation without a chip.
    calibration : dict or None
        ``time``, ISO 8601, and ``values``, those of the qubits and pairs used.
    source, compiled : dict
        ``language`` and ``text`` of the circuit, before and after compiling. In OpenQASM 2,
        qubit k of the compiled circuit is ``qubits[k]``.
    options : dict
        What :func:`run` was told beside the circuit, shots and seed.
    shots, seed : int or None
        None where the probabilities are exact. A device has no seed, or one for compiling.
    counts, exact_probabilities : dict or None
        Shots, or probability, of each bit string. One of the two is None.
    versions : dict
        Version of each package that took part.
    job_id : str or None
        The provider's, on a device.
    started, ended : str or None
        ISO 8601, UTC; None if an old record doesn't say.

    Notes
    -----
    Used in the chapter *Hardware project*.

    Examples
    --------
    >>> import pennylane as qml
    >>> from qmlcourse import hardware
    >>> bell = qml.tape.QuantumScript([qml.Hadamard(0), qml.CNOT([0, 1])], [qml.probs()])
    >>> record = hardware.run(bell, "exact")
    >>> record.probabilities().round(3)
    array([0.5, 0. , 0. , 0.5])
    >>> record.kind
    'exact simulation'
    """

    backend: str
    kind: str
    provider: str
    device: str
    wires: list[Any]
    qubits: list[str]
    calibration: dict[str, Any] | None
    source: dict[str, str]
    compiled: dict[str, str]
    options: dict[str, Any]
    shots: int | None
    seed: int | None
    counts: dict[str, int] | None
    exact_probabilities: dict[str, float] | None
    versions: dict[str, str]
    job_id: str | None
    started: str | None
    ended: str | None

    def probabilities(self) -> Array:
        """Return the share of each outcome, shape ``(2**n,)``, wire 0 the most significant bit."""
        result = np.zeros(2 ** len(self.wires))
        words, total = self._words()
        for word, value in words.items():
            result[int(word, 2)] = value / total
        return result

    def expectation(self, wires: Any = None) -> Estimate:
        """Return the mean of the product of Z on these wires, all by default, and its error.

        ``wires`` is a sequence of them, or one.
        """
        places = self.places(wires)
        words, total = self._words()
        signs = np.array([(-1.0) ** sum(word[k] == "1" for k in places) for word in words])
        values = np.array(list(words.values()), dtype=float)
        mean = float(signs @ values / total)
        if self.shots is None:
            return Estimate(mean, 0.0, 0)
        # Both ends of the spectrum, seen or not: the error is not 0 where all shots agree.
        error = standard_error(np.append(signs, [1.0, -1.0]), np.append(values, [0.0, 0.0]))
        return Estimate(mean, error, self.shots)

    def places(self, wires: Any = None) -> list[int]:
        """Return the place of each of these wires, or of one, in the bit strings; by default all.

        A wire that is neither an integer nor text goes by its text, as in ``wires``.
        """
        if wires is None:
            return list(range(len(self.wires)))
        one = isinstance(wires, (str, Integral)) or not isinstance(wires, Iterable)
        chosen = [label(wire) for wire in ([wires] if one else wires)]
        if not chosen or len(set(chosen)) < len(chosen) or set(chosen) - set(self.wires):
            raise ValueError(f"wires must be different ones of {self.wires}; got {wires!r}.")
        return [self.wires.index(wire) for wire in chosen]

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON's types, with a digest of each field and of the whole."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        record = {"schema": SCHEMA, **content, "digests": {k: sha256(content[k]) for k in content}}
        return record | {"sha256": sha256(record)}

    def to_json(self) -> str:
        """Return the record as text, as a file holds it."""
        return json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n"

    def save(self, path: str | bytes | os.PathLike[Any]) -> None:
        """Write the record to a file, all of it or nothing."""
        _files.write(checked_path(path), self.to_json())

    def _words(self) -> tuple[dict[str, Any], float]:
        if self.counts is not None:
            return self.counts, sum(self.counts.values())
        words = self.exact_probabilities or {}
        return words, sum(words.values())


def checked_path(path: str | bytes | os.PathLike[Any]) -> Path:
    """Return the absolute path of a file of records; raise if it is a folder's."""
    result = _files.path(path)
    if result.is_dir():
        raise IsADirectoryError(f"path must be a file of records; got the folder {result}.")
    return result


def sha256(value: Any) -> str:
    """Return the digest of a JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
