# Another way around: a start at the identity, where layers of CZ cancel in pairs; lists.
# %% mitigation
def plan(axes, *, rng):
    depth, n = len(axes), len(axes[0])
    stages = [("local", 0.4), ("local", 0.35), ("global", 0.25)]
    layers = [int(i) for i in range(depth)]
    return {
        "start": [[float(rng.normal(0, 0.02)) for _ in range(n)] for _ in range(depth)],
        "stages": [{"cost": c, "layers": layers[::-1], "share": s} for c, s in stages],
    }
