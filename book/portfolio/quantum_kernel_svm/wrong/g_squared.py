# Returns the eigenvalue without its root.
# loses: geometry.formula, geometry.scale
# hint: square root
# %% geometry
def geometric_difference(K_classical, K_quantum, regularization):
    n = len(K_classical)
    C = np.asarray(K_classical) * n / np.trace(K_classical)
    Q = np.asarray(K_quantum) * n / np.trace(K_quantum)
    values, vectors = np.linalg.eigh(Q)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    inner = root @ np.linalg.solve(C + regularization * np.eye(n), root)
    return float(np.linalg.eigvalsh((inner + inner.T) / 2)[-1])
