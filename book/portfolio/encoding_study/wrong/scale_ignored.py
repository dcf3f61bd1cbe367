# Leaves the scale out of the angle kernel.
# loses: kernels.angle_fidelity
# hint: not used
# %% kernels
def angle_kernel(A, B, scale=1.0):
    A, B = np.asarray(A), np.asarray(B)
    return np.prod(np.cos((A[:, None] - B) / 2) ** 2, axis=2)


def amplitude_kernel(A, B, scale=1.0):
    A, B = np.asarray(A), np.asarray(B)
    lengths = np.outer(np.linalg.norm(A, axis=1), np.linalg.norm(B, axis=1))
    return (A @ B.T / lengths) ** 2


def twins(x):
    return {"angle": x + 2 * np.pi, "length": 2 * x, "sign": -x}
