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

    found = [
        minimize(
            loss_and_slope,
            rng.uniform(-np.pi, np.pi, size=np.prod(shape)),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": n_steps},
        )
        for _ in range(3)
    ]
    return min(found, key=lambda result: result.fun).x.reshape(shape)
