"""Trusted checks of the exercise `variational_classifier`: they never enter a sandbox."""

from functools import cache

import numpy as np
from scipy import stats
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from qmlcourse.grading import (
    Exercise,
    Function,
    Mistakes,
    Seed,
    Wrong,
    array,
    asked,
    number,
    read_only,
    same,
    table,
)
from qmlcourse.simulator import apply, probabilities, rotation

exercise = Exercise("variational_classifier", "A variational classifier against its baselines")
exercise.question("encode", seconds=20)
exercise.question("model", seconds=20)
exercise.question("gradient", seconds=20)
exercise.question("train", needs=["gradient"], seconds=120)
exercise.question("compare", seconds=40)
exercise.question("paired_interval", seconds=20)

# Single precision passes.
LOOSE = 1e-5


def product_states(X, gate):
    """Return the tensor product over features of gate(feature)|0>, by Kronecker products."""
    states = []
    for x in X:
        state = np.ones(1)
        for angle in x:
            state = np.kron(state, gate(angle)[:, 0])
        states.append(state)
    return np.array(states)


def encoded(X, *, axis="X", scale=1.0, reverse=False):
    """Return the encoded states; the options make the mistakes."""
    X = np.asarray(X, dtype=float)
    return product_states(X[:, ::-1] if reverse else X, lambda a: rotation(axis, scale * a))


ENCODED_BY_MISTAKE = {
    "The angles are in radians, and this looks like degrees.": {"scale": np.pi / 180},
    "The state holds cos(x) where half of the angle belongs: see R_P(a) at the top.": {"scale": 2},
    "These are states of R_Y. R_X gives the entry of 1 a factor -i.": {"axis": "Y"},
    "The sign of i is that of R_X(-x).": {"scale": -1},
    "The qubits are in reverse order: qubit 0 is the most significant bit.": {"reverse": True},
}


def judge_encode(answer, X, what, given=np.array):
    X, rows = np.asarray(X), len(X)
    got = asked(answer, "encode", given(X))
    got = array(got, (rows, 2 ** X.shape[1]), what, real=False)
    norms = np.linalg.norm(got, axis=1)
    same(
        got, encoded(X), what, phase=True, tolerance=LOOSE,
        mistakes=Mistakes(lambda **options: encoded(X, **options), ENCODED_BY_MISTAKE),
        laws={f"A state has norm 1; the first row has {norms[0]:.4g}.": (
            np.abs(norms - 1).max() < 1e-4
        )},
    )  # fmt: skip


def draw_angles(rng, shape, high=6.0):
    return rng.uniform(0.4, high, size=shape) * rng.choice([-1, 1], size=shape)


@exercise.check("encode", points=4)
def one_qubit(answer, rng):
    """One feature gives cos(x/2) and -i sin(x/2), up to a global phase."""
    for rows in (int(rng.integers(4, 9)), 1, 130):
        judge_encode(answer, draw_angles(rng, (rows, 1)), f"encode(X) with {rows} rows")


@exercise.check("encode", points=4)
def many_qubits(answer, rng):
    """Two to six features give their product state, with qubit 0 the most significant bit."""
    for q in (2, 3, int(rng.integers(4, 6)), 6):
        X = draw_angles(rng, (int(rng.integers(1, 7)), q))
        given = read_only if q == 6 else np.array
        judge_encode(answer, X, f"encode(X) with {q} features", given)
        judge_encode(answer, draw_angles(rng, (1, q)), f"encode(X) of one row, {q} features")
    judge_encode(answer, np.zeros((3, 2)), "encode(X) of rows of zeros")
    X = rng.integers(1, 6, size=(4, 3))
    for given in (np.array, np.ndarray.tolist):
        judge_encode(answer, X, "encode of whole numbers", given)


def ring(q):
    return [(k, (k + 1) % q) for k in range(q)] if q > 2 else [(0, 1)] * (q - 1)


CZ = np.diag([1, 1, 1, -1])


def circuit_value(
    theta, states, *, edges=None, axes="ZY", cz_last=False, qubit=0, scale=1.0, without=slice(0)
):
    """Return <Z> of one qubit, gate by gate; the options make the mistakes."""
    joined = np.ones(len(theta), dtype=bool)
    joined[without] = False
    q = theta.shape[1]
    edges = ring(q) if edges is None else edges
    for layer, cz in zip(theta, joined, strict=True):
        for part in ("turn", "cz") if cz_last else ("cz", "turn"):
            if part == "cz":
                for edge in edges if cz else []:
                    states = apply(states, CZ, edge)
            else:
                for k in range(q):
                    for axis in axes:
                        angle = scale * layer[k, "ZY".index(axis)]
                        states = apply(states, rotation(axis, angle), [k])
    p = probabilities(states).reshape(len(states), 2**qubit, 2, -1).sum(axis=(1, 3))
    return p[:, 0] - p[:, 1]


def random_states(rng, n, q):
    states = rng.normal(size=(n, 2**q)) + 1j * rng.normal(size=(n, 2**q))
    return states / np.linalg.norm(states, axis=1, keepdims=True)


READ_OUT = {
    "This is the probability of measuring 0, and the expectation value of Z was asked for.": {
        "read": (0.5, 0.5)
    },
    "This is the probability of measuring 1, and the expectation value of Z was asked for.": {
        "read": (0.5, -0.5)
    },
    "The sign is reversed: outcome 0 counts as +1.": {"read": (0.0, -1.0)},
    "The angles are in radians, and this looks like degrees.": {"scale": np.pi / 180},
    "The rotations turn by twice their angle: see R_P(a) at the top.": {"scale": 2.0},
    "The rotations turn the other way: see R_P(a) at the top.": {"scale": -1.0},
    "On each qubit RZ comes first, then RY: the gate that acts first stands rightmost in "
    "a product of matrices.": {"axes": "YZ"},
}
NO_CZ = {"edges": []}


def judge_model(
    answer, rng, n_layers, q, options, forgiven=None, given=np.array, rows=None, real=slice(0)
):
    """Compare an answer's values with ours on random angles and random entangled states.

    A mistake that is `forgiven` costs its points elsewhere. Lists are of whole numbers. The states
    of the rows `real` have real amplitudes.
    """
    n, theta = rows or int(rng.integers(3, 10)), draw_angles(rng, (n_layers, q, 2), high=2.6)
    if given is np.ndarray.tolist:
        theta = np.trunc(theta + np.sign(theta)).astype(int)
    states = random_states(rng, n, q)
    states[real] = states[real].real / np.linalg.norm(states[real].real, axis=1, keepdims=True)
    got = asked(answer, "model", given(theta), given(states))
    got = array(got, (n,), "model(theta, states)")

    def make(read=(0.0, 1.0), order=slice(None), **options):
        return read[0] + read[1] * circuit_value(theta[order], states, **options)

    if forgiven and np.abs(got - make(**forgiven)).max() <= LOOSE:
        return
    same(
        got, make(), "model(theta, states)", tolerance=LOOSE,
        mistakes=Mistakes(make, {**options, **READ_OUT}),
        laws={"A value lies between -1 and 1, and yours does not.": np.abs(got).max() < 1 + 1e-6},
    )  # fmt: skip


