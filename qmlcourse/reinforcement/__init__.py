"""Policies that learn to balance a pole, by the policy gradient: linear, a network, a circuit.

The dynamics are those of Gymnasium's CartPole. Many runs are trained together, on the same random
numbers where they are to be compared.
"""

from ._cartpole import cartpole_start, cartpole_step
from ._circuit import CircuitPolicy
from ._policies import LinearPolicy, NetworkPolicy
from ._reinforce import Training, reinforce, rollout

__all__ = [
    "CircuitPolicy",
    "LinearPolicy",
    "NetworkPolicy",
    "Training",
    "cartpole_start",
    "cartpole_step",
    "reinforce",
    "rollout",
]
