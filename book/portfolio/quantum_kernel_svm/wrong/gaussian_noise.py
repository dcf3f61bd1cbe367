# Adds Gaussian noise of the right size instead of counting shots.
# loses: shots.counts
# hint: whole shots
# %% shots
def sample_cross(K, shots, *, rng):
    noise = rng.normal(size=np.shape(K))
    return K + noise * np.sqrt(K * (1 - K) / shots)


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
    return clipped * np.outer(scale, scale)
