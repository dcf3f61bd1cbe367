# Overwrites the diagonal after clipping.
# loses: shots.repaired
# hint: by hand
# %% shots
def sample_cross(K, shots, *, rng):
    return rng.binomial(shots, np.asarray(K)) / shots


def sample_gram(K, shots, *, rng):
    pairs = np.triu_indices(len(K), 1)
    estimate = np.eye(len(K))
    estimate[pairs] = rng.binomial(shots, np.asarray(K)[pairs]) / shots
    estimate.T[pairs] = estimate[pairs]
    return estimate


def repair(K):
    values, vectors = np.linalg.eigh(K)
    clipped = (vectors * np.maximum(values, 0)) @ vectors.T
    np.fill_diagonal(clipped, 1)
    return clipped
