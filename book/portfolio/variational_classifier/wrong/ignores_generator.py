# Draws the start from a generator of its own, with a fixed seed.
# loses: train.reproducible
# hint: come from rng
# %% train
def train(model, states, y, *, n_layers, n_steps, rng):
    q = np.shape(states)[1].bit_length() - 1
    targets = 2 * np.asarray(y) - 1
    rng = np.random.default_rng(0)
    theta = rng.uniform(0, 2 * np.pi, size=(n_layers, q, 2))
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, n_steps + 1):
        slope = gradient(lambda v: model(v, states), theta, targets)
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        size = np.sqrt(square / (1 - 0.99**step)) + 1e-8
        theta = theta - 0.15 * mean / (1 - 0.9**step) / size
    return theta
