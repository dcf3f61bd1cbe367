# Leaves the amplitudes as they are, and so never meets the length 0.
# loses: states.amplitude, states.zero_vector
# hint: not normalised
# %% states
def angle_state(x):
    state = np.ones(1)
    for angle in x:
        state = np.kron(state, [np.cos(angle / 2), np.sin(angle / 2)])
    return state


def amplitude_state(x):
    n = max(1, (len(x) - 1).bit_length())
    return np.pad(x, (0, 2**n - len(x)))
