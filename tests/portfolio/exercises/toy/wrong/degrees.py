# Takes the angle in degrees.
# loses: amplitudes.formula, amplitudes.normalised, expectation.cosine
# hint: radians
# %% amplitudes
def amplitudes(x):
    x = np.deg2rad(x)
    return 1j * np.array([np.cos(x / 2), -1j * np.sin(x / 2)])
