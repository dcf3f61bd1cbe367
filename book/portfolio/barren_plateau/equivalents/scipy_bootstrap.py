# BCa intervals from SciPy, angles in (-pi, pi], all axes drawn at once; lists and single precision.
# %% variance
import warnings


def gradient_variance(n, depth, cost, circuits, *, rng):
    letters = rng.integers(3, size=(circuits, depth, n))
    angles = rng.uniform(-np.pi, np.pi, (circuits, depth, n))
    g = np.array(
        [
            derivative(t, ["".join("XYZ"[i] for i in row) for row in rows], cost)
            for t, rows in zip(angles, letters, strict=True)
        ]
    )
    with warnings.catch_warnings():
        # Where all derivatives are 0 there is no BCa interval.
        warnings.simplefilter("ignore")
        made = stats.bootstrap(
            (g,), lambda x, axis: np.var(x, axis, ddof=1), n_resamples=999, rng=rng
        )
    return [np.float32(g.var(ddof=1)), *made.confidence_interval]