@exercise.check("model", points=4)
def rotations(answer, rng):
    """On one qubit, one layer turns by RZ and then by RY, and <Z> is returned."""
    judge_model(answer, rng, 1, 1, {})
    for rows, real in ((1, slice(0)), (5, slice(1)), (5, slice(1, 5)), (130, slice(0))):
        judge_model(answer, rng, 1, 1, {}, rows=rows, real=real)
    # Twenty calls of one size, whose arrays may lie where those of an earlier call lay.
    for _ in range(20):
        judge_model(answer, rng, 1, 1, {}, rows=4)


@exercise.check("model", points=5)
def entangling_ring(answer, rng):
    """On three to five qubits, one layer joins all neighbours on the ring before it turns them."""
    for q, rows in ((3, 1), (3, 1), (3, None), (int(rng.integers(4, 6)), None)):
        judge_model(answer, rng, 1, q, rows=rows, options={
            "The ring is not closed: an edge joins the last qubit and qubit 0.": {
                "edges": ring(q)[:-1]
            },
            # After the only rotations they do nothing, as if they were missing.
            "The CZ gates have no effect: every layer has them, the first too, and they come "
            "before its rotations.": NO_CZ,
            "Only neighbours on the ring are joined, not every pair.": {
                "edges": [(j, k) for k in range(q) for j in range(k)] if q > 3 else ring(q)
            },
            "This is Z on the last qubit; qubit 0 is the most significant bit.": {"qubit": q - 1},
        })  # fmt: skip


@exercise.check("model", points=5)
def layers(answer, rng):
    """Several layers follow each other, layer 0 first; two qubits have one edge in each."""
    order = {
        "The layers run in reverse order: layer 0 acts first.": {"order": slice(None, None, -1)},
        "Only the first layer acts.": {"order": slice(1)},
    }
    judge_model(answer, rng, int(rng.integers(2, 5)), 2, {
        "Two qubits have one edge: a second CZ on the same pair undoes the first.": NO_CZ,
        **order,
        "The CZ gate comes before the rotations of a layer, not after them.": {"cz_last": True},
        "The first layer has a CZ gate too, before its rotations.": {"without": 0},
        "Only the first layer has a CZ gate; every layer has one.": {"without": slice(1, None)},
        "This is Z on the last qubit; qubit 0 is the most significant bit.": {"qubit": 1},
    }, given=np.ndarray.tolist)  # fmt: skip
    for _ in range(2):
        judge_model(answer, rng, 12, 2, order, rows=4)
    judge_model(answer, rng, int(rng.integers(2, 4)), 1, order, given=read_only)
    q = int(rng.integers(3, 5))
    judge_model(answer, rng, int(rng.integers(2, 4)), q, {
        **order,
        "The CZ gates stand in every layer.": NO_CZ,
    }, forgiven={"edges": ring(q)[:-1]})  # fmt: skip


class Waves:
    """A black box like a circuit: each angle enters as a sinusoid, alone and in a product."""

    def __init__(self, rng, n_samples, shape, decimals=None):
        self.shape, size = shape, (n_samples, int(np.prod(shape)))
        self.amplitude = rng.uniform(0.3, 0.6, size=size).round(6) / size[1]
        self.phase, self.other = rng.uniform(0, 2 * np.pi, size=(2, *size)).round(6)
        self.decimals = decimals

    def __call__(self, theta):
        v = np.asarray(theta, dtype=float).ravel()
        values = (self.amplitude * np.cos(v + self.phase)).sum(axis=1)
        values = values + 0.4 * np.cos(v + self.other).prod(axis=1)
        return values if self.decimals is None else np.round(values, self.decimals)

    def slopes(self, theta):
        """Return the derivatives, shape (n_samples, n_angles), in closed form."""
        v = theta.ravel()
        cosines, slopes = np.cos(v + self.other), -self.amplitude * np.sin(v + self.phase)
        for k in range(v.size):
            rest = np.delete(cosines, k, axis=1).prod(axis=1)
            slopes[:, k] -= 0.4 * np.sin(v[k] + self.other[:, k]) * rest
        return slopes

    def as_function(self):
        """Return the same, to be made where the answer runs."""
        a, p, o = (repr(x.tolist()) for x in (self.amplitude, self.phase, self.other))
        values = f"(np.array({a}) * np.cos(v + np.array({p}))).sum(axis=1)"
        values += f" + 0.4 * np.cos(v + np.array({o})).prod(axis=1)"
        if self.decimals is not None:
            values = f"np.round({values}, {self.decimals})"
        # Angles of another shape are no angles of this box.
        inner = f"(np.asarray(theta, dtype=float) + np.zeros({self.shape})).ravel()"
        return Function(f"lambda theta: (lambda v: {values})({inner})")


def shifted(f, theta, shift):
    """Return f(theta + shift) - f(theta - shift) for each angle, stacked last."""
    steps = shift * np.eye(theta.size).reshape(theta.size, *theta.shape)
    return np.stack([f(theta + s) - f(theta - s) for s in steps], axis=-1)


def wrong_gradients(f, theta, t):
    """Return what the usual mistakes give: hint -> gradient."""
    n, errors = len(t), f(theta) - t
    loss = lambda v: np.mean((f(v) - t) ** 2, keepdims=True)  # noqa: E731

    def make(sign=1, factor=1.0, shift=np.pi / 2, kind="chained"):
        slopes = shifted(loss if kind == "loss" else f, theta, shift) / 2
        made = 2 * errors @ slopes / n if kind == "chained" else slopes.mean(axis=0)
        return sign * factor * made.reshape(theta.shape)

    many = {"This is the gradient of the sum; the loss is a mean over the samples.": {"factor": n}}
    return Mistakes(make, (many if n > 2 else {}) | {
        "The sign is reversed: this points downhill, and a gradient points uphill.": {"sign": -1},
        "A factor 1/2 is missing in the shift rule, or the loss got a factor too many.": {
            "factor": 2.0
        },
        "Half of the gradient: a square has a derivative with a factor 2.": {"factor": 0.5},
        "This is the slope of the values. The loss is a square of them: the chain rule adds a "
        "factor for each sample.": {"kind": "slope"},
        "The rule was applied to the loss itself. It holds for expectation values, and the square "
        "of one has a second frequency: shift the values, then use the chain rule.": {
            "kind": "loss"
        },
        "The shift is pi, where the two values cancel: it must be a quarter turn.": {
            "shift": np.pi
        },
        "The shift is a quarter of pi: it must be a quarter turn, pi/2.": {"shift": np.pi / 4},
        "The shift is 1: an array like whole angles keeps only whole numbers; make them floats "
        "first.": {"shift": 1.0},
        "The shift is 90, in degrees; the angles are in radians.": {"shift": 90.0},
    })  # fmt: skip


