# Divides one side by the other, which fails where both are zero.
# loses: circuit.zeros
# hint: not finite
# %% circuit
def amplitude_circuit(x):
    n = max(1, (len(x) - 1).bit_length())
    x = np.pad(np.asarray(x, dtype=float), (0, 2**n - len(x)))
    gates = []
    for target in range(n):
        blocks = x.reshape(2**target, 2, -1)
        if target < n - 1:
            left, right = np.linalg.norm(blocks, axis=2).T
        else:
            left, right = blocks[:, 0, 0], blocks[:, 1, 0]
        with np.errstate(all="ignore"):
            angles = 2 * np.arctan(right / left) + np.where(left < 0, 2 * np.pi, 0)
        gates += turn(angles, list(range(target)), target)
    return gates


def turn(angles, controls, target):
    if not controls:
        return [["RY", [target], float(angles[0])]]
    half = np.split(angles, 2)
    flip = [["CNOT", [controls[0], target]]]
    first = turn((half[0] + half[1]) / 2, controls[1:], target)
    second = turn((half[0] - half[1]) / 2, controls[1:], target)[::-1]
    if len(controls) > 1:
        first, second = first[:-1], second[1:]
    return first + flip + second + flip
