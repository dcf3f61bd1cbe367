"""Trusted checks of the exercise `quantum_kernel_svm`: they never enter a sandbox."""

from itertools import product

import numpy as np
from scipy import stats
from sklearn.svm import SVC

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


def _states(X, c, *, pair="square", half=0.5, rounds=2, pairs="ring", single=True, turn=False):
    """Return the encoded states, gate by gate; the keywords are misconceptions."""
    d = X.shape[1]
    pair = {"square": c**2, "once": c, "never": 1.0}[pair]
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
            phase = sum(c * x[k] * _z(k, d) for k in range(d)) * single
            phase = phase + sum(pair * x[j] * x[k] * _z(j, d) * _z(k, d) for j, k in neighbours)
            state = state * np.exp(-1j * half * phase).reshape(state.shape)
        made.append(state.ravel())
    return _reversed(np.array(made)) if turn else np.array(made)


def _reversed(states):
    """Return the same states with the order of the qubits reversed."""
    d = states.shape[1].bit_length() - 1
    axes = (0, *range(d, 0, -1))
    return states.reshape(-1, *(2,) * d).transpose(axes).reshape(states.shape)


def _overlaps(S, T):
    return np.abs(np.einsum("ik,jk->ij", S.conj(), T)) ** 2


CIRCUIT = {
    "The order of the qubits is reversed: qubit 0 is the most significant bit.": {"turn": True},
    "Every phase has the wrong sign: the exponent has -i/2.": {"half": -0.5},
    "The phases are twice too large: the exponent has a factor 1/2.": {"half": 1.0},
    "That is one round; the encoding runs two, each with Hadamards and phases.": {"rounds": 1},
    "That is three rounds; the encoding runs two.": {"rounds": 3},
    "The ring is open: the last qubit and qubit 0 are a pair too.": {"pairs": "chain"},
    "The phases of the pairs are missing.": {"pairs": "none"},
    "The phases of the single qubits are missing.": {"single": False},
}


@exercise.check("encode", points=9)
def amplitudes(answer, rng):
    """At bandwidth 1 the amplitudes are those of the circuit, up to a global phase."""
    for d, n in ((3, 1), (3, 130), (4, int(rng.integers(2, 6))), (5, int(rng.integers(1, 6)))):
        X = rng.uniform(0.3, 1.2, size=(n, d)) * rng.choice([-1, 1], size=(n, d))
        whole = d == 5
        X = np.round(3 * X) if whole else X
        given = X.astype(int) if whole else X
        got = _array(asked(answer, "states", given, 1.0), (n, 2**d), "states(X, 1)", real=False)
        norm = np.linalg.norm(got[0])
        # With three qubits all pairs are neighbours.
        every = "Every pair of qubits has a phase; the sum runs over neighbours on a ring."
        options = CIRCUIT | ({every: {"pairs": "all"}} if d > 3 else {})
        same(
            got,
            _states(X, 1.0),
            "states(X, 1)",
            mistakes=Mistakes(lambda X=X, **chosen: _states(X, 1.0, **chosen), options),
            tolerance=1e-5,
            phase=True,
            laws={f"A state has norm 1; the first row of states(X, 1) has {norm:.4g}.": (
                np.abs(np.linalg.norm(got, axis=1) - 1).max() < 1e-4
            )},
            otherwise="Compare a sample with one feature that is not zero with a circuit by hand.",
        )  # fmt: skip


@exercise.check("encode", points=5)
def bandwidth(answer, rng):
    """The bandwidth multiplies every feature, so each product of two features gets its square."""
    # Judged by overlaps, so that the order of the qubits plays no part here.
    cases = [(4, rng.uniform(0.4, 0.7), False), (3, rng.uniform(1.3, 2.0), False), (3, 0.5, True)]
    for d, c, whole in cases:
        X = rng.uniform(0.6, 1.4, size=(5, d)) * rng.choice([-1, 1], size=(5, d))
        X = np.ceil(X) * 2 - 1 if whole else X  # 3, 1 or -1
        got = asked(answer, "states", X.astype(int) if whole else read_only(X), c)
        got = _array(got, (5, 2**d), "states(X, c)", real=False)
        options = {
            "The bandwidth multiplies every feature: a product of two features gets its square.": {
                "pair": "once"
            },
            "The bandwidth must also reach the products of two features.": {"pair": "never"},
            "The bandwidth has no effect.": {"c": 1.0},
            "The bandwidth multiplies the features; it doesn't divide them.": {"c": 1 / c},
            "The bandwidth must multiply the features before anything squares.": {"c": c**2},
            "These features are whole numbers, and times the bandwidth they are not: make the "
            "array one of floats first.": {"cut": True},
        } | {hint: option for hint, option in CIRCUIT.items() if "order" not in hint}

        def make(X=X, c=c, cut=False, **chosen):
            S = _states(np.trunc(c * X), 1.0) if cut else _states(X, **{"c": c, **chosen})
            return _overlaps(S, S)

        same(
            _overlaps(got, got),
            make(),
            "the overlap of two of states(X, c)",
            mistakes=Mistakes(make, options),
            tolerance=2e-5,
            laws={"A state has norm 1, so its overlap with itself is 1.": (
                np.abs(np.linalg.norm(got, axis=1) - 1).max() < 1e-4
            )},
        )  # fmt: skip


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
            "The diagonal was set to 1: S[i] and T[i] may be different states.": np.ones((1, 1)),
        }
        laws = {"A probability lies between 0 and 1.": -1e-6 <= got.min() <= got.max() <= 1 + 1e-6}
        same(got, inner**2, "fidelity(S, T)", mistakes=mistakes, laws=laws, tolerance=1e-5)


@exercise.check("kernel", points=4)
def complex_states(answer, rng):
    """The first state is conjugated, and a global phase of either state changes nothing."""
    # The rows come from one random basis, so that entries are 0 or 1: squared or not. Of another
    # basis the first row is real, and no other.
    for W, real in ((_unitary(6, rng), []), (np.eye(6), [0])):
        rows = rng.permutation([0, 0, 1, 2, 2, 2])
        turn = np.exp(1j * rng.uniform(0, 2 * np.pi, size=(6, 1)))
        turn[real] = 1
        S = W[rows] * turn
        T = W[rows] * np.exp(1j * rng.uniform(0.5, 1, size=(6, 1)))
        judge_complex(answer, S, T, rows)


