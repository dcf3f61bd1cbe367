# Plugs the value in: no error where all shots agree.
# loses: expectation.error
# hint: two imaginary shots
# %% expectation
def expectation(counts, wires):
    shots = sum(counts.values())
    total = sum(n * (-1) ** sum(word[k] == "1" for k in wires) for word, n in counts.items())
    m = total / shots
    return total / shots, np.sqrt((1 - m**2) / shots)
