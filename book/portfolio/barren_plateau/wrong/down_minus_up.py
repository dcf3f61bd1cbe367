# The shift rule with the wrong sign.
# loses: shots.mean_global, shots.mean_local, train.raises_score
# hint: up minus down
# %% shots
def shifted_states(theta, axes, teacher, layers):
    """Return the states, teacher undone, at theta + pi/2 and theta - pi/2 for every angle."""
    n = len(axes[0])
    signs, psi = cz_signs(n), tilted(n)
    for index, (angles, letters) in enumerate(zip(theta, axes, strict=True)):
        psi = rotate_all(psi, [rotation(p, t) for p, t in zip(letters, angles, strict=True)])
        if index in layers:
            moved = [
                (PAULI[letter] @ psi[0].reshape(2**k, 2, -1)).reshape(1, -1)
                for k, letter in enumerate(letters)
            ]
            psi = np.concatenate([psi, *moved])
        psi = psi * signs
    for angles, letters in zip(teacher["theta"][::-1], teacher["axes"][::-1], strict=True):
        undo = [rotation(p, -t) for p, t in zip(letters, angles, strict=True)]
        psi = rotate_all(psi * signs, undo)
    psi = rotate_all(psi, [rotation("Y", -np.pi / 4)] * n)
    return (psi[0] - 1j * psi[1:]) / np.sqrt(2), (psi[0] + 1j * psi[1:]) / np.sqrt(2)


def measure(states, cost, shots, rng):
    """Estimate a score for every row from `shots` readings."""
    p = np.abs(states) ** 2
    if cost == "global":  # only one outcome counts
        return rng.binomial(shots, np.clip(p[:, 0], 0, 1)) / shots
    counts = rng.multinomial(shots, p / p.sum(axis=1, keepdims=True))
    return counts @ diagonal(cost, int(np.log2(p.shape[1]))) / shots


def estimate_gradient(theta, axes, teacher, cost, layers, shots, *, rng):
    """Estimate the gradient of a score by the angles of some layers, from shots."""
    up, down = shifted_states(theta, axes, teacher, layers)
    difference = measure(down, cost, shots, rng) - measure(up, cost, shots, rng)
    return difference.reshape(len(layers), -1) / 2
