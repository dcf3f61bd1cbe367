# Takes |<a|b>| for the kernel.
# loses: kernel.square
# hint: its square
# %% kernel
def fidelity(S, T):
    return np.abs(S.conj() @ T.T)
