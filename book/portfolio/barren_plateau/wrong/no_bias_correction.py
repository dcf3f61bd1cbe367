# Adam's averages are used as they are.
# loses: train.first_step
# hint: bias corrected
# %% train
def train(theta, axes, teacher, cost, layers, steps, shots, *, learning_rate=0.1, rng):
    """Raise a score by `steps` steps of Adam on gradients from shots."""
    theta = np.array(theta, dtype=float)
    m, v = 0.0, 0.0
    for _ in range(steps):
        g = np.asarray(estimate_gradient(theta, axes, teacher, cost, layers, shots, rng=rng))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        move = m / (np.sqrt(v) + 1e-8)
        theta[layers] += learning_rate * move
    return theta
