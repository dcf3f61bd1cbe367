# Builds the rotations by plain recursion, so that CNOTs that cancel stay.
# loses: circuit.textbook
# hint: cancel
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
        gates += turn(2 * np.arctan2(right, left), list(range(target)), target)
    return gates


def turn(angles, controls, target):
    if not controls:
        return [["RY", [target], float(angles[0])]]
    first, second = np.split(angles, 2)
    flip = [["CNOT", [controls[0], target]]]
    plus = turn((first + second) / 2, controls[1:], target)
    return plus + flip + turn((first - second) / 2, controls[1:], target) + flip
