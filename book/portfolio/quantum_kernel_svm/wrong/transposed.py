# Puts the second states into the rows.
# loses: kernel.cross_gram
# hint: transposed
# %% kernel
def fidelity(S, T):
    return np.abs(T.conj() @ S.T) ** 2
