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
    Mistakes,
    Seed,
    Wrong,
    array,
    number,
    quoted,
    same,
    table,
    untouched,
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


def whole_numbers(rng, size):
    """Draw a vector of different whole numbers, one of them negative, as an array of integers."""
    x = rng.permutation(np.arange(1, size + 1))
    x[rng.integers(size)] *= -1
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
    """`angle_state` turns qubit k by RY(x_k): the tensor product, qubit 0 most significant.

    Known to pass: a state with another global phase, which no measurement tells.
    """
    usual = [rng.uniform(0.4, 2.6, size) for size in (int(rng.integers(3, 6)), 2, 1, 8, 11)]
    alike = np.array([0.0, 1.1, 0.7, 0.0, 1.1])  # a qubit each, turned or not
    beyond = rng.uniform([0.0, 3.5, 6.6], [0.0, 6.0, 9.0])  # half a turn, a turn and more
    whole = rng.permutation([1, 2, 4])
    for x in (*usual, rng.permutation(beyond), whole, alike):
        x = x * rng.choice(np.array([-1, 1], x.dtype), x.size)

        def turned(turn=1.0, order=1, axis="Y", size_only=False, x=x):
            return columns(turn * (np.abs(x) if size_only else x)[::order], axis)

        each = {
            "The half angle is missing: RY(x) puts cos(x/2) into the state.": {"turn": 2.0},
            "The features are angles in radians, not in degrees.": {"turn": np.pi / 180},
            "The qubit order is reversed: qubit 0 is the most significant bit.": {"order": -1},
            "This turns about X; turn about Y, which keeps the state real.": {"axis": "X"},
            "The sign of the angles is lost.": {"size_only": True},
            "The signs are those of the opposite rotation, RY(-x).": {"turn": -1.0},
        }
        value = untouched(answer, "angle_state", x)
        got = array(value, (2**x.size,), "angle_state(x)", real=False)
        same(got, turned(), "angle_state(x)", mistakes=Mistakes(turned, each), tolerance=CLOSE,
             phase=True, laws=norm_law(got))  # fmt: skip


def norm_law(state):
    """Return the law that a state has norm 1, as a hint and whether it holds."""
    total = np.sum(np.abs(state) ** 2)
    return {f"The squared amplitudes sum to {total:.6g}, not to 1.": abs(total - 1) < CLOSE}


def in_order_of_size(state):
    """Return the entries that are not 0, sorted, with the largest turned to be positive."""
    state = state[np.abs(state) > 1e-6 * np.abs(state).max(initial=0)]
    largest = state[np.abs(state).argmax()] if state.size else 1.0
    return np.sort((state * np.conj(largest) / abs(largest)).real)


def refuses(error):
    return error.status == "error" and error.is_a(ValueError)


@exercise.check("states", points=4)
def amplitude(answer, rng):
    """`amplitude_state` writes x, divided by its length, into the amplitudes and keeps signs."""
    full, odd = int(rng.choice([8, 16])), int(rng.choice([3, 5, 6, 7]))
    for size, scale in (
        (2, 3.0),
        (4, 3.0),
        (full, 0.02),
        (odd, 3.0),
        (4, 1e-14),
        (4, 2e16),
        (4, 0),
    ):
        x = scale * signed(rng, size) if scale else whole_numbers(rng, size)

        def written(length=np.linalg.norm, size_only=False, root=False, order=1, x=x):
            values = np.sqrt(np.abs(x) * np.abs(x).sum()) if root else x
            values = np.abs(values) if size_only else values
            return values[::order] / (np.abs(x).sum() if root else length(x))

        each = {
            "The state is not normalised: its squared amplitudes must sum to 1.": {
                "length": lambda x: 1.0
            },
            "Divide by the length, not by its square.": {"length": lambda x: x @ x},
            "Divide by the length, not by the sum of absolute values.": {
                "length": lambda x: np.abs(x).sum()
            },
            "Divide by the length, not by the largest entry.": {
                "length": lambda x: np.abs(x).max()
            },
            "The signs are lost: amplitudes may be negative.": {"size_only": True},
            "The features are the amplitudes, not the probabilities.": {"root": True},
            "The order is reversed: entry b of x belongs to basis state b.": {"order": -1},
        }
        what = "amplitude_state(x)"
        try:
            value = untouched(answer, "amplitude_state", x)
        except AnswerError as error:
            if 0 < scale < 1e-9 and refuses(error):
                continue  # another check judges that
            raise
        if size != odd:
            got = array(value, (size,), what, real=False)
            same(got, written(), what, mistakes=Mistakes(written, each), tolerance=CLOSE,
                 phase=True, laws=norm_law(got))  # fmt: skip
            continue
        # Where the features stand among the zeros is the business of another check.
        got = in_order_of_size(array(value, (None,), what, real=False))
        if got.size == size:
            same(
                got,
                in_order_of_size(written()),
                f"for {size} features, {what}, in any order,",
                mistakes=Mistakes(lambda x=x, **how: in_order_of_size(written(**how)), each),
                tolerance=CLOSE,
                laws=norm_law(got),
            )


@exercise.check("states", points=4)
def padding(answer, rng):
    """`amplitude_state` takes any number of features and pads with zeros at the end."""
    drawn_sizes = (int(rng.integers(*ends)) for ends in ((5, 8), (9, 16), (17, 60)))
    vectors = [signed(rng, size) for size in (1, 3, *drawn_sizes, 300)]
    # Zeros at either end are features, and so are equal ones.
    ends = (np.zeros(3), signed(rng, 2))
    vectors += [np.concatenate(ends), np.concatenate(ends[::-1]), np.array([2.0, 1, 2, 2, -1])]
    for x in vectors:
        size, right = len(x), padded(x)
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
        zeros = f"Behind {size} features the amplitudes must be 0."
        same(got, target, "the place of the features", mistakes=scaled, tolerance=CLOSE,
             laws={zeros: np.all(got[size:] < CLOSE)})  # fmt: skip


