"""Trusted checks of the exercise `quantum_kernel_svm`: they never enter a sandbox."""

from itertools import product

import numpy as np
from scipy import stats
from sklearn.svm import SVC

from qmlcourse.grading import Exercise, Function, Seed, array, number, same, table
from qmlcourse.grading.judge import Wrong
from qmlcourse.kernels import geometric_difference as package_difference
from qmlcourse.kernels import nearest_psd

exercise = Exercise("quantum_kernel_svm", "A quantum-kernel SVM against RBF")
exercise.question("encode", seconds=20)
exercise.question("kernel", seconds=20)
exercise.question("shots", seconds=20)
exercise.question("tune", seconds=40)
exercise.question("geometry", seconds=20)
exercise.question("compare", seconds=20)


def _array(value, shape, what, *, real=True):
    """Return a value as an array of a shape, of numbers whose squares are no trouble."""
    made = array(value, shape, what, real=real)
    if made.size and not (np.abs(made.real).max() < 1e6 and np.abs(made.imag).max() < 1e6):
        raise Wrong(f"{what} holds a number beyond a million.")
    return made


# --- encode ------------------------------------------------------------------------------------


def _z(qubit, d):
    """Return the diagonal of Z on one qubit of d, qubit 0 the most significant bit."""
    factors = [np.array([1.0, -1.0]) if k == qubit else np.ones(2) for k in range(d)]
    diagonal = np.ones(1)
    for factor in factors:
        diagonal = np.kron(diagonal, factor)
    return diagonal


def _states(X, c, *, pair=None, half=0.5, rounds=2, pairs="ring"):
    """Return the encoded states, gate by gate; the keywords are misconceptions."""
    d = X.shape[1]
    pair = c**2 if pair is None else pair
    neighbours = {
        "ring": [(k, (k + 1) % d) for k in range(d)],
        "chain": [(k, k + 1) for k in range(d - 1)],
        "all": [(j, k) for j in range(d) for k in range(j + 1, d)],
        "none": [],
    }[pairs]
    hadamard = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    made = []
    for x in X:
        state = np.zeros((2,) * d, dtype=complex)
        state[(0,) * d] = 1
        for _ in range(rounds):
            for k in range(d):
                state = np.moveaxis(np.tensordot(hadamard, state, axes=(1, k)), 0, k)
            phase = sum(c * x[k] * _z(k, d) for k in range(d))
            phase = phase + sum(pair * x[j] * x[k] * _z(j, d) * _z(k, d) for j, k in neighbours)
            state = state * np.exp(-1j * half * phase).reshape(state.shape)
        made.append(state.ravel())
    return np.array(made)


def _reversed(states):
    """Return the same states with the order of the qubits reversed."""
    d = states.shape[1].bit_length() - 1
    axes = (0, *range(d, 0, -1))
    return states.reshape(-1, *(2,) * d).transpose(axes).reshape(states.shape)


def _overlaps(S, T):
    return np.abs(np.einsum("ik,jk->ij", S.conj(), T)) ** 2


@exercise.check("encode", points=9)
def amplitudes(answer, rng):
    """At bandwidth 1 the amplitudes are those of the circuit, up to a global phase."""
    for d in (4, 5):
        X = rng.uniform(0.3, 1.2, size=(3, d)) * rng.choice([-1, 1], size=(3, d))
        got = _array(answer("states", X, 1.0), (3, 2**d), "states(X, 1)", real=False)
        norms = np.linalg.norm(got, axis=1)
        if np.abs(norms - 1).max() > 1e-4:
            raise Wrong(f"The first row of states(X, 1) has norm {norms[0]:.4g}; it must be 1.")
        right = _states(X, 1.0)
        mistakes = {
            "The order of the qubits is reversed: qubit 0 is the most significant bit.": _reversed(
                right
            ),
            "Every phase has the wrong sign: the exponent has -i/2.": right.conj(),
            "The phases are twice too large: the exponent has a factor 1/2.": _states(
                X, 1.0, half=1
            ),
            "That is one round; the encoding runs two, each with Hadamards and phases.": _states(
                X, 1.0, rounds=1
            ),
            "The ring is open: the last qubit and qubit 0 are a pair too.": _states(
                X, 1.0, pairs="chain"
            ),
            "Every pair of qubits has a phase; the sum runs over neighbours on a ring.": _states(
                X, 1.0, pairs="all"
            ),
            "The phases of the pairs are missing.": _states(X, 1.0, pairs="none"),
        }
        same(
            got,
            right,
            "states(X, 1)",
            mistakes=mistakes,
            tolerance=1e-5,
            phase=True,
            otherwise="Compare a sample with one feature that is not zero with a circuit by hand.",
        )


