# Loops over entries, and nested lists instead of arrays.
# %% kernel
def fidelity(S, T):
    return [[float(abs(np.vdot(a, b)) ** 2) for b in T] for a in S]


# %% shots
def sample_cross(K, shots, *, rng):
    return [[int((rng.random(shots) < k).sum()) / shots for k in row] for row in K]


def sample_gram(K, shots, *, rng):
    n = len(K)
    estimate = [[1.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i):
            estimate[i][j] = estimate[j][i] = int(rng.binomial(shots, K[i][j])) / shots
    return estimate


def repair(K):
    values, vectors = np.linalg.eigh(np.array(K))
    clipped = sum(v * np.outer(u, u) for v, u in zip(values, vectors.T, strict=True) if v > 0)
    n = len(clipped)
    return [
        [clipped[i, j] / (clipped[i, i] * clipped[j, j]) ** 0.5 for j in range(n)] for i in range(n)
    ]


# %% geometry
def geometric_difference(K_classical, K_quantum, regularization):
    n = len(K_classical)
    C = np.array(K_classical) / np.mean(np.diag(K_classical))
    Q = np.array(K_quantum) / np.mean(np.diag(K_quantum))
    product = np.linalg.inv(C + regularization * np.eye(n)) @ Q  # has the same eigenvalues
    return np.sqrt(np.max(np.linalg.eigvals(product).real))
