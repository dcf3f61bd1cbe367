# Gates one by one with loops over bits, a global phase; readings counted one at a time.
# %% gradient
def turn(psi, k, n, axis, angle):
    """Apply one rotation to qubit k of one state, pair of amplitudes by pair."""
    (a, b), (c, d) = np.cos(angle / 2) * np.eye(2) - 1j * np.sin(angle / 2) * PAULI[axis]
    index = np.arange(2**n)
    zero = index[(index >> (n - 1 - k)) % 2 == 0]
    one = zero + 2 ** (n - 1 - k)
    psi[zero], psi[one] = a * psi[zero] + b * psi[one], c * psi[zero] + d * psi[one]


def chain(psi, n):
    index = np.arange(2**n)
    for k in range(n - 1):
        both = (index >> (n - 1 - k)) & (index >> (n - 2 - k)) & 1
        psi[both == 1] *= -1


def state(theta, axes):
    n = len(axes[0])
    psi = np.zeros(2**n, complex)
    psi[0] = np.exp(0.7j)
    for k in range(n):
        turn(psi, k, n, "Y", np.pi / 4)
    for layer, letters in enumerate(axes):
        for k in reversed(range(n)):
            turn(psi, k, n, letters[k], theta[layer][k])
        chain(psi, n)
    return psi


def probability(psi, cost):
    n = int(np.log2(len(psi)))
    p = (np.abs(psi) ** 2).reshape((2,) * n)
    if cost == "global":
        return p.ravel()[0]
    return sum(np.moveaxis(p, k, 0)[0].sum() for k in range(n)) / n


def derivative(theta, axes, cost):
    up, down = np.array(theta, float), np.array(theta, float)
    up[0, 0] += np.pi / 2
    down[0, 0] -= np.pi / 2
    return (probability(state(up, axes), cost) - probability(state(down, axes), cost)) / 2


# %% shots
def undone(theta, axes, teacher):
    n = len(axes[0])
    psi = state(theta, axes)
    for layer in reversed(range(len(teacher["axes"]))):
        chain(psi, n)
        for k in range(n):
            turn(psi, k, n, teacher["axes"][layer][k], -teacher["theta"][layer][k])
    for k in range(n):
        turn(psi, k, n, "Y", -np.pi / 4)
    return psi


def estimate_gradient(theta, axes, teacher, cost, layers, shots, *, rng):
    n = len(axes[0])
    rows = []
    for layer in layers:
        row = []
        for k in range(n):
            means = []
            for shift in (np.pi / 2, -np.pi / 2):
                moved = np.array(theta, float)
                moved[layer, k] += shift
                p = np.abs(undone(moved, axes, teacher)) ** 2
                read = rng.choice(len(p), shots, p=p / p.sum())
                if cost == "global":
                    means.append(np.mean(read == 0))
                else:
                    ones = sum((read >> j) & 1 for j in range(n))
                    means.append(np.mean(1 - ones / n))
            row.append((means[0] - means[1]) / 2)
        rows.append(row)
    return rows