@exercise.check("encode", points=5)
def bandwidth(answer, rng):
    """The bandwidth multiplies every feature, so each product of two features gets its square."""
    # Judged by overlaps, so that the order of the qubits plays no part here.
    X = rng.uniform(0.6, 1.4, size=(5, 4)) * rng.choice([-1, 1], size=(5, 4))
    c = rng.uniform(0.4, 0.7)
    got = _array(answer("states", X, c), (5, 16), "states(X, c)", real=False)
    mistakes = {
        "The bandwidth multiplies every feature: a product of two features gets its square.": (
            _states(X, c, pair=c)
        ),
        "The bandwidth must also reach the products of two features.": _states(X, c, pair=1.0),
        "The bandwidth has no effect.": _states(X, 1.0),
        "The bandwidth multiplies the features; it doesn't divide them.": _states(X, 1 / c),
        "The bandwidth must multiply the features before anything squares.": _states(X, c**2),
    }
    same(
        _overlaps(got, got),
        _overlaps(_states(X, c), _states(X, c)),
        "the overlap of two of states(X, c)",
        mistakes={hint: _overlaps(S, S) for hint, S in mistakes.items()},
        tolerance=2e-5,
    )


# --- kernel ------------------------------------------------------------------------------------


def _unitary(D, rng):
    return stats.unitary_group.rvs(D, random_state=rng)


@exercise.check("kernel", points=4)
def square(answer, rng):
    """An entry is the squared magnitude of the inner product, a probability."""
    for _ in range(3):
        a, b = (rng.uniform(0.2, 1, size=(1, 8)) for _ in range(2))
        a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
        b[0, : rng.integers(1, 5)] *= -1
        got = _array(answer("fidelity", a, b), (1, 1), "fidelity(S, T)")
        inner = a @ b.T
        mistakes = {
            "That is the magnitude of the inner product; a probability is its square.": np.abs(
                inner
            ),
            "That is the inner product itself; a probability is its squared magnitude.": inner,
            "That is the fourth power: square the magnitude once.": inner**4,
        }
        same(got, inner**2, "fidelity(S, T)", mistakes=mistakes, tolerance=1e-5)


@exercise.check("kernel", points=4)
def complex_states(answer, rng):
    """The first state is conjugated, and a global phase of either state changes nothing."""
    # The rows come from one random basis, so that entries are 0 or 1: squared or not.
    W = _unitary(6, rng)
    rows = rng.permutation([0, 0, 1, 2, 2, 2])
    S = W[rows] * np.exp(1j * rng.uniform(0, 2 * np.pi, size=(6, 1)))
    T = W[rows] * np.exp(1j * rng.uniform(0.5, 1, size=(6, 1)))
    got = _array(answer("fidelity", S, T), (6, 6), "fidelity(S, T)")
    plain, inner = S @ T.T, S.conj() @ T.T
    conjugate = "One of the two states must be conjugated."
    real = "Take the magnitude of the complex inner product, not its real part."
    mistakes = {
        conjugate: np.abs(plain) ** 2,
        conjugate + " ": np.abs(plain),
        real: inner.real**2,
        real + " ": np.abs(inner.real),
        real + "  ": inner.real,
    }
    same(got, rows[:, None] == rows, "fidelity(S, T)", mistakes=mistakes, tolerance=1e-5)


@exercise.check("kernel", points=4)
def cross_gram(answer, rng):
    """Rows of the matrix belong to S and columns to T, also where their numbers differ."""
    # The states are basis vectors, so that entries are 0 or 1: squared, conjugated or not.
    n, m = rng.permutation([5, 7, 9])[:2]
    D = 4
    a, b = rng.integers(D, size=n), rng.integers(D, size=m)
    a[:2], b[:2] = [0, 1], [1, 2]
    right = a[:, None] == b
    value = answer("fidelity", np.eye(D)[a], np.eye(D)[b])
    if _array(value, (None, None), "fidelity(S, T)").shape == (m, n):
        raise Wrong("The matrix is transposed: row i belongs to S[i], column j to T[j].")
    got = _array(value, (int(n), int(m)), "fidelity(S, T)")
    if np.abs(np.abs(got) - right).max() > 1e-5:
        raise Wrong("An entry is not the overlap of S[i] and T[j]. Try rows of an identity matrix.")


# --- shots -------------------------------------------------------------------------------------


def _counts(estimate, shots, what):
    """Raise Wrong unless every estimate is a whole number of shots between 0 and all."""
    counts = estimate * shots
    if np.abs(counts - counts.round()).max(initial=0) > 1e-3 * shots:
        raise Wrong(
            f"An entry of {what} is no multiple of 1/shots. A device counts whole shots: draw the "
            "count, don't add continuous noise and don't average two estimates."
        )
    if estimate.min() < -1e-6 or estimate.max() > 1 + 1e-6:
        raise Wrong(f"An entry of {what} is not between 0 and 1: it counts a share of the shots.")