def judge_complex(answer, S, T, rows):
    got = asked(answer, "fidelity", read_only(S), read_only(T))
    got = _array(got, (6, 6), "fidelity(S, T)")
    plain, inner = S @ T.T, S.conj() @ T.T
    conjugate = "One of the two states must be conjugated."
    real = "Take the magnitude of the complex inner product, not its real part."
    mistakes = {
        conjugate: np.abs(plain) ** 2,
        conjugate + " ": np.abs(plain),
        real: inner.real**2,
        real + " ": np.abs(inner.real),
        real + "  ": inner.real,
        "Keep the imaginary parts of all states, also where the first one is real.": np.abs(
            S.real @ T.real.T
        )
        ** 2,
    }
    laws = {
        "A probability lies between 0 and 1.": -1e-6 <= got.min() <= got.max() <= 1 + 1e-6,
        "The kernel of the same states is symmetric.": np.abs(got - got.T).max() < 1e-6,
        "The overlap of a state with itself is 1.": np.abs(np.diag(got) - 1).max() < 1e-6,
    }
    right = rows[:, None] == rows
    same(got, right, "fidelity(S, T)", mistakes=mistakes, laws=laws, tolerance=1e-5)


@exercise.check("kernel", points=4)
def cross_gram(answer, rng):
    """Rows of the matrix belong to S and columns to T, also where their numbers differ."""
    # The states are basis vectors, so that entries are 0 or 1: squared, conjugated or not.
    D = 4
    for n, m in (rng.permutation([5, 7, 9])[:2], (5, 5), (1, 4), (4, 1), (1, 1), (130, 101)):
        a, b = rng.integers(D, size=n), rng.integers(D, size=m)
        a[-2:], b[:2] = [0, 1][-len(a) :], [1, 2][: len(b)]
        right = a[:, None] == b
        kind = int if n == m else float
        value = asked(answer, "fidelity", np.eye(D, dtype=kind)[a], np.eye(D, dtype=kind)[b])
        if n != m and _array(value, (None, None), "fidelity(S, T)").shape == (m, n):
            raise Wrong("The matrix is transposed: row i belongs to S[i], column j to T[j].")
        got = _array(value, (int(n), int(m)), "fidelity(S, T)")
        if n == m > 1 and np.abs(np.abs(got) - right.T).max() < 1e-5:
            raise Wrong("The matrix is transposed: row i belongs to S[i], column j to T[j].")
        if n == m and np.abs(np.abs(got) - (right / 2 + right.T / 2)).max() < 1e-5 < np.ptp(got):
            raise Wrong("A square matrix need not be symmetric: S[i] and T[i] may differ.")
        if np.abs(np.abs(got) - right).max() > 1e-5:
            raise Wrong(
                "An entry is not the overlap of S[i] and T[j]. Try rows of an identity matrix."
            )


# --- shots -------------------------------------------------------------------------------------


# Single precision is off by less of an estimate, and 20,000 shots still are whole ones.
WHOLE = 1e-6


def _counts(estimate, shots, what):
    """Raise Wrong unless every estimate is a whole number of shots between 0 and all."""
    counts = estimate * shots
    if np.abs(counts - counts.round()).max(initial=0) > WHOLE * shots:
        raise Wrong(
            f"An entry of {what} is no multiple of 1/shots. A device counts whole shots: draw the "
            "count, don't add continuous noise and don't average two estimates."
        )
    if estimate.min() < -1e-6 or estimate.max() > 1 + 1e-6:
        raise Wrong(f"An entry of {what} is not between 0 and 1: it counts a share of the shots.")


def _sampled(answer, function, K, shots, seed, given=np.array):
    """Return an answer's estimates of K."""
    got = asked(answer, function, given(K), shots, rng=Seed(seed))
    return _array(got, K.shape, f"{function}(K, shots)")


def _seeds(rng, n):
    return [int(seed) for seed in rng.choice(2**31, size=n, replace=False)]


def _off(errors):
    """Return by how many standard errors the mean of sums of errors is off, by calls (axis 0).

    Sums over all and tilted by a sign; of their own scatter, so that errors of a call may be
    correlated: whether they are is judged elsewhere.
    """
    spread = errors.std(axis=0, ddof=1) / np.sqrt(len(errors)) + 1e-12
    return np.max(np.abs(errors.mean(axis=0)) / spread)


