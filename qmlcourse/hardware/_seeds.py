"""One seed for each circuit: drawn once, recorded, and enough to repeat the circuit alone."""

import numpy as np

from ._backend import DEVICE, EXACT


def for_circuits(seed: int | None, n_circuits: int, kind: str) -> list[int | None]:
    """Return the seed of each circuit on a backend of this kind.

    One circuit gets the seed itself, a list seeds of its own, derived from it; without one it is
    drawn. An exact simulation has none. A device gets the one that was given, for compiling.
    """
    if kind == EXACT:
        return [None] * n_circuits
    if kind == DEVICE:
        return [seed] * n_circuits
    if seed is None:
        seed = int(np.random.default_rng().integers(2**32))
    if n_circuits == 1:
        return [seed]
    return [int(s) for s in np.random.SeedSequence(seed).generate_state(n_circuits)]