@exercise.check("states", points=3)
def zero_vector(answer, rng):
    """`amplitude_state` refuses a zero vector with a ValueError, but no short or long vector.

    Known to pass: a limit below 1e-17, the shortest length of the task.
    """
    size = int(rng.integers(2, 9))
    some = signed(rng, size)
    nonzero = {
        "A short vector is not a zero vector: it has a direction.": (
            1e-9 * some,
            1.2e-17 * some / np.linalg.norm(some),
        ),
        "A long vector has a direction, too.": (0.9e17 * some / np.linalg.norm(some),),
        "A vector whose entries sum to 0 is not a zero vector.": (
            np.append(some, -some),
            np.array([1.0, -1.0]),  # of these no sum rounds
            np.array([0.25, -0.75, 0.5]),
            np.array([3, -5, 2]),
        ),
        "A vector with some zeros is not a zero vector.": (
            np.append(0.0, some),
            np.append(some, 0.0),
            np.array([0.0, 1.5]),
            np.array([-1.5, 0.0, 0.0]),
        ),
    }
    for hint, vectors in nonzero.items():
        for x in vectors:
            try:
                got = array(answer("amplitude_state", x), (None,), "amplitude_state(x)", real=False)
            except AnswerError as error:
                if refuses(error):
                    raise Wrong(hint) from None
                raise
            if np.abs(got).max(initial=0) == 0:
                raise Wrong(hint)
            # Up to the order, the signs and the length, which other checks judge, it is the vector.
            sizes, target = np.sort(np.abs(got)), np.sort(np.abs(padded(x)))
            if sizes.shape != target.shape or np.abs(unit(sizes) - unit(target)).max() > CLOSE:
                raise Wrong(f"{hint} Here the amplitudes are not in proportion to the features.")
    for zeros in (1, size):
        try:
            answer("amplitude_state", np.zeros(zeros))
        except AnswerError as error:
            if refuses(error):
                continue
            if error.status == "error":
                raise Wrong(f"{error.hint} Asked for is a ValueError.") from None
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
            raise Wrong(f"{quoted(name, 20)!r} is not a gate of this exercise.")
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


SLIPS = {
    "": {},
    "CNOT has its control first: [control, target]; swap the two wires.": {"swap": True},
    "Every angle is half of what it should be: RY(t) puts cos(t/2) into the state.": {
        "factor": 2.0
    },
    "Every angle is twice what it should be.": {"factor": 0.5},
    "The angles are in degrees; gates take radians.": {"factor": np.pi / 180},
    "The angles are divided by 180/pi once too often: they are radians already.": {
        "factor": 180 / np.pi
    },
    "Every angle has the wrong sign.": {"factor": -1.0},
}


def verdict(gates, target):
    """Return "" for a circuit that prepares the target, a hint for known slips, else None."""
    n = len(target).bit_length() - 1
    backwards = target.reshape((2,) * n).transpose(range(n)[::-1]).ravel()
    ends = {
        "": target,
        "The signs of x are lost on the way.": np.abs(target),
        "The qubit order is reversed: qubit 0 is the most significant bit.": backwards,
    }
    made = {"": simulate(gates, n)}
    if apart(made[""], target) < CLOSE:
        return ""
    # One slip alone before two at once.
    for end, way in sorted(product(ends, SLIPS), key=lambda at: bool(at[0]) + bool(at[1])):
        if way not in made:
            made[way] = simulate(gates, n, **SLIPS[way])
        if apart(made[way], ends[end]) < CLOSE:
            return f"Two mistakes at once. {way} {end}" if way and end else way + end
    return None


def first_fault(state, target):
    """Return what is off first: the reading of a qubit, counted from 0, or only the signs."""
    n = len(target).bit_length() - 1
    # Sizes, not their squares: a small amplitude that is off has a square that is nearly right.
    sizes, wanted = np.abs(state), np.abs(target)
    if np.abs(sizes - wanted).max() < CLOSE:
        return "The squared amplitudes are right; some signs are not."
    for k in range(n):
        ours, theirs = (
            np.linalg.norm(v.reshape(2 ** (k + 1), -1), axis=1) for v in (sizes, wanted)
        )
        if np.abs(ours - theirs).max() > CLOSE:
            before = ", together with those before it," if k else ""
            return f"The reading of qubit {k}{before} has other probabilities than in x."
    return ""


def circuit_of(answer, x):
    target = unit(padded(x))
    gates = untouched(answer, "amplitude_circuit", x)
    return read_gates(gates, len(target).bit_length() - 1), target


def nearly(answer, x):
    """Return a circuit that prepares the state, at most up to one slip that another check names."""
    gates, target = circuit_of(answer, x)
    if verdict(gates, target) is None:
        raise Wrong(f"For {len(x)} features the circuit does not prepare the state of x.")
    return gates


