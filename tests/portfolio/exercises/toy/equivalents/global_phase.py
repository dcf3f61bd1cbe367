# Another global phase.
# %% amplitudes
def amplitudes(x):
    return 1j * np.array([np.cos(x / 2), -1j * np.sin(x / 2)])
