# An optimiser of SciPy, which asks for the loss and its gradient.
# %% train
from scipy.optimize import minimize


def train(model, states, y, *, n_layers, n_steps, rng):
    q = np.shape(states)[1].bit_length() - 1
    shape, t = (n_layers, q, 2), np.where(np.asarray(y) == 1, 1, -1)

    def loss_and_slope(v):
        theta = v.reshape(shape)
        loss = np.mean((model(theta, states) - t) ** 2)
        return loss, gradient(lambda w: model(w, states), theta, t).ravel()

    found = [rng.uniform(-np.pi, np.pi, size=np.prod(shape)) for _ in range(3)]
    if n_steps > 0:  # without an iteration SciPy would still take one
        options = {"jac": True, "method": "L-BFGS-B", "options": {"maxiter": n_steps}}
        found = [minimize(loss_and_slope, start, **options).x for start in found]
    return min(found, key=lambda v: loss_and_slope(v)[0]).reshape(shape)
