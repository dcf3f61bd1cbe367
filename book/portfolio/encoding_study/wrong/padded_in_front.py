# Pads with zeros at the front.
# loses: states.padding
# hint: at the front
# %% states
def angle_state(x):
    state = np.ones(1)
    for angle in x:
        state = np.kron(state, [np.cos(angle / 2), np.sin(angle / 2)])
    return state


def amplitude_state(x):
    if not np.any(x):
        raise ValueError("zero vector")
    n = max(1, (len(x) - 1).bit_length())
    return np.pad(x / np.linalg.norm(x), (2**n - len(x), 0))