@exercise.check("circuit", points=8)
def prepares(answer, rng):
    """The gates of `amplitude_circuit` turn |0...0> into the state of x, up to a global phase."""
    usual, short = (4, 8, int(rng.choice([7, 15])), 3, 2, 1), 2e-17
    close = np.array([1.0, rng.choice([-1, 1]) * 10 ** rng.uniform(-3.5, -2.5)])  # a small angle
    vectors = [signed(rng, size) for size in usual]
    far, whole = 2e16 * signed(rng, 4), whole_numbers(rng, 4)
    alike = rng.permutation([1.0, 1.0, 1.0, -1.0])
    for x in (*vectors, close, short * signed(rng, 4), far, whole, alike):
        size = len(x)
        gates, target = circuit_of(answer, x)
        hint = verdict(gates, target)
        if hint is None:
            state = simulate(gates, len(target).bit_length() - 1)
            length = np.linalg.norm(x)
            start = "A short x has a circuit, too. " if length < 1e-9 else ""
            start = "A long x has a circuit, too. " if length > 1e9 else start
            raise Wrong(
                f"{start}{first_fault(state, target)} For {size} features the state is off by up "
                f"to {apart(state, target):.2g}."
            )
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


def random_gates(rng, length=None):
    """Draw a list of gates on five of eight wires, the last of which may be idle.

    Some turn by 0, and some stand twice: they are gates as all others.
    """
    used = rng.permutation(8)[:5]
    gates = [["H", [int(w)]] for w in (*used, used[0])]
    gates += [[name, [int(w)], 0.0] for name, w in zip(TURNS, used, strict=False)]
    for _ in range(int(rng.integers(12, 20)) if length is None else length):
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
    for spread in (1, 1, 1, 23):
        gates = [[g[0], [spread * w for w in g[1]], *g[2:]] for g in random_gates(rng)]
        used = sorted({w for gate in gates for w in gate[1]})
        gates.append(["CZ", used[:2]])
        if used == [0, 1, 2, 3, 4]:  # leave a wire below the highest one without a gate
            gates = [[g[0], [w + 1 for w in g[1]], *g[2:]] for g in gates]
        top = 1 + max(w for gate in gates for w in gate[1])
        right = counts_of(gates)
        got = counted(untouched(answer, "resources", gates), keys)
        cnots = sum(gate[0] == "CNOT" for gate in gates)
        mistakes = {
            "qubits": {"Count the qubits that a gate acts on: an idle wire costs nothing.": top},
            "two_qubit_gates": {"CZ acts on two qubits as well.": cnots},
            "gates": {
                "All gates are asked for, those on two qubits included.": len(gates)
                - right["two_qubit_gates"],
            },
        }
        for key in keys:
            same(got[key], right[key], key, mistakes=mistakes[key])
    got = counted(answer("resources", []), keys)
    for key in keys:
        same(got[key], 0, f"{key} of an empty list")


@exercise.check("resources", points=5)
def depth(answer, rng):
    """The depth is that of a schedule in which each gate starts as soon as its qubits are free."""
    for _ in range(4):
        gates, mistakes = random_gates(rng), {}
        while len(set(mistakes.values()) | {depth_of(gates)}) < 4:
            gates = random_gates(rng)
            mistakes = {
                "Depth is not the gate count: gates on different qubits share a step.": len(gates),
                "A gate may slide back into an earlier step, to the first in which all its qubits "
                "are free.": layers_without_sliding(gates),
                "Gates on one qubit take a step as well.": depth_of(
                    [gate for gate in gates if len(gate[1]) == 2]
                ),
            }
        got = counted(answer("resources", gates), ["depth"])["depth"]
        laws = {
            "A depth is a whole number.": got == int(got),
            "No circuit is deeper than it has gates.": got <= len(gates),
        }
        same(got, depth_of(gates), "depth", mistakes=mistakes, laws=laws)
    for gates, what in (
        ([], "an empty list"),
        ([["X", [int(rng.integers(30))]]], "one gate"),
        ([["RZ", [0], 0.0], ["X", [0]]], "two gates, one of which turns by 0"),
        ([["X", [4]], ["X", [4]]], "a gate that stands twice"),
        (random_gates(rng, 300), "a long list"),
        ([["RY", [3], 0.1], ["H", [3]], ["RZ", [3], 0.2]], "three gates on one qubit"),
        ([["CNOT", [0, 29]], ["H", [7]]], "two gates on different qubits"),
    ):
        got = counted(answer("resources", gates), ["depth"])["depth"]
        same(got, depth_of(gates), f"the depth of {what}")


# Two encodings of the grader; where neighbours or halves are equal, gates drop out.
CIRCUITS = (
    'lambda x: [["RY", [k], float(x[k])] for k in range(len(x))]'
    ' + [["CZ", [k, k + 1]] for k in range(len(x) - 1) if abs(x[k] - x[k + 1]) > 1e-9]',
    'lambda x: [g for k in range(len(x)) for g in ([["RY", [k % 3], float(x[k])]]'
    ' + ([["CNOT", [k % 3, 3]]] if abs(x[k] - x[0]) > 1e-9 else []))]',
)


# Laws of standard normal numbers: a statistic of x, its value, and its standard deviation for one.
LARGE = 20_000
INNER = 1 - 2 * stats.norm.sf(0.5)
LAWS = {
    "np.mean(x) + 1": (1.0, 1.0),
    "np.mean(np.square(x))": (1.0, np.sqrt(2)),
    "np.mean(np.abs(x) < 0.5)": (INNER, np.sqrt(INNER * (1 - INNER))),
    "np.mean(np.multiply(x[1:], x[:-1])) + 1": (1.0, 1.0),
}
# As many gates as 200 times the statistic, on seven qubits; the last two tell draws apart.
GATES = [
    *(f"min(600, round(200 * ({law})))" for law in LAWS),
    "sum(2**k for k in range(8) if x[k] > 0)",
    "sum(2**k for k in range(8) if x[k + 8] > 0)",
]
COUNTED = [f'lambda x: [["X", [k % 7]] for k in range({gates})]' for gates in GATES]


