# The course's package for the state and the derivative, in single precision; whole matrices after.
# %% gradient
from qmlcourse.ansatz import Ansatz
from qmlcourse.trainability import first_derivatives


def made(axes):
    codes = np.array([["IXYZ".index(letter) for letter in row] for row in axes])
    return Ansatz(codes, np.ones(len(codes), dtype=bool), start=np.pi / 4)


def state(theta, axes):
    return made(axes).states(np.reshape(theta, (1, -1)))[0].astype(np.complex64)


def derivative(theta, axes, cost):
    return first_derivatives([made(axes)], np.reshape(theta, (1, -1)), cost)[0]


# %% shots
def teacher_matrix(teacher):
    """Return the teacher, one column for each basis state it may begin in."""
    n = len(teacher["axes"][0])
    index = np.arange(2**n)
    pairs = 0 * index
    for k in range(n - 1):
        pairs = pairs + (index >> k & 1) * (index >> (k + 1) & 1)
    whole = np.eye(2**n)
    rows = [["Y"] * n, *teacher["axes"]]
    for number, (letters, angles) in enumerate(
        zip(rows, [[np.pi / 4] * n, *teacher["theta"]], strict=True)
    ):
        layer = np.eye(1)
        for letter, t in zip(letters, angles, strict=True):
            layer = np.kron(layer, np.cos(t / 2) * np.eye(2) - 1j * np.sin(t / 2) * PAULI[letter])
        whole = layer @ whole
        if number:
            whole = (-1.0) ** pairs[:, None] * whole
    return whole


def estimate_gradient(theta, axes, teacher, cost, layers, shots, *, rng):
    n, ansatz = len(axes[0]), made(axes)
    moved = []
    for layer in layers:
        for k in range(n):
            for shift in (np.pi / 2, -np.pi / 2):
                moved.append(np.array(theta, dtype=float).ravel())
                moved[-1][layer * n + k] += shift
    p = np.abs(ansatz.states(moved) @ teacher_matrix(teacher).conj()) ** 2
    counts = rng.multinomial(shots, p / p.sum(axis=1, keepdims=True))
    if cost == "global":
        score = counts[:, 0] / shots
    else:
        zeros = n - sum(np.arange(2**n) >> k & 1 for k in range(n))
        score = counts @ zeros / (n * shots)
    score = score.reshape(len(layers), n, 2)
    return ((score[..., 0] - score[..., 1]) / 2).astype(np.float32)
