# Counts the wires from the right.
# loses: expectation.bit_order
# hint: the bits are reversed
# %% expectation
def expectation(counts, wires):
    shots = sum(counts.values())
    total = 0
    for word, n in counts.items():
        total += n * (-1) ** sum(word[len(word) - 1 - k] == "1" for k in wires)
    m = total / (shots + 2)
    return total / shots, np.sqrt((1 - m**2) / shots)
