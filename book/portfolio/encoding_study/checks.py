"""Trusted checks of the exercise `encoding_study`: they never enter a sandbox."""

from itertools import product

import numpy as np
from scipy import stats
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.svm import SVC

from qmlcourse.encodings import encoded_states
from qmlcourse.grading import (
    AnswerError,
    Exercise,
    Function,
    Seed,
    Wrong,
    array,
    number,
    same,
    table,
)
from qmlcourse.simulator import apply, rotation, zero_states

exercise = Exercise("encoding_study", "Angle against amplitude encoding")
exercise.question("states", seconds=20)
exercise.question("circuit", seconds=20)
exercise.question("resources", seconds=10)
exercise.question("kernels", seconds=10)
exercise.question("compare", seconds=60)
exercise.question("interval", seconds=10)

# Answers may compute in single precision, or through an arccosine near 1.
CLOSE = 1e-5


# ---------------------------------------------------------------- states


def signed(rng, size):
    """Draw a vector without small entries that has both signs, if it has two entries."""
    x = rng.uniform(0.3, 1.5, size) * rng.choice([-1.0, 1.0], size)
    if size > 1:
        plus, minus = rng.permutation(size)[:2]
        x[plus], x[minus] = abs(x[plus]), -abs(x[minus])
    return x


def padded(x):
    """Return a vector followed by zeros, up to the next power of two, at least 2."""
    size = 2 ** max(1, (len(x) - 1).bit_length())
    return np.concatenate([x, np.zeros(size - len(x))])


def unit(x):
    return x / np.linalg.norm(x)


def columns(angles, axis="Y"):
    """Return the tensor product of rotations of |0>."""
    state = np.ones(1)
    for angle in angles:
        state = np.kron(state, rotation(axis, angle)[:, 0])
    return state


@exercise.check("states", points=5)
def angle(answer, rng):
    """`angle_state` turns qubit k by RY(x_k): the tensor product, qubit 0 most significant."""
    for size in (1, 2, int(rng.integers(3, 6))):
        x = rng.uniform(0.4, 2.6, size) * rng.choice([-1.0, 1.0], size)
        got = array(answer("angle_state", x), (2**size,), "angle_state(x)", real=False)
        mistakes = {
            "The half angle is missing: RY(x) puts cos(x/2) into the state.": columns(2 * x),
            "The features are angles in radians, not in degrees.": columns(np.deg2rad(x)),
            "The qubit order is reversed: qubit 0 is the most significant bit.": columns(x[::-1]),
            "This turns about X; turn about Y, which keeps the state real.": columns(x, "X"),
            "The sign of the angles is lost.": columns(np.abs(x)),
            "The signs are those of the opposite rotation, RY(-x).": columns(-x),
        }
        same(got, columns(x), "angle_state(x)", mistakes=mistakes, tolerance=CLOSE, phase=True)


@exercise.check("states", points=4)
def amplitude(answer, rng):
    """`amplitude_state` writes x, divided by its length, into the amplitudes and keeps signs."""
    for size in (2, 4, int(rng.choice([8, 16]))):
        x = 3 * signed(rng, size)
        got = array(answer("amplitude_state", x), (size,), "amplitude_state(x)", real=False)
        mistakes = {
            "The state is not normalised: its squared amplitudes must sum to 1.": x,
            "Divide by the length, not by its square.": x / (x @ x),
            "Divide by the length, not by the sum of absolute values.": x / np.abs(x).sum(),
            "Divide by the length, not by the largest entry.": x / np.abs(x).max(),
            "The signs are lost: amplitudes may be negative.": np.abs(unit(x)),
            "The features are the amplitudes, not the probabilities.": np.sqrt(
                np.abs(x) / np.abs(x).sum()
            ),
            "The order is reversed: entry b of x belongs to basis state b.": unit(x)[::-1],
        }
        what = "amplitude_state(x)"
        same(got, unit(x), what, mistakes=mistakes, tolerance=CLOSE, phase=True)


@exercise.check("states", points=4)
def padding(answer, rng):
    """`amplitude_state` takes any number of features and pads with zeros at the end."""
    for size in (1, 3, int(rng.integers(5, 8)), int(rng.integers(9, 16))):
        x = signed(rng, size)
        right = padded(x)
        got = array(answer("amplitude_state", x), (len(right),), "amplitude_state(x)", real=False)
        # What was done about the length and the signs is the business of another check.
        length = np.linalg.norm(got)
        if length < 1e-9:
            raise Wrong(f"amplitude_state of {size} features is all zeros.")
        got, target = np.abs(got) / length, np.abs(unit(right))
        mistakes = {
            "The zeros stand at the front; they belong at the end.": np.roll(target, -size),
            "Pad with zeros, not by repeating entries.": np.abs(unit(np.resize(x, len(right)))),
            "Pad with zeros, not with ones.": np.abs(
                unit(np.concatenate([x, np.ones(len(right) - size)]))
            ),
        }
        scaled = {hint: value for hint, value in mistakes.items() if size < len(right)}
        same(got, target, "the place of the features", mistakes=scaled, tolerance=CLOSE)