@exercise.check("resources", points=5)
def cost_table(answer, rng):
    """`resource_table` has the counts of every encoding and every size, for an x drawn from rng.

    Known to pass: one x for several encodings, which the task allows.
    """
    names = [f"encoding {i}" for i in rng.permutation(90)[:8]]
    circuits = dict(zip(names[:2], map(Function, CIRCUITS), strict=True))
    # More of them than the experiment has, in any order.
    sizes = [int(d) for d in rng.permutation(np.arange(1, 18))]
    got = costs(answer, circuits, sizes, Seed(int(rng.integers(2**31))))
    right, special = [], []
    for name, size in got:
        build = eval(CIRCUITS[names.index(name)])
        right.append(list(counts_of(build(rng.normal(size=size))).values()))
        special.append(list(counts_of(build(np.ones(size))).values()))
    # A circuit may have no gate left for ones only; the count of such a vector is a slip.
    hint = "Count the gates for a vector drawn from rng: for a special one gates may drop out."
    same(np.array(list(got.values())), np.array(right), "the table",
         mistakes={hint: np.array(special)})  # fmt: skip
    drawn(answer, dict(zip(names[2:], map(Function, COUNTED), strict=True)), rng)


def costs(answer, circuits, sizes, seed):
    """Return the four counts of each encoding and size."""
    rows = untouched(answer, "resource_table", circuits, sizes, rng=seed)
    rows = table(rows, ["encoding", "features", *COUNTS], "the table")
    got = {}
    for row in rows:
        at = (str(row["encoding"]), number(row["features"], "features"))
        if at in got:
            raise Wrong(f"The table has two rows for {at[0]}, {at[1]:g} features.")
        got[at] = [number(row[key], key) for key in COUNTS]
    wanted = list(product(circuits, sizes))
    if set(got) != set(wanted):
        raise Wrong(f"The table needs one row for each encoding and size: {len(wanted)} in all.")
    return {at: got[at] for at in wanted}


def drawn(answer, circuits, rng):
    """Raise `Wrong` unless x is standard normal and drawn from the generator that is passed."""
    seed = int(rng.integers(2**31))
    seeds = (seed, seed, seed + 1)
    one, again, other = (
        [c[2] for c in costs(answer, circuits, [LARGE], Seed(s)).values()] for s in seeds
    )
    if one != again:
        raise Wrong("The same generator gives another table: draw x from rng, and nothing else.")
    for gates, (mean, spread) in zip(one, LAWS.values(), strict=False):
        # Six standard deviations, and a half for rounding: a false alarm in 10^8 runs.
        if abs(gates - 200 * mean) > 6 * 200 * spread / np.sqrt(LARGE) + 0.5:
            raise Wrong("The entries of x must be independent standard normal numbers.")
    if one == other:  # by chance in 10^7 runs
        raise Wrong("Another generator gives the very same table: draw x from rng.")


# ---------------------------------------------------------------- kernels


def fidelity_laws(got):
    """Return what every matrix of fidelities obeys, as hints and whether it holds."""
    return {
        "A fidelity lies between 0 and 1.": np.all((got > -CLOSE) & (got < 1 + CLOSE)),
        "Rows of A and rows of B differ, so no fidelity is 1.": np.all(got < 1 - 1e-9),
    }


def with_scale(scale, how):
    """Return the scale as arguments and keywords, and the number that counts then."""
    if how == "left out":
        return [], {}, 1.0
    return ([], {"scale": scale}, scale) if how == "named" else ([scale], {}, scale)


def two_lists(rng, m, n, size):
    """Draw lists of rows of whole numbers; no row of one is along a row of the other."""
    A, B = rng.integers(1, 4, (m, size)), rng.integers(1, 4, (n, size))
    A[:, 0], B[:, 0] = -4, 5
    A[-1] = A[0]  # equal rows count, too
    return A.tolist(), B.tolist()


@exercise.check("kernels", points=4)
def angle_fidelity(answer, rng):
    """`angle_kernel` gives the fidelity of every row of A with every row of B."""
    # Few features and many, close together and more than half a turn apart.
    shapes = ((5, 4, 3, 1.0, "last"), (5, 4, 16, 0.35, "named"), (1, 2, 1, 1.0, "left out"),
              (2, 1, 2, 3.0, "last"), (1001, 2, 2, 1.0, "last"), (2, 1001, 2, 1.0, "last"),
              (1, 1, 1, 1.0, "last"), (1, 1, 3, 1.0, "last"), (4, 4, 3, 1.0, "named"),
              (2, 3, 2, 0.0, "named"))  # fmt: skip
    for m, n, size, spread, how in shapes:
        A, B = spread * rng.normal(size=(m, size)), spread * rng.normal(size=(n, size))
        if not spread:
            A, B = two_lists(rng, m, n, size)
        # Factors below 1 and above; a turned sign changes nothing.
        args, named, scale = with_scale(float(rng.uniform(0.5, 0.8) * (4 if n == 1 else 1)), how)
        value = untouched(answer, "angle_kernel", A, B, *args, **named)
        got = array(value, (m, n), "angle_kernel(A, B, scale)")
        A, B = np.asarray(A), np.asarray(B)

        def kernel(turn=1.0, power=2, scale=scale, A=A, B=B):
            return np.abs(np.cos(turn * scale * (A[:, None] - B) / 2) ** power).prod(axis=2)

        right = kernel()
        if size == 3:  # from the states themselves
            ours = [encoded_states(M, "angle", rotation="Y", bandwidth=scale) for M in (A, B)]
            right = np.abs(ours[0].conj() @ ours[1].T) ** 2
        each = {
            "The fidelity is the square of the overlap; the square is missing.": {"power": 1},
            "The half angle is missing: RY(x) puts cos(x/2) into the state.": {"turn": 2.0},
            "The scale is a factor on the features, and it is not used.": {"scale": 1.0},
            "The scale multiplies the features; it does not divide them.": {"scale": 1 / scale},
        }
        left_out = "Without a scale it is 1." if how == "left out" else ""
        what, mistakes = "angle_kernel(A, B, scale)", Mistakes(kernel, each)
        same(got, right, what, mistakes=mistakes, tolerance=CLOSE, laws=fidelity_laws(got),
             otherwise=left_out)  # fmt: skip


