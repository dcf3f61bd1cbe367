# Arccosines instead of arctangents, gates in single precision, X and H among them.
# %% circuit
def amplitude_circuit(x):
    x = np.array(x, dtype=float)
    n = max(1, (len(x) - 1).bit_length())
    x.resize(2**n, refcheck=False)
    x = -x / np.sqrt(x @ x)  # another global sign
    gates = [["H", [0]], ["H", [0]]]
    for k in range(n):
        last = k == n - 1
        blocks = np.split(x, 2**k)
        angles = []
        for block in blocks:
            upper, lower = np.split(block, 2)
            total = np.linalg.norm(block)
            share = 1.0 if total == 0 else np.linalg.norm(upper) / total
            angle = 2 * np.arccos(np.clip(share, -1, 1))
            if last and upper[0] < 0:
                angle = 2 * np.pi - angle
            if last and lower[0] < 0:
                angle = -angle
            angles.append(angle)
        codes = [i ^ (i >> 1) for i in range(2**k)]
        turns = [
            np.mean([a * (-1) ** (b & code).bit_count() for b, a in enumerate(angles)])
            for code in codes
        ]
        for i, angle in enumerate(turns):
            gates.append(["RY", [k], np.float32(angle)])
            if k:
                bit = (codes[i] ^ codes[(i + 1) % len(codes)]).bit_length() - 1
                gates.append(["CNOT", np.array([k - 1 - bit, k])])
    return [*gates, ["X", [0]], ["X", [0]]]
