# States, kernel, repair and g in single precision.
# %% encode
def states(X, bandwidth):
    angles = bandwidth * np.asarray(X, dtype=float)
    d = angles.shape[1]
    # z[k, b] is the eigenvalue of Z on qubit k for basis state b.
    z = 1 - 2 * ((np.arange(2**d) >> np.arange(d)[::-1, None]) & 1)
    neighbours = angles * np.roll(angles, -1, axis=1)
    phases = np.exp(-0.5j * (angles @ z + neighbours @ (z * np.roll(z, -1, axis=0))))
    hadamards = np.ones((1, 1))
    for _ in range(d):
        hadamards = np.kron(hadamards, np.array([[1, 1], [1, -1]]) / np.sqrt(2))
    return (phases * ((phases * hadamards[0]) @ hadamards)).astype(np.complex64)


# %% kernel
def fidelity(S, T):
    S, T = np.asarray(S, dtype=np.complex64), np.asarray(T, dtype=np.complex64)
    return np.abs(S.conj() @ T.T) ** 2


# %% shots
def sample_cross(K, shots, *, rng):
    return (rng.binomial(shots, np.asarray(K)) / shots).astype(np.float32)


def sample_gram(K, shots, *, rng):
    pairs = np.triu_indices(len(K), 1)
    estimate = np.eye(len(K))
    estimate[pairs] = rng.binomial(shots, np.asarray(K)[pairs]) / shots
    estimate.T[pairs] = estimate[pairs]
    return estimate


def repair(K):
    values, vectors = np.linalg.eigh(K)
    clipped = (vectors * np.maximum(values, 0)) @ vectors.T
    scale = 1 / np.sqrt(np.diag(clipped))
    return (clipped * np.outer(scale, scale)).astype(np.float32)


# %% geometry
def geometric_difference(K_classical, K_quantum, regularization):
    n = len(K_classical)
    C = np.asarray(K_classical) * n / np.trace(K_classical)
    Q = np.asarray(K_quantum) * n / np.trace(K_quantum)
    values, vectors = np.linalg.eigh(Q)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    inner = root @ np.linalg.solve(C + regularization * np.eye(n), root)
    inner = inner.astype(np.float32)
    return float(np.sqrt(np.linalg.eigvalsh((inner + inner.T) / 2)[-1]))