@exercise.check("shots", points=6)
def counts(answer, rng):
    """Entries are counts divided by shots, right on average, and drawn from rng alone."""
    # False alarms: |z| > 6.5 for a sum of 10,000 binomial counts, twice: below 1e-9.
    shots = int(rng.integers(7, 12))
    K = rng.uniform(0.05, 0.95, size=(80, 125))
    seed = int(rng.integers(2**31))
    first, again, other = (
        _array(answer("sample_cross", K, shots, rng=Seed(s)), (80, 125), "sample_cross(K, shots)")
        for s in (seed, seed, seed + 1)
    )
    _counts(first, shots, "sample_cross(K, shots)")
    if np.abs(first - other).max() < 1e-6:
        raise Wrong("Another seed gave the same estimates: sampling has to use rng.")
    if np.abs(first - again).max() > 1e-6:
        raise Wrong("The same seed gave other estimates: rng must be the only randomness.")
    error = (first - K).sum() / np.sqrt((K * (1 - K) / shots).sum())
    large = K > 0.5
    tilted = ((first - K) * (2 * large - 1)).sum() / np.sqrt((K * (1 - K) / shots).sum())
    if max(abs(error), abs(tilted)) > 6.5:
        raise Wrong("The estimates are not K on average.")
    G = (K[:, :80] + K[:, :80].T) / 2
    np.fill_diagonal(G, 1)
    gram, same_gram = (
        _array(answer("sample_gram", G, shots, rng=Seed(seed)), (80, 80), "sample_gram(K, shots)")
        for _ in range(2)
    )
    if np.abs(gram - same_gram).max() > 1e-6:
        raise Wrong("The same seed gave another Gram matrix: rng must be the only randomness.")


@exercise.check("shots", points=3)
def spread(answer, rng):
    """The noise has variance K (1 - K) / shots, and each entry has its own."""
    # False alarms: the mean square over 20,000 entries has a relative standard deviation below
    # 0.015, so 12% is 8 of them; the chi-square tests of 100 and 200 sums have about 1e-9 each.
    shots = int(rng.integers(8, 16))
    K = rng.uniform(0.1, 0.9, size=(100, 200))
    got = _array(
        answer("sample_cross", K, shots, rng=Seed(int(rng.integers(2**31)))),
        (100, 200),
        "sample_cross(K, shots)",
    )
    variance = K * (1 - K) / shots
    ratio = ((got - K) ** 2).sum() / variance.sum()
    if abs(ratio - 1) > 0.12:
        raise Wrong(
            f"The variance of the noise is {ratio:.3g} times K (1 - K) / shots. Every entry needs "
            "`shots` runs, no more and no fewer."
        )
    for axis in (0, 1):
        sums = (got - K).sum(axis=axis) / np.sqrt(variance.sum(axis=axis))
        if (sums**2).sum() > stats.chi2.isf(1e-9, len(sums)):
            raise Wrong("The noise of different entries is correlated: each has its own shots.")


@exercise.check("shots", points=4)
def pairs_once(answer, rng):
    """sample_gram measures each pair once: symmetric, ones on the diagonal, full shot noise."""
    # False alarms: the mean square over 7,140 pairs has a relative standard deviation below
    # 0.025, so 25% is 10 of them.
    shots, n = int(rng.integers(8, 16)), 120
    K = rng.uniform(0.1, 0.9, size=(n, n))
    K = np.triu(K, 1) + np.triu(K, 1).T + np.eye(n)
    seed = Seed(int(rng.integers(2**31)))
    got = _array(answer("sample_gram", K, shots, rng=seed), (n, n), "sample_gram(K, shots)")
    if np.abs(got - got.T).max() > 1e-6:
        raise Wrong(
            "The Gram matrix is not symmetric: (i, j) and (j, i) are one pair, measured once."
        )
    if np.abs(np.diag(got) - 1).max() > 1e-6:
        raise Wrong("The diagonal is not 1: a state's overlap with itself is known.")
    pairs = np.triu_indices(n, 1)
    variance = (K * (1 - K))[pairs] / shots
    ratio = ((got - K)[pairs] ** 2).sum() / variance.sum()
    if ratio < 0.75:
        raise Wrong(
            f"The variance of a pair is {ratio:.2g} times K (1 - K) / shots: too little noise. "
            "Averaging (i, j) with (j, i) spends twice the shots: measure each pair once."
        )
    if ratio > 1.25:
        raise Wrong(f"The variance of a pair is {ratio:.3g} times K (1 - K) / shots.")


@exercise.check("shots", points=4)
def repaired(answer, rng):
    """Negative eigenvalues become 0, then rows and columns are scaled to a unit diagonal."""
    n = 12
    A = rng.normal(size=(n, 3))
    A /= np.linalg.norm(A, axis=1, keepdims=True)
    noise = rng.normal(scale=0.25, size=(n, n))
    K = (A @ A.T) ** 2 + np.triu(noise, 1) + np.triu(noise, 1).T
    got = _array(answer("repair", K), (n, n), "repair(K)")
    values, vectors = np.linalg.eigh(K)

    def scaled(M):
        scale = 1 / np.sqrt(np.maximum(np.diag(M), 1e-300))
        return M * np.outer(scale, scale)

    clipped = nearest_psd(K)
    flipped = (vectors * np.abs(values)) @ vectors.T
    shifted = K - values[0] * np.eye(n)
    diagonal = clipped - np.diag(np.diag(clipped)) + np.eye(n)
    mistakes = {
        "The diagonal is not 1: scale rows and columns after clipping.": clipped,
        "Setting the diagonal to 1 by hand can make an eigenvalue negative again: scale rows and "
        "columns instead.": diagonal,
        "Negative eigenvalues were flipped to positive ones; set them to 0.": scaled(flipped),
        "Negative eigenvalues were flipped to positive ones; set them to 0. ": flipped,
        "All eigenvalues were shifted up; set only the negative ones to 0.": scaled(shifted),
        "All eigenvalues were shifted up; set only the negative ones to 0. ": shifted,
        "That is K unchanged: its negative eigenvalues have to go.": K,
        "Divide by the square root of both diagonal entries, so that the matrix stays symmetric.": (
            clipped / np.diag(clipped)[:, None]
        ),
    }
    same(got, scaled(clipped), "repair(K)", mistakes=mistakes, tolerance=1e-5)


