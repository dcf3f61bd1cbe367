r"""Noise models of qubits, for :func:`pennylane.add_noise`, and an executor that runs them.

A noise channel maps a density matrix to :math:`\sum_k K_k \rho K_k^\dagger`. Each model here puts
one after every gate, on each wire the gate acts on; models combine with ``+``, and a model added
twice acts twice. Gates are those that ``default.mixed`` runs itself, with an identity for
waiting. Anything else, such as ``IsingXX``, an inverse or a product, counts as the gates it
decomposes into, and stays one gate only where it has no decomposition. To a noisy circuit a model
adds such an operator, its inverse and the noisy parts: so the noise is the same from a tape, a
QNode, a device and an :func:`executor`. Preparing the initial state is free of noise, and so are
barriers, snapshots, wire cuts and global phases. A device with noise is
``qml.add_noise(qml.device("default.mixed", wires=n), model)``. Put the noise there, not on the
QNode: a circuit is folded before noise enters, and a channel has no inverse to fold with. A
``pennylane.NoiseModel`` of your own, such as one of ``op_eq(qml.CNOT)``, follows on each of these
routes what PennyLane makes of it there.
"""

from ._channels import amplitude_damping, depolarizing, thermal
from ._executor import executor
from ._readout import apply_readout, confusion_matrix, readout

__all__ = [
    "amplitude_damping",
    "apply_readout",
    "confusion_matrix",
    "depolarizing",
    "executor",
    "readout",
    "thermal",
]
