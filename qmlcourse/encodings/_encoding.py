"""What an encoding is: its options, qubits, states and gates, and the checks of its input."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from .. import _checks
from .._typing import Array

Gates = list[tuple[int, ...]]


class Cost(NamedTuple):
    """What a circuit costs, where listing its gates would take long."""

    depth: int
    gates: int
    two_qubit_gates: int


class Option(NamedTuple):
    """An option's default, and the check that takes a value and the option's name."""

    default: object
    check: Callable[..., object]


ROTATION = Option("X", partial(_checks.choice, allowed=("X", "Y", "Z")))
BANDWIDTH = Option(1.0, partial(_checks.real, above=0))
ENTANGLE = Option(True, _checks.boolean)


def one_a_feature(n_features: int) -> int:
    """Return the qubits of an encoding that gives each feature its own."""
    return n_features


def _any_rows(X: Array, name: str, **options: object) -> None:
    pass


@dataclass(frozen=True)
class Encoding:
    """All that is known of an encoding: to add one, add an entry to the registry.

    Attributes
    ----------
    name : str
    options : mapping from str to Option
    n_qubits : callable
        From the number of features to that of the qubits.
    encode : callable
        From X and every option to the states; both are checked already.
    gates : callable
        From the number of features and every option to the wires of each gate, in order, or
        to their Cost.
    check : callable
        Given finite features, their name and every option; raises if rows can't be encoded.
    """

    name: str
    options: Mapping[str, Option]
    n_qubits: Callable[[int], int]
    encode: Callable[..., Array]
    gates: Callable[..., Gates | Cost]
    check: Callable[..., None] = _any_rows

    def accepted(self, **given: object) -> dict[str, object]:
        """Return those of the options given that this encoding takes."""
        return {name: value for name, value in given.items() if name in self.options}

    def checked(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return every option, as given or by default; raise if one is unknown or wrong."""
        for name in given:
            if name not in self.options:
                known = ", ".join(self.options) or "none"
                raise ValueError(
                    f"{name!r} is not an option of the {self.name} encoding; allowed: {known}."
                )
        return {
            name: option.check(given[name], name) if name in given else option.default
            for name, option in self.options.items()
        }

    def encoder(self, given: Mapping[str, object], **features: Array) -> Callable[[Array], Array]:
        """Check the options and each array of features; return the function from rows to states."""
        options = self.checked(given)
        for name, X in features.items():
            self.check(X, name, **options)

        def states(X: Array) -> Array:
            q = self.n_qubits(X.shape[1])
            # The state, one working copy of it, and the phases.
            _checks.memory(3 * 16 * len(X) * 2**q, f"{len(X)} states of {q} qubits")
            return self.encode(X, **options)

        return states


def finite_phases(phases: Array, name: str, encoding: str) -> None:
    """Raise if the phases of a row have overflowed."""
    finite = np.isfinite(phases).all(axis=1)
    if not finite.all():
        raise ValueError(
            f"{name} must have finite phases in the {encoding} encoding; "
            f"those of row {int(np.argmin(finite))} overflow."
        )
