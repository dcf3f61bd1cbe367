# The plain start, handed in as the way around.
# loses: mitigation.larger_gradient, mitigation.better_result
# hint: make it vanish
# %% mitigation
def plan(axes, *, rng):
    """Choose a start and a sequence of stages for a student circuit."""
    depth, n = len(axes), len(axes[0])
    layers = list(range(depth))
    return {
        "start": rng.uniform(0, 2 * np.pi, (depth, n)),
        "stages": [
            {"cost": "global", "layers": layers, "share": 1.0},
        ],
    }