# --- tune --------------------------------------------------------------------------------------


def _kernel(unit=1.0):
    """Return an RBF kernel to send, whose value is gamma in some unit."""
    return Function(
        f"lambda A, B, g: np.exp(-g * {unit!r} * ((A[:, None] - B[None]) ** 2).sum(axis=-1))"
    )


def _rbf(A, B, g):
    return np.exp(-g * ((A[:, None] - B[None]) ** 2).sum(axis=-1))


def _score(g, C, fit_rows, y_fit, rows, y, scaling=None):
    """Train on scaled rows and return the accuracy on others; `scaling` are the rows to scale by,
    one array for both or a pair of arrays."""
    scaling = fit_rows if scaling is None else scaling
    first, second = scaling if isinstance(scaling, tuple) else (scaling, scaling)
    A = (fit_rows - first.mean(axis=0)) / first.std(axis=0)
    B = (rows - second.mean(axis=0)) / second.std(axis=0)
    model = SVC(C=C, kernel="precomputed").fit(_rbf(A, A, g), y_fit)
    return float(np.mean(model.predict(_rbf(B, A, g)) == y))


def _blocks(rng, sizes, d=2):
    """Return blocks of points, each with mean 0 and standard deviation 1 exactly.

    So every union of them has these too, and no way to scale can change anything.
    """
    blocks = [rng.uniform(-1.7, 1.7, size=(n, d)) for n in sizes]
    return [(b - b.mean(axis=0)) / b.std(axis=0) for b in blocks]


def _train(blocks, rng):
    """Return training rows in random order, and the folds: the rows that each block went to."""
    order = rng.permutation(sum(map(len, blocks)))
    X = np.empty((len(order), blocks[0].shape[1]))
    X[order] = np.concatenate(blocks)
    ends = np.cumsum([len(b) for b in blocks])[:-1]
    return X, [sorted(fold.tolist()) for fold in np.split(order, ends)]


def _rest(n, fold):
    return np.setdiff1d(np.arange(n), fold)


def _ask(answer, values, penalties, folds, X, y, X_test, y_test, unit=1.0):
    got = answer(
        "tune",
        _kernel(unit),
        [float(value) / unit for value in values],
        list(map(float, penalties)),
        folds,
        X,
        y.astype(int).tolist(),
        X_test,
        y_test.astype(int).tolist(),
    )
    return table([got], ["value", "C", "cv_accuracy", "test_accuracy"], "the result of tune")[0]


def _far(right, others, least):
    """Return whether a number is far from all others, so that a tolerance can't confuse them."""
    return all(abs(right - other) > least for other in others)


def _cv(values, penalties, folds, X, y, *, swapped=False):
    """Return the mean accuracy over the folds of every pair; swapped trains on the fold itself."""
    scores = {}
    for g, C in product(values, penalties):
        parts = []
        for fold in folds:
            a, b = (fold, _rest(len(y), fold)) if swapped else (_rest(len(y), fold), fold)
            parts.append(_score(g, C, X[a], y[a], X[b], y[b]))
        scores[g, C] = float(np.mean(parts))
    return scores


def _top(scores):
    """Return the pairs with the highest score."""
    return {pair for pair, score in scores.items() if score > max(scores.values()) - 1e-9}


def _choice_data(rng, grid):
    """Draw data whose test labels prefer another setting than validation does.

    The training labels are stripes with noise. The test labels follow a model with the wrong
    kernel value; on the first grid that is too wide, and the training fit prefers one too narrow.
    """
    while True:
        values = rng.permutation(np.array(grid) * rng.uniform(0.9, 1.1))
        penalties = rng.permutation([rng.uniform(0.01, 0.03), rng.uniform(10, 40)])
        *blocks, X_test = _blocks(rng, (32, 32, 32, 60))
        X, folds = _train(blocks, rng)
        y = np.sin(rng.uniform(3, 4) * X[:, 0] + rng.uniform(0, 6)) > 0
        y = y ^ (rng.uniform(size=len(y)) < 0.08)
        if np.bincount(y, minlength=2).min() < 36:
            continue
        cv = _cv(values, penalties, folds, X, y)
        ranked, best = sorted(cv.values()), max(cv, key=cv.get)
        if ranked[-1] - ranked[-2] < 3.5 / len(y):
            continue
        trap = sorted(set(values) - {best[0]})[0], max(penalties)
        model = SVC(C=trap[1], kernel="precomputed").fit(_rbf(X, X, trap[0]), y)
        y_test = model.predict(_rbf(X_test, X, trap[0])) ^ (rng.uniform(size=60) < 0.1)
        tests = {(g, C): _score(g, C, X, y, X_test, y_test) for g, C in cv}
        fits = {(g, C): _score(g, C, X, y, X, y) for g, C in cv}
        if best in _top(tests) or (grid is GRIDS[0] and _top(fits) & (_top(tests) | {best})):
            continue
        # Training on the held-out rows would choose the same, so that mistake costs nothing here.
        if _top(_cv(values, penalties, folds, X, y, swapped=True)) == {best}:
            return values, penalties, folds, X, y, X_test, y_test, best, tests, fits


