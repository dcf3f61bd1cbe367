# Forgets that bras are conjugated.
# loses: kernel.complex_states
# hint: conjugated
# %% kernel
def fidelity(S, T):
    return np.abs(S @ T.T) ** 2
