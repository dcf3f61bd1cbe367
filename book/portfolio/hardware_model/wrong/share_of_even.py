# Returns the share of shots of even parity: the minus is missing.
# loses: expectation.value, expectation.bit_order, expectation.error
# hint: counts +1 or -1
# %% expectation
def expectation(counts, wires):
    shots = sum(counts.values())
    total = sum(n * (1 - sum(word[k] == "1" for k in wires) % 2) for word, n in counts.items())
    m = total / (shots + 2)
    return total / shots, np.sqrt((1 - m**2) / shots)
