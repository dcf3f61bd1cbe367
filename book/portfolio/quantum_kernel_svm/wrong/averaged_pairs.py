# Measures each pair twice and averages.
# loses: shots.pairs_once
# hint: once
# %% shots
def sample_cross(K, shots, *, rng):
    return rng.binomial(shots, np.asarray(K)) / shots


def sample_gram(K, shots, *, rng):
    estimate = rng.binomial(shots, np.clip(K, 0, 1)) / shots
    return (estimate + estimate.T) / 2


def repair(K):
    values, vectors = np.linalg.eigh(K)
    clipped = (vectors * np.maximum(values, 0)) @ vectors.T
    scale = 1 / np.sqrt(np.diag(clipped))
    return clipped * np.outer(scale, scale)
