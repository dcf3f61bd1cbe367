# Squares the real part only.
# loses: kernel.complex_states
# hint: real part
# %% kernel
def fidelity(S, T):
    return (S.conj() @ T.T).real ** 2