@exercise.check("states", points=3)
def zero_vector(answer, rng):
    """`amplitude_state` refuses a zero vector with a ValueError, but no short vector."""
    size = int(rng.integers(2, 9))
    short = 1e-9 * signed(rng, size)
    try:
        got = array(answer("amplitude_state", short), (None,), "amplitude_state(x)", real=False)
    except AnswerError as error:
        if error.status == "error" and "ValueError" in error.hint:
            raise Wrong("A short vector is not a zero vector: it has a direction.") from None
        raise
    if np.abs(got).max(initial=0) == 0:
        raise Wrong("A short vector is not a zero vector: it has a direction.")
    # Up to the order, the signs and the length, which other checks judge, it is the vector.
    sizes, target = np.sort(np.abs(got)), np.sort(np.abs(padded(short)))
    if sizes.shape != target.shape or np.abs(unit(sizes) - unit(target)).max() > CLOSE:
        raise Wrong("For a short vector the amplitudes are not in proportion to the features.")
    try:
        answer("amplitude_state", np.zeros(size))
    except AnswerError as error:
        if error.status == "error" and "ValueError" in error.hint:
            return
        raise
    raise Wrong("A zero vector has no direction: raise a ValueError that says so.")


# ---------------------------------------------------------------- circuits

ONE = {
    "H": np.array([[1, 1], [1, -1]]) / np.sqrt(2),
    "X": np.array([[0, 1], [1, 0]]),
}
TWO = {"CNOT": np.eye(4)[[0, 1, 3, 2]], "CZ": np.diag([1, 1, 1, -1])}
TURNS = ("RX", "RY", "RZ")


def read_gates(value, n_qubits):
    """Return a list of gates as (name, wires, angle), or raise `Wrong`."""
    if value is None:
        raise Wrong("amplitude_circuit(x) is None: is the answer filled in?")
    if not isinstance(value, list) or len(value) > 5000:
        raise Wrong("amplitude_circuit(x) must be a list of gates, at most 5000.")
    gates = []
    for gate in value:
        if not isinstance(gate, list) or len(gate) not in (2, 3) or not isinstance(gate[0], str):
            raise Wrong('A gate is a list like ["RY", [0], 0.5] or ["CNOT", [0, 1]].')
        name = gate[0]
        if name not in (*ONE, *TWO, *TURNS):
            raise Wrong(f"{name[:20]!r} is not a gate of this exercise.")
        wires = gate[1] if isinstance(gate[1], list | np.ndarray) else [gate[1]]
        wires = array(wires, (2 if name in TWO else 1,), f"the wires of a {name}")
        if not np.isin(wires, range(n_qubits)).all() or len(set(wires)) < len(wires):
            raise Wrong(
                f"A {name} has wires {wires.tolist()}; there are {n_qubits} qubits, from 0."
            )
        if (name in TURNS) != (len(gate) == 3):
            raise Wrong(f"{name}: a rotation has an angle, the other gates have none.")
        turn = number(gate[2], f"the angle of an {name}", low=-1e6, high=1e6) if gate[2:] else 0.0
        gates.append((name, [int(w) for w in wires], turn))
    return gates


def simulate(gates, n_qubits, factor=1.0, swap=False):
    """Return the state that the gates make from |0...0>."""
    state = zero_states(1, n_qubits)
    for name, wires, turn in gates:
        matrix = ONE[name] if name in ONE else TWO.get(name)
        if matrix is None:
            matrix = rotation(name[1], factor * turn)
        state = apply(state, matrix, wires[::-1] if swap else wires)
    return state[0]


def apart(state, target):
    """Return the largest difference of two states up to a global phase."""
    overlap = np.vdot(state, target)
    phase = overlap / abs(overlap) if abs(overlap) > 1e-12 else 1.0
    return np.abs(state * phase - target).max()


