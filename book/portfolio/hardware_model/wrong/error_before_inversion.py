# States the error of the estimate before misreading was undone.
# loses: readout.amplified_error
# hint: before the inversion
# %% readout
def invert_readout(counts, confusion):
    inverse, n = inverse_of(confusion), frequencies(counts)
    return inverse @ n / n.sum()


def inverse_of(confusion):
    full = np.eye(1)
    for matrix in np.asarray(confusion, dtype=float):
        full = np.kron(full, np.linalg.inv(matrix))
    return full


def frequencies(counts):
    shots = np.zeros(2 ** len(next(iter(counts))))
    for word, n in counts.items():
        shots[int(word, 2)] = n
    return shots


def readout_expectation(counts, confusion, wires):
    shots = frequencies(counts)
    parity = np.ones(1)
    for k in range(len(confusion)):
        parity = np.kron(parity, [1, -1] if k in wires else [1, 1])
    g = parity @ inverse_of(confusion)
    values = np.append(parity, [1, -1])
    weights = np.append(shots, [1, 1]) / (shots.sum() + 2)
    variance = weights @ (values - weights @ values) ** 2
    return shots @ g / shots.sum(), np.sqrt(variance / shots.sum())