@exercise.check("kernels", points=4)
def amplitude_fidelity(answer, rng):
    """`amplitude_kernel` gives the fidelity of every row of A with every row of B."""
    shapes = ((4, 6, int(rng.integers(3, 6)), "last"), (4, 6, 16, "named"), (1, 2, 2, "left out"),
              (3, 1, 5, "last"), (1001, 2, 3, "last"), (2, 1001, 3, "last"), (1, 1, 2, "last"),
              (4, 4, 3, "named"), (3, 2, 3, "lists"))  # fmt: skip
    for m, n, size, how in shapes:
        # A short vector is not a zero vector.
        lengths = (1e-9, 5.0) if n == 1 else (2.0, 2.0)
        A, B = (
            length * (rng.normal(size=(rows, size)) + 0.25)
            for length, rows in zip(lengths, (m, n), strict=True)
        )
        if how == "lists":
            A, B = two_lists(rng, m, n, size)
        args, named, scale = with_scale(2.5 if n == 1 else 0.5, how)
        what = "amplitude_kernel(A, B, scale)"
        got = array(untouched(answer, "amplitude_kernel", A, B, *args, **named), (m, n), what)
        A, B = np.asarray(A), np.asarray(B)
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
            "Two mistakes at once. The rows are not normalised, and the square is missing.": A
            @ B.T,
            "Two mistakes at once. The rows are not normalised, and the square is missing; and a "
            "scale can't change this kernel.": scale**2 * A @ B.T,
        }
        same(got, cosine**2, what, mistakes=mistakes, tolerance=CLOSE, laws=fidelity_laws(got))


@exercise.check("kernels", points=4)
def blind(answer, rng):
    """`twins` returns three vectors, far from x, whose states no measurement tells from x's."""
    for size, length in ((1, 0.3), (2, 1.0), (3, 0.2), (int(rng.integers(4, 7)), 2.5), (2, 8.0)):
        judge_twins(answer, length * rng.uniform(0.9, 1.1) * unit(signed(rng, size)))
    # Within the first turn, the middle of it and the one before: there x is its own remainder.
    for low, high in ((0.1, 6.2), (0.1, 3.1), (-3.1, 3.1), (-6.2, -0.1)):
        judge_twins(answer, rng.uniform(low, high, int(rng.integers(2, 6))))
    judge_twins(answer, whole_numbers(rng, 3))
    judge_twins(answer, rng.permutation([0.0, 1.3, -0.8]))


def judge_twins(answer, x):
    """Raise `Wrong` unless the twins of x are what they should be."""
    value = untouched(answer, "twins", x)
    if not isinstance(value, dict):
        raise Wrong("twins(x) must be a dictionary with angle, length and sign.")
    keys = ["angle", "length", "sign"]
    row = table([value], keys, "twins(x)")[0]
    found = {key: array(row[key], (x.size,), f"twins(x)[{key!r}]") for key in keys}
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
        if key == "length" and 0.5 + CLOSE < longer < 2 - CLOSE:
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
    cases = ((2, 25), (int(rng.integers(3, 6)), 25), (1, 120), (6, 1), (3, 24))
    for d, rows_of_test in cases:
        turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
        sizes = np.array([3.0, 2.2, 1.6, 1.2, 0.9, 0.6]) * rng.uniform(0.95, 1.05, 6)
        n_train = 1100 if rows_of_test == 120 else 60
        train = (rng.normal(size=(n_train, 6)) * sizes) @ turn + rng.normal(size=6)
        # The test rows lie elsewhere, so that a fit that sees them differs.
        test = rng.normal(size=(rows_of_test, 6)) + rng.uniform(1, 2, 6)
        if rows_of_test == 24:
            train, test = (np.round(10 * part).astype(int) for part in (train, test))
        value = untouched(answer, "prepare", train, test, d)
        if isinstance(value, np.ndarray) or not isinstance(value, list) or len(value) != 2:
            raise Wrong("prepare must return two arrays: the training part, then the test part.")
        got = [
            array(part, (len(rows), d), what)
            for part, rows, what in zip(
                value, (train, test), ("the training part", "the test part"), strict=True
            )
        ]
        right, both = principal(train, train, test, d), np.vstack([train, test])
        if rows_of_test == 25:
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
        cross = got[0].T @ got[0] / n_train
        cross -= np.diag(np.diag(cross))
        laws = {
            "The columns of the training part must have mean 0.": (
                np.abs(got[0].mean(axis=0)).max() < CLOSE
            ),
            "The first column of the training part must have standard deviation 1.": abs(
                got[0][:, 0].std() - 1
            )
            < CLOSE,
            "Two columns of the training part are correlated: they are no principal axes.": (
                np.abs(cross).max() < CLOSE
            ),
        }
        same(without_signs(*got), right, "prepare", mistakes=mistakes, tolerance=CLOSE, laws=laws)


