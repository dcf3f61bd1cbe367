"""What an encoding costs in qubits and gates. Public through encodings."""

from .. import _checks
from ._encoding import Cost, Gates
from ._registry import find


def resources(encoding: str, n_features: int, **options: object) -> dict[str, int]:
    r"""Count the qubits, depth and gates of an encoding, in one- and two-qubit gates.

    Rotations, H, X, CZ and CNOT count as one gate each. A ZZ rotation is two CNOTs around an
    RZ. Amplitude encoding is the RY cascade for real features, with
    :math:`2^q - 1` rotations and :math:`2^q - 2` CNOTs. Basis counts the worst case, all
    ones.

    Parameters
    ----------
    encoding : {"basis", "angle", "amplitude", "iqp", "reupload"}
    n_features : int
        At least 1.
    **options
        ``n_repeats`` for iqp, ``n_layers`` for reupload, ``entangle`` for both; the other
        options of :func:`encoded_states` change no count.

    Returns
    -------
    dict
        ``qubits``, ``depth`` (layers of gates on different qubits), ``gates``,
        ``two_qubit_gates``.

    Raises
    ------
    ValueError, TypeError
        If a name is unknown or a number is not a positive integer.

    Notes
    -----
    Source of the amplitude cascade: arXiv:quant-ph/0407010. Used in the chapter *Encodings*.

    Examples
    --------
    >>> resources("amplitude", 8)
    {'qubits': 3, 'depth': 11, 'gates': 13, 'two_qubit_gates': 6}
    """
    chosen = find(encoding)
    d = _checks.integer(n_features, "n_features")
    q = chosen.n_qubits(d)
    gates = chosen.gates(d, **chosen.checked(options))
    cost = gates if isinstance(gates, Cost) else counted(gates, q)
    return {"qubits": q, **cost._asdict()}


def counted(gates: Gates, n_qubits: int) -> Cost:
    """Count gates one by one, each as early as its qubits are free."""
    free_at = [0] * n_qubits
    for wires in gates:
        layer = 1 + max(free_at[w] for w in wires)
        for w in wires:
            free_at[w] = layer
    return Cost(max(free_at), len(gates), sum(len(wires) == 2 for wires in gates))
