# Measures (i, j) and (j, i) apart.
# loses: shots.pairs_once
# hint: not symmetric
# %% shots
def sample_cross(K, shots, *, rng):
    return rng.binomial(shots, np.asarray(K)) / shots


def sample_gram(K, shots, *, rng):
    return rng.binomial(shots, np.clip(K, 0, 1)) / shots


def repair(K):
    values, vectors = np.linalg.eigh(K)
    clipped = (vectors * np.maximum(values, 0)) @ vectors.T
    scale = 1 / np.sqrt(np.diag(clipped))
    return clipped * np.outer(scale, scale)