KERNELS = (
    "lambda A, B, c: np.exp(-c * ((A[:, None] - B) ** 2).sum(axis=2))",
    "lambda A, B, c: (c + A @ B.T) ** 2 / 20",
)
PLAIN = "lambda A, B, d: (A[:, :d], B[:, :d])"
# As they are for the 90 training rows of a task, and much smaller for those of a fold.
GROWING = (
    "lambda A, B, d: (A[:, :d] * min(1, len(A) / 90) ** 8, B[:, :d] * min(1, len(A) / 90) ** 8)"
)
SCALING = (
    "lambda A, B, d: (A[:, :d] / np.abs(A[:, :d]).max(axis=0),"
    " B[:, :d] / np.abs(A[:, :d]).max(axis=0))"
)


class Task:
    """A noisy two-class task with two kernels, what `compare` gets, and how a row is judged."""

    def __init__(self, rng, prepare, *, noise, labels=(0, 1), share=0.5, rows=120):
        self.prepare, self.kernels, self.made = prepare, KERNELS, {}
        self.X = rng.normal(size=(rows, 5))
        value = self.X[:, 0] * self.X[:, 1] + self.X[:, 0]
        clean = (value > np.quantile(value, 1 - share)).astype(int)
        self.y = np.array(labels)[np.where(rng.uniform(size=rows) < noise, 1 - clean, clean)]
        self.names = [f"model {i}" for i in rng.permutation(90)[:2]]
        every = [[c, C] for c in (0.1, 1.0, 5.0) for C in (0.03, 1.0, 30.0)]
        good = [[every[i] for i in rng.permutation(9)[:size]] for size in (6, 7)]
        # With such a C a model says one class only: who tries a part of the settings has the worst.
        bad = [[c, 1e-7] for c in (1.0, 0.1, 5.0)]
        self.settings = [bad + good[0], good[1] + bad[:2]]
        self.counts = [2, int(rng.integers(3, 6))]
        self.seeds = [int(rng.integers(1, 10_000)), 0, int(rng.integers(10_000, 20_000))]

    def wanted(self):
        return list(product(self.counts, self.seeds, self.names))

    def ask(self, answer):
        """Return the row of each (features, seed, model): setting and accuracy."""
        kernels = {
            name: {"kernel": Function(source), "settings": settings}
            for name, source, settings in zip(self.names, self.kernels, self.settings, strict=False)
        }
        options = {"feature_counts": self.counts, "seeds": self.seeds}
        given = (self.X, self.y, kernels)
        rows = untouched(answer, "compare", *given, prepare=Function(self.prepare), **options)
        wanted = self.wanted()
        rows = table(rows, ["features", "seed", "model", "setting", "accuracy"], "the table")
        found = {}
        for row in rows:
            at = (number(row["features"], "features"), number(row["seed"], "seed"), row["model"])
            if not isinstance(at[2], str) or at in found:
                raise Wrong("Each number of features, seed and model has one row, and one only.")
            setting = number(row["setting"], "setting", low=0, high=len(self.settings[0]) - 1)
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
        return eval(self.kernels[which], {"np": np}), *self.settings[which][index]

    def scores(self, at, index, leak=False):
        """Return test and training accuracy of a setting."""
        A, B, a, b = self.parts(at, leak)
        kernel, scale, C = self.setting(at, index)
        model = SVC(kernel="precomputed", C=C).fit(kernel(A, A, scale), a)
        test = model.predict(kernel(B, A, scale)) == b
        return test.mean(), (model.predict(kernel(A, A, scale)) == a).mean()

    def validation(self, at, index, leak=False, inside=False):
        """Return the mean accuracy over the folds of the training part.

        With `inside` each fold is prepared by itself.
        """
        A, _, a, _ = self.parts(at, leak)
        kernel, scale, C = self.setting(at, index)
        split = {"test_size": 0.25, "stratify": self.y, "random_state": at[1]}
        raw = train_test_split(self.X, **split)[0] if inside else None
        K, right = kernel(A, A, scale), []
        for fit, held in StratifiedKFold(4).split(A, a):
            among, between = K[np.ix_(fit, fit)], K[np.ix_(held, fit)]
            if inside:
                F, H = eval(self.prepare, {"np": np})(raw[fit], raw[held], at[0])
                among, between = kernel(F, F, scale), kernel(H, F, scale)
            model = SVC(kernel="precomputed", C=C).fit(among, a[fit])
            right.append((model.predict(between) == a[held]).mean())
        return np.mean(right)


# What a lazy search leaves out.
PARTS = (
    slice(5),
    slice(4, None),
    slice(None, None, 2),
    slice(1, None, 2),
    slice(8),
    slice(1, None),
)


def every_setting_counts(rng):
    """Return a task where each part of the settings misses the best one of some row, clearly.

    So does whoever prepares inside each fold.
    """
    while True:
        task = Task(rng, GROWING, noise=0.3)
        folds = {at: np.array([task.validation(at, i) for i in range(9)]) for at in task.wanted()}
        if max(f.max() - f[lured(task, at)].max() for at, f in folds.items()) < 2 / 90:
            continue
        for _ in range(100):
            orders = [rng.permutation(9) for _ in task.names]
            rows = [f[orders[task.names.index(at[2])]] for at, f in folds.items()]
            if all(max(f.max() - f[part].max() for f in rows) > 2 / 90 for part in PARTS):
                pairs = zip(task.settings, orders, strict=True)
                task.settings = [[settings[i] for i in order] for settings, order in pairs]
                return task