def _correlated(errors, variance, K, level):
    """Return whether sums of errors over rows, or over entries of like K, scatter too much.

    `errors` are the difference of two calls, so that a mean that is off plays no part. Sums are in
    units of the errors' own mean square: whether that is right is judged elsewhere. Of a symmetric
    K each pair counts once among those of like K.
    """
    unit = (errors**2).sum() / variance.sum() + 1e-12
    once = np.triu(np.ones_like(K), 1) > 0 if np.array_equal(K, K.T) else np.ones_like(K) > 0
    order = np.argsort(K[once])[: once.sum() // 50 * 50]
    alike = [values[once][order].reshape(-1, 50) for values in (errors, variance)]
    for part, of in ((errors, variance), (errors.T, variance.T), alike):
        sums = part.sum(axis=1) ** 2 / of.sum(axis=1) / unit
        if sums.sum() > stats.chi2.isf(level, len(sums)):
            return True
    return False


def _law(estimate, K, shots, bands=5, most=None):
    """Return whether counts follow the binomial law, in bands of K; an answer's own mean counts.

    Counts above `most` count as that. Pearson's statistic exceeds its bound in less than 1e-9 of
    all runs: entries of a band differ in K, which makes their counts vary less than the law of the
    test.
    """
    most = shots if most is None else most
    counts = np.round(estimate * shots).clip(0, most).astype(int)
    total, freedom = 0.0, 0
    for band in range(bands):
        inside = (bands * K).astype(int) == band
        law = stats.binom.pmf(np.arange(most + 1)[:, None], shots, K[inside]).sum(axis=1)
        seen = np.bincount(counts[inside], minlength=most + 1)
        kept = law > 8
        total += ((seen - law)[kept] ** 2 / law[kept]).sum()
        freedom += kept.sum()
    return total < stats.chi2.isf(1e-9, freedom)


BINOMIAL = (
    "Counts have the right mean and variance, and not the law of a count: each run of the circuit "
    "gives all zeros or not. Draw from the binomial law, don't round continuous noise."
)


@exercise.check("shots", points=6)
def counts(answer, rng):
    """Entries are counts divided by shots, right on average, and drawn from rng alone."""
    # False alarms: Student's |t| > 8.5 with 39 degrees of freedom, six times: below 2e-9.
    for shots in (1, 1500, 20_000, int(rng.integers(7, 12)), int(rng.integers(101, 1000))):
        K = rng.uniform(0.05, 0.95, size=(20, 25))
        seeds = _seeds(rng, 2)
        first, again, other = (
            _sampled(answer, "sample_cross", K, shots, seed) for seed in (seeds[0], *seeds)
        )
        _counts(first, shots, "sample_cross(K, shots)")
        if np.abs(first - other).max() < 1e-6:
            raise Wrong("Another seed gave the same estimates: sampling has to use rng.")
        if np.abs(first - again).max() > 1e-6:
            raise Wrong("The same seed gave other estimates: rng must be the only randomness.")
        if shots in (1, 20_000):
            continue
        errors = (_sampled(answer, "sample_cross", K, shots, seed) - K for seed in _seeds(rng, 40))
        sums = [(e.sum(), (e * np.sign(K - 0.5)).sum()) for e in errors]
        if _off(np.array(sums)) > 8.5:
            raise Wrong("The estimates are not K on average.")
    for shape in ((1, 5), (5, 1), (1, 1)):
        K = rng.uniform(0.3, 0.7, size=shape)
        for _ in range(3):
            few = _sampled(answer, "sample_cross", K, 10, int(rng.integers(2**31)))
            _counts(few, 10, f"sample_cross of shape {shape}")
    certain = (rng.uniform(size=(9, 6)) < 0.5) * 1.0
    got = _sampled(answer, "sample_cross", certain.astype(int), 11, seeds[0])
    same(got, certain, "the estimate of entries that are exactly 0 or 1", tolerance=1e-5)
    G = rng.uniform(0.05, 0.95, size=(20, 20))
    G = (G + G.T) / 2
    np.fill_diagonal(G, 1)
    gram, same_gram, other = (
        _sampled(answer, "sample_gram", G, shots, seed) for seed in (seeds[0], *seeds)
    )
    if np.abs(gram - same_gram).max() > 1e-6:
        raise Wrong("The same seed gave another Gram matrix: rng must be the only randomness.")
    if np.abs(gram - other).max() < 1e-6:
        raise Wrong("Another seed gave the same Gram matrix: sampling has to use rng.")
    same(
        _sampled(answer, "sample_gram", np.ones((1, 1), dtype=int), 5, seeds[0]),
        np.ones((1, 1)),
        "sample_gram of a single state",
    )


@exercise.check("shots", points=3)
def spread(answer, rng):
    """The noise has variance K (1 - K) / shots and the law of counts; each entry has its own."""
    # False alarms: the mean square over 20,000 entries has a relative standard deviation below
    # 0.018 (one or two shots are the worst), so 12% is 6.6 of them; the chi-square tests of 100 and
    # 200 sums have about 1e-9 each.
    for shots in (int(rng.integers(8, 16)), int(rng.integers(2, 4)), 1, 1500):
        # Many shots need fewer entries: somebody may draw all readings at once.
        K = rng.uniform(0.1, 0.9, size=(60, 100) if shots > 16 else (100, 200))
        got, other = (
            _sampled(answer, "sample_cross", K, shots, seed, read_only) for seed in _seeds(rng, 2)
        )
        variance = K * (1 - K) / shots
        # Of many shots a mean that is off would be most of it, and is judged elsewhere.
        errors = (got - other) / np.sqrt(2) if shots > 16 else got - K
        ratio = (errors**2).sum() / variance.sum()
        if _correlated(got - other, variance, K, 1e-9):
            raise Wrong("The noise of different entries is correlated: each has its own shots.")
        if abs(ratio - 1) > 0.12:
            raise Wrong(
                f"The variance of the noise is {ratio:.3g} times K (1 - K) / shots. Every entry "
                "needs `shots` runs, no more and no fewer."
            )
        # What is not whole, or off on average, is judged elsewhere.
        whole = np.abs(got * shots - np.round(got * shots)).max() < WHOLE * shots
        fair = abs((got - K).sum()) < 6.5 * np.sqrt(variance.sum())
        if whole and fair and shots < 16 and not _law(got, K, shots):
            raise Wrong(BINOMIAL)
    # Many shots and small entries, which read few zeros or none.
    shots = 1500
    K = rng.uniform(0.5, 2.5, size=(50, 100)) / shots
    got = _sampled(answer, "sample_cross", K, shots, int(rng.integers(2**31)))
    whole = np.abs(got * shots - np.round(got * shots)).max() < WHOLE * shots
    fair = abs((got - K).sum()) < 6.5 * np.sqrt(K.sum() / shots)
    if whole and fair and not _law(got, K, shots, bands=1, most=12):
        raise Wrong(f"With {shots} shots: {BINOMIAL}")


@exercise.check("shots", points=4)
def pairs_once(answer, rng):
    """sample_gram measures each pair once: symmetric, ones on the diagonal, full shot noise."""
    # False alarms: the mean square over 7,140 pairs has a relative standard deviation below
    # 0.03, so 25% is 8 of them.
    sizes = ((int(rng.integers(8, 16)), 120), (int(rng.integers(2, 4)), 100))
    for shots, n in (*sizes, (1, 100), (1500, 100)):
        K = rng.uniform(0.1, 0.9, size=(n, n))
        K = np.triu(K, 1) + np.triu(K, 1).T + np.eye(n)
        got, other = (
            _sampled(answer, "sample_gram", K, shots, seed, read_only) for seed in _seeds(rng, 2)
        )
        if np.abs(got - got.T).max() > 1e-6:
            raise Wrong(
                "The Gram matrix is not symmetric: (i, j) and (j, i) are one pair, measured once."
            )
        if np.abs(np.diag(got) - 1).max() > 1e-6:
            raise Wrong("The diagonal is not 1: a state's overlap with itself is known.")
        pairs = np.triu_indices(n, 1)
        exact, found = K[pairs], got[pairs]
        variance = exact * (1 - exact) / shots
        ratio = ((found - exact) ** 2).sum() / variance.sum()
        if _correlated(got - other, K * (1 - K) / shots, K, 1e-10):
            raise Wrong("The noise of different pairs is correlated: each has its own shots.")
        if ratio < 0.75:
            raise Wrong(
                f"The variance of a pair is {ratio:.2g} times K (1 - K) / shots: too little noise. "
                "Averaging (i, j) with (j, i) spends twice the shots: measure each pair once."
            )
        if ratio > 1.25:
            raise Wrong(f"The variance of a pair is {ratio:.3g} times K (1 - K) / shots.")
        _counts(found, shots, "sample_gram(K, shots)")
        errors = found - exact
        tilted = errors * np.sign(exact - 0.5)
        # 6.5 of the errors' own standard deviations, of more than 4,900 of them.
        if max(abs(errors.sum()), abs(tilted.sum())) > 6.5 * np.sqrt((errors**2).sum()):
            raise Wrong("The estimates of sample_gram are not K on average.")
        # No pair is its exact value.
        for offset in (1, n // 2):
            here, there = np.diag(got, offset), np.diag(K, offset)
            scatter = ((here - there) ** 2).sum() / (there * (1 - there) / shots).sum()
            if not 0.2 < scatter < 2.5:
                raise Wrong(f"The pairs (i, i + {offset}) have another noise than the others.")
        if shots < 16 and not _law(found, exact, shots):
            raise Wrong(BINOMIAL)
    K = np.full((20, 20), float(rng.uniform(0.3, 0.7))) ** (1 - np.eye(20))
    got = _sampled(answer, "sample_gram", K, 20_000, int(rng.integers(2**31)))
    _counts(got, 20_000, "sample_gram(K, shots)")


def _mended(K, spectrum="clip", diagonal="scale"):
    """Return a repaired K; the options make the mistakes."""
    values, vectors = np.linalg.eigh(K)
    mended = {
        "clip": nearest_psd(K),
        "flip": (vectors * np.abs(values)) @ vectors.T,
        "shift": K - min(values[0], 0) * np.eye(len(K)),
        "none": K,
    }[spectrum]
    size = np.maximum(np.diag(mended), 1e-300)
    return {
        "scale": mended / np.sqrt(np.outer(size, size)),
        "none": mended,
        "hand": mended - np.diag(np.diag(mended)) + np.eye(len(K)),
        "rows": mended / size[:, None],
        "product": mended / np.outer(size, size),
    }[diagonal]


@exercise.check("shots", points=4)
def repaired(answer, rng):
    """Negative eigenvalues become 0, then rows and columns are scaled to a unit diagonal."""
    options = {
        "The diagonal is not 1: scale rows and columns after clipping.": {"diagonal": "none"},
        "Setting the diagonal to 1 by hand can make an eigenvalue negative again: scale rows and "
        "columns instead.": {"diagonal": "hand"},
        "Negative eigenvalues were flipped to positive ones; set them to 0.": {"spectrum": "flip"},
        "All eigenvalues were shifted up; set only the negative ones to 0.": {"spectrum": "shift"},
        "The negative eigenvalues have to go.": {"spectrum": "none"},
        "Divide by the square root of both diagonal entries, so that the matrix stays symmetric.": {
            "diagonal": "rows"
        },
        "Divide by the square root of the two diagonal entries' product.": {"diagonal": "product"},
    }
    for n in (12, 2, 120, int(rng.integers(4, 9))):
        A = rng.normal(size=(n, 3))
        A /= np.linalg.norm(A, axis=1, keepdims=True)
        noise = rng.normal(scale=0.25, size=(n, n))
        K = (A @ A.T) ** 2 + np.triu(noise, 1) + np.triu(noise, 1).T
        got = _array(asked(answer, "repair", read_only(K)), (n, n), "repair(K)")
        unit, lowest = np.abs(np.diag(got) - 1).max(), np.linalg.eigvalsh((got + got.T) / 2)[0]
        same(
            got,
            _mended(K),
            "repair(K)",
            tolerance=1e-5,
            mistakes=Mistakes(lambda K=K, **chosen: _mended(K, **chosen), options),
            laws={
                "repair(K) must be symmetric.": np.abs(got - got.T).max() < 1e-6,
                "repair(K) must have ones on its diagonal.": unit < 1e-6,
                f"repair(K) has the negative eigenvalue {lowest:.2g}.": lowest > -1e-6,
            },
        )
    # Whole numbers, the eigenvalues of some of which are negative.
    K = np.triu(rng.integers(1, 4, size=(3, 3)), 1)
    K = K + K.T + np.diag(rng.integers(2, 4, size=3))
    got = _array(asked(answer, "repair", K), (3, 3), "repair(K)")
    same(got, _mended(K.astype(float)), "repair of whole numbers", tolerance=1e-5)
    for K, what in (
        (np.array([[2.0]]), "a single number"),
        (np.eye(3), "the identity"),
        (np.ones((4, 4)), "ones"),
    ):
        got = _array(asked(answer, "repair", K), K.shape, "repair(K)")
        same(got, K / K[0, 0], f"repair of {what}", tolerance=1e-5)
    # Without a negative eigenvalue only the scaling is left: small ones stay.
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    K = (turn * [0.004, 0.03, 0.5, 2.0, 3.0]) @ turn.T
    K = (K + K.T) / 2
    got = _array(answer("repair", K), (5, 5), "repair(K)")
    same(
        got,
        _mended(K),
        "repair of a positive matrix, some of whose eigenvalues are small,",
        tolerance=1e-5,
        laws={"repair(K) must have ones on its diagonal.": np.abs(np.diag(got) - 1).max() < 1e-6},
    )


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


def _ask(answer, values, penalties, folds, X, y, X_test, y_test, unit=1.0, given=np.array):
    got = asked(
        answer,
        "tune",
        _kernel(unit),
        [float(value) / unit for value in values],
        list(map(float, penalties)),
        folds,
        *map(given, (X, y.astype(int), X_test, y_test.astype(int))),
    )
    return _tuned(got)


def _tuned(got):
    """Return what tune gave as a dictionary of numbers."""
    names = ["value", "C", "cv_accuracy", "test_accuracy"]
    row = table([got], names, "the result of tune")[0]
    return {name: number(row[name], name) for name in names}


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
        value, C = got["value"] * unit, got["C"]
        known = min(tests, key=lambda pair: abs(pair[0] - value) + abs(pair[1] - C))
        if abs(known[0] - value) + abs(known[1] - C) > 1e-4 * sum(known):
            raise Wrong("The chosen value and C are no pair of the grids.")
        if known == best:
            # A training score is judged elsewhere. One flipped prediction is 1/60.
            if all(abs(got["test_accuracy"] - v[best]) > 1.5 / 60 for v in (tests, fits)):
                raise Wrong(
                    "The pair is right, and test_accuracy is not its own: fit with the chosen "
                    "value and the chosen C on all training rows, and score the test rows once."
                )
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
    by_the_mean(answer, rng)
    closer_than_a_rounding(answer, rng)
    first_of_equals(answer, rng)


# What each value scores on the rows of three folds of 60, 20 and 20, and which rule would choose
# it. Training on the fold itself would choose the first too: that is judged elsewhere.
SCORED = {
    0: ((53 / 60, 0.95, 0.70), ""),
    1: ((0.90, 1.00, 0.30), "The best fold was taken; asked for: the mean over the folds."),
    2: ((1.00, 0.70, 0.65), "The rows of all folds were pooled, or the first fold decides; asked "
        "for: the mean over the folds."),
    3: ((0.60, 0.60, 1.00), "The last fold decides; asked for: the mean over the folds."),
    4: ((0.80, 0.80, 0.80), "The worst fold was taken; asked for: the mean over the folds."),
    5: ((59 / 60, 0.95, 0.35), "The median over the folds was taken; asked for: the mean."),
}  # fmt: skip


def by_the_mean(answer, rng):
    """Let a table of scores decide: value k says the label by the sign of feature k."""
    sizes = (60, 20, 20)
    X, y, folds = [], [], []
    for fold, size in enumerate(sizes):
        labels = np.arange(size) % 2
        right = [np.arange(size) < round(SCORED[k][0][fold] * size) for k in SCORED]
        # Half of each label are mistaken, so that both signs are as frequent.
        order = np.argsort(np.argsort(rng.permutation(size // 2)))
        order = np.repeat(2 * order, 2) + labels
        X.append(np.array([(2 * labels - 1) * np.where(r[order], 1, -1) for r in right]).T)
        y.append(labels)
    X, y = np.concatenate(X).astype(float), np.concatenate(y)
    place = rng.permutation(len(y))
    X_mixed, y_mixed = np.empty(X.shape, dtype=int), np.empty_like(y)
    X_mixed[place], y_mixed[place] = X, y
    folds = [sorted(f.tolist()) for f in np.split(place, np.cumsum(sizes)[:-1])]
    values = [float(k) for k in rng.permutation(list(SCORED))]
    data = X_mixed, y_mixed, X_mixed[:10], y_mixed[:10]
    got = _tuned(asked(answer, "tune", SIGN_KERNEL, values, [1.0], folds, *data))
    if got["value"] != 0:
        said = SCORED.get(round(got["value"]), ("", ""))[1]
        raise Wrong(said or "The pair with the highest mean accuracy over the folds is chosen.")


# Right where the signs of the training rows' feature agree with their labels.
SIGN_KERNEL = Function("lambda A, B, g: np.outer(np.sign(A[:, round(g)]), np.sign(B[:, round(g)]))")


def closer_than_a_rounding(answer, rng):
    """Let the best of two values lead by 0.0005: a mistake weighs less in the larger fold."""
    sizes, missed = (60, 62), ((6, 4), (4, 6))
    y = np.concatenate([np.arange(n) % 2 for n in sizes])
    X = np.repeat((2.0 * y - 1)[:, None], 2, axis=1)
    for k in (0, 1):
        # As many of each label, so that both signs are as frequent.
        for start, wrong in zip((0, sizes[0]), missed[k], strict=True):
            X[start : start + wrong, k] *= -1
    folds = [list(range(sizes[0])), list(range(sizes[0], sum(sizes)))]
    cv = [np.mean([1 - m / n for m, n in zip(missed[k], sizes, strict=True)]) for k in (0, 1)]
    got = _tuned(answer("tune", SIGN_KERNEL, [0.0, 1.0], [1.0], folds, X, y, X[:10], y[:10]))
    if got["value"] != 1:
        raise Wrong(
            f"Mean accuracies of {cv[0]:.4f} and {cv[1]:.4f} are not equal: compare the means over "
            "the folds as they are, without rounding."
        )


def rows_of_no_fold(answer, rng):
    """Let rows that no fold holds out decide what is learned; the folds' rows contradict it."""
    y = rng.permutation(np.arange(100) % 2)
    X = (2.0 * y - 1)[:, None]
    for n_folds, size in ((2, 10), (1, 10), (3, 1)):
        folds = rng.permutation(100)[: n_folds * size].reshape(n_folds, size)
        flipped = X.copy()
        flipped[folds.ravel()] *= -1
        got = _tuned(
            answer("tune", SIGN_KERNEL, [0.0], [1.0], folds.tolist(), flipped, y, X[:1], y[:1])
        )
        same(
            got["cv_accuracy"],
            0.0,
            "cv_accuracy",
            otherwise="Some rows are in no fold: a fold's model is trained on all rows but those "
            "that the fold holds out.",
        )
        same(got["test_accuracy"], 1.0, "test_accuracy of one row")


def first_of_equals(answer, rng):
    """Let pairs tie: the product of value and C is what counts, and both labels differ in size."""
    y = np.arange(60) % 5 < 2
    X = (2.0 * y - 1)[:, None] + rng.uniform(-0.3, 0.3, size=(60, 1))
    folds = [list(range(k, 60, 4)) for k in range(4)]
    kernel = Function("lambda A, B, g: g * (A @ B.T)")
    for values, first in (([1.0, 1e6], (1.0, 1.0)), ([1e6, 1.0], (1e6, 1e-6))):
        got = _tuned(
            answer("tune", kernel, values, [1e-6, 1.0], folds, X, y.astype(int), X, y.astype(int))
        )
        if (got["value"], got["C"]) != first:
            raise Wrong(
                "Of equally good pairs the first is chosen, with the values in the outer loop and "
                "the penalties in the inner."
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
    rows_of_no_fold(answer, rng)


@exercise.check("tune", points=5)
def test_scaling(answer, rng):
    """Test rows are scaled with the training rows' mean and spread, and never change the scaler.

    Known to pass: `StandardScaler(copy=False)`, which scales the caller's rows.
    """
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
    got = _ask(answer, [g], [C], folds, X, y, X_test, y_test, given=read_only)
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
    as_the_scaler_does(answer, rng)


# Stripes of fixed width in the first feature, none where the second is far from 0 or no number: a
# small change of the scaling changes many labels.
STRIPES = (
    "lambda A, B, w: np.outer(*(np.where((np.abs(Z[:, 1]) < 5) & (np.sin(w * Z[:, 0]) < 0), -1.0,"
    " 1.0) for Z in (A, B)))"
)


def as_the_scaler_does(answer, rng):
    """Let stripes show the divisor of the spread, and a constant feature what it is divided by."""
    while True:
        *blocks, X_test = _blocks(rng, (24, 24, 24, 60))
        X, folds = _train(blocks, rng)
        w = rng.uniform(100, 140)
        y, y_test = np.sin(w * X[:, 0]) > 0, np.sin(w * X_test[:, 0]) > 0
        # The other folds' rows have one value of the second feature.
        X[:, 1], X_test[:, 1] = 3.0, 3.0
        X[folds[0][::2], 1] = 4.0

        def mean(n, y=y, X=X, w=w, folds=folds):
            stripes = np.sin(w * np.sqrt(1 - 1 / n) * X[:, 0]) > 0
            return np.mean([np.mean(stripes[f] == y[f]) for f in folds])

        odd, often = y[folds[0]], 2 * y[_rest(len(y), folds[0])].mean() > 1
        nothing = (2 + np.mean(odd == often)) / 3
        huge = (2 + np.mean(odd | (X[folds[0], 1] == 3))) / 3
        if max(mean(48), nothing, huge) < 0.9:
            break
    kernel = Function(STRIPES)
    data = X, y.astype(int), X_test, y_test.astype(int)
    got = _tuned(asked(answer, "tune", kernel, [w], [1.0], folds, *data))
    same(
        number(got["cv_accuracy"], "cv_accuracy", low=0, high=1),
        1.0,
        "cv_accuracy",
        mistakes={
            "A feature that is constant in the rows of a fit became no number: StandardScaler "
            "subtracts its mean and divides by 1.": nothing,
            "A feature that is constant in the rows of a fit was divided by almost 0: "
            "StandardScaler divides it by 1.": huge,
        },
        tolerance=0.02,
        otherwise="Does each feature have spread 1 in the rows of a fit, as StandardScaler makes "
        "it, with the divisor n and not n - 1?",
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


def _geometric(
    C, Q, ridge, *, swap=False, trace="n", norm="largest", squared=False, lift=0.0, centred=False
):
    """Return g; the options make the mistakes."""
    n = len(C)
    if centred:
        C, Q = _centred(C), _centred(Q)
    if trace != "none":
        size = n if trace == "n" else 1
        early = ridge * np.eye(n) if trace == "late" else 0
        C, Q = ((K + e) * (n if trace == "late" else size) / np.trace(K + e) for K, e in (
            (C, early), (Q, 0)))  # fmt: skip
    if swap:
        C, Q = Q, C
    ridge = 0.0 if trace == "late" else ridge
    Q = Q + lift * ridge * np.eye(n)
    inner = _root(Q) @ np.linalg.pinv(C + ridge * np.eye(n)) @ _root(Q)
    value = {
        "largest": np.linalg.eigvalsh((inner + inner.T) / 2)[-1],
        "frobenius": np.linalg.norm(inner),
        "rows": np.abs(inner).sum(axis=1).max(),
        "entry": np.abs(inner).max(),
        "trace": np.trace(inner),
    }[norm]
    return value if squared else np.sqrt(value)


G_MISTAKES = {
    "The matrices have changed places: the classical one is inverted.": {"swap": True},
    "That is g squared: take the square root of the eigenvalue.": {"squared": True},
    "The regularization is missing.": {"ridge": 0.0},
    "The norm is the largest eigenvalue, not the Frobenius norm.": {"norm": "frobenius"},
    "The norm is the largest eigenvalue, not the largest sum of a row.": {"norm": "rows"},
    "The norm is the largest eigenvalue, not the largest entry.": {"norm": "entry"},
    "The norm is the largest eigenvalue, not the sum of all.": {"norm": "trace"},
    "The regularization is added to the classical matrix only.": {"lift": 1.0},
}
SCALING_MISTAKES = {
    "The matrices were not scaled to trace n.": {"trace": "none"},
    "Lambda was added before the classical matrix was scaled.": {"trace": "late"},
    "The matrices were scaled to trace 1; scale them to trace n.": {"trace": "one"},
    "The matrices were centred: leave that to the caller.": {"centred": True},
}


@exercise.check("geometry", points=4)
def formula(answer, rng):
    """g is the root of the largest eigenvalue, with lambda added to the classical matrix."""
    any_size = int(rng.integers(5, 10))
    for kind, n in (
        *((kind, any_size) for kind in ("regular", "whole", "singular")),
        *(("regular", n) for n in (1, 2, 120)),
    ):
        singular = kind == "singular"
        C, Q, ridge = _psd(n, rng), _psd(n, rng), rng.uniform(0.05, 0.3)
        given = read_only(C), read_only(Q)
        if kind == "whole":  # samples that are equal, opposite or without anything in common
            group, sign = rng.integers(0, 3, (2, n)), rng.choice([-1, 1], (2, n))
            given = C, Q = [
                (g[:, None] == g) * np.outer(s, s) for g, s in zip(group, sign, strict=True)
            ]
        if singular:  # as of few different samples: rounding makes some eigenvalues negative
            rows = rng.normal(size=(2, n, 2))
            given = C, Q = [K * n / np.trace(K) for K in rows @ rows.swapaxes(1, 2)]
        got = number(asked(answer, "geometric_difference", *given, ridge), "geometric_difference")

        def make(C=C, Q=Q, ridge=ridge, **options):
            return _geometric(C, Q, ridge, **options)

        right = package_difference(C, Q, regularization=ridge)
        mistakes = Mistakes(make, G_MISTAKES)
        same(
            got, right, "geometric_difference", mistakes=mistakes, tolerance=2e-5 * max(1, right),
            laws={"g is not negative.": got >= 0},
            otherwise="Equal matrices give a number just below 1: try that." * (not singular)
            + "These matrices have eigenvalues 0, which rounding can make negative." * singular,
        )  # fmt: skip


@exercise.check("geometry", points=3)
def scale(answer, rng):
    """Both matrices are scaled to trace n before lambda is added."""
    # The two matrices are mirror images, so that it doesn't matter here which one is inverted.
    n = int(rng.integers(6, 10))
    C = _psd(n, rng)
    Q = C[::-1, ::-1]
    a, b, ridge = rng.uniform(3, 9), rng.uniform(0.1, 0.3), rng.uniform(0.05, 0.3)
    got = number(answer("geometric_difference", a * C, b * Q, ridge), "geometric_difference")

    def make(ridge=ridge, **options):
        return _geometric(a * C, b * Q, ridge, **options)

    right = package_difference(C, Q, regularization=ridge)
    mistakes = Mistakes(make, SCALING_MISTAKES | G_MISTAKES)
    same(
        got, right, "geometric_difference", mistakes=mistakes, tolerance=2e-5,
        laws={"g is not negative.": got >= 0},
    )  # fmt: skip


def _centred(K):
    return K - K.mean(axis=0) - K.mean(axis=1)[:, None] + K.mean()


# --- compare -----------------------------------------------------------------------------------

DRAW = Function(
    "lambda rng: (rng.normal(size=(4, 2)), rng.integers(2, size=4), "
    "rng.normal(size=(3, 2)), rng.integers(2, size=3))"
)
CONTENDERS = (
    Function("lambda A, y, B, z: float(A[0, 0] + 2 * y.sum() + 3 * B[1, 1] + 5 * z[0])"),
    Function("lambda A, y, B, z: float(A[3, 1] - y[0] + 2 * B[0, 0] - 4 * z.sum())"),
    Function("lambda A, y, B, z: float(A.sum() * B.sum() + y[1] + z[1])"),
)
# Each data set says how many were drawn before it.
COUNTED = Function(
    "(lambda calls: lambda rng: (calls.append(0), (np.full((4, 2), len(calls) - 1.0),"
    " np.arange(4) % 2, np.zeros((3, 2)), np.arange(3) % 2))[1])([])"
)
FIRST = Function("lambda A, y, B, z: float(A[0, 0])")
NAMES = ("quantum", "RBF", "ours", "theirs", "linear", "a", "b")


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
    n = int(rng.integers(3, 6))
    seeds = [0, *(int(s) for s in 1 + rng.choice(10**6, size=n - 1, replace=False))]
    seeds = rng.permutation(seeds).tolist()
    names = rng.permutation(NAMES)[:3].tolist()
    got = _raced(answer, DRAW, dict(zip(names, CONTENDERS, strict=True)), seeds)
    right = np.array([_scores(_draw(np.random.default_rng(seed))) for seed in seeds])
    each, stream = [], np.random.default_rng(seeds[0])
    for seed in seeds:
        own = np.random.default_rng(seed)
        each.append([_scores(_draw(own))[k] for k in range(3)])  # contender k, k-th data set
    one = [_scores(_draw(stream)) for _ in seeds]
    mistakes = {
        "Every contender drew its own data: draw once a seed, and give all of them the same.": each,
        "One generator ran through all seeds: make a new one from each seed.": one,
        "All seeds share one data set: draw new data for each.": [right[0]] * n,
    }
    same(got, right, "a score", mistakes=mistakes, tolerance=1e-6)
    alone = _raced(answer, DRAW, {names[1]: CONTENDERS[1]}, seeds[:1])
    same(alone, right[:1, 1:2], "the score of one contender with one seed")
    counted = _raced(answer, COUNTED, dict.fromkeys(names, FIRST), seeds)
    if np.ptp(counted, axis=1).any() or sorted(counted[:, 0]) != list(range(n)):
        raise Wrong(
            f"draw was called more often than once for each of {n} seeds: call it once, and give "
            "all contenders what it returned."
        )


def _raced(answer, draw, contenders, seeds):
    """Return the scores of a race, shape (seeds, contenders)."""
    n, m = len(seeds), len(contenders)
    columns = ["seed", "model", "score"]
    rows = table(answer("race", draw, contenders, seeds), columns, "the result of race")
    if len(rows) != m * n:
        raise Wrong(
            f"race gave {len(rows)} rows; {n} seeds and {m} contenders make {m * n}. A score of 0 "
            "is a score, and 0 is a seed."
        )
    found = {}
    for row in rows:
        key = (number(row["seed"], "a seed"), str(row["model"]))
        found[key] = number(row["score"], "a score")
    if set(found) != {(seed, name) for seed in seeds for name in contenders}:
        raise Wrong("race needs one row for every pair of seed and contender, with their names.")
    return np.array([[found[seed, name] for name in contenders] for seed in seeds])


def _fake_rows(rng, n, *, zeros=False, scatter=0.02):
    """Return rows of two models whose scores share much, their names, and the scores.

    With `zeros` the first two seeds have a score of 0, and the third is 0.
    """
    common = rng.uniform(0.6, 0.9, size=n)
    a = common + rng.normal(scale=scatter, size=n) + 0.01
    b = common + rng.normal(scale=scatter, size=n)
    seeds = 1 + rng.choice(10_000, size=n, replace=False)
    if zeros:
        a[0] = b[1] = seeds[2] = 0
    names = rng.permutation(NAMES)[:2].tolist()
    rows = [
        {"seed": int(s), "model": name, "score": float(score)}
        for s, x, y in zip(seeds, a, b, strict=True)
        for name, score in zip(names, (x, y), strict=True)
    ]
    return rows, names, a, b


def _interval(
    delta, *, ratio=0.0, law="t", level=0.975, ddof=1, sign=1, spread="mean", freedom=1, add="root"
):
    """Return mean, low and high; the options make the mistakes."""
    n, s = len(delta), delta.std(ddof=ddof)
    q = {"t": stats.t.ppf(level, n - freedom), "normal": stats.norm.ppf(level), "one": 1.0}[law]
    size = {
        "root": np.sqrt(1 / n + ratio),
        "outside": np.sqrt(1 / n) + ratio,
        "own root": np.sqrt(1 / n) + np.sqrt(ratio),
        "inside": np.sqrt((1 + ratio) / n),
        "alone": np.sqrt(ratio) if ratio else np.sqrt(1 / n),
        "never": np.sqrt(1 / n),
    }[add]
    half = q * s * (1 if spread == "single" else size)
    return np.array([sign * delta.mean(), sign * delta.mean() - half, sign * delta.mean() + half])


T_MISTAKES = {
    "The interval uses the normal quantile: with few seeds take Student's t.": {"law": "normal"},
    "The standard deviation has the divisor J; take J - 1.": {"ddof": 0},
    "That is the spread of single differences: divide by the root of their number.": {
        "spread": "single"
    },
    "That is one standard error, not a 95% interval.": {"law": "one"},
    "That is a one-sided quantile: 95% leaves 2.5% on either side.": {"level": 0.95},
    "That is a 99% interval; asked for: 95%.": {"level": 0.995},
    "Student's t has J - 1 degrees of freedom.": {"freedom": 0},
    "The sign is wrong: model minus baseline.": {"sign": -1},
}
RATIO_MISTAKES = {
    "The ratio r has no effect on the interval.": {"add": "never"},
    "1/J and r are added under the root.": {"add": "outside"},
    "1/J and r are added under the root: r has no root of its own.": {"add": "own root"},
    "1/J is missing beside r.": {"add": "alone"},
    "r is added to 1/J, it is not divided by the number of seeds.": {"add": "inside"},
}


def _paired(answer, rows, names, **options):
    got = answer("paired", rows, *names, **options)
    columns = ["difference", "low", "high", "n"]
    row = table([got], columns, "the result of paired")[0]
    return np.array([number(row[name], name) for name in columns])


@exercise.check("compare", points=3)
def interval(answer, rng):
    """The interval is Student's t interval of the paired differences; overlap widens it."""
    cases = [(int(rng.integers(6, 9)), 0.0), (int(rng.integers(3, 6)), 1.0), (2, 0.0), (2, 1.0)]
    cases += [(30, 0.0), (31, 1.0), (120, 0.0), (1001, 0.0)]
    for size, ratio in cases:
        rows, names, a, b = _fake_rows(rng, size, scatter=0.4 if size > 100 else 0.02)
        ratio = ratio * rng.uniform(0.2, 0.5)
        got = _paired(answer, rows, names, **({"ratio": ratio} if ratio else {}))
        unpaired = stats.t.ppf(0.975, 2 * size - 2) * np.sqrt(
            (a.var(ddof=1) + b.var(ddof=1)) / size
        )

        def make(delta=a - b, ratio=ratio, unpaired=None, **options):
            if unpaired is not None:
                return delta.mean() + unpaired * np.array([0, -1, 1])
            return _interval(delta, ratio=ratio, **options)

        options = (RATIO_MISTAKES if ratio else {}) | T_MISTAKES
        if not ratio:
            hint = "The scores were treated as unpaired: subtract seed by seed first."
            options = options | {hint: {"unpaired": unpaired}}
        same(
            got[:3],
            make(),
            f"difference, low or high{' with a ratio' if ratio else ''}",
            mistakes=Mistakes(make, options),
            laws={"low must lie below the difference, and high above.": got[1] < got[0] < got[2]},
        )
        if got[3] != size:
            raise Wrong(f"n is {got[3]:g}; {size} seeds have a score of both models.")
    # Differences some of which are equal: each of them counts.
    delta = np.array([0.25, 0.25, 0.0, 0.25])
    rows = [
        {"seed": 7 - k, "model": name, "score": score}
        for k, x in enumerate(delta.tolist())
        for name, score in (("ours", 0.5 + x), ("theirs", 0.5))
    ]
    got = _paired(answer, rows, ("ours", "theirs"))
    same(got[0], delta.mean(), "the mean of differences, some of which are equal,")
    same(got[3], 4, "their number, n,")


@exercise.check("compare", points=3)
def matching(answer, rng):
    """Scores are paired by seed, in any order; a seed without a partner is left out."""
    # Any of the usual widths passes: which one is right is judged elsewhere.
    for gone in ({"first": 1, "second": 0}, {"first": 0, "second": 2}, {"first": 2, "second": 1}):
        rows, names, a, b = _fake_rows(rng, 9, zeros=True)
        seeds = list(dict.fromkeys(row["seed"] for row in rows))
        lost = 3 + rng.permutation(6)[: sum(gone.values())]
        without = {
            names[0]: [seeds[k] for k in lost[: gone["first"]]],
            names[1]: [seeds[k] for k in lost[gone["first"] :]],
        }
        others = [{**row, "model": "other"} for row in rows if row["model"] == names[0]]
        rows = [row for row in rows if row["seed"] not in without[row["model"]]]
        rows += [{**row, "score": float(rng.uniform(0.5, 1))} for row in others[:6]]
        rows = [rows[i] for i in rng.permutation(len(rows))]
        got = _paired(answer, rows, names)
        delta = np.delete(a - b, lost)
        if got[3] != len(delta):
            raise Wrong(
                f"n is {got[3]:g}; {len(delta)} seeds have a score of both models. A score of 0 is "
                "a score, and 0 is a seed."
            )
        wanted = [_interval(delta, **options) for options in T_MISTAKES.values()]
        wanted += [_interval(delta), _interval(delta, law="normal", ddof=0)]
        wanted += [-w[[0, 2, 1]] for w in wanted]
        if not any(np.abs(got[:3] - w).max() < 1e-6 for w in wanted):
            raise Wrong(
                "The scores were not paired by seed: rows may come in any order, and a seed that "
                "only one model has doesn't count."
            )
