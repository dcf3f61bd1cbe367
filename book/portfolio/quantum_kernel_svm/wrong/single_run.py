# Runs the circuit once for each entry, whatever the shots.
# loses: shots.spread
# hint: variance of the noise
# %% shots
def sample_cross(K, shots, *, rng):
    return (rng.random(np.shape(K)) < K).astype(float)


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