def lured(task, at):
    """Return the settings that are best where each fold is prepared by itself."""
    inside = np.array([task.validation(at, i, inside=True) for i in range(9)])
    return np.flatnonzero(inside > inside.max() - 1e-9)


COLUMN = "lambda A, B, c: A[:, [int(c)]] @ B[:, [int(c)]].T"


def uneven_folds(rng):
    """Return a small task with folds of two and three rows, and five settings that err once each.

    The one in the middle errs on a row of a larger fold, which costs the mean of the folds less.
    Over all rows, or rounded, the five are equal.
    """
    task = Task(rng, PLAIN, noise=0.0, rows=14)
    task.counts, task.seeds, task.names = [5], task.seeds[:1], task.names[:1]
    task.kernels, task.settings = [COLUMN], [[[float(c), 1.0] for c in range(5)]]
    side = rng.permutation(np.repeat([-1.0, 1.0], 7))
    task.X, task.y = np.tile(side[:, None], 5), (side > 0).astype(int)
    order, seed = np.arange(14), task.seeds[0]
    train = train_test_split(order, test_size=0.25, stratify=task.y, random_state=seed)[0]
    split = StratifiedKFold(4).split(train, task.y[train])
    folds = sorted((train[held] for _, held in split), key=len)
    for column, fold in enumerate((0, 1, -1, 0, 1)):
        task.X[rng.choice(folds[fold]), column] *= -1
    return task


@exercise.check("compare", points=4)
def tuned(answer, rng):
    """Each model's setting is the best by four-fold cross-validation on the training part.

    Known to pass: a choice by other folds that is as good in these, up to one sample.
    """
    task = every_setting_counts(rng)
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
        if all(index in lured(task, at) for at, (index, _) in rows.items()):
            raise Wrong("Each fold is prepared by itself: prepare once, the whole training part.")
        raise Wrong(
            f"A setting is {short:.2f} below the best in four-fold cross-validation on the "
            "training part. Is every setting tried, on StratifiedKFold(4) without shuffling?"
        )
    small = uneven_folds(rng)
    for at, (index, _) in small.ask(answer).items():
        folds = [small.validation(at, i) for i in range(5)]
        if max(folds) - folds[index] > 1e-6:
            raise Wrong(
                "With few rows the folds have unequal sizes, and a setting is not the best: its "
                "score is the mean of the accuracies of the folds, and not that of all their rows."
            )


def leaks_show(rng):
    """Return a task where preparing before splitting changes an accuracy by two samples or more."""
    while True:
        # Classes of unequal size, so that a mean over the classes is another number.
        labels = rng.permutation([-4, 3, 8])[:2]
        task = Task(rng, SCALING, noise=0.1, labels=labels, share=0.3)
        # One sample far out, in the test part of two seeds: who scales first shrinks all.
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
        for at in task.wanted():
            best = int(np.argmax([task.validation(at, i, leak=True) for i in range(9)]))
            if abs(task.scores(at, best)[0] - task.scores(at, best, leak=True)[0]) > 1.5 / 30:
                return task


@exercise.check("compare", points=4)
def accuracy(answer, rng):
    """The accuracy is that of the chosen setting, fitted to the training part, on the test.

    Known to pass: what differs by one test sample at most.
    """
    judge_accuracy(answer, leaks_show(rng))
    # More rows, and more seeds, than the experiment has.
    long = Task(rng, SCALING, noise=0.2, labels=(5, 2), share=0.4, rows=440)
    long.counts, long.seeds = [1], [0, *(int(s) for s in 1 + rng.permutation(10_000)[:8])]
    long.names, long.settings = long.names[:1], [[[1.0, 1.0]]]
    judge_accuracy(answer, long)


def judge_accuracy(answer, task):
    """Raise `Wrong` unless the accuracies of a task are those of the settings chosen."""
    rows, size = task.ask(answer), len(task.y) // 4
    got = np.array([value for _, value in rows.values()])
    right = np.array([task.scores(at, index) for at, (index, _) in rows.items()])
    leaked = [task.scores(at, index, leak=True)[0] for at, (index, _) in rows.items()]
    folds = [task.validation(at, index) for at, (index, _) in rows.items()]
    mistakes = {
        "Test rows leak: split first, then prepare with the training part alone.": leaked,
        "This is the accuracy on the training part; report that on the test part.": right[:, 1],
        "This is the score of cross-validation; report the accuracy on the test part.": folds,
        "No prediction is ever right: the classes are any two integers, not 0 and 1 or -1 and 1. "
        "Are predictions coded as y is?": 0 * got,
    }
    share = (
        f"An accuracy is a share of the {size} test samples; is this one rounded, or another score?"
    )
    is_share = np.abs(size * got - np.round(size * got)).max() < 1e-4
    # One of the test samples may fall either way by rounding.
    same(
        got,
        right[:, 0],
        "the accuracy",
        mistakes=mistakes,
        tolerance=1.01 / size,
        laws={share: is_share},
        otherwise="Split with train_test_split, stratified, random_state=seed, a quarter to test.",
    )
    if not is_share:
        raise Wrong(share)


# ---------------------------------------------------------------- interval


