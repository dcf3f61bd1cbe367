# Takes a short vector for a zero vector.
# loses: states.zero_vector
# hint: short vector
# %% states
def angle_state(x):
    state = np.ones(1)
    for angle in x:
        state = np.kron(state, [np.cos(angle / 2), np.sin(angle / 2)])
    return state


def amplitude_state(x):
    if np.allclose(x, 0):
        raise ValueError("zero vector")
    n = max(1, (len(x) - 1).bit_length())
    return np.pad(x / np.linalg.norm(x), (0, 2**n - len(x)))