def draw_waves(rng, n, shape, decimals=None, *, whole=False):
    """Return a black box, angles and targets whose gradient is not small anywhere."""
    while True:
        f = Waves(rng, n, shape, decimals)
        theta, t = rng.uniform(0, 2 * np.pi, size=shape), rng.choice([-1.0, 1.0], size=n)
        theta = np.ceil(theta) if whole else theta
        errors = Waves.__call__(f, theta) - t
        right = (2 * errors @ f.slopes(theta) / n).reshape(shape)
        if np.abs(right).min() > (0.2 if n == 1 else 0.005):
            return f, theta, t, right


@exercise.check("gradient", points=4)
def one_angle(answer, rng):
    """With one sample and one angle, the derivative of the squared error is exact."""
    for shape in ((1,), (), (1, 1, 1)):
        f, theta, t, right = draw_waves(rng, 1, shape)
        got = asked(answer, "gradient", f.as_function(), read_only(theta), read_only(t))
        got = array(got, shape, f"the gradient by angles of shape {shape}")
        same(got, right, "the gradient", mistakes=wrong_gradients(f, theta, t))


@exercise.check("gradient", points=4)
def all_angles(answer, rng):
    """With many samples and angles, the gradient is that of the mean, in the shape of theta."""
    n, shape = int(rng.integers(4, 9)), (2, int(rng.integers(2, 4)), 2)
    for whole in (False, True):
        f, theta, t, right = draw_waves(rng, n, shape, whole=whole)
        given = [v.astype(int).tolist() for v in (theta, t)] if whole else (theta, t)
        got = array(asked(answer, "gradient", f.as_function(), *given), shape, "the gradient")
        otherwise = "The angles are whole numbers here: make them floats before you shift them."
        same(
            got, right, "the gradient", mistakes=wrong_gradients(f, theta, t),
            otherwise=otherwise * whole,
        )  # fmt: skip
    # Other sizes: one angle and many samples, two axes and two samples; no slope at all.
    for n, shape in ((130, (1, 1)), (2, (3, 2))):
        f, theta, t, right = draw_waves(rng, n, shape)
        got = array(answer("gradient", f.as_function(), theta, t), shape, "the gradient")
        same(got, right, "the gradient", mistakes=wrong_gradients(f, theta, t))
    flat = Function("lambda theta: np.array([0.5, -0.25, 1.0])")
    got = answer("gradient", flat, theta, np.array([1, -1, 1]))
    same(array(got, shape, "the gradient"), np.zeros(shape), "the gradient of constant values")


@exercise.check("gradient", points=5)
def coarse_values(answer, rng):
    """It needs no small step: values that are rounded to two decimals move it by little."""
    # A rounding moves a slope by at most 0.005, the error by 0.005: together below 0.03.
    f, theta, t, _ = draw_waves(rng, 1, (3,), decimals=2)
    right = 2 * (f(theta) - t) @ shifted(f, theta, np.pi / 2) / 2
    got = array(answer("gradient", f.as_function(), theta, t), (3,), "the gradient")
    otherwise = (
        "The values of f were rounded to two decimals. A difference over a small step divides "
        "that error by the step; the shift rule has no small step."
    )
    if np.abs(got - right).max() > 0.03:
        mistakes = {
            hint: value for hint, value in wrong_gradients(f, theta, t).items()
            if np.abs(value).max() > 0.1  # a small step often gives 0, as a shift by pi does
        }  # fmt: skip
        same(got, right, "the gradient", tolerance=0.03, mistakes=mistakes, otherwise=otherwise)


TURN = (
    "lambda a, b: np.array([[np.cos(b / 2) * np.exp(-0.5j * a), -np.sin(b / 2) * np.exp(0.5j * a)],"
    " [np.sin(b / 2) * np.exp(-0.5j * a), np.cos(b / 2) * np.exp(0.5j * a)]])"
)
# Two layers on two qubits, as one expression: the learner trains our circuit, not their own.
TWO_LAYERS = Function(
    "lambda theta, states: (lambda T, turn: (lambda U: np.abs(np.asarray(states)"
    " @ (U(T[1]) @ U(T[0])).T) ** 2 @ np.array([1.0, 1.0, -1.0, -1.0]))(lambda layer:"
    " np.kron(turn(*layer[0]), turn(*layer[1])) * np.array([1.0, 1.0, 1.0, -1.0])))"
    f"(np.asarray(theta, dtype=float).reshape(2, 2, 2), {TURN})"
)
# The same with the qubits exchanged and the sign reversed: as easy to train, and another model.
EXCHANGED = Function(
    f"lambda theta, states: -({TWO_LAYERS.source})"
    "(np.asarray(theta, dtype=float).reshape(2, 2, 2)[:, ::-1],"
    " np.asarray(states)[:, [0, 2, 1, 3]])"
)
# A smooth value of any number of qubits and layers, for sizes alone.
ANY_SIZE = Function(
    "lambda theta, states: np.abs(np.asarray(states)) ** 2"
    " @ np.linspace(-1, 1, np.shape(states)[1]) * np.cos(np.asarray(theta, dtype=float)).mean()"
)
RUNS, STEPS, N_SEEN, N_UNSEEN = 7, 200, 60, 300


def exchanged_value(theta, states):
    return -circuit_value(theta[:, ::-1], states[:, [0, 2, 1, 3]])