GRIDS = [(0.02, 2.0, 300.0), (0.002, 0.03, 2.0), (2.0, 60.0, 300.0)]


@exercise.check("tune", points=5)
def choice(answer, rng):
    """The pair is chosen by validation accuracy, whatever test labels or training fit prefer."""
    # Three draws of six settings each: a guess passes once in 216. The best is in the middle, at
    # the end or at the beginning of the sorted values, in a random order and a random unit. It
    # leads by 4 validation samples, more than a solver's last digit can move.
    for k in (0, *rng.permutation([1, 2])):
        unit = float(10 ** rng.uniform(-2, 2))
        *data, best, tests, fits = _choice_data(rng, GRIDS[k])
        got = _ask(answer, *data, unit=unit)
        value, C = number(got["value"], "the chosen value"), number(got["C"], "the chosen C")
        value *= unit
        known = min(tests, key=lambda pair: abs(pair[0] - value) + abs(pair[1] - C))
        if abs(known[0] - value) + abs(known[1] - C) > 1e-4 * sum(known):
            raise Wrong("The chosen value and C are no pair of the grids.")
        if known == best:
            continue
        if known in _top(tests):
            raise Wrong("The test accuracy made the choice: that leaks. Choose by validation.")
        if known in _top(fits):
            raise Wrong(
                "The choice fits the training rows best: it memorises. Score rows that the fold "
                "held out."
            )
        raise Wrong(
            "Another pair has the higher mean accuracy on the rows held out. Compare every value "
            "with every C."
        )


def _labels(X, rng, noise):
    y = np.sin(2.2 * X[:, 0] + rng.uniform(0, 6)) > 0.3 * X[:, 1]
    return y ^ (rng.uniform(size=len(y)) < noise)


@exercise.check("tune", points=5)
def accuracies(answer, rng):
    """cv_accuracy is the mean over the folds; the tested model is fitted on all training rows."""
    # One setting only, so that there is nothing to choose, and every block of rows has the same
    # mean and spread, so that scaling plays no part.
    sizes = (10, 30, 44)
    while True:
        *blocks, X_test = _blocks(rng, (*sizes, 150))
        X, folds = _train(blocks, rng)
        g, C = rng.uniform(0.5, 1.5), rng.uniform(1, 3)
        # The smallest fold has random labels, so that pooling the rows is something else; the
        # test labels follow the right model, so that others score less.
        y = _labels(X, rng, 0.05)
        y[folds[0]] = rng.integers(2, size=sizes[0])
        model = SVC(C=C, kernel="precomputed").fit(_rbf(X, X, g), y)
        y_test = model.predict(_rbf(X_test, X, g)) ^ (rng.uniform(size=150) < 0.1)
        rests = [_rest(len(y), f) for f in folds]
        if min(np.bincount(y[f], minlength=2).min() for f in folds) < 3:
            continue
        parts = [_score(g, C, X[r], y[r], X[f], y[f]) for r, f in zip(rests, folds, strict=True)]
        right = float(np.mean(parts))
        pooled = float(np.average(parts, weights=sizes))
        fit = _score(g, C, X, y, X, y)
        tested = _score(g, C, X, y, X_test, y_test)
        swapped = float(
            np.mean(
                [_score(g, C, X[f], y[f], X[r], y[r]) for r, f in zip(rests, folds, strict=True)]
            )
        )
        of_folds = [_score(g, C, X[r], y[r], X_test, y_test) for r in rests]
        # One flipped prediction moves the mean over the folds by 1/30 at most (the smallest fold).
        wrong_cv = [swapped, fit, pooled, tested]
        wrong_test = [fit, right, of_folds[-1], float(np.mean(of_folds))]
        apart = _far(right, wrong_cv, 0.036) and _far(swapped, wrong_cv[1:], 0.036)
        if apart and _far(tested, wrong_test, 0.015):
            break
    got = _ask(answer, [g], [C], folds, X, y, X_test, y_test)
    cv = number(got["cv_accuracy"], "cv_accuracy", low=0, high=1)
    same(
        cv,
        right,
        "cv_accuracy",
        mistakes={
            "cv_accuracy is the accuracy on rows that the model was trained on.": fit,
            "cv_accuracy pools all rows; take the mean over the folds.": pooled,
            "The folds are the wrong way round: they name the rows to hold out.": swapped,
            "cv_accuracy is the test accuracy.": tested,
        },
        tolerance=0.5 / sizes[0] / 3,
    )
    test = number(got["test_accuracy"], "test_accuracy", low=0, high=1)
    same(
        test,
        tested,
        "test_accuracy",
        mistakes={
            "test_accuracy is the accuracy on the training rows.": fit,
            "test_accuracy is the validation accuracy.": right,
            "The tested model comes from one fold: fit again on all training rows.": of_folds[-1],
            "test_accuracy is a mean over the folds' models: fit again on all training rows.": (
                float(np.mean(of_folds))
            ),
        },
        tolerance=1.5 / 150,
    )


