# Divides by the number of different strings.
# loses: expectation.value, expectation.bit_order
# hint: not by the number of strings
# %% expectation
def expectation(counts, wires):
    shots = sum(counts.values())
    total = sum(n * (-1) ** sum(word[k] == "1" for k in wires) for word, n in counts.items())
    m = total / (shots + 2)
    return total / len(counts), np.sqrt((1 - m**2) / shots)
