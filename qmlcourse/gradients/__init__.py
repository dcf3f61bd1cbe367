"""Gradients of circuit outputs, from scratch: exact shift rules and sampled estimates.

A circuit is a plain function ``f`` from a float array of shape ``(n,)``, angles in radians, to
one finite real number, so the same code runs on a formula, a simulator or a device.
"""

from ._metric import metric_tensor, natural_gradient
from ._sampled import spsa, stochastic_parameter_shift
from ._shift_rules import finite_difference, parameter_shift, shift_rule

__all__ = [
    "finite_difference",
    "metric_tensor",
    "natural_gradient",
    "parameter_shift",
    "shift_rule",
    "spsa",
    "stochastic_parameter_shift",
]