@exercise.check("tune", points=5)
def test_scaling(answer, rng):
    """Test rows are scaled with the training rows' mean and spread, and never change the scaler."""
    # The test rows lie elsewhere and some are extreme, so that every other way to scale scores
    # differently. One setting only.
    while True:
        *blocks, X_test = _blocks(rng, (30, 30, 30, 100))
        X, folds = _train(blocks, rng)
        factor, shift = rng.uniform(5, 20, size=2), rng.uniform(-50, 50, size=2)
        X_test = 0.6 * X_test + rng.choice([-0.5, 0.5], size=2)
        y, y_test = _labels(X, np.random.default_rng(3), 0), None
        y_test = _labels(X_test, np.random.default_rng(3), 0)
        X_test[:10] = rng.normal(scale=60, size=(10, 2))
        y_test[:10] = rng.integers(2, size=10)
        X, X_test = X * factor + shift, X_test * factor + shift
        g, C = rng.uniform(0.7, 1.5), rng.uniform(3, 10)
        right = _score(g, C, X, y, X_test, y_test)
        joint = _score(g, C, X, y, X_test, y_test, np.concatenate([X, X_test]))
        apart = _score(g, C, X, y, X_test, y_test, (X, X_test))
        plain = (np.array([[-1.0, -1.0], [1.0, 1.0]]),) * 2  # mean 0, standard deviation 1
        unscaled = _score(g, C, X, y, X_test, y_test, plain)
        fit = _score(g, C, X, y, X, y)
        if _far(right, [joint, apart, unscaled, fit], 0.055):
            break
    got = _ask(answer, [g], [C], folds, X, y, X_test, y_test)
    same(
        number(got["test_accuracy"], "test_accuracy", low=0, high=1),
        right,
        "test_accuracy",
        mistakes={
            "The scaler has seen the test rows: fit it on the training rows only.": joint,
            "The test rows were scaled by themselves: use the training rows' scaler.": apart,
            "The features were not scaled.": unscaled,
            "test_accuracy is the accuracy on the training rows.": fit,
        },
        tolerance=0.025,
        otherwise="Which rows was the scaler fitted on?",
    )


@exercise.check("tune", points=5)
def fold_scaling(answer, rng):
    """In each fold the scaler is fitted without the rows that the fold holds out."""
    # A few rows of one fold are extreme, so that a scaler fitted once on all training rows changes
    # the validation score. One setting only.
    while True:
        *blocks, X_test = _blocks(rng, (40, 40, 40, 40))
        blocks[rng.integers(3)][:3] *= rng.uniform(15, 30)
        X, folds = _train(blocks, rng)
        order = np.random.default_rng(5)
        y, y_test = _labels(X, order, 0), _labels(X_test, np.random.default_rng(5), 0)
        factor, shift = rng.uniform(5, 20, size=2), rng.uniform(-50, 50, size=2)
        X, X_test = X * factor + shift, X_test * factor + shift
        g, C = rng.uniform(0.7, 1.5), rng.uniform(1, 4)
        rests = [_rest(len(y), f) for f in folds]

        def mean(scaling, X=X, y=y, g=g, C=C, rests=rests, folds=folds):
            return float(
                np.mean(
                    [
                        _score(g, C, X[r], y[r], X[f], y[f], scaling(X, r, f))
                        for r, f in zip(rests, folds, strict=True)
                    ]
                )
            )

        right = mean(lambda X, r, f: X[r])
        once = mean(lambda X, r, f: X)
        apart = mean(lambda X, r, f: (X[r], X[f]))
        unscaled = mean(lambda X, r, f: np.array([[-1.0, -1.0], [1.0, 1.0]]))
        everything = mean(lambda X, r, f, more=X_test: np.concatenate([X, more]))
        parts = [_score(g, C, X[f], y[f], X[r], y[r]) for r, f in zip(rests, folds, strict=True)]
        swapped = float(np.mean(parts))
        if _far(right, [once, apart, unscaled, everything, swapped], 0.04):
            break
    got = _ask(answer, [g], [C], folds, X, y, X_test, y_test)
    same(
        number(got["cv_accuracy"], "cv_accuracy", low=0, high=1),
        right,
        "cv_accuracy",
        mistakes={
            "The scaler has seen the rows that a fold holds out: fit it anew in each fold.": once,
            "The rows held out were scaled by their own mean and spread: use the others'.": apart,
            "The features were not scaled.": unscaled,
            "The scaler has seen the test rows: fit it on the training rows only.": everything,
        },
        tolerance=0.02,
        otherwise="Which rows was the scaler fitted on, in each fold?",
    )


# --- geometry ----------------------------------------------------------------------------------


def _psd(n, rng):
    """Return a random matrix of trace n with eigenvalues between about 0.1 and 3."""
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    K = (Q * rng.uniform(0.1, 3, size=n)) @ Q.T
    return (K + K.T) * n / (2 * np.trace(K))