def draw_task(rng, kind, by_label=False):
    """Return encoded samples of two features with labels, away from the border between them.

    With `by_label` a half of the seen samples has label 0 and comes first, so that it doesn't tell
    the other half.
    """
    n, X, angle = N_SEEN + N_UNSEEN, np.empty((0, 2)), rng.uniform(0, 2 * np.pi)
    direction = np.array([np.cos(angle), np.sin(angle)])
    while len(X) < n:
        new = rng.uniform(-1.5, 1.5, size=(4 * n, 2))
        away = np.abs(new @ direction) if kind == "line" else np.abs(new).min(axis=1)
        X = np.concatenate([X, new[away > 0.4]])[:n]
    y = X @ direction > 0 if kind == "line" else X.prod(axis=1) * direction[0] > 0
    if by_label:
        seen = np.concatenate([np.flatnonzero(y == k)[: N_SEEN // 2] for k in (0, 1)])
        order = [*seen, *np.setdiff1d(np.arange(n), seen)]
        X, y = X[order], y[order]
    return product_states(X, lambda a: rotation("X", a)), y.astype(int)


def trained(answer, rng, states, y, seed=None, model=TWO_LAYERS, steps=STEPS, given=np.array):
    """Return the angles that an answer trains on the seen samples."""
    seed = int(rng.integers(2**31)) if seed is None else seed
    seen = given(states[:N_SEEN]), given(y[:N_SEEN])
    theta = asked(
        answer, "train", model, *seen, n_layers=2, n_steps=steps, rng=Seed(seed)
    )  # fmt: skip
    return array(theta, (2, 2, 2), "train(...)")


def judge_training(answer, rng, kind, model=TWO_LAYERS, value=circuit_value):
    """Train on several tasks of a kind; at least 4 of 7 must be learned.

    From one random start, Adam and plain descent with rate 0.3 ended above the loss of 0.4 in none
    of 150 tasks of either kind (largest: 0.37). At a rate p of starts that get stuck, a correct
    answer fails with probability 35 p^4: 4e-7 at p = 0.01. Untrained angles are below 0.4 in 4% of
    the lines and 0.6% of the quadrants, which makes 1e-4 and 5e-8 for four of seven.
    """
    losses, means, reverse = [], [], []
    for _ in range(RUNS):
        states, y = draw_task(rng, kind, by_label=kind == "quadrants")
        theta = trained(answer, rng, states, y, model=model)
        f, t = value(theta, states[N_SEEN:]), 2 * y[N_SEEN:] - 1
        losses.append(np.mean((f - t) ** 2))
        reverse.append(np.mean((f + t) ** 2))
        means.append(f.mean())
    if np.sum(np.array(losses) < 0.4) >= 4:
        return
    if np.median(reverse) < 0.4:
        raise Wrong("The values have the wrong sign for most samples: does each step go downhill?")
    # Trained on targets 0 and 1 the mean is 0.38, with a deviation of 0.01 for seven tasks.
    if np.mean(means) > 0.25 and np.median(losses) < 1:
        raise Wrong("The values have a mean far above 0: are the targets 2 * y - 1, not y?")
    which = "" if model is TWO_LAYERS else " The model passed is another circuit: is that trained?"
    raise Wrong(
        f"On unseen samples the loss is {np.median(losses):.2f} (median of {RUNS} tasks). A "
        f"trained model is below 0.4, a constant has 1.{which} Follow the training loss step by "
        "step: does it fall, and does it level off before the steps are over?"
    )


@exercise.check("train", points=5)
def line(answer, rng):
    """Trained on samples split by a line, the loss on unseen samples is low.

    Known to pass: a training that stops early or goes on for longer, if its loss is low enough.
    """
    judge_training(answer, rng, "line")


@exercise.check("train", points=5)
def quadrants(answer, rng):
    """Trained on quadrants, which no linear model can do, the loss on unseen samples is low.

    Known to pass: as above.
    """
    judge_training(answer, rng, "quadrants", EXCHANGED, exchanged_value)


@exercise.check("train", points=3)
def reproducible(answer, rng):
    """Equal generators give equal angles, others other starts; sizes and steps are those asked for.

    Known to pass: more or fewer steps than `n_steps`, if these numbers grow together.
    """
    states, y = draw_task(rng, "quadrants")
    seeds = rng.choice(2**31, size=3, replace=False).tolist()
    first, again, other, third = (
        trained(answer, rng, states, y, seed) for seed in (seeds[0], *seeds)
    )
    # Untrained angles pass here in 0.5% of all cases, three starts get stuck together in p^3.
    f = [circuit_value(theta, states[:N_SEEN]) for theta in (first, other, third)]
    if min(np.mean((2 * y[:N_SEEN] - 1 - values) ** 2) for values in f) > 0.3:
        raise Wrong("The values hardly follow the labels of the samples that train was given.")
    otherwise = "Draw every random number from rng."
    same(again, first, "a second run with an equal generator", otherwise=otherwise)
    if max(np.abs(first - other).max(), np.abs(first - third).max()) < 1e-9:
        raise Wrong("Another generator gives the very same angles: does the start come from rng?")
    # Of the best of 20 starts, one in nine has a loss below 0.4 without a step; of eight, 2e-8.
    losses, starts = [], [trained(answer, rng, states, y, steps=0) for _ in range(8)]
    for theta in starts:
        f = circuit_value(theta, states[:N_SEEN])
        losses.append(np.mean((2 * y[:N_SEEN] - 1 - f) ** 2))
    if max(losses) < 0.4:
        raise Wrong("With n_steps = 0 the model is trained all the same: take n_steps steps.")
    if np.ptp(starts, axis=0).max() < 1e-9:
        raise Wrong(
            "With n_steps = 0 other generators give the very same angles: return a start as it was "
            "drawn."
        )
    # A search by chance may find nothing better in 18 steps, but not for three starts.
    for seed in seeds:
        few, more = (
            trained(answer, rng, states, y, seed, steps=n, given=read_only) for n in (2, 20)
        )
        if np.abs(few - more).max() > 1e-9:
            break
    else:
        raise Wrong("2 steps and 20 lead to the very same angles: take n_steps steps.")
    sizes = [(6, 1, int(rng.integers(3, 5)), ANY_SIZE), (6, 3, 1, ANY_SIZE), (1, 1, 1, ANY_SIZE)]
    for n, q, n_layers, model in (*sizes, (4, 1, 1, FLAT)):
        theta = answer(
            "train", model, random_states(rng, n, q), np.arange(n) % 2,
            n_layers=n_layers, n_steps=2, rng=Seed(int(rng.integers(2**31))),
        )  # fmt: skip
        what = f"train(...) with {q} qubits and {n_layers} layers"
        array(theta, (n_layers, q, 2), what + " on a constant model" * (model is FLAT))
    start_as_drawn(answer, rng)


FLAT = Function("lambda theta, states: np.zeros(len(states))")


def start_as_drawn(answer, rng):
    """With no step, the start must not move, whatever the model says."""
    # No step moves on a constant model, so it shows a start. The other model likes just this start
    # best, so that a choice among several takes it too, and has a slope there for each angle.
    states, y = np.repeat(np.eye(2), 3, axis=0), np.array([1, 1, 1, 0, 0, 0])
    ask = {"n_layers": 1, "n_steps": 0, "rng": Seed(int(rng.integers(2**31)))}
    start = array(answer("train", FLAT, states, y, **ask), (1, 1, 2), "train(...)")
    away = f"(np.asarray(theta, dtype=float).reshape(1, 1, 2) - np.array({start.tolist()}))"
    liking = Function(
        "lambda theta, states: (np.abs(np.asarray(states)) ** 2 @ np.array([1.0, -1.0]))"
        f" * (lambda away: 0.1 * np.sin(away).mean() + 0.6 * (np.abs(away).max() < 0.05))({away})"
    )
    got = array(answer("train", liking, states, y, **ask), (1, 1, 2), "train(...)")
    otherwise = "The same generator gave another start for another model: take no step at all."
    same(got, start, "the start with n_steps = 0", otherwise=otherwise)


# Stand-ins for models, made where the answer runs and here: (X, y, configuration, rng) -> predict.
# The most frequent label of the samples in whose signs three features agree: the features are 1 and
# -1, so no scaling changes what it predicts.
SIGNS = (
    "lambda X, y, c, rng: (lambda cell:"
    " (lambda votes: (lambda Z: (votes[cell(Z)] > 0).astype(int)))"
    "(np.bincount(cell(X), 2 * y - 1, 8)))"
    "(lambda Z: (Z[:, [int(c), (int(c) + 1) % 6, (int(c) + 2) % 6]] > 0) @ np.array([1, 2, 4]))"
)
# The sign of one feature, that of the configuration.
ONE_SIGN = "lambda X, y, c, rng: (lambda Z: (Z[:, int(c)] > 0).astype(int))"
# The feature depends on the generator too.
SHIFTED_SIGN = f"lambda X, y, c, rng: ({ONE_SIGN})(X, y, (c + rng.integers(6)) % 6, rng)"
# Stripes of fixed width: a small change of the scaling changes many labels.
# Always 0 where the second feature is no number.
STRIPES = (
    "lambda X, y, c, rng: (lambda Z: ((np.sin(c * Z[:, 0]) > 0) & (np.abs(Z[:, 1]) < 99))"
    ".astype(int))"
)
# Right where the samples it was fitted to have mean 0, the opposite where not; or always 1.
CENTRED = (
    "lambda X, y, c, rng: (lambda centred: "
    "(lambda Z: ((Z[:, 0] > 0) == centred).astype(int) if c else np.ones(len(Z), int)))"
    "(np.abs(X.mean(axis=0)).max() < 1e-3)"
)
COLUMNS = ("seed", "model", "tried", "chosen", "train_score", "test_score")


def draw_samples(rng, d=6):
    """Return samples whose features say something about the label, some more than others."""
    n = int(rng.integers(130, 151))
    y = rng.permutation(np.arange(n) % 5 < 2).astype(int)
    return rng.normal(size=(n, d)) + np.outer(y, rng.uniform(0.4, 0.9, size=d)), y


def draw_signs(rng):
    """Return the same with 1 and -1 alone for features."""
    X, y = draw_samples(rng)
    return np.sign(X - 0.3), y


@cache
def fitter(source):
    return eval(source, {"np": np})


def scale(how, X_fit, *sets):
    """Return sets scaled by the mean and deviation of X_fit, or by a mistake."""
    if how == "none":
        return sets
    scaled = []
    for A in sets:
        by = A if how == "each alone" else X_fit
        spread = by.std(axis=0)
        scaled.append((A - by.mean(axis=0)) / np.where(spread > 0, spread, 1))
    return scaled


def split(X, y, seed, stratify=True, size=0.25):
    return train_test_split(
        X, y, test_size=size, random_state=seed, stratify=y if stratify else None
    )


def scores(source, configuration, X, y, seed, *, stratify=True, size=0.25, how="", rng=None):
    """Return the accuracy on the training part and on the test part."""
    a, b, y_a, y_b = split(X, y, seed, stratify, size)
    a, b = scale(how, X if how == "all" else a, a, b)
    rng = np.random.default_rng(seed) if rng is None else rng
    predict = fitter(source)(a, y_a, configuration, rng)
    return float(np.mean(predict(a) == y_a)), float(np.mean(predict(b) == y_b))


def inner_scores(source, configurations, X, y, seed, *, folds=None, everything=False):
    """Return the accuracy on each fold of each configuration, shape (configurations, folds)."""
    a, _, y_a, _ = (X, None, y, None) if everything else split(X, y, seed)
    if folds is None:
        folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    result = []
    for i, j in folds.split(a, y_a):
        seen, held = scale("", a[i], a[i], a[j])
        parts = []
        for c in configurations:
            predict = fitter(source)(seen, y_a[i], c, np.random.default_rng(seed))
            parts.append(np.mean(predict(held) == y_a[j]))
        result.append(parts)
    return np.transpose(result)


def run_compare(answer, models, X, y, seeds, *, budget, given=np.array):
    """Return the rows of an answer's compare, one for each model and seed: (model, seed) -> row."""
    sources = {name: [Function(source), list(cs)] for name, (source, cs) in models.items()}
    returned = asked(answer, "compare", sources, given(X), given(y), seeds, budget=budget)
    found = {}
    for row in table(returned, COLUMNS, "compare(...)"):
        name, seed = row["model"], number(row["seed"], "a seed")
        if not isinstance(name, str) or name not in models or seed not in seeds:
            raise Wrong("compare(...) has a row with a model or seed that was not asked for.")
        if (name, seed) in found:
            raise Wrong("compare(...) has two rows for the same model and seed.")
        found[name, seed] = row
    if len(found) != len(models) * len(seeds):
        raise Wrong(
            f"compare(...) has {len(found)} rows; asked for: one for each of {len(seeds)} seeds "
            f"and {len(models)} models (0 is a seed too)"
        )
    return found


def column(rows, name, seeds, what, *, high=1.0):
    """Return one column of one model, in the order of the seeds."""
    return np.array([number(rows[name, seed][what], what, low=0.0, high=high) for seed in seeds])


def draw_seeds(rng, n):
    return rng.choice(100_000, size=n, replace=False).tolist()


@exercise.check("compare", points=5)
def test_scores(answer, rng):
    """The test score is the accuracy on the split that the seed names, the same for all models."""
    X, y = draw_signs(rng)
    seeds, (c, d) = draw_seeds(rng, 8), rng.choice(6, size=2, replace=False).tolist()
    seeds[int(rng.integers(8))] = 0
    models = {"first": (SIGNS, [c]), "second": (SIGNS, [d])}
    # Twice: nothing may be kept of the first samples.
    judge_test_scores(answer, models, X[::-1], y[::-1], seeds)
    judge_test_scores(answer, models, X, y, seeds)
    # One feature, one seed.
    judge_test_scores(answer, {"first": (ONE_SIGN, [0])}, X[:, :1], y, seeds[:1])


def judge_test_scores(answer, models, X, y, seeds):
    rows = run_compare(answer, models, X, y, seeds, budget=1, given=read_only)
    # That another protocol gives all 16 scores by chance is less likely than 1e-9.
    for name, (source, (k,)) in models.items():
        got = column(rows, name, seeds, "test_score")
        part, test = np.array([scores(source, k, X, y, s) for s in seeds]).T
        plain = np.array([scores(source, k, X, y, s, stratify=False)[1] for s in seeds])
        inner = np.array([inner_scores(source, [k], X, y, s).mean() for s in seeds])
        otherwise = "Look at the split: its size, its seed, its stratification."
        if name == "second":
            otherwise = "The first model's scores are right. All models get the same split."
        mistakes = {
            "The test score is the accuracy on the training samples.": part,
            "The test score is that of the folds inside the training part.": inner,
            "The split is not stratified by the labels.": plain,
        }
        for size in (0.2, 0.3, 0.5):
            hint = f"The test part is {size:.0%} of the samples; asked for: a quarter."
            mistakes[hint] = np.array([scores(source, k, X, y, s, size=size)[1] for s in seeds])
        what = f"the test score of the {name} model"
        same(got, test, what, mistakes=mistakes, otherwise=otherwise)


@exercise.check("compare", points=4)
def scaling(answer, rng):
    """Features are scaled by what the training part alone says."""
    X, y = draw_samples(rng)
    # Heavy tails: the deviation depends much on which samples it is taken over.
    X[:, 0] = np.exp(1.5 * rng.normal(size=len(X)))
    X[:, 1] = 3.0
    seeds, c = draw_seeds(rng, 8), float(rng.uniform(24, 30))
    rows = run_compare(answer, {"m": (STRIPES, [c])}, X, y, seeds, budget=1)

    def by(how, part):
        return np.array([scores(STRIPES, c, X, y, s, how=how)[part] for s in seeds])

    # The training score, so that a wrong test score does not cost twice.
    mistakes = {
        "The scaler has seen the test samples: fit it on the training part.": by("all", 0),
        "The samples that fit got are not scaled.": by("none", 0),
        "A feature that is constant became no number: StandardScaler subtracts its mean and "
        "divides by 1.": np.array([np.mean(split(X, y, s)[2] == 0) for s in seeds]),
    }
    otherwise = (
        "Is the scaler fitted on the samples of each fit, and on no others? Its standard deviation "
        "has the divisor n."
    )
    got = column(rows, "m", seeds, "train_score")
    same(got, by("", 0), "the training score", mistakes=mistakes, otherwise=otherwise)
    if np.abs(column(rows, "m", seeds, "test_score") - by("each alone", 1)).max() < 1e-6:
        raise Wrong("The test part was scaled by its own mean: use the training part's scaler.")


@exercise.check("compare", points=2)
def scaling_in_folds(answer, rng):
    """Inside the training part too, the scaler is fitted on the samples of each fit alone."""
    X, y = draw_samples(rng)
    X[:, 0] += 4 * y
    seeds = draw_seeds(rng, 4)
    models = {"a": (CENTRED, [1, 0]), "b": (CENTRED, [0, 1])}
    rows = run_compare(answer, models, X, y, seeds, budget=2)
    hint = "In the folds the scaler has seen the samples that are held out: fit it in each fit."
    for name, right in (("a", 0), ("b", 1)):
        got = column(rows, name, seeds, "chosen", high=1)
        mistakes = {hint: np.full(len(seeds), 1 - right)}
        same(got, np.full(len(seeds), right), "the chosen configuration", mistakes=mistakes)


def other_choices(configurations, X, y, seed):
    """Return what is chosen by the protocol, and by others: hint -> position."""
    fits = {
        "The configuration was chosen by its test score: that test set is used up.": 1,
        "The configuration was chosen by its training score.": 0,
    }
    outer = np.array([scores(SIGNS, c, X, y, seed) for c in configurations])
    inner = inner_scores(SIGNS, configurations, X, y, seed)
    plain = KFold(3, shuffle=True, random_state=seed)
    by = {hint: outer[:, part] for hint, part in fits.items()} | {
        "The first configuration is always chosen.": -np.arange(len(configurations)),
        "The worst configuration is chosen: take the highest mean accuracy.": -inner.mean(axis=1),
        "The median over the folds was taken; asked for: the mean.": np.median(inner, axis=1),
        "The best fold decides; asked for: the mean over the folds.": inner.max(axis=1),
        "The worst fold decides; asked for: the mean over the folds.": inner.min(axis=1),
        "The last fold decides; asked for: the mean over the folds.": inner[:, -1],
        "The first fold decides; asked for: the mean over the folds.": inner[:, 0],
        "The folds are not stratified by the labels.": plain,
        "The folds need shuffle=True.": StratifiedKFold(3),
        "There are five folds; asked for: three.": StratifiedKFold(
            5, shuffle=True, random_state=seed
        ),
        "The seed of the folds is always 0; asked for: the row's seed.": StratifiedKFold(
            3, shuffle=True, random_state=0
        ),
        "The folds hold samples of the test part: choose inside the training part.": None,
    }
    found = []
    for rule in by.values():
        if not isinstance(rule, np.ndarray):
            rule = inner_scores(
                SIGNS, configurations, X, y, seed, folds=rule, everything=rule is None
            ).mean(axis=1)
        found.append(int(np.argmax(rule)))
    return inner.mean(axis=1), outer, dict(zip(by, found, strict=True))


@exercise.check("compare", points=3)
def tuning(answer, rng):
    """The configuration is chosen by the folds inside the training part, and by nothing else.

    Known to pass: accuracies pooled over the folds, whose sizes differ by one sample.
    """
    configurations = [0, 1, 2, 3]
    X, y = draw_signs(rng)
    kept, caught, told = [], {}, {}
    # Eight seeds at least, and until each of the other rules chooses something else for two of them
    # and no two rules choose the same for all.
    while len(kept) < 8 or min(caught.values()) < 2 or len({*told.values()}) < len(told):
        if len(kept) == 30:
            X, y = draw_signs(rng)
            kept, caught, told = [], {}, {}
        (seed,) = draw_seeds(rng, 1)
        inner, outer, others = other_choices(configurations, X, y, seed)
        right = int(np.argmax(inner))
        if np.diff(np.sort(inner))[-1] < 1e-6:  # rounding would break a tie
            continue
        new = {hint: caught.get(hint, 0) + (other != right) for hint, other in others.items()}
        apart = {hint: (*told.get(hint, ()), other) for hint, other in others.items()}
        if (
            len(kept) < 8
            or any(new[hint] > caught[hint] and caught[hint] < 2 for hint in new)
            or len({*apart.values()}) > len({*told.values()})
        ):
            kept.append((seed, right, outer, others))
            caught, told = new, apart
    seeds, right, outer, others = zip(*kept, strict=True)
    rows = run_compare(answer, {"m": (SIGNS, configurations)}, X, y, list(seeds), budget=4)
    mistakes = {hint: np.array([o[hint] for o in others]) for hint in others[0]}
    otherwise = "Look at the folds, their seed and shuffle=True, and at what is compared."
    got = column(rows, "m", seeds, "chosen", high=3)
    same(got, np.array(right), "the chosen configuration", mistakes=mistakes, otherwise=otherwise)
    # What a training score or another split gives is judged elsewhere.
    test, best = (
        np.array([v[r, 1] for v, r in zip(outer, right, strict=True)]),
        np.array([v[:, 1].max() for v in outer]),
    )
    if np.abs(column(rows, "m", seeds, "test_score") - best).max() < 1e-6 < (best - test).max():
        raise Wrong("The test score is the best of all configurations; take the chosen one's.")
    # The first of equals.
    equal = {"m": (SIGNS, [5, 4, 4, 5])}
    rows = run_compare(answer, equal, X.astype(int), y, list(seeds[:2]), budget=4)
    if not np.isin(column(rows, "m", seeds[:2], "chosen", high=3), (0, 1)).all():
        raise Wrong("Of equally good configurations the first of the list is chosen.")
    closer_than_a_rounding(answer, rng)


def closer_than_a_rounding(answer, rng):
    """Let the best of two configurations lead by so little that two decimals don't show it."""
    n = 1200
    y = np.arange(n) % 2
    while True:
        right = np.argsort(rng.uniform(size=(n, 2)), axis=0) >= [[0.1 * n, 0.098 * n]]
        X = np.where(right, 1.0, -1.0) * (2 * y - 1)[:, None]
        (seed,) = draw_seeds(rng, 1)
        first, second = inner_scores(ONE_SIGN, [0, 1], X, y, seed).mean(axis=1)
        if second - first > 5e-4 and round(first, 2) == round(second, 2):
            break
    rows = run_compare(answer, {"m": (ONE_SIGN, [0, 1])}, X, y, [seed], budget=2)
    if column(rows, "m", [seed], "chosen", high=1)[0] != 1:
        raise Wrong(
            f"Mean accuracies of {first:.4f} and {second:.4f} are not equal: compare them as they "
            "are, without rounding."
        )


@exercise.check("compare", points=3)
def equal_budget(answer, rng):
    """No model tries more than the first `budget` configurations, however long its list is."""
    X, y = draw_signs(rng)
    # Feature k is right for a share of the samples; 5 is by far the best, and last in the list.
    shares = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    X = np.where(rng.uniform(size=X.shape) < shares, 1, -1) * (2 * y - 1)[:, None]
    seeds = draw_seeds(rng, 3)
    first = rng.permutation(5).tolist()
    models = {
        name: (ONE_SIGN, [*first, 5][:n]) for name, n in (("long", 6), ("few", 2), ("short", 3))
    }
    rows = run_compare(answer, models, X, y, seeds, budget=3)
    for name, wanted in (("long", 3), ("few", 2), ("short", 3)):
        tried = column(rows, name, seeds, "tried", high=1e6)
        chosen = column(rows, name, seeds, "chosen", high=1e6)
        if (chosen > 2).any() or (name != "few" and (tried > 3).any()):
            raise Wrong("A model with a longer list tried more than its budget of configurations.")
        if name == "few" and (tried != 2).any():
            raise Wrong("The list holds 2 configurations and the budget is 3: tried must be 2.")
        if (tried < wanted).any() or (chosen % 1).any():
            raise Wrong("The budget was 3: tried must be 3, and chosen a position in the list.")
        if name == "short":
            continue
        # Constants don't pass: the training score is that of a configuration within the budget,
        # whatever the split: 0.12 is 5 standard deviations.
        got = column(rows, name, seeds, "train_score")
        used = X[:, [first[int(c)] for c in chosen]]
        same(
            got, np.mean((used > 0) == (y == 1)[:, None], axis=0), tolerance=0.12,
            what="the training score of the chosen configuration",
        )  # fmt: skip


@exercise.check("compare", points=3)
def fresh_generator(answer, rng):
    """Each fit gets a new generator with the row's seed, so that a row can be made again."""
    # One feature is the label, the others are noise. Which configuration takes it depends on the
    # generator alone, whatever the split, the folds and the scaling are. Another generator takes it
    # for all ten seeds with probability 6**-10.
    X, y = draw_signs(rng)
    X = rng.choice([-1.0, 1.0], size=X.shape)
    X[:, 0] = 2 * y - 1
    seeds = draw_seeds(rng, 10)
    rows = run_compare(answer, {"m": (SHIFTED_SIGN, list(range(6)))}, X, y, seeds, budget=6)
    right = [-np.random.default_rng(s).integers(6) % 6 for s in seeds]
    hint = "Each call of fit gets a new generator, default_rng(seed)"
    if (column(rows, "m", seeds, "chosen", high=5) != right).any():
        raise Wrong(f"In the folds: {hint}: is one used for several?")
    if (column(rows, "m", seeds, "train_score") < 0.9).any():
        raise Wrong(f"{hint}: not so in the last fit, to the whole training part.")


NAMES = ("circuit", "logistic regression", "net", "a", "b", "trees")


def draw_table(rng, n, scatter=0.01, *, zeros=False):
    """Return rows of three models in any order, two of the names, and their scores by seed.

    With `zeros` the first two seeds have a score of 0, and the third is 0.
    """
    seeds = draw_seeds(rng, n)
    base = rng.uniform(0.5, 0.9, size=n)
    a, b, other = base + rng.normal(0.04, scatter, size=n), base, rng.uniform(0.5, 0.9, size=n)
    if zeros:
        a[0] = b[1] = seeds[2] = 0
    names = [str(name) for name in rng.choice(NAMES, size=3, replace=False)]
    rows = [
        {"seed": s, "model": m, "tried": 4, "chosen": 0, "train_score": float(t),
         "test_score": float(v)}
        for m, values in zip(names, (a, b, other), strict=True)
        for s, v, t in zip(seeds, values, rng.uniform(0.5, 1, size=n), strict=True)
    ]  # fmt: skip
    return rows, names[:2], a, b


def by_formula(d, overlap=0.0, quantile=0.975, law="t", ddof=1, sign=1, freedom=1, whole=False):
    """Return mean, low and high; the options make the mistakes."""
    n = len(d)
    q = stats.norm.ppf(quantile) if law == "normal" else stats.t.ppf(quantile, n - freedom)
    size = 1.0 if whole else 1 / n + overlap
    half = (1.96 if law == "1.96" else q) * np.sqrt(size * np.var(d, ddof=ddof))
    return np.array([sign * np.mean(d), sign * np.mean(d) - half, sign * np.mean(d) + half])


def three(value):
    return array(value, (3,), "paired_interval(...)")


@exercise.check("paired_interval", points=4)
def pairs(answer, rng):
    """Differences are taken seed by seed, whatever the order of the rows."""
    # So many seeds that the quantile does not matter here; half-widths to 3%.
    rows, names, a, b = draw_table(rng, 300)
    # The third model's rows stand at both ends: who leaves out a row loses elsewhere.
    shuffled = [rows[-1], *(rows[i] for i in rng.permutation(len(rows) - 2)), rows[-2]]
    got = three(answer("paired_interval", shuffled, *names))
    right = by_formula(a - b)
    if np.allclose(got, -right[[0, 2, 1]], atol=1e-3):
        raise Wrong("The sign is reversed: positive means that the model is better.")
    law = "" if got[1] <= got[0] <= got[2] else "The order is mean, low, high. "
    same(got[0], right[0], f"{law}the mean difference")
    half, wanted = (got[2] - got[1]) / 2, (right[2] - right[1]) / 2
    if half > 2 * wanted:
        raise Wrong("The interval is too wide: scores of different seeds were subtracted, or the "
                    "two models were treated as independent. Pair them by seed.")  # fmt: skip
    same(half / wanted, 1.0, f"{law}the half-width, relative", tolerance=0.03)
    d = np.array([0.25, 0.25, 0.0, 0.25])
    rows = [
        {"seed": 7 - s, "model": name, "tried": 1, "chosen": 0, "train_score": 1.0,
         "test_score": float(score)}
        for s, x in enumerate(d) for name, score in (("a", 0.5 + x), ("b", 0.5))
    ]  # fmt: skip
    got = three(answer("paired_interval", rows, "a", "b"))
    same(got[0], d.mean(), "the mean of differences, some of which are equal,")


@exercise.check("paired_interval", points=4)
def students_interval(answer, rng):
    """With few seeds and no overlap it is Student's interval, for any number of seeds."""
    for i, n in enumerate((2, 3, int(rng.integers(4, 8)), 30, 31, 120, 1001)):
        rows, names, a, b = draw_table(rng, n, 0.4 if n > 100 else 0.01, zeros=3 < n < 30)
        while n == 2 and np.ptp(a - b) < 0.2:
            # So that the interval reaches beyond -1 and 1, and is not cut there.
            rows, names, a, b = draw_table(rng, n, 0.4)
        # Each model stands at both ends once. Pairs are in the order of the rows too, so that only
        # the interval is judged here.
        rows = rows[i % 3 * n :] + rows[: i % 3 * n]
        got = three(answer("paired_interval", rows, *names))
        d = a - b
        options = {
            "Few seeds: the quantile is Student's, not that of a normal distribution.": {
                "law": "normal"
            },
            "The quantile 1.96 is that of many seeds.": {"law": "1.96"},
            "The variance divides by n - 1, not by n.": {"ddof": 0},
            "The quantile is one-sided: 95% between the ends leave 2.5% on either side.": {
                "quantile": 0.95
            },
            "This is a 99% interval; asked for: 95%.": {"quantile": 0.995},
            "Degrees of freedom are the number of seeds minus 1.": {"freedom": 0},
            "This is the spread of the differences; their mean varies less.": {"whole": True},
            "The sign is reversed: positive means that the model is better.": {"sign": -1},
        }
        if n == 3:
            options["Degrees of freedom are the number of seeds minus 1. "] = {"freedom": 2}
        if n > 7:
            hint = f"The quantile is Student's for {n} seeds too: the other gives another interval."
            options = {hint: {"law": "normal"}, hint + " ": {"law": "1.96"}, **options}
        elif n > 3:
            for some in ([0], [1], [0, 1]):
                hint = "A score of 0 is a score: its seed counts too." + " " * sum(some, len(some))
                options[hint] = {"d": np.delete(d, some)}
            options["The seed 0 is a seed, and counts too."] = {"d": np.delete(d, 2)}
        same(
            got, by_formula(d), "the interval",
            mistakes=Mistakes(lambda d=d, **chosen: by_formula(d, **chosen), options),
            laws={"The order is mean, low, high, and the mean lies in the middle.": (
                got[1] <= got[0] <= got[2] and abs(got[1] + got[2] - 2 * got[0]) < 1e-6
            )},
        )  # fmt: skip


@exercise.check("paired_interval", points=4)
def overlapping_splits(answer, rng):
    """The overlap of the splits widens the interval as in the formula."""
    rows, names, a, b = draw_table(rng, 300)
    rho = float(rng.uniform(0.2, 0.6))
    got = three(answer("paired_interval", rows, *names, overlap=rho))
    half = (got[2] - got[1]) / 2
    wanted, naive = (np.diff(by_formula(a - b, r)[1:])[0] / 2 for r in (rho, 0.0))
    hint = (
        "1/J and the overlap are added: the overlap is test / train, and must not be divided by "
        "the number of seeds."
    )
    if abs(half / naive / np.sqrt(1 + rho) - 1) < 0.01:
        raise Wrong(hint)
    if half < 1.5 * naive:
        raise Wrong("The overlap makes no difference: splits that share samples are correlated.")
    same(half / wanted, 1.0, "the half-width, relative", tolerance=0.03)
    # With few seeds the ratio of the widths is exact, whatever the quantile is.
    for n in (3, int(rng.integers(5, 9))):
        rows, names, *_ = draw_table(rng, n)
        rho = float(rng.uniform(0.1, 0.6))
        narrow, wide = (
            np.diff(three(answer("paired_interval", rows, *names, overlap=r))[1:])[0]
            for r in (0.0, rho)
        )
        if not narrow > 0:
            raise Wrong("The upper end is not above the lower one; the order is mean, low, high.")
        same(wide / narrow, np.sqrt(1 + n * rho), "what the overlap makes of the width", mistakes={
            "1/J is missing beside the overlap.": np.sqrt(n * rho),
            "1/J and the overlap are added under the root.": 1 + np.sqrt(n * rho),
            "The overlap stands under the root, beside 1/J, without a root of its own.": np.sqrt(
                1 + n * np.sqrt(rho)
            ),
            hint: np.sqrt(1 + rho),
        })  # fmt: skip
