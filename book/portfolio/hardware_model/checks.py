"""Trusted checks of the exercise `hardware_model`: they never enter a sandbox."""

from collections.abc import Callable
from copy import deepcopy
from functools import reduce
from typing import Any

import numpy as np
import scipy.linalg
import scipy.stats

from qmlcourse.grading import Exercise, Seed, Wrong, array, number, same, table, texts

exercise = Exercise("hardware_model", "A hybrid model on a device and its simulator")
exercise.question("train", seconds=75)
exercise.question("expectation", seconds=20)
exercise.question("record", seconds=20)
exercise.question("readout", seconds=20)
exercise.question("extrapolate", seconds=20)
exercise.question("score", seconds=20)

PAULIS = {
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0, -1.0]),
}


def words(n: int) -> list[str]:
    """Return all strings of n bits, qubit 0 first."""
    return [format(i, f"0{n}b") for i in range(2**n)]


def parity(n: int, wires: Any) -> np.ndarray:
    """Return the product of Z on some wires, for every string."""
    return np.array([(-1.0) ** sum(word[k] == "1" for k in wires) for word in words(n)])


def kron(matrices: Any) -> np.ndarray:
    """Return the Kronecker product of the matrices."""
    return reduce(np.kron, matrices)


# --- train


def layer(x: np.ndarray, angles: np.ndarray, axes: str = "XZY", unit: float = 1.0) -> np.ndarray:
    """Return three turned qubits as one matrix; `unit` scales all angles."""
    turns = []
    for k in range(3):
        by = {"X": x[k % 2], "Z": angles[k, 0], "Y": angles[k, 1]}
        matrix = np.eye(2)
        for axis in axes:
            half = unit * by[axis] / 2
            matrix = (np.cos(half) * np.eye(2) - 1j * np.sin(half) * PAULIS[axis]) @ matrix
        turns.append(matrix)
    return kron(turns)


CZ_CHAIN = np.array([(-1.0) ** ("11" in (w[:2], w[1:]) and w != "111") for w in words(3)])
Z_EACH = np.column_stack([parity(3, [k]) for k in range(3)])


def simulate(
    X: np.ndarray, theta: np.ndarray, *, cz: bool = True, reupload: bool = True, **how: Any
) -> np.ndarray:
    """Return <Z> of each qubit, shape (N, 3), by matrices of 8 by 8."""
    found = []
    for x in X:
        state = np.eye(8)[0]
        for number_, angles in enumerate(theta):
            if number_ > 0 and cz:
                state = CZ_CHAIN * state
            state = layer(x if reupload or number_ == 0 else 0 * x, angles, **how) @ state
        found.append(np.abs(state) ** 2 @ Z_EACH)
    return np.array(found)