def _root(K):
    values, vectors = np.linalg.eigh(K)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def _g2(C, Q, regularization):
    """Return g squared, without scaling, as the largest generalised eigenvalue."""
    inverse = np.linalg.inv(C + regularization * np.eye(len(C)))
    return float(np.linalg.eigvals(inverse @ Q).real.max())


@exercise.check("geometry", points=4)
def formula(answer, rng):
    """g is the root of the largest eigenvalue, with lambda added to the classical matrix."""
    n = int(rng.integers(6, 10))
    C, Q, ridge = _psd(n, rng), _psd(n, rng), rng.uniform(0.05, 0.3)
    got = number(answer("geometric_difference", C, Q, ridge), "geometric_difference")
    inner = _root(Q) @ np.linalg.inv(C + ridge * np.eye(n)) @ _root(Q)
    mistakes = {
        "The matrices have changed places: the classical one is inverted.": np.sqrt(
            _g2(Q, C, ridge)
        ),
        "That is g squared: take the square root of the eigenvalue.": _g2(C, Q, ridge),
        "The regularization is missing.": np.sqrt(_g2(C, Q, 0)),
        "The norm is the largest eigenvalue, not the Frobenius norm.": np.sqrt(
            np.linalg.norm(inner)
        ),
        "The norm is the largest eigenvalue, not the largest sum of a row.": np.sqrt(
            np.abs(inner).sum(axis=1).max()
        ),
        "The norm is the largest eigenvalue, not the largest entry.": np.sqrt(np.abs(inner).max()),
        "The regularization is added to the classical matrix only.": np.sqrt(
            _g2(C, Q + ridge * np.eye(n), ridge)
        ),
    }
    right = package_difference(C, Q, regularization=ridge)
    same(got, right, "geometric_difference", mistakes=mistakes, tolerance=2e-5)


@exercise.check("geometry", points=3)
def scale(answer, rng):
    """Both matrices are scaled to trace n before lambda is added."""
    # The two matrices are mirror images, so that it doesn't matter here which one is inverted.
    n = 8
    C = _psd(n, rng)
    Q = C[::-1, ::-1]
    a, b, ridge = rng.uniform(3, 9), rng.uniform(0.1, 0.3), rng.uniform(0.05, 0.3)
    got = number(answer("geometric_difference", a * C, b * Q, ridge), "geometric_difference")
    mistakes = {
        "The matrices were not scaled to trace n.": np.sqrt(_g2(a * C, b * Q, ridge)),
        "Lambda was added before the classical matrix was scaled.": np.sqrt(
            _g2(C + ridge / a * np.eye(n), Q, 0)
        ),
        "The matrices were scaled to trace 1; scale them to trace n.": np.sqrt(
            _g2(C / n, Q / n, ridge)
        ),
        "The matrices were centred: leave that to the caller.": np.sqrt(
            _g2(_centred(C), _centred(Q), ridge)
        ),
    }
    right = package_difference(C, Q, regularization=ridge)
    same(got, right, "geometric_difference", mistakes=mistakes, tolerance=2e-5)


def _centred(K):
    K = K - K.mean(axis=0) - K.mean(axis=1)[:, None] + K.mean()
    return K * len(K) / np.trace(K)


# --- compare -----------------------------------------------------------------------------------

DRAW = Function(
    "lambda rng: (rng.normal(size=(4, 2)), rng.integers(2, size=4), "
    "rng.normal(size=(3, 2)), rng.integers(2, size=3))"
)
CONTENDERS = {
    "first": Function("lambda A, y, B, z: float(A[0, 0] + 2 * y.sum() + 3 * B[1, 1] + 5 * z[0])"),
    "second": Function("lambda A, y, B, z: float(A[3, 1] - y[0] + 2 * B[0, 0] - 4 * z.sum())"),
    "third": Function("lambda A, y, B, z: float(A.sum() * B.sum() + y[1] + z[1])"),
}


def _draw(rng):
    return (
        rng.normal(size=(4, 2)),
        rng.integers(2, size=4),
        rng.normal(size=(3, 2)),
        rng.integers(2, size=3),
    )


def _scores(data):
    A, y, B, z = data
    return [
        A[0, 0] + 2 * y.sum() + 3 * B[1, 1] + 5 * z[0],
        A[3, 1] - y[0] + 2 * B[0, 0] - 4 * z.sum(),
        A.sum() * B.sum() + y[1] + z[1],
    ]


