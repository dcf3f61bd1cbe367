# Single precision and complex numbers, with a global phase.
# %% states
def angle_state(x):
    state = np.full(1, 1j, dtype=np.complex64)
    for angle in np.asarray(x, dtype=np.float32):
        turned = np.array([np.cos(angle / 2), np.sin(angle / 2)], dtype=np.complex64)
        state = (state[:, None] * turned).ravel()
    return state


def amplitude_state(x):
    x = np.asarray(x)
    if not np.any(x):
        raise ValueError("zero vector")
    state = np.zeros(max(2, 1 << (len(x) - 1).bit_length()), dtype=np.complex64)
    state[: len(x)] = x / np.sqrt(np.sum(x**2)) * np.exp(0.3j)
    return state


# %% kernels
def angle_kernel(A, B, scale=1.0):
    A, B = np.asarray(A, dtype=np.float32), np.asarray(B, dtype=np.float32)
    overlaps = np.ones((len(A), len(B)), dtype=np.float32)
    for a, b in zip(A.T, B.T, strict=True):
        overlaps *= np.cos(np.float32(scale) / 2 * np.subtract.outer(a, b))
    return overlaps**2


def amplitude_kernel(A, B, scale=1.0):
    A, B = np.asarray(A, dtype=np.float32), np.asarray(B, dtype=np.float32)
    lengths = np.outer(np.linalg.norm(A, axis=1), np.linalg.norm(B, axis=1))
    return np.abs(A @ B.T / lengths) ** 2


def twins(x):
    x = np.asarray(x, dtype=np.float32)
    return {"angle": x - np.float32(4 * np.pi), "length": x / 4, "sign": -x}
