# All layers move, whatever was asked.
# loses: train.first_step
# hint: not in `layers`
# %% train
def train(theta, axes, teacher, cost, layers, steps, shots, *, learning_rate=0.1, rng):
    """Raise a score by `steps` steps of Adam on gradients from shots."""
    theta = np.array(theta, dtype=float)
    layers = list(range(len(theta)))
    m, v = 0.0, 0.0
    for t in range(1, steps + 1):
        g = np.asarray(estimate_gradient(theta, axes, teacher, cost, layers, shots, rng=rng))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        move = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        theta[layers] += learning_rate * move
    return theta