@exercise.check("compare", points=4)
def same_data(answer, rng):
    """All contenders see the same data of a seed, and each seed has its own data."""
    seeds = [int(s) for s in rng.choice(10**6, size=4, replace=False)]
    rows = table(
        answer("race", DRAW, CONTENDERS, seeds), ["seed", "model", "score"], "the result of race"
    )
    if len(rows) != 12:
        raise Wrong(f"race gave {len(rows)} rows; 4 seeds and 3 contenders make 12.")
    found = {}
    for row in rows:
        key = (number(row["seed"], "a seed"), str(row["model"]))
        found[key] = number(row["score"], "a score")
    wanted = [(seed, name) for seed in seeds for name in CONTENDERS]
    if set(found) != set(wanted):
        raise Wrong("race needs one row for every pair of seed and contender, with their names.")
    got = np.array([[found[seed, name] for name in CONTENDERS] for seed in seeds])
    right = np.array([_scores(_draw(np.random.default_rng(seed))) for seed in seeds])
    each, stream = [], np.random.default_rng(seeds[0])
    for seed in seeds:
        own = np.random.default_rng(seed)
        each.append([_scores(_draw(own))[k] for k in range(3)])  # contender k, k-th data set
    one = [_scores(_draw(stream)) for _ in seeds]
    mistakes = {
        "Every contender drew its own data: draw once a seed, and give all of them the same.": each,
        "One generator ran through all seeds: make a new one from each seed.": one,
        "All seeds share one data set: draw new data for each.": [right[0]] * 4,
    }
    same(got, right, "a score", mistakes=mistakes, tolerance=1e-6)


def _fake_rows(rng, n):
    """Return rows of two models whose scores share much, and the paired differences."""
    common = rng.uniform(0.6, 0.9, size=n)
    a = common + rng.normal(scale=0.02, size=n) + 0.01
    b = common + rng.normal(scale=0.02, size=n)
    seeds = rng.choice(1000, size=n, replace=False)
    rows = [
        {"seed": int(s), "model": name, "score": float(score)}
        for s, x, y in zip(seeds, a, b, strict=True)
        for name, score in (("ours", x), ("theirs", y))
    ]
    return rows, a, b


def _interval(delta, half):
    return np.array([delta.mean(), delta.mean() - half, delta.mean() + half])


def _halves(delta):
    """Return half of the 95% interval, and what four misconceptions make of it."""
    n = len(delta)
    t, s = stats.t.ppf(0.975, n - 1), delta.std(ddof=1)
    return {
        "right": t * s / np.sqrt(n),
        "The interval uses the normal quantile: with few seeds take Student's t.": (
            stats.norm.ppf(0.975) * s / np.sqrt(n)
        ),
        "The standard deviation has the divisor J; take J - 1.": t * delta.std() / np.sqrt(n),
        "That is the spread of single differences: divide by the root of their number.": t * s,
        "That is one standard error, not a 95% interval.": s / np.sqrt(n),
        "That is a one-sided quantile: 95% leaves 2.5% on either side.": (
            stats.t.ppf(0.95, n - 1) * s / np.sqrt(n)
        ),
    }


def _paired(answer, rows, **options):
    got = answer("paired", rows, "ours", "theirs", **options)
    names = ["difference", "low", "high", "n"]
    row = table([got], names, "the result of paired")[0]
    return np.array([number(row[name], name) for name in names])


@exercise.check("compare", points=3)
def interval(answer, rng):
    """The interval is Student's t interval of the paired differences; overlap widens it."""
    rows, a, b = _fake_rows(rng, int(rng.integers(6, 9)))
    delta, n = a - b, len(a)
    got = _paired(answer, rows)
    halves = _halves(delta)
    right = _interval(delta, halves.pop("right"))
    unpaired = stats.t.ppf(0.975, 2 * n - 2) * np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / n)
    mistakes = {hint: _interval(delta, half) for hint, half in halves.items()}
    mistakes["The sign is wrong: model minus baseline."] = -right[[0, 2, 1]]
    mistakes["The scores were treated as unpaired: subtract seed by seed first."] = _interval(
        delta, unpaired
    )
    same(got[:3], right, "difference, low or high", mistakes=mistakes)
    ratio = rng.uniform(0.2, 0.5)
    got = _paired(answer, rows, ratio=ratio)
    half = (right[2] - right[0]) * np.sqrt(n)  # t s
    mistakes = {
        "The ratio r has no effect on the interval.": right,
        "1/J and r are added under the root.": _interval(delta, half * (n**-0.5 + ratio)),
        "1/J and r are added under the root: r has no root of its own.": _interval(
            delta, half * (n**-0.5 + np.sqrt(ratio))
        ),
    }
    wide = _interval(delta, half * np.sqrt(1 / n + ratio))
    same(got[:3], wide, "difference, low or high with a ratio", mistakes=mistakes)


@exercise.check("compare", points=3)
def matching(answer, rng):
    """Scores are paired by seed, in any order; a seed without a partner is left out."""
    # Any of the usual widths passes: which one is right is judged elsewhere.
    rows, a, b = _fake_rows(rng, 9)
    rows = [
        row for row in rows if not (row["model"] == "theirs" and row["seed"] == rows[0]["seed"])
    ]
    rows += [{**row, "model": "other"} for row in rows[:6] if row["model"] == "ours"]
    rows = [rows[i] for i in rng.permutation(len(rows))]
    got = _paired(answer, rows)
    if got[3] != 8:
        raise Wrong(f"n is {got[3]:g}; 8 seeds have a score of both models.")
    delta = (a - b)[1:]
    wanted = [_interval(delta, half) for half in _halves(delta).values()]
    wanted += [-w[[0, 2, 1]] for w in wanted]
    if not any(np.abs(got[:3] - w).max() < 1e-6 for w in wanted):
        raise Wrong(
            "The scores were not paired by seed: rows may come in any order, and a seed that only "
            "one model has doesn't count."
        )
