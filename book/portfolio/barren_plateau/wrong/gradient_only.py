# The local score from uniform angles: a larger gradient, and no better result.
# loses: mitigation.better_result
# hint: gradient alone
# %% mitigation
def plan(axes, *, rng):
    """Choose a start and a sequence of stages for a student circuit."""
    depth, n = len(axes), len(axes[0])
    layers = list(range(depth))
    return {
        "start": rng.uniform(0, 2 * np.pi, (depth, n)),
        "stages": [
            {"cost": "local", "layers": layers, "share": 1.0},
        ],
    }