def verdict(gates, target):
    """Return "" for a circuit that prepares the target, a hint for a known slip, else None."""
    n = len(target).bit_length() - 1
    plain = simulate(gates, n)
    if apart(plain, target) < CLOSE:
        return ""
    backwards = target.reshape((2,) * n).transpose(range(n)[::-1]).ravel()
    slips = {
        "The signs of x are lost on the way.": (plain, np.abs(target)),
        "The qubit order is reversed: qubit 0 is the most significant bit.": (plain, backwards),
        "CNOT has its control first: [control, target]; swap the two wires.": (
            simulate(gates, n, swap=True),
            target,
        ),
        "Every angle is half of what it should be: RY(t) puts cos(t/2) into the state.": (
            simulate(gates, n, factor=2.0),
            target,
        ),
        "Every angle is twice what it should be.": (simulate(gates, n, factor=0.5), target),
        "The angles are in degrees; gates take radians.": (
            simulate(gates, n, factor=np.pi / 180),
            target,
        ),
        "The angles are divided by 180/pi once too often: they are radians already.": (
            simulate(gates, n, factor=180 / np.pi),
            target,
        ),
        "Every angle has the wrong sign.": (simulate(gates, n, factor=-1.0), target),
    }
    for hint, (state, wanted) in slips.items():
        if apart(state, wanted) < CLOSE:
            return hint
    return None


def circuit_of(answer, x):
    target = unit(padded(x))
    return read_gates(answer("amplitude_circuit", x), len(target).bit_length() - 1), target


def nearly(answer, x):
    """Return a circuit that prepares the state, at most up to one slip that another check names."""
    gates, target = circuit_of(answer, x)
    if verdict(gates, target) is None:
        raise Wrong(f"For {len(x)} features the circuit does not prepare the state of x.")
    return gates


@exercise.check("circuit", points=8)
def prepares(answer, rng):
    """The gates of `amplitude_circuit` turn |0...0> into the state of x, up to a global phase."""
    for size in (2, 3, 4, 8, int(rng.choice([7, 15]))):
        gates, target = circuit_of(answer, signed(rng, size))
        hint = verdict(gates, target)
        if hint is None:
            off = apart(simulate(gates, len(target).bit_length() - 1), target)
            raise Wrong(f"For {size} features the state is off by up to {off:.2g}.")
        if hint:
            raise Wrong(hint)


