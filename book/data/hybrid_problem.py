"""The problem that four frameworks solve in the chapter *Hybrid networks*, and its sizes."""

import numpy as np
from sklearn.datasets import load_digits

N_QUBITS, N_LAYERS, SCALE, RATE = 4, 2, np.pi / 2, 0.03


def problem(n_steps=10, batch=16):
    """Return pixels and labels of four digits, the parameters to start from, and the batches."""
    pixels, digit = load_digits(return_X_y=True)
    keep = np.isin(digit, [3, 5, 8, 9])
    X, y = pixels[keep] / 16, np.searchsorted([3, 5, 8, 9], digit[keep])
    rng = np.random.default_rng(0)
    start = {
        "pre": rng.normal(0, 0.2, (64, N_QUBITS)),
        "pre_bias": np.zeros(N_QUBITS),
        "circuit": rng.uniform(0, 2 * np.pi, (N_LAYERS, N_QUBITS, 2)),
        "post": rng.normal(0, 0.5, (N_QUBITS, 4)),
        "post_bias": np.zeros(4),
    }
    return X, y, start, rng.permutation(len(X))[: n_steps * batch].reshape(n_steps, batch)
