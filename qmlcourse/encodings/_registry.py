"""What each encoding needs: its options, its qubits, its gates. Public through encodings."""

from itertools import combinations

from .. import _checks
from ..simulator import ring_pairs

ENCODINGS = ("basis", "angle", "amplitude", "iqp", "reupload")

OPTIONS: dict[str, tuple[str, ...]] = {
    "basis": (),
    "angle": ("rotation", "bandwidth"),
    "amplitude": (),
    "iqp": ("bandwidth", "n_repeats", "entangle"),
    "reupload": ("rotation", "bandwidth", "n_layers", "weights", "entangle"),
}


def reject_unknown(options: dict[str, object], encoding: str) -> None:
    """Raise if an option is not one of the encoding's."""
    for name in options:
        if name not in OPTIONS[encoding]:
            known = ", ".join(OPTIONS[encoding]) or "none"
            raise ValueError(
                f"{name!r} is not an option of the {encoding} encoding; allowed: {known}."
            )


def n_qubits(encoding: str, n_features: int) -> int:
    """Return the qubits an encoding needs for a number of features."""
    return max(1, (n_features - 1).bit_length()) if encoding == "amplitude" else n_features


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
    Source of the amplitude cascade: arXiv quant-ph/0407010. Used in the chapter *Encodings*.

    Examples
    --------
    >>> resources("amplitude", 8)
    {'qubits': 3, 'depth': 11, 'gates': 13, 'two_qubit_gates': 6}
    """
    _checks.choice(encoding, "encoding", ENCODINGS)
    d = _checks.integer(n_features, "n_features")
    reject_unknown(options, encoding)
    q = n_qubits(encoding, d)
    gates = _gate_wires(encoding, d, options)
    free_at = [0] * q
    total = two_qubit = 0
    for wires in gates:
        layer = 1 + max(free_at[w] for w in wires)
        for w in wires:
            free_at[w] = layer
        total += 1
        two_qubit += len(wires) == 2
    return {"qubits": q, "depth": max(free_at), "gates": total, "two_qubit_gates": two_qubit}


def _gate_wires(encoding: str, d: int, options: dict[str, object]) -> list[tuple[int, ...]]:
    """List the wires of every gate, in order."""
    single: list[tuple[int, ...]] = [(k,) for k in range(d)]
    if encoding in ("basis", "angle"):
        return single
    if encoding == "iqp":
        pairs = combinations(range(d), 2)
        zz = [wires for j, k in pairs for wires in ((j, k), (k,), (j, k))]
        zz = zz if options.get("entangle", True) else []
        return (single + single + zz) * _checks.integer(options.get("n_repeats", 1), "n_repeats")
    if encoding == "reupload":
        rot = [(k,) for k in range(d) for _ in range(3)]
        layer = single + rot + (ring_pairs(d) if options.get("entangle", True) else [])
        return layer * _checks.integer(options.get("n_layers", 2), "n_layers")
    gates: list[tuple[int, ...]] = [(0,)]
    for target in range(1, n_qubits("amplitude", d)):
        # A rotation for each setting of the earlier qubits, CNOTs in Gray-code order between.
        for step in range(1, 2**target + 1):
            changed = (step & -step).bit_length() - 1 if step < 2**target else target - 1
            gates += [(target,), (target - 1 - changed, target)]
    return gates
