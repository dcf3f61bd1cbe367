# Plain Python lists and loops instead of arrays; states with another global sign.
# %% states
def angle_state(x):
    amplitudes = []
    for b in range(2 ** len(x)):
        value = -1.0
        for k, angle in enumerate(x):
            bit = b >> (len(x) - 1 - k) & 1
            value *= float(np.sin(angle / 2) if bit else np.cos(angle / 2))
        amplitudes.append(value)
    return amplitudes


class NoDirection(ValueError):
    def __str__(self):
        return f"all {self.args[0]} features are 0"


def amplitude_state(x):
    values = [float(v) for v in x]
    if all(v == 0 for v in values):
        raise NoDirection(len(values))
    size = 2
    while size < len(values):
        size *= 2
    values += [0.0] * (size - len(values))
    largest = max(abs(v) for v in values)
    length = sum((v / largest) ** 2 for v in values) ** 0.5
    return [-v / largest / length for v in values]


# %% resources
def resources(gates):
    steps = []
    for gate in gates:
        wires = {int(w) for w in gate[1]}
        place = len(steps)
        while place > 0 and not steps[place - 1] & wires:
            place -= 1
        if place == len(steps):
            steps.append(set())
        steps[place] |= wires
    used = set().union(*steps) if steps else set()
    two = [gate for gate in gates if gate[0] in ("CNOT", "CZ")]
    return {
        "two_qubit_gates": len(two),
        "gates": len(gates),
        "depth": len(steps),
        "qubits": len(used),
    }


def resource_table(circuits, feature_counts, *, rng):
    rows = []
    for d in reversed(feature_counts):
        x = rng.normal(size=d)
        for name in circuits:
            row = {"features": d, "encoding": name}
            row.update(resources(circuits[name](x)))
            rows.append(row)
    return rows


# %% kernels
def angle_kernel(A, B, scale=1.0):
    K = []
    for a in A:
        K.append([])
        for b in B:
            product = 1.0
            for s, t in zip(a, b, strict=True):
                product *= (1 + np.cos(scale * (s - t))) / 2
            K[-1].append(float(product))
    return K


def amplitude_kernel(A, B, scale=1.0):
    return [[float(np.dot(a, b) ** 2 / (np.dot(a, a) * np.dot(b, b))) for b in B] for a in A]


def twins(x):
    angle = [float(v) for v in x]
    angle[0] -= 2 * np.pi
    return {"angle": angle, "length": [v / 10 for v in x], "sign": [-v for v in x]}
