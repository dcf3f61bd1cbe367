# Leaves out the scaling to trace n.
# loses: geometry.scale
# hint: not scaled
# %% geometry
def geometric_difference(K_classical, K_quantum, regularization):
    n = len(K_classical)
    C = np.asarray(K_classical)
    Q = np.asarray(K_quantum)
    values, vectors = np.linalg.eigh(Q)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    inner = root @ np.linalg.solve(C + regularization * np.eye(n), root)
    return float(np.sqrt(np.linalg.eigvalsh((inner + inner.T) / 2)[-1]))
