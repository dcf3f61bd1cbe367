# Returns the standard deviation of a shot for the error of the mean.
# loses: expectation.error
# hint: spread of one shot
# %% expectation
def expectation(counts, wires):
    shots = sum(counts.values())
    total = sum(n * (-1) ** sum(word[k] == "1" for k in wires) for word, n in counts.items())
    m = total / (shots + 2)
    return total / shots, np.sqrt(1 - m**2)
