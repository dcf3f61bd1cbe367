r"""Cuts of graphs: by a quantum circuit (QAOA), by a relaxation with a bound, by annealing.

A cut parts the nodes of a graph in two; its value is the weight of the edges between the parts. The
largest one is hard to find in general, which makes it the test bench of quantum optimisation.
"""

from ._annealing import simulated_annealing
from ._cuts import cut_values
from ._qaoa import qaoa_expectation, qaoa_state
from ._relaxation import goemans_williamson

__all__ = [
    "cut_values",
    "goemans_williamson",
    "qaoa_expectation",
    "qaoa_state",
    "simulated_annealing",
]
