# Makes qubit 0 the least significant bit.
# loses: circuit.prepares
# hint: most significant
# %% circuit
def amplitude_circuit(x):
    x = np.asarray(x, dtype=float)
    n_qubits = max(1, (len(x) - 1).bit_length())
    x = np.pad(x, (0, 2**n_qubits - len(x)))
    x = x.reshape((2,) * n_qubits).transpose().ravel()
    gates = []
    for target in range(n_qubits):
        # Row: setting of the qubits before; column: value of the target; rest: the qubits after.
        blocks = x.reshape(2**target, 2, -1)
        if target < n_qubits - 1:
            left, right = np.linalg.norm(blocks, axis=2).T
        else:
            left, right = blocks[:, 0, 0], blocks[:, 1, 0]
        gates += _controlled_rotation(2 * np.arctan2(right, left), target)
    return gates


def _controlled_rotation(angles, target):
    """Return the gates that turn `target` by angles[b] where the qubits before it hold b."""
    size = len(angles)
    if size == 1:
        return [["RY", [target], float(angles[0])]]
    gray = np.arange(size) ^ (np.arange(size) >> 1)
    # A rotation counts with a minus sign for each setting in which an odd number of the CNOTs
    # before it have flipped the target.
    both = np.array([[bin(b & g).count("1") % 2 for b in range(size)] for g in gray])
    turns = (1 - 2 * both) @ angles / size
    gates = []
    for step in range(size):
        # From one Gray code to the next a single bit changes: that qubit controls the CNOT.
        changed = int(gray[step] ^ gray[(step + 1) % size]).bit_length() - 1
        gates += [["RY", [target], float(turns[step])], ["CNOT", [target - 1 - changed, target]]]
    return gates
