# polyfit with 1 / error, tensors instead of Kronecker products, another order of the same sums.
# %% expectation
def expectation(counts, wires):
    n = len(next(iter(counts)))
    tensor = np.zeros((2,) * n)
    for word, shots in counts.items():
        tensor[tuple(map(int, word))] = shots
    for axis in reversed(range(n)):
        first, second = np.moveaxis(tensor, axis, 0)
        tensor = first - second if axis in set(wires) else first + second
    total = sum(counts.values())
    m = tensor / (total + 2)
    return float(tensor / total), float(np.sqrt((1 - m) * (1 + m) / total))


# %% readout
def _tensor(counts):
    n = len(next(iter(counts)))
    tensor = np.zeros((2,) * n)
    for word, shots in counts.items():
        tensor[tuple(int(bit) for bit in word)] = shots
    return tensor


def invert_readout(counts, confusion):
    p = _tensor(counts)
    p = p / p.sum()
    for k, matrix in enumerate(confusion):
        p = np.moveaxis(
            np.linalg.solve(matrix, np.moveaxis(p, k, 0).reshape(2, -1)).reshape((2,) * p.ndim),
            0,
            k,
        )
    return p.ravel()


def readout_expectation(counts, confusion, wires):
    n = len(confusion)
    inverse = [np.linalg.inv(m) for m in confusion]
    g = np.ones(())
    for k in range(n):
        row = inverse[k][0] - inverse[k][1] if k in wires else np.ones(2)
        g = np.multiply.outer(g, row)
    everything = _tensor(counts)
    value = float((everything * g).sum() / everything.sum())
    shots = everything.sum()
    g, everything = g.ravel(), everything.ravel().copy()
    everything[np.argmax(g)] += 1
    everything[np.argmin(g)] += 1
    mean = np.average(g, weights=everything)
    return value, np.sqrt(np.average((g - mean) ** 2, weights=everything) / shots)


# %% extrapolate
def extrapolate(scales, values, errors, *, fit="linear"):
    values, errors = np.asarray(values, dtype=float), np.asarray(errors, dtype=float)
    same = np.all(values > 0) or np.all(values < 0)
    if fit == "exponential" and same:
        sign = 1 if values[0] > 0 else -1
        y, s = np.log(sign * values), np.abs(errors / values)
    else:
        sign, y, s = 0, values, errors
    found, covariance = np.polyfit(scales, y, 1, w=1 / s, cov="unscaled")
    if not sign:
        return found[1], covariance[1, 1] ** 0.5
    return sign * np.exp(found[1]), np.exp(found[1]) * covariance[1, 1] ** 0.5
