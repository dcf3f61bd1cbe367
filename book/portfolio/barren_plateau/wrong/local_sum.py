# The local cost is summed over the qubits.
# loses: gradient.by_local, variance.value, variance.circuits, variance.interval
# hint: not the sum
# %% gradient
def rotation(axis, angle):
    return np.cos(angle / 2) * PAULI["I"] - 1j * np.sin(angle / 2) * PAULI[axis]


def join(gates):
    """Return the Kronecker product of small matrices (faster here than numpy.kron)."""
    made = np.eye(1)
    for gate in gates:
        size = 2 * len(made)
        made = (made[:, None, :, None] * gate[None, :, None, :]).reshape(size, size)
    return made


def rotate_all(states, gates):
    """Apply gate k to qubit k of every row; two halves of the qubits, one product each."""
    n, size = len(gates), len(states)
    first, second = join(gates[: n // 2]), join(gates[n // 2 :])
    blocks = states.reshape(size, len(first), len(second))
    return (first @ (blocks @ second.T)).reshape(size, -1)


def bits(n):
    """Return the bits of every index, shape (2**n, n); qubit 0 is the most significant."""
    return np.arange(2**n)[:, None] >> np.arange(n)[::-1] & 1


def cz_signs(n):
    return (-1.0) ** (bits(n)[:, 1:] * bits(n)[:, :-1]).sum(axis=1)


def diagonal(cost, n):
    """Return the value of a cost for every index."""
    zero = 1 - bits(n)
    return {"global": zero.prod(axis=1), "local": zero.mean(axis=1)}[cost]


def tilted(n):
    psi = np.zeros((1, 2**n), complex)
    psi[0, 0] = 1
    return rotate_all(psi, [rotation("Y", np.pi / 4)] * n)


def state(theta, axes):
    """Return the state that the circuit prepares."""
    n = len(axes[0])
    psi, signs = tilted(n), cz_signs(n)
    for angles, letters in zip(theta, axes, strict=True):
        gates = [rotation(p, t) for p, t in zip(letters, angles, strict=True)]
        psi = rotate_all(psi, gates) * signs
    return psi[0]


def derivative(theta, axes, cost):
    """Return the exact derivative of a cost by the first angle, `theta[0][0]`."""
    values = diagonal(cost, len(axes[0])) * (len(axes[0]) if cost == "local" else 1)
    ends = []
    for shift in (np.pi / 2, -np.pi / 2):
        moved = np.array(theta, dtype=float)
        moved[0, 0] += shift
        ends.append(np.abs(state(moved, axes)) ** 2 @ values)
    return float(ends[0] - ends[1]) / 2