@exercise.check("interval", points=6)
def corrected(answer, rng):
    """Mean and 95% interval of paired differences, corrected for splits that overlap."""
    # With many seeds Student's t is close to the normal quantile, and never the same.
    for n in (2, 3, int(rng.integers(5, 11)), int(rng.integers(11, 20)), 31, 130, 1100):
        ratio = float(rng.uniform(0.1, 0.9))
        seeds = rng.permutation([0, *(1 + rng.permutation(2000)[: n - 1])]).tolist()
        luck = dict(zip(seeds, rng.normal(0, 0.05, n), strict=True))
        # The interval of two seeds is so wide that it leaves the differences that can be.
        noise = 0.15 if n == 2 else 0.02
        rows = [
            {
                "features": d,
                "seed": s,
                "model": m,
                "setting": int(rng.integers(9)),
                "accuracy": float(0.7 + 0.05 * k + 0.01 * d + luck[s] + noise * rng.normal()),
            }
            for (k, m), d, s in product(enumerate("abc"), (2, 4, 8), seeds)
        ]
        first, second = map(str, rng.permutation(["a", "b", "c"])[:2])
        d = int(rng.choice([2, 4, 8]))
        rows = [rows[i] for i in rng.permutation(len(rows))]
        # What is asked for stands at both ends, too.
        ends = [row for row in rows if row["features"] == d and row["model"] in (first, second)]
        rows = [ends[0], *(row for row in rows if row not in ends[:2]), ends[1]]
        asked = {"features": d, "ratio": ratio}
        value = untouched(answer, "paired_difference", rows, first, second, **asked)
        judge_interval(read_interval(value), rows, (first, second, d, ratio), seeds)
    plain_scores(answer, rng)


def plain_scores(answer, rng):
    """Judge an interval of scores among which are 0 and 1, and of differences that are equal."""
    pairs = rng.permutation([[0, 0.25], [0.25, 0], [0.5, 0.25], [0.75, 0.5], [1, 1], [1, 0.75]])
    rows = [
        {"features": 2, "seed": seed, "model": model, "setting": 0, "accuracy": score}
        for seed, scores in enumerate(pairs.tolist())
        for model, score in zip("ab", scores, strict=True)
    ]
    asked = ("a", "b", 2, 0.25)
    value = answer("paired_difference", rows, "a", "b", features=2, ratio=0.25)
    judge_interval(read_interval(value), rows, asked, range(len(pairs)))


def read_interval(value):
    """Return mean, low and high of what came back."""
    if not isinstance(value, dict):
        raise Wrong("paired_difference must return a dictionary with mean, low and high.")
    row = table([value], ["mean", "low", "high"], "the result")[0]
    return np.array([number(row[key], key) for key in ("mean", "low", "high")])


def judge_interval(got, rows, asked, seeds):
    """Raise `Wrong` unless mean, low and high are right for what was asked."""
    first, second, d, ratio = asked
    one, two = (
        {r["seed"]: r["accuracy"] for r in rows if (r["model"], r["features"]) == (model, d)}
        for model in (first, second)
    )
    n = len(seeds)
    scores = np.array([[one[s], two[s]] for s in seeds])
    others = [
        {(r["model"], r["seed"]): r["accuracy"] for r in ordered} for ordered in (rows, rows[::-1])
    ]
    last, earliest = (
        np.array([any_d[first, s] - any_d[second, s] for s in seeds]) for any_d in others
    )
    features = f"Rows of another number of features count here: take those with features {d} alone."
    as_they_come = np.array(list(one.values())) - np.array(list(two.values()))
    t = stats.t.ppf
    right = t(0.975, n - 1)

    def interval(
        differences=scores[:, 0] - scores[:, 1],
        ddof=1,
        apart=False,
        share=1 / n + ratio,
        quantile=right,
        middle=np.mean,
    ):
        variance = differences.var(ddof=ddof)
        if apart:
            variance = scores.var(axis=0, ddof=ddof).sum()
        reach = quantile * np.sqrt(share * variance)
        return middle(differences) + reach * np.array([0, -1, 1])

    each = {
        "Splits of the same samples overlap: add the ratio to 1/J.": {"share": 1 / n},
        "Match the scores of one seed before you subtract: rows have any order.": {
            "differences": as_they_come
        },
        features: {"differences": last},
        features + " ": {"differences": earliest},
        "This interval ignores the pairing: take the spread of the differences.": {"apart": True},
        f"With {n} seeds use Student's t quantile, not the normal one.": {
            "quantile": stats.norm.ppf(0.975)
        },
        f"With {n} seeds use Student's t quantile, and not 1.96.": {"quantile": 1.96},
        f"With {n} seeds use Student's t quantile, and not 2.": {"quantile": 2.0},
        "Student's t has J - 1 degrees of freedom.": {"quantile": t(0.975, n)},
        "This is t for one side: 2.5% lie on each.": {"quantile": t(0.95, n - 1)},
        "This is an interval of 99%.": {"quantile": t(0.995, n - 1)},
        "This is a standard error: its quantile of Student's t is missing.": {"quantile": 1.0},
        "The spread of a sample has ddof=1.": {"ddof": 0},
        "The correction is missing a square root.": {"share": (1 / n + ratio) ** 2},
        "The ratio is added to 1/J, and not multiplied.": {"share": ratio / n},
        "The mean was asked for, not the median.": {"middle": np.median},
        "The difference is first minus second.": {"differences": scores[:, 1] - scores[:, 0]},
    }
    laws = {
        "The order is low, mean, high.": got[1] <= got[0] <= got[2],
        "Don't cut the interval off: it may leave the differences that can be.": not (
            np.isin(got, [-1, 1]).any()
        ),
        "The mean lies in the middle of the interval.": abs(got[1] + got[2] - 2 * got[0]) < 1e-6,
        f"The mean of first minus second is {np.diff(scores).mean() * -1:.4f}.": (
            abs(got[0] + np.diff(scores).mean()) < 1e-6
        ),
    }
    same(got, interval(), "mean, low and high", mistakes=Mistakes(interval, each), laws=laws)
