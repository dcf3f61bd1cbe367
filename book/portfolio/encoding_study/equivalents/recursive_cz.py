# Uniformly controlled rotations by recursion, the second half reversed; CZ for CNOT, tuples.
# %% circuit
def amplitude_circuit(x):
    x = np.asarray(x, dtype=float)
    n = max(1, (len(x) - 1).bit_length())
    x = np.concatenate([x, np.zeros(2**n - len(x))])
    levels, signs = [np.abs(x)], np.sign(x) + (x == 0)
    while len(levels[0]) > 1:
        levels.insert(0, np.hypot(levels[0][::2], levels[0][1::2]))
    gates = []
    for target in range(n):
        below = levels[target + 1]
        if target == n - 1:
            below = below * signs
        # Any right angle is fine where there is nothing to turn.
        angles = 2 * np.arctan2(below[1::2], below[::2])
        gates += turn(list(angles), list(range(target)), target)
    return gates


def turn(angles, controls, target):
    """Half of the angles, CZ, the other half backwards, CZ; where the halves meet, two cancel."""
    if not controls:
        return [("RY", (target,), float(angles[0]))]
    half = len(angles) // 2
    plus = [(a + b) / 2 for a, b in zip(angles[:half], angles[half:], strict=True)]
    minus = [(a - b) / 2 for a, b in zip(angles[:half], angles[half:], strict=True)]
    # CZ and CNOT both turn RY(t) into RY(-t) where the control is 1.
    flip = [("CZ", (target, controls[0]))]
    first = turn(plus, controls[1:], target)
    second = turn(minus, controls[1:], target)[::-1]
    if len(controls) > 1:
        first, second = first[:-1], second[1:]
    return first + flip + second + flip