@exercise.check("circuit", points=4)
def zeros(answer, rng):
    """The circuit also works where x has zeros, even one entry alone that is not."""
    for size in (4, 8):
        x = signed(rng, size)
        x[rng.permutation(size)[: size // 2]] = 0
        nearly(answer, x)
        nearly(answer, np.eye(size)[int(rng.integers(size))])
        half = signed(rng, size)
        half[: size // 2] = 0
        nearly(answer, half)
    nearly(answer, signed(rng, int(rng.integers(9, 14))))  # padding leaves pairs of zeros


@exercise.check("circuit", points=4)
def linear_size(answer, rng):
    """The gates on two qubits grow like the number of amplitudes: at most 2 * 2**n."""
    for n in (2, 4, 6):
        two = sum(name in TWO for name, _, _ in nearly(answer, signed(rng, 2**n)))
        if two > 2 * 2**n:
            raise Wrong(f"{two} gates on two qubits for {n} qubits; {2 * 2**n} are plenty.")


@exercise.check("circuit", points=4)
def textbook(answer, rng):
    """The circuit needs no more than the textbook's 2**n - 2 gates on two qubits."""
    for n in (1, 2, 3, 5):
        two = sum(name in TWO for name, _, _ in nearly(answer, signed(rng, 2**n)))
        if two > 2**n - 2:
            raise Wrong(
                f"{two} gates on two qubits for {n} qubits; {2**n - 2} suffice. Which neighbouring "
                "CNOTs of a uniformly controlled rotation cancel if you reorder its halves?"
            )


# ---------------------------------------------------------------- resources

COUNTS = ("qubits", "depth", "gates", "two_qubit_gates")


def random_gates(rng):
    """Draw a list of gates on five of eight wires, the last of which may be idle."""
    used = rng.permutation(8)[:5]
    gates = [["H", [int(w)]] for w in used]
    for _ in range(int(rng.integers(12, 20))):
        name = str(rng.choice(["RX", "RY", "RZ", "X", "CNOT", "CNOT", "CZ", "CZ"]))
        wires = [int(w) for w in rng.permutation(used)[: 2 if name in TWO else 1]]
        turn = [float(rng.uniform(-3, 3))] if name in TURNS else []
        gates.append([name, wires, *turn])
    return [gates[i] for i in rng.permutation(len(gates))]


def depth_of(gates):
    free = {}
    for _, wires, *_ in gates:
        layer = 1 + max(free.get(w, 0) for w in wires)
        free |= dict.fromkeys(wires, layer)
    return max(free.values(), default=0)


def layers_without_sliding(gates):
    layers, busy = 0, None
    for _, wires, *_ in gates:
        if busy is None or busy & set(wires):
            layers, busy = layers + 1, set()
        busy |= set(wires)
    return layers


def counts_of(gates):
    return {
        "qubits": len({w for gate in gates for w in gate[1]}),
        "depth": depth_of(gates),
        "gates": len(gates),
        "two_qubit_gates": sum(len(gate[1]) == 2 for gate in gates),
    }


def counted(value, keys):
    if value is None:
        raise Wrong("resources(gates) is None: is the answer filled in?")
    row = table([value] if isinstance(value, dict) else value, keys, "resources(gates)")
    if len(row) != 1:
        raise Wrong("resources(gates) must be one dictionary of four numbers.")
    return {key: number(row[0][key], key) for key in keys}


@exercise.check("resources", points=4)
def counts(answer, rng):
    """`resources` counts the qubits that are used, all gates, and those on two qubits."""
    keys = ("qubits", "gates", "two_qubit_gates")
    for _ in range(4):
        gates = random_gates(rng)
        used = sorted({w for gate in gates for w in gate[1]})
        gates.append(["CZ", used[:2]])
        if used == [0, 1, 2, 3, 4]:  # leave a wire below the highest one without a gate
            gates = [[g[0], [w + 1 for w in g[1]], *g[2:]] for g in gates]
        top = 1 + max(w for gate in gates for w in gate[1])
        right = counts_of(gates)
        got = counted(answer("resources", gates), keys)
        cnots = sum(gate[0] == "CNOT" for gate in gates)
        slips = {
            "qubits": {"Count the qubits that a gate acts on: an idle wire costs nothing.": top},
            "two_qubit_gates": {"CZ acts on two qubits as well.": cnots},
            "gates": {
                "All gates are asked for, those on two qubits included.": len(gates)
                - right["two_qubit_gates"],
            },
        }
        for key in keys:
            same(got[key], right[key], key, mistakes=slips[key])
    got = counted(answer("resources", []), keys)
    for key in keys:
        same(got[key], 0, f"{key} of an empty list")


@exercise.check("resources", points=5)
def depth(answer, rng):
    """The depth is that of a schedule in which each gate starts as soon as its qubits are free."""
    for _ in range(4):
        gates, slips = random_gates(rng), {}
        while len(set(slips.values()) | {depth_of(gates)}) < 4:
            gates = random_gates(rng)
            slips = {
                "Depth is not the gate count: gates on different qubits share a step.": len(gates),
                "A gate may slide back into an earlier step, to the first in which all its qubits "
                "are free.": layers_without_sliding(gates),
                "Gates on one qubit take a step as well.": depth_of(
                    [gate for gate in gates if len(gate[1]) == 2]
                ),
            }
        got = counted(answer("resources", gates), ["depth"])["depth"]
        same(got, depth_of(gates), "depth", mistakes=slips)


# Two encodings of the grader; where neighbours or halves are equal, gates drop out.
CIRCUITS = (
    'lambda x: [["RY", [k], float(x[k])] for k in range(len(x))]'
    ' + [["CZ", [k, k + 1]] for k in range(len(x) - 1) if abs(x[k] - x[k + 1]) > 1e-9]',
    'lambda x: [g for k in range(len(x)) for g in ([["RY", [k % 3], float(x[k])]]'
    ' + ([["CNOT", [k % 3, 3]]] if abs(x[k] - x[0]) > 1e-9 else []))]',
)


@exercise.check("resources", points=5)
def cost_table(answer, rng):
    """`resource_table` has the counts of every encoding and every number of features."""
    names = [f"encoding {i}" for i in rng.permutation(90)[:2]]
    circuits = dict(zip(names, map(Function, CIRCUITS), strict=True))
    sizes = sorted(int(d) for d in rng.permutation(np.arange(2, 17))[:4])
    seed = Seed(int(rng.integers(2**31)))
    rows = answer("resource_table", circuits, sizes, rng=seed)
    rows = table(rows, ["encoding", "features", *COUNTS], "the table")
    got = {}
    for row in rows:
        at = (str(row["encoding"]), number(row["features"], "features"))
        if at in got:
            raise Wrong(f"The table has two rows for {at[0]}, {at[1]:g} features.")
        got[at] = [number(row[key], key) for key in COUNTS]
    wanted = list(product(names, sizes))
    if set(got) != set(wanted):
        raise Wrong(f"The table needs one row for each encoding and size: {len(wanted)} in all.")
    right, special = [], []
    for name, size in wanted:
        build = eval(CIRCUITS[names.index(name)])
        right.append(list(counts_of(build(rng.normal(size=size))).values()))
        special.append(list(counts_of(build(np.ones(size))).values()))
    got = np.array([got[at] for at in wanted])
    # A circuit may have no gate left for ones only; the count of such a vector is a slip.
    hint = "Count the gates for a vector drawn from rng: for a special one gates may drop out."
    same(got, np.array(right), "the table", mistakes={hint: np.array(special)})


# ---------------------------------------------------------------- kernels


@exercise.check("kernels", points=4)
def angle_fidelity(answer, rng):
    """`angle_kernel` gives the fidelity of every row of A with every row of B."""
    for size, spread in ((3, 1.0), (16, 0.35)):
        A, B = spread * rng.normal(size=(5, size)), spread * rng.normal(size=(4, size))
        scale = float(rng.uniform(0.5, 0.8))
        got = array(answer("angle_kernel", A, B, scale), (5, 4), "angle_kernel(A, B, scale)")

        def kernel(c, power=2, A=A, B=B):
            return np.abs(np.cos(c * (A[:, None] - B) / 2) ** power).prod(axis=2)

        right = kernel(scale)
        if size == 3:  # from the states themselves
            ours = [encoded_states(M, "angle", rotation="Y", bandwidth=scale) for M in (A, B)]
            right = np.abs(ours[0].conj() @ ours[1].T) ** 2
        mistakes = {
            "The fidelity is the square of the overlap; the square is missing.": kernel(scale, 1),
            "The half angle is missing: RY(x) puts cos(x/2) into the state.": kernel(2 * scale),
            "The scale is a factor on the features, and it is not used.": kernel(1.0),
            "The scale multiplies the features; it does not divide them.": kernel(1 / scale),
        }
        same(got, right, "angle_kernel(A, B, scale)", mistakes=mistakes, tolerance=CLOSE)


@exercise.check("kernels", points=4)
def amplitude_fidelity(answer, rng):
    """`amplitude_kernel` gives the fidelity of every row of A with every row of B."""
    for size in (int(rng.integers(3, 6)), 16):
        A, B = (2 * rng.normal(size=(rows, size)) + 0.5 for rows in (4, 6))
        scale = float(rng.uniform(0.4, 0.8))
        what = "amplitude_kernel(A, B, scale)"
        got = array(answer("amplitude_kernel", A, B, scale), (4, 6), what)
        ours = [encoded_states(M, "amplitude") for M in (A, B)]
        cosine = (ours[0].conj() @ ours[1].T).real
        mistakes = {
            "The fidelity is the square of the overlap; the square is missing.": cosine,
            "The fidelity is the square of the overlap, not its absolute value.": np.abs(cosine),
            "The rows are not normalised: the state of x has length 1.": (A @ B.T) ** 2,
            "The rows are not normalised; and a scale can't change this kernel.": (
                scale**2 * A @ B.T
            )
            ** 2,
        }
        same(got, cosine**2, what, mistakes=mistakes, tolerance=CLOSE)


@exercise.check("kernels", points=4)
def blind(answer, rng):
    """`twins` returns three vectors, far from x, whose states no measurement tells from x's."""
    size = int(rng.integers(2, 7))
    x = signed(rng, size)
    value = answer("twins", x)
    if not isinstance(value, dict):
        raise Wrong("twins(x) must be a dictionary with angle, length and sign.")
    keys = ["angle", "length", "sign"]
    row = table([value], keys, "twins(x)")[0]
    found = {key: array(row[key], (size,), f"twins(x)[{key!r}]") for key in keys}
    if any(np.abs(v).max() > 1e6 for v in found.values()):
        raise Wrong("Stay below a million: far out, rounding blurs an angle.")
    y = found["angle"]
    if np.linalg.norm(y - x) < 1:
        raise Wrong("The angle twin is x itself, or close: move it by at least 1.")
    # One turn off by 0.01 in one angle still loses 2.5e-5 of the fidelity.
    if (np.cos((y - x) / 2) ** 2).prod() < 1 - 1e-7:
        raise Wrong("The state of the angle twin differs: how far must a rotation turn to return?")
    for key, sign in (("length", 1), ("sign", -1)):
        y = found[key]
        longer = np.linalg.norm(y) / np.linalg.norm(x)
        if longer < 1e-6:
            raise Wrong(f"The twin {key!r} is a zero vector, which has no state.")
        cosine = unit(y) @ unit(x)
        if cosine**2 < 1 - 1e-9:
            raise Wrong(f"The amplitude state of the twin {key!r} differs from that of x.")
        if np.sign(cosine) != sign:
            raise Wrong("The twin 'length' points along x, the twin 'sign' against it.")
        if key == "length" and 0.5 < longer < 2:
            raise Wrong("The twin 'length' must be at least twice, or at most half as long as x.")
        if key == "sign" and abs(longer - 1) > CLOSE:
            raise Wrong("The twin 'sign' must be as long as x: it shows the sign alone.")


# ---------------------------------------------------------------- compare


def principal(fitted, train, test, d, *, per_column=False, ddof=0, spread=None, center=True):
    """Return both parts on the principal axes of `fitted`, by the first column's spread."""
    mean = fitted.mean(axis=0)
    axes = np.linalg.svd(fitted - mean, full_matrices=False)[2][:d]
    parts = [(part - (mean if center else 0)) @ axes.T for part in (train, test)]
    if spread is None:
        spread = parts[0].std(axis=0, ddof=ddof)[slice(None) if per_column else 0]
    return without_signs(*(part / spread for part in parts))


def both_spread(both, fitted=None):
    """Return the spread of both parts together on the first axis."""
    fitted = both if fitted is None else fitted
    axis = np.linalg.svd(fitted - fitted.mean(axis=0), full_matrices=False)[2][0]
    return (both @ axis).std()


def without_signs(train, test):
    """Stack both parts and turn every column so that its largest training entry is positive."""
    rows = np.abs(train).argmax(axis=0)
    signs = np.sign(train[rows, range(train.shape[1])])
    return np.vstack([train, test]) * np.where(signs == 0, 1, signs)


@exercise.check("compare", points=4)
def train_only(answer, rng):
    """`prepare` gives principal components of the training part and uses nothing of the test."""
    for d in (2, int(rng.integers(3, 6))):
        turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
        sizes = np.array([3.0, 2.2, 1.6, 1.2, 0.9, 0.6]) * rng.uniform(0.95, 1.05, 6)
        train = (rng.normal(size=(60, 6)) * sizes) @ turn + rng.normal(size=6)
        # The test rows lie elsewhere, so that a fit that sees them differs.
        test = rng.normal(size=(25, 6)) + rng.uniform(1, 2, 6)
        value = answer("prepare", train, test, d)
        if isinstance(value, np.ndarray) or not isinstance(value, list) or len(value) != 2:
            raise Wrong("prepare must return two arrays: the training part, then the test part.")
        got = [
            array(part, (len(rows), d), what)
            for part, rows, what in zip(
                value, (train, test), ("the training part", "the test part"), strict=True
            )
        ]
        right, both = principal(train, train, test, d), np.vstack([train, test])
        own = principal(test, test, test, d)[:25]
        alone = without_signs(got[1], got[1])[:25]
        its_own = [own, own * (right[60:, 0].std() / own[:, 0].std())]
        if np.abs(without_signs(*got)[:60] - right[:60]).max() < CLOSE and any(
            np.abs(alone - other).max() < CLOSE for other in its_own
        ):
            raise Wrong("The test part has axes of its own: use those of the training part.")
        leak = "Test rows leak into the preparation: fit mean, axes and scale on the training part."
        mistakes = {
            leak: principal(both, train, test, d),
            leak + " ": principal(both, train, test, d, spread=both_spread(both)),
            leak + "  ": principal(train, train, test, d, spread=both_spread(both, train)),
            "Divide all columns by one number, the spread of the first.": principal(
                train, train, test, d, per_column=True
            ),
            "The components are right, but not divided by the spread of the first.": principal(
                train, train, test, d, spread=1
            ),
            "The spread is the standard deviation of NumPy's default, ddof=0.": principal(
                train, train, test, d, ddof=1
            ),
            "The mean of the training part is not subtracted.": principal(
                train, train, test, d, center=False
            ),
        }
        same(without_signs(*got), right, "prepare", mistakes=mistakes, tolerance=CLOSE)


KERNELS = (
    "lambda A, B, c: np.exp(-c * ((A[:, None] - B) ** 2).sum(axis=2))",
    "lambda A, B, c: (c + A @ B.T) ** 2",
)
PLAIN = "lambda A, B, d: (A[:, :d], B[:, :d])"
SCALING = (
    "lambda A, B, d: (A[:, :d] / np.abs(A[:, :d]).max(axis=0),"
    " B[:, :d] / np.abs(A[:, :d]).max(axis=0))"
)


class Task:
    """A noisy two-class task with two kernels, what `compare` gets, and how a row is judged."""

    def __init__(self, rng, prepare, noise=0.25):
        self.prepare, self.made = prepare, {}
        self.X = rng.normal(size=(120, 5))
        clean = (self.X[:, 0] * self.X[:, 1] + self.X[:, 0] > 0).astype(int)
        self.y = np.where(rng.uniform(size=120) < noise, 1 - clean, clean)
        self.names = [f"model {i}" for i in rng.permutation(90)[:2]]
        every = [[c, C] for c in (0.1, 1.0, 5.0) for C in (0.03, 1.0, 30.0)]
        self.settings = [[every[i] for i in rng.permutation(9)] for _ in self.names]
        self.counts = [2, int(rng.integers(3, 6))]
        self.seeds = [int(s) for s in rng.permutation(10_000)[:3]]

    def ask(self, answer):
        """Return the row of each (features, seed, model): setting and accuracy."""
        kernels = {
            name: {"kernel": Function(source), "settings": settings}
            for name, source, settings in zip(self.names, KERNELS, self.settings, strict=True)
        }
        options = {"feature_counts": self.counts, "seeds": self.seeds}
        rows = answer("compare", self.X, self.y, kernels, prepare=Function(self.prepare), **options)
        wanted = list(product(self.counts, self.seeds, self.names))
        rows = table(rows, ["features", "seed", "model", "setting", "accuracy"], "the table")
        found = {}
        for row in rows:
            at = (number(row["features"], "features"), number(row["seed"], "seed"), row["model"])
            if not isinstance(at[2], str) or at in found:
                raise Wrong("Each number of features, seed and model has one row, and one only.")
            setting = number(row["setting"], "setting", low=0, high=8)
            if setting != int(setting):
                raise Wrong("A setting is the position in the list of settings: an integer.")
            found[at] = int(setting), number(row["accuracy"], "accuracy", low=0, high=1)
        if set(found) != set(wanted):
            raise Wrong(f"The table needs {len(wanted)} rows: features by seeds by models.")
        return {at: found[at] for at in wanted}

    def parts(self, at, leak=False):
        """Return the prepared training and test part, with labels, as the protocol has it."""
        d, seed, _ = at
        if (d, seed, leak) in self.made:
            return self.made[d, seed, leak]
        prepare = eval(self.prepare, {"np": np})
        X, y = self.X, self.y
        if leak:
            X = prepare(X, X, d)[0]
        A, B, a, b = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
        A, B = (A, B) if leak else prepare(A, B, d)
        self.made[d, seed, leak] = A, B, a, b
        return A, B, a, b

    def setting(self, at, index):
        which = self.names.index(at[2])
        return eval(KERNELS[which], {"np": np}), *self.settings[which][index]

    def scores(self, at, index, leak=False):
        """Return test and training accuracy of a setting."""
        A, B, a, b = self.parts(at, leak)
        kernel, scale, C = self.setting(at, index)
        model = SVC(kernel="precomputed", C=C).fit(kernel(A, A, scale), a)
        test = model.predict(kernel(B, A, scale)) == b
        return test.mean(), (model.predict(kernel(A, A, scale)) == a).mean()

    def validation(self, at, index):
        """Return the mean accuracy over the folds of the training part."""
        A, _, a, _ = self.parts(at)
        kernel, scale, C = self.setting(at, index)
        K, right = kernel(A, A, scale), []
        for fit, held in StratifiedKFold(4).split(A, a):
            model = SVC(kernel="precomputed", C=C).fit(K[np.ix_(fit, fit)], a[fit])
            right.append((model.predict(K[np.ix_(held, fit)]) == a[held]).mean())
        return np.mean(right)


@exercise.check("compare", points=4)
def tuned(answer, rng):
    """Each model's setting is the best by four-fold cross-validation on the training part."""
    task = Task(rng, PLAIN)
    rows = task.ask(answer)
    short = 0.0
    for at, (index, _) in rows.items():
        folds = [task.validation(at, i) for i in range(9)]
        short = max(short, max(folds) - folds[index])
    # One of the 90 training samples may fall either way by rounding; never two.
    if short > 1.5 / 90:
        if all(
            task.scores(at, index)[0] >= max(task.scores(at, i)[0] for i in range(9)) - 1e-9
            for at, (index, _) in rows.items()
        ):
            raise Wrong("The settings were chosen on the test part: it must stay unseen till then.")
        raise Wrong(
            f"A setting is {short:.2f} below the best in four-fold cross-validation on the "
            "training part. Is every setting tried, on StratifiedKFold(4) without shuffling?"
        )


@exercise.check("compare", points=4)
def accuracy(answer, rng):
    """The accuracy is that of the chosen setting, fitted to the training part, on the test."""
    task = Task(rng, SCALING, noise=0.1)
    # One sample far out, in the test part of two seeds: who scales before splitting shrinks all.
    far = int(rng.integers(120))
    task.X[far] = 60 * np.sign(task.X[far]) + 60 * task.X[far]
    seeds = []
    while len(seeds) < 3:
        seed = int(rng.integers(10**6))
        order = np.arange(120)
        test = train_test_split(order, test_size=0.25, stratify=task.y, random_state=seed)[1]
        if (far in test) == (len(seeds) < 2) and seed not in seeds:
            seeds.append(seed)
    task.seeds = seeds
    rows = task.ask(answer)
    got = np.array([value for _, value in rows.values()])
    right = np.array([task.scores(at, index) for at, (index, _) in rows.items()])
    leaked = [task.scores(at, index, leak=True)[0] for at, (index, _) in rows.items()]
    folds = [task.validation(at, index) for at, (index, _) in rows.items()]
    mistakes = {
        "Test rows leak: split first, then prepare with the training part alone.": leaked,
        "This is the accuracy on the training part; report that on the test part.": right[:, 1],
        "This is the score of cross-validation; report the accuracy on the test part.": folds,
    }
    # One of the 30 test samples may fall either way by rounding.
    same(
        got,
        right[:, 0],
        "the accuracy",
        mistakes=mistakes,
        tolerance=1.01 / 30,
        otherwise="Split with train_test_split, stratified, random_state=seed, a quarter to test.",
    )


# ---------------------------------------------------------------- interval


@exercise.check("interval", points=6)
def corrected(answer, rng):
    """Mean and 95% interval of paired differences, corrected for splits that overlap."""
    for _ in range(2):
        n, ratio = int(rng.integers(5, 11)), float(rng.uniform(0.2, 0.6))
        seeds = [int(s) for s in rng.permutation(1000)[:n]]
        luck = dict(zip(seeds, rng.normal(0, 0.05, n), strict=True))
        rows = [
            {
                "features": d,
                "seed": s,
                "model": m,
                "setting": int(rng.integers(9)),
                "accuracy": float(0.7 + 0.05 * k + 0.01 * d + luck[s] + 0.02 * rng.normal()),
            }
            for (k, m), d, s in product(enumerate("abc"), (2, 4, 8), seeds)
        ]
        rows = [rows[i] for i in rng.permutation(len(rows))]
        first, second = map(str, rng.permutation(["a", "b", "c"])[:2])
        d = int(rng.choice([2, 4, 8]))
        value = answer("paired_difference", rows, first, second, features=d, ratio=ratio)
        if not isinstance(value, dict):
            raise Wrong("paired_difference must return a dictionary with mean, low and high.")
        row = table([value], ["mean", "low", "high"], "the result")[0]
        got = np.array([number(row[key], key) for key in ("mean", "low", "high")])

        def scores(model, d=d, rows=rows):
            return {
                r["seed"]: r["accuracy"] for r in rows if (r["model"], r["features"]) == (model, d)
            }

        one, two = scores(first), scores(second)
        paired = np.array([one[s] - two[s] for s in seeds])
        as_they_come = np.array(list(one.values())) - np.array(list(two.values()))
        apart_too = np.sqrt(np.var(list(one.values()), ddof=1) + np.var(list(two.values()), ddof=1))

        mean = paired.mean()

        def interval(spread, share, quantile=None, n=n, mean=mean):
            quantile = stats.t.ppf(0.975, n - 1) if quantile is None else quantile
            reach = quantile * spread * np.sqrt(share)
            return np.array([mean, mean - reach, mean + reach])

        s, share = paired.std(ddof=1), 1 / n + ratio
        mistakes = {
            "Splits of the same samples overlap: add the ratio to 1/J.": interval(s, 1 / n),
            "Match the scores of one seed before you subtract: rows have any order.": interval(
                as_they_come.std(ddof=1), share
            ),
            "This interval ignores the pairing: take the spread of the differences.": interval(
                apart_too, share
            ),
            "With few seeds use Student's t quantile, not the normal one.": interval(
                s, share, stats.norm.ppf(0.975)
            ),
            "With few seeds use Student's t quantile, and not 2.": interval(s, share, 2.0),
            "The spread of a sample has ddof=1.": interval(paired.std(), share),
            "The correction is missing a square root.": interval(s * np.sqrt(share), share),
            "The difference is first minus second.": -interval(s, share)[[0, 2, 1]],
            "This is t for one side: 2.5% lie on each.": interval(
                s, share, stats.t.ppf(0.95, n - 1)
            ),
        }
        same(got, interval(s, share), "mean, low and high", mistakes=mistakes)