@exercise.check("train", points=6)
def circuit(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """The features are the expectations of the stated circuit, for any number of layers."""
    for depth in (1, 2, 4):
        X = rng.uniform(-2, 2, size=(5, 2))
        theta = rng.uniform(-3, 3, size=(depth, 3, 2))
        right = simulate(X, theta)
        mistakes = {
            "All angles are in radians.": simulate(X, theta, unit=np.pi / 180),
            "A rotation by an angle has half of it in its cosine.": simulate(X, theta, unit=2),
            "A rotation by an angle turns the other way.": simulate(X, theta, unit=-1),
            "First RX, then RZ, then RY: is the order of the gates turned round?": simulate(
                X, theta, axes="YZX"
            ),
            "theta[..., 0] is the angle of RZ and theta[..., 1] that of RY.": simulate(
                X, theta[:, :, ::-1]
            ),
            "Where are the CZ gates between the layers?": simulate(X, theta, cz=False),
            "The features enter again in every layer.": simulate(X, theta, reupload=False),
            "The qubits come in reverse: qubit 0 is the most significant bit.": right[:, ::-1],
            "This is the probability of reading 1, not the expectation of Z.": (1 - right) / 2,
            "Reading 0 counts as +1: the sign is turned round.": -right,
        }
        got = array(answer("features", X, theta), (5, 3), "features(X, theta)")
        same(got, right, "features(X, theta)", mistakes=mistakes, tolerance=2e-5)


def model_of(value: Any) -> tuple[np.ndarray, np.ndarray, float]:
    """Return theta, w and b of what `train` gave, or raise `Wrong`."""
    if not isinstance(value, dict) or not {"theta", "w", "b"} <= set(value):
        raise Wrong('train must return a dictionary with "theta", "w" and "b"')
    theta, w = array(value["theta"], (3, 3, 2), "theta"), array(value["w"], (3,), "w")
    for name, values in (("theta", theta), ("w", w)):
        if np.abs(values).max() > 1e4:
            raise Wrong(f"{name} holds a number beyond 10,000: the training has diverged.")
    return theta, w, number(value["b"], "b", low=-1e4, high=1e4)


def log_loss(model: tuple[np.ndarray, np.ndarray, float], X: np.ndarray, y: np.ndarray) -> float:
    """Return the mean log loss of a model."""
    theta, w, b = model
    return float(np.logaddexp(0, (1 - 2 * y) * (simulate(X, theta) @ w + b)).mean())


@exercise.check("train", points=7)
def learns(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """From 100 points of each of two boards, the loss on 1,000 other points is below 0.40."""
    # A correct answer: mean 0.14, standard deviation 0.026, largest 0.27 in 450 trials of a
    # single start. 0.40 is ten deviations off. The second board has the opposite classes, so
    # that no stored parameters fit both.
    flip = int(rng.integers(2))
    for opposite in (flip, 1 - flip):
        centre = rng.uniform(-0.3, 0.3, size=2)
        X = rng.uniform(-1.5, 1.5, size=(1100, 2))
        y = (np.prod(X - centre, axis=1) > 0).astype(int) ^ opposite
        seed = Seed(int(rng.integers(2**31)))
        model = model_of(answer("train", X[:100], y[:100], rng=seed))
        held_out, fitted = log_loss(model, X[100:], y[100:]), log_loss(model, X[:100], y[:100])
        if held_out < 0.40:
            continue
        if log_loss(model, X[100:], 1 - y[100:]) < 0.40:
            raise Wrong("The model predicts the opposite class: p is the probability of y = 1.")
        if fitted > 0.40:
            raise Wrong(
                f"The log loss is {held_out:.2f} on new points and {fitted:.2f} on those it was "
                "trained on. If features passes: are the angles trained too, and does the loss "
                "still fall at the end?"
            )
        raise Wrong(
            f"The log loss is {held_out:.2f} on new points but {fitted:.2f} on those it was "
            "trained on: does the penalty on w act?"
        )


@exercise.check("train", points=5)
def reproducible(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """A generator with the same seed gives the same model, and the model has learned."""
    X = rng.uniform(-1.5, 1.5, size=(60, 2))
    direction = rng.permutation([1.0, rng.choice([-1, 1]) * rng.uniform(0.5, 1)])
    y = (X @ direction > 0).astype(int)
    seed = Seed(int(rng.integers(2**31)))
    first, second = (model_of(answer("train", X, y, rng=seed)) for _ in range(2))
    opposite = model_of(answer("train", X, 1 - y, rng=seed))
    # A constant has at least the entropy of the classes, and stored parameters have more for one
    # of two opposite classes. A correct answer stays below 0.35.
    share = np.array([1 - y.mean(), y.mean()]).clip(1e-9)
    worse = max(log_loss(first, X, y), log_loss(opposite, X, 1 - y))
    if worse > -share @ np.log(share) - 0.01:
        raise Wrong(
            "On points that a straight line separates, the trained model is no better than a "
            "constant. If features passes: is p the probability of y = 1, and does each step go "
            "down the gradient?"
        )
    E = [simulate(X, theta) @ w + b for theta, w, b in (first, second)]
    if np.abs(E[0] - E[1]).max() > 1e-3:
        raise Wrong(
            "Two trainings with the same seed differ: draw every random number from rng, and "
            "keep nothing between calls."
        )


# --- expectation


def random_counts(n: int, shots: int, rng: np.random.Generator) -> dict[str, int]:
    """Return counts of n wires, in any order, without the strings that never came."""
    drawn = rng.multinomial(shots, rng.dirichlet(np.full(2**n, 0.6)))
    return {words(n)[i]: int(drawn[i]) for i in rng.permutation(2**n) if drawn[i] > 0}


def vector(counts: dict[str, int]) -> np.ndarray:
    """Return the shots of every string."""
    n = len(next(iter(counts)))
    return np.array([float(counts.get(word, 0)) for word in words(n)])


def laplace(values: np.ndarray, shots: np.ndarray) -> float:
    """Return the standard error of a mean, with a shot more at either end of the values."""
    everything = np.append(values, [values.max(), values.min()])
    times = np.append(shots, [1, 1])
    mean = times @ everything / times.sum()
    return float(np.sqrt(times @ (everything - mean) ** 2 / times.sum() / shots.sum()))


def pair(value: Any, what: str) -> np.ndarray:
    """Return (value, error) as two numbers, or raise `Wrong`."""
    return array(value, (2,), what)


@exercise.check("expectation", points=4)
def value(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """The value is the mean of the product of Z on all wires over the shots."""
    for n in (2, 3, 4, 5):
        counts = random_counts(n, int(rng.integers(50, 5000)), rng)
        shots, z = vector(counts), parity(n, range(n))
        right = z @ shots / shots.sum()
        seen = shots > 0
        mistakes = {
            "This is the share of one parity: a shot counts +1 or -1.": shots[z > 0].sum()
            / shots.sum(),
            "A shot of odd parity counts -1: the sign is turned round.": -right,
            "Divide by the number of shots, not by the number of strings.": z @ shots / seen.sum(),
            "Weigh every string by its shots.": z[seen].mean(),
            "This is the mean of Z over the wires; a product was asked for.": np.mean(
                [parity(n, [k]) @ shots / shots.sum() for k in range(n)]
            ),
        }
        got = pair(answer("expectation", counts, list(range(n))), "(value, error)")[0]
        same(got, right, "the value", mistakes=mistakes)


@exercise.check("expectation", points=4)
def bit_order(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """Wire k is character k of the string, from the left, and only the chosen wires count."""
    for n in (3, 4, 5):
        counts = random_counts(n, 1000, rng)
        shots = vector(counts)
        for wires in ([0], [n - 1], [0, 1], [n - 1, 0]):
            right = parity(n, wires) @ shots / 1000
            mistakes = {
                "Wire 0 is the first character from the left: the bits are reversed.": parity(
                    n, [n - 1 - k for k in wires]
                )
                @ shots
                / 1000,
                "Only the chosen wires count.": parity(n, range(n)) @ shots / 1000,
            }
            got = pair(answer("expectation", counts, wires), "(value, error)")[0]
            same(got, right, "the value on some wires", mistakes=mistakes)


@exercise.check("expectation", points=4)
def error(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """The error is the standard error of the mean, and is not 0 where all shots agree."""
    for n, shots in ((2, 40), (3, 300), (4, 2500)):
        for counts in (random_counts(n, shots, rng), {"0" * n: shots}):
            drawn, z = vector(counts), parity(n, range(n))
            mean, right = z @ drawn / shots, laplace(z, drawn)
            mistakes = {
                "This is the spread of one shot; the error of their mean was asked for.": right
                * np.sqrt(shots),
                "Divide by the number of shots, not by the number of strings.": right
                * np.sqrt(shots / len(counts)),
                "This is the square of the error: take the root.": right**2,
                "Where all shots agree the error is not 0: add the two imaginary shots.": np.sqrt(
                    (1 - mean**2) / shots
                ),
            }
            got = pair(answer("expectation", counts, list(range(n))), "(value, error)")[1]
            same(got, right, "the error", mistakes=mistakes)


# --- record

KINDS = ("sampled simulation", "calibration-based simulation", "device")
FIELDS = (
    "backend", "device", "kind", "wires", "qubits", "calibration", "compiled", "shots", "seed",
    "counts", "versions", "job_id", "started", "ended",
)  # fmt: skip


def complete_record(kind: str, rng: np.random.Generator) -> dict[str, Any]:
    """Return a record without a fault."""
    n, shots, day = int(rng.integers(2, 5)), int(rng.integers(100, 5000)), int(rng.integers(11, 28))
    on_chip, on_device = kind != KINDS[0], kind == KINDS[2]
    names = [str(q) for q in rng.choice(100, size=n, replace=False)]
    fidelity = {q: {"reads_1_for_0": float(rng.uniform(0, 0.1))} for q in names}
    calibrated = {"time": f"2026-04-{day - 1}T23:00:00+00:00", "values": {"qubits": fidelity}}
    seed = int(rng.integers(2**32)) if not on_device or rng.random() < 0.5 else None
    return {
        "schema": 2,
        "backend": "ibm/some_chip" if on_chip else "shots",
        "device": "some_chip" if on_chip else "default.qubit",
        "kind": kind,
        "provider": "IBM" if on_chip else "PennyLane",
        "wires": list(range(n)) if rng.random() < 0.5 else list("abcd"[:n]),
        "qubits": names if on_chip else [],
        "calibration": calibrated if on_chip else None,
        "compiled": {"language": "openqasm2", "text": "OPENQASM 2.0; qreg q[1]; sx q[0];"},
        "shots": shots,
        "seed": seed,
        "counts": random_counts(n, shots, rng),
        "exact_probabilities": None,
        "versions": {"pennylane": "0.45.1"},
        "job_id": f"job-{int(rng.integers(10**6))}" if on_device else None,
        "started": f"2026-04-{day}T10:00:00+00:00",
        "ended": f"2026-04-{day}T12:30:00+02:00",
    }


def judge_records(
    answer: Callable[..., Any], cases: list[tuple[dict[str, Any], list[str], str]]
) -> None:
    """Raise `Wrong` where `problems` says something else of a record than its faults."""
    for record, faults, hint in cases:
        got = texts(answer("problems", record), "problems(record)")
        if sorted(set(got)) == sorted(faults):
            continue
        unknown = sorted(set(got) - set(FIELDS))
        if unknown:
            raise Wrong("problems names something that is none of the judged fields")
        if not set(faults) <= set(got):
            raise Wrong(f"A fault stays unseen. {hint}")
        extra = ", ".join(sorted(set(got) - set(faults)))
        raise Wrong(f"A field is blamed that is fine here: {extra}. {hint}")


def whole_records(rng: np.random.Generator) -> list[tuple[dict[str, Any], list[str], str]]:
    """Return a case without a fault of each kind."""
    hint = "In this record of a {} all is well."
    return [(complete_record(kind, rng), [], hint.format(kind)) for kind in KINDS]


def shuffled(cases: list[Any], rng: np.random.Generator) -> list[Any]:
    """Return the cases in another order."""
    return [cases[i] for i in rng.permutation(len(cases))]


@exercise.check("record", points=4)
def missing(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """Fields that are absent, None or empty are named, and no others."""
    cases = whole_records(rng)
    always = ["backend", "device", "wires", "compiled", "shots", "counts", "versions", "ended"]
    always.append("started")
    for kind in KINDS * 3:
        record = complete_record(kind, rng)
        can = always + (["calibration", "qubits"] if kind != KINDS[0] else ["seed"])
        if kind == KINDS[2]:
            can.append("job_id")
        faults = [str(name) for name in rng.choice(can, size=rng.integers(1, 4), replace=False)]
        for name in faults:
            how = rng.integers(3)
            if how == 0:
                del record[name]
            else:
                empty = {str: "", dict: {}, list: []}.get(type(record[name]))
                record[name] = None if how == 1 else empty
        cases.append((record, faults, f"Missing or empty in this record: {', '.join(faults)}."))
    record = complete_record(KINDS[1], rng)
    del record["kind"], record["seed"]
    cases.append((record, ["kind"], "Without a kind, fields that depend on it are not judged."))
    judge_records(answer, shuffled(cases, rng))


@exercise.check("record", points=5)
def counts(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """Counts are whole shots of strings of the right length that sum to the shots."""

    def lost(r: dict[str, Any]) -> None:
        r["shots"] += int(rng.integers(1, 20))

    def many(r: dict[str, Any]) -> None:
        r["counts"][next(iter(r["counts"]))] += 1

    def long(r: dict[str, Any]) -> None:
        r["counts"] = {word + "0": n for word, n in r["counts"].items()}

    def letters(r: dict[str, Any]) -> None:
        word = next(iter(r["counts"]))
        r["counts"]["2" + word[1:]] = r["counts"].pop(word)

    def negative(r: dict[str, Any]) -> None:
        word = next(iter(r["counts"]))
        other = format(int(word, 2) ^ 1, f"0{len(word)}b")
        r["counts"] = {word: r["shots"] + 3, other: -3}

    def zero(r: dict[str, Any]) -> None:
        word = next(iter(r["counts"]))
        other = format(int(word, 2) ^ 1, f"0{len(word)}b")
        r["counts"] = {word: r["shots"], other: 0}

    def halves(r: dict[str, Any]) -> None:
        word = next(iter(r["counts"]))
        other = format(int(word, 2) ^ 1, f"0{len(word)}b")
        r["counts"] = {word: r["shots"] - 2.5, other: 2.5}

    def shares(r: dict[str, Any]) -> None:
        r["counts"] = {word: n / r["shots"] for word, n in r["counts"].items()}

    def no_shots(r: dict[str, Any]) -> None:
        r["shots"] = [0, True, -5, r["shots"] + 0.5, "1000"][rng.integers(5)]

    def no_wires(r: dict[str, Any]) -> None:
        r["wires"] = [r["wires"][0]] * (len(r["wires"]) + 1)

    faults = [
        (lost, "counts", "The counts sum to fewer than the shots."),
        (many, "counts", "The counts sum to more than the shots."),
        (long, "counts", "The strings have one bit more than there are wires."),
        (letters, "counts", "A string holds something else than 0 and 1."),
        (negative, "counts", "A count is negative, though the sum is right."),
        (zero, "counts", "A count is 0, and a count must be at least 1."),
        (halves, "counts", "A count is no whole number, though the sum is right."),
        (shares, "counts", "These are shares, not counts."),
        (no_shots, "shots", "Shots are wrong here; counts are then not compared with them."),
        (no_wires, "wires", "A wire stands there twice; strings are then not compared with wires."),
    ]
    cases = whole_records(rng)
    for spoil, field, hint in faults:
        record = complete_record(KINDS[rng.integers(2)], rng)
        if spoil is no_wires:
            record["kind"] = KINDS[0]
            record["seed"] = 1
        if spoil is lost and rng.random() < 0.5:
            del record["started"]
            spoil(record)
            cases.append((record, [field, "started"], hint + " Also, it lacks its start."))
            continue
        spoil(record)
        cases.append((record, [field], hint))
    judge_records(answer, shuffled(cases, rng))


@exercise.check("record", points=5)
def rules(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """What a record needs depends on its kind, and its times must be possible."""
    cases = whole_records(rng)

    def add(kind: str, faults: list[str], hint: str, /, **changes: Any) -> None:
        record = deepcopy(complete_record(kind, rng)) | changes
        cases.append((record, faults, hint))

    chip = KINDS[int(rng.integers(1, 3))]
    values = {"qubits": {"0": {}}}
    later = {"time": "2026-05-02T00:00:00+00:00", "values": values}
    zoneless = {"time": "2026-04-02T00:00:00", "values": values}
    undated = {"values": values}
    add(KINDS[0], ["seed"], "A simulation has a seed.", seed=None)
    add(KINDS[1], ["seed"], "A simulation has a seed.", seed=None)
    add(KINDS[2], [], "A device needs no seed.", seed=None)
    add(chip, ["seed"], "A seed is a whole number of at least 0.", seed=-1)
    add(KINDS[2], ["job_id"], "A device gives every job an id.", job_id=None)
    add(KINDS[1], ["calibration"], "A stand-in has a calibration.", calibration=None)
    add(KINDS[2], ["calibration"], "A device has a calibration.", calibration=None)
    add(chip, ["calibration"], "The calibration was made after the start.", calibration=later)
    add(chip, ["calibration"], "The calibration's time has no zone.", calibration=zoneless)
    add(chip, ["calibration"], "The calibration has no time.", calibration=undated)
    add(chip, ["kind"], "A kind must be one of the three; then what depends on it is not judged.",
        kind="hardware", seed=None, job_id=None, calibration=None)  # fmt: skip
    twice = complete_record(chip, rng)
    twice["qubits"][1] = twice["qubits"][0]
    cases.append((twice, ["qubits"], "A physical qubit stands there twice."))
    fewer = complete_record(chip, rng)
    fewer["qubits"].pop()
    cases.append((fewer, ["qubits"], "There are fewer qubits than wires."))
    start = "2026-04-29T10:00:00+00:00"
    add(chip, ["ended"], "It ended before it started: mind the zones.", started=start,
        ended="2026-04-29T11:30:00+02:00")  # fmt: skip
    add(chip, [], "It ended after it started: mind the zones.", started=start,
        ended="2026-04-29T09:30:00-02:00")  # fmt: skip
    add(chip, ["started"], "The start has no zone.", started="2026-04-01T10:00:00")
    add(chip, ["started"], "The start is no time.", started="yesterday")
    add(chip, ["ended"], "The end is no text.", ended=20260430)
    judge_records(answer, shuffled(cases, rng))


# --- readout


def confusion(n: int, rng: np.random.Generator, low: float = 0.02) -> np.ndarray:
    """Return a confusion matrix for each wire, all different, far from symmetric."""
    up, down = rng.uniform(low, 0.08, size=n), rng.uniform(0.12, 0.25, size=n)
    return np.array([[[1 - a, b], [a, 1 - b]] for a, b in zip(up, down, strict=True)])


def read_counts(p: np.ndarray, A: np.ndarray, shots: int, rng: Any = None) -> dict[str, int]:
    """Return counts of misread strings: drawn, or without a generator as expected."""
    q = kron(A) @ p
    n = len(A)
    found = np.round(q * shots) if rng is None else rng.multinomial(shots, q / q.sum())
    return {word: int(c) for word, c in zip(words(n), found, strict=True) if c > 0}


def quasi(counts: dict[str, int], A: np.ndarray) -> np.ndarray:
    """Return the solution of A p = q."""
    shots = vector(counts)
    return scipy.linalg.solve(kron(A), shots / shots.sum())


def simplex(p: np.ndarray) -> np.ndarray:
    """Return the nearest probabilities."""
    ordered = np.sort(p)[::-1]
    shifts = (1 - np.cumsum(ordered)) / np.arange(1, p.size + 1)
    return np.maximum(p + shifts[np.flatnonzero(ordered + shifts > 0)[-1]], 0)


@exercise.check("readout", points=4)
def inverts(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """From exact shares of misread strings, the true shares come back."""
    for n in (2, 3):
        A, p = confusion(n, rng), rng.dirichlet(np.full(2**n, 5.0)) * 0.9 + 0.1 / 2**n
        counts = read_counts(p, A, 10**8)
        q = vector(counts) / 10**8
        mistakes = {
            "Nothing is undone: these are the shares as read.": q,
            "The matrix is applied once more, not inverted.": kron(A) @ q,
            "confusion[k][i][j] is read i, was j: a matrix is transposed.": scipy.linalg.solve(
                kron(A).T, q
            ),
            "Matrix k belongs to wire k, and wire 0 is the most significant bit: the order is "
            "reversed.": scipy.linalg.solve(kron(A[::-1]), q),
            "Every wire has a matrix of its own.": scipy.linalg.solve(kron([A[0]] * n), q),
            "Shares were asked for: divide by the shots.": p * 10**8,
        }
        got = array(answer("invert_readout", counts, A), (2**n,), "the shares")
        same(got, p, "the vector of shares", mistakes=mistakes, tolerance=1e-5)


@exercise.check("readout", points=3)
def negative(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """Negative entries, which few shots leave behind, are kept."""
    for n in (2, 3):
        A, p = confusion(n, rng, low=0.05), np.zeros(2**n)
        p[rng.integers(2**n)] = 1
        counts, solved = read_counts(p, A, 40, rng), np.zeros(1)
        # Nearly every draw leaves a clear negative entry; a few that don't are drawn again.
        for _ in range(100):
            solved = quasi(counts, A)
            if solved.min() < -0.01:
                break
            counts = read_counts(p, A, 40, rng)
        clipped = np.maximum(solved, 0)
        got = array(answer("invert_readout", counts, A), (2**n,), "the shares")
        for wrong in (clipped, clipped / clipped.sum(), simplex(solved), np.abs(solved)):
            if np.abs(got - wrong).max() < 1e-5:
                raise Wrong("Negative shares must stay: here they are clipped or moved.")
        same(got, solved, "the vector of shares", tolerance=1e-5)


def amplified(counts: dict[str, int], A: np.ndarray, wires: Any) -> np.ndarray:
    """Return what a shot of each string counts once misreading is undone."""
    return scipy.linalg.solve(kron(A).T, parity(len(A), wires))


@exercise.check("readout", points=3)
def corrected(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """The expectation on some wires is that of the inverted shares."""
    for n, wires in ((2, [0]), (3, [2]), (3, [1, 2]), (4, [0, 1, 3])):
        A = confusion(n, rng)
        p = rng.dirichlet(np.full(2**n, 8.0)) * 0.5 + 0.5 / 2**n
        counts = read_counts(p, A, 200_000, rng)
        z, shots = parity(n, wires), vector(counts)
        right = z @ quasi(counts, A)
        other = [n - 1 - k for k in wires]
        mistakes = {
            "Misreading is not undone.": z @ shots / shots.sum(),
            "Wire 0 is the first character from the left.": parity(n, other) @ quasi(counts, A),
            "Only the chosen wires count.": parity(n, range(n)) @ quasi(counts, A),
        }
        got = pair(answer("readout_expectation", counts, A, wires), "(value, error)")[0]
        same(got, right, "the value", mistakes=mistakes)


@exercise.check("readout", points=4)
def amplified_error(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """The error is that of the inverted estimate, which is larger than before."""
    for n, wires in ((1, [0]), (2, [1]), (3, [0, 2])):
        A, p = confusion(n, rng), rng.dirichlet(np.full(2**n, 2.0))
        counts = read_counts(p, A, int(rng.integers(100, 800)), rng)
        shots, z = vector(counts), parity(n, wires)
        g = amplified(counts, A, wires)
        right, value = laplace(g, shots), g @ shots / shots.sum()
        plain = laplace(z, shots)
        before = "This is the error before the inversion, which amplifies it."
        mistakes = {
            before: plain,
            "A mean of values beyond 1 has more spread than 1 - value^2.": np.sqrt(
                max(0.0, 1 - value**2) / shots.sum()
            ),
            "This is the spread of one shot.": right * np.sqrt(shots.sum()),
            "The two imaginary shots are missing.": np.sqrt(
                max(0.0, shots @ (g - value) ** 2) / shots.sum() / shots.sum()
            ),
        }
        got = pair(answer("readout_expectation", counts, A, wires), "(value, error)")[1]
        same(got, right, "the error", mistakes=mistakes)


# --- extrapolate


def line(x: np.ndarray, y: np.ndarray, w: np.ndarray, at: float = 0.0) -> float:
    """Return the value of the least-squares line with weights w."""
    centre, mean = w @ x / w.sum(), w @ y / w.sum()
    slope = w @ ((x - centre) * (y - mean)) / (w @ (x - centre) ** 2)
    return float(mean + slope * (at - centre))


def line_variance(x: np.ndarray, sigma: np.ndarray) -> float:
    """Return the variance of the weighted line at 0."""
    w = 1 / sigma**2
    centre = w @ x / w.sum()
    return float(1 / w.sum() + centre**2 / (w @ (x - centre) ** 2))


def noisy_values(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scales, values of one sign that fall, and errors of quite different size."""
    m = int(rng.integers(3, 6))
    x = np.sort(rng.choice(np.arange(1.0, 10.0), size=m, replace=False))
    sigma = rng.permutation(np.geomspace(0.005, 0.04, m)) * rng.uniform(0.8, 1.25, size=m)
    y = rng.uniform(0.6, 0.95) * np.exp(-rng.uniform(0.03, 0.1) * x) + sigma * rng.normal(size=m)
    return x, rng.choice([-1, 1]) * np.maximum(y, 0.05), sigma


@exercise.check("extrapolate", points=4)
def linear_value(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """The linear value is that of the weighted least-squares line at scale 0."""
    for _ in range(4):
        x, y, sigma = noisy_values(rng)
        w = 1 / sigma**2
        mistakes = {
            "The errors have no effect: weigh each value by 1 / error^2.": line(x, y, w**0),
            "The weights are 1 / error^2 here, not 1 / error.": line(x, y, 1 / sigma),
            "The weights enter twice: some fits take 1 / error and square it.": line(x, y, w**2),
            "Small errors must weigh more: the weights are upside down.": line(x, y, sigma**2),
            "No noise is scale 0, not scale 1.": line(x, y, w, at=1.0),
            "This is the value at the first scale.": y[0],
            "This is the weighted mean, without a slope.": w @ y / w.sum(),
        }
        got = pair(answer("extrapolate", x, y, sigma, fit="linear"), "(value, error)")[0]
        same(got, line(x, y, w), "the value", mistakes=mistakes)


@exercise.check("extrapolate", points=4)
def linear_error(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """The linear error follows from the errors of the values alone."""
    for _ in range(4):
        x, y, sigma = noisy_values(rng)
        variance, w = line_variance(x, sigma), 1 / sigma**2
        fitted = np.array([line(x, y, w, at=at) for at in x])
        left = w @ (y - fitted) ** 2 / (len(x) - 2)
        mistakes = {
            "The error is rescaled by how well the line fits; take it from the errors alone.": (
                np.sqrt(variance * left)
            ),
            "This is a variance: take the root.": variance,
            "This is the error of a mean; a line's value at 0 is less certain.": 1
            / np.sqrt(w.sum()),
            "This is the error at the first scale: extrapolation amplifies it.": sigma[0],
        }
        got = pair(answer("extrapolate", x, y, sigma, fit="linear"), "(value, error)")[1]
        same(got, np.sqrt(variance), "the error", mistakes=mistakes)


@exercise.check("extrapolate", points=4)
def exponential(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """The exponential is a line through the logarithms, with errors carried both ways."""
    for sign in (1, -1):
        x, y, sigma = noisy_values(rng)
        y = sign * np.abs(y)
        log, relative = np.log(np.abs(y)), sigma / np.abs(y)
        size = np.exp(line(x, log, 1 / relative**2))
        spread = np.sqrt(line_variance(x, relative))
        right = np.array([sign * size, size * spread])
        careless = np.exp(line(x, log, 1 / sigma**2))
        scale = max(1.0, size)
        got = pair(answer("extrapolate", x, y, sigma, fit="exponential"), "(value, error)")
        mistakes = {
            "All values were negative: give the sign back.": [size, right[1]],
            "The error of a logarithm is error / |value|: it sets the weights too.": [
                sign * careless,
                careless * np.sqrt(line_variance(x, sigma)),
            ],
            "The result is still a logarithm: take its exponential.": [np.log(size), spread],
            "The error is still that of a logarithm: carry it back.": [sign * size, spread],
            "This is the linear result.": [
                line(x, y, 1 / sigma**2),
                np.sqrt(line_variance(x, sigma)),
            ],
        }
        same(got, right, "(value, error)", mistakes=mistakes, tolerance=1e-6 * scale)
    x, y, sigma = noisy_values(rng)
    y[rng.integers(len(y))] *= -1
    got = pair(answer("extrapolate", x, y, sigma, fit="exponential"), "(value, error)")
    right = np.array([line(x, y, 1 / sigma**2), np.sqrt(line_variance(x, sigma))])
    same(got, right, "(value, error) of values of both signs",
         otherwise="Without one common sign the linear result is asked for.")  # fmt: skip


# --- score


def draw_methods(rng: np.random.Generator) -> tuple[np.ndarray, dict[str, dict[str, np.ndarray]]]:
    """Return exact values, and estimates by several methods with different faults."""
    n = int(rng.integers(15, 40))
    ideal = rng.uniform(-0.9, 0.9, size=n)
    methods = {}
    for name in rng.permutation(["raw", "readout", "line", "other"]).tolist():
        shots = rng.integers(500, 8000, size=n)
        errors = rng.uniform(0.8, 3.0, size=n) / np.sqrt(shots)
        bias = rng.choice([0.0, 0.05]) + rng.normal(scale=0.01)
        estimated = ideal + bias + rng.uniform(0.5, 1.5) * errors * rng.normal(size=n)
        methods[name] = {"value": estimated, "error": errors, "shots": shots}
    # One method with small true errors: the excess is 0, and not the root of less than 0.
    careful = methods["other"]
    careful["value"] = ideal + 0.3 * careful["error"] * rng.normal(size=n)
    return ideal, methods


@exercise.check("score", points=6)
def rows(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """Each method's row holds its errors, its coverage and its cost in shots."""
    columns = ("method", "rms", "shot_noise", "excess", "covered", "cost")
    for _ in range(2):
        ideal, methods = draw_methods(rng)
        got = table(answer("score", ideal, methods), columns, "the table")
        if [str(row["method"]) for row in got] != list(methods):
            raise Wrong("The table has one row a method, in the order of the dictionary.")
        base = methods["raw"]
        for row in got:
            method = methods[str(row["method"])]
            off, sigma, shots = method["value"] - ideal, method["error"], method["shots"]
            rms, noise = np.sqrt(np.mean(off**2)), np.sqrt(np.mean(sigma**2))
            variance = np.mean(sigma**2) / np.mean(base["error"] ** 2)
            right: dict[str, tuple[float, dict[str, Any]]] = {
                "rms": (rms, {
                    "This is the mean absolute error; the root of the mean square is asked for.":
                        np.mean(np.abs(off)),
                    "This is the spread about the mean, which leaves the bias out.": off.std(),
                    "This is the mean square: take the root.": rms**2,
                }),
                "shot_noise": (noise, {
                    "This is the mean of the errors; square, average, then take the root.":
                        np.mean(sigma),
                    "These are not errors of a mean of circuits: don't divide by their number.":
                        noise / np.sqrt(len(off)),
                }),
                "excess": (np.sqrt(max(0.0, rms**2 - noise**2)), {
                    "Subtract squares, not roots.": max(0.0, rms - noise),
                }),
                "covered": (np.mean(np.abs(off) <= 1.96 * sigma), {
                    "This is the share within one standard error.": np.mean(np.abs(off) <= sigma),
                    "This is the share outside.": np.mean(np.abs(off) > 1.96 * sigma),
                }),
                "cost": (
                    np.mean(shots * sigma**2) / np.mean(base["shots"] * base["error"] ** 2), {
                        "Errors shrink with the root of the shots: the cost has their squares.":
                            np.mean(shots * sigma) / np.mean(base["shots"] * base["error"]),
                        "The shots that a method spent belong to its cost.": variance,
                        "This is the ratio of the shots, whatever was gained with them.":
                            np.mean(shots) / np.mean(base["shots"]),
                    },
                ),
            }  # fmt: skip
            for column, (expected, mistakes) in right.items():
                said = number(row[column], column)
                same(said, expected, column, mistakes=mistakes)


@exercise.check("score", points=4)
def interval(answer: Callable[..., Any], rng: np.random.Generator) -> None:
    """The interval is Student's, of the paired differences."""
    for n in (2, 5, 12):
        common = rng.uniform(0.6, 0.9, size=n)
        a = common + 0.03 + 0.02 * rng.normal(size=n)
        b = common + 0.02 * rng.normal(size=n)
        d = a - b
        right = scipy.stats.t.ppf(0.975, n - 1) * scipy.stats.sem(d)
        apart = np.sqrt(scipy.stats.sem(a) ** 2 + scipy.stats.sem(b) ** 2)
        mean = d.mean()
        mistakes = {
            "The difference is a - b.": [-mean, right],
            "With so few data sets 1.96 is too small: use Student's t.": [
                mean, 1.96 * scipy.stats.sem(d)
            ],
            "This is the interval of one data set: divide by the root of their number.": [
                mean, right * np.sqrt(n)
            ],
            "The spread of a sample divides by n - 1.": [mean, right * np.sqrt((n - 1) / n)],
            "The scores are paired: take the spread of the differences.": [
                mean, scipy.stats.t.ppf(0.975, n - 1) * apart
            ],
            "The scores are paired: take the spread of the differences, n - 1 of them.": [
                mean, scipy.stats.t.ppf(0.975, 2 * n - 2) * apart
            ],
            "Half of the width is asked for.": [mean, 2 * right],
            "This is the standard error, not the half width of the interval.": [
                mean, right / scipy.stats.t.ppf(0.975, n - 1)
            ],
        }  # fmt: skip
        got = pair(answer("paired", a, b), "(mean, half)")
        # 1.96 may come as 1.959964; compare the half width with both.
        precise = scipy.stats.norm.ppf(0.975) * scipy.stats.sem(d)
        key = "With so few data sets the normal quantile is too small: use Student's t."
        mistakes[key] = [mean, precise]
        same(got, np.array([mean, right]), "(mean, half)", mistakes=mistakes)
