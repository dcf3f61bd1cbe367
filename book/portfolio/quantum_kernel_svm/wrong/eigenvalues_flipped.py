# Takes magnitudes of the eigenvalues instead of clipping.
# loses: shots.repaired
# hint: flipped
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
    clipped = (vectors * np.abs(values)) @ vectors.T
    scale = 1 / np.sqrt(np.diag(clipped))
    return clipped * np.outer(scale, scale)
