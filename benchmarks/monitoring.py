"""First alarms of many streams beside river's Page-Hinkley; mean runs beside Brook and Evans.

Page-Hinkley is a CUSUM about the running mean, so both alarm at the same step. A mean run by
Gauss-Legendre nodes agrees with the chain of many states to its own error.
"""

import numpy as np
from scipy import stats

from benchmarks import _timing
from qmlcourse.monitoring import average_run_length, cusum, first_alarm

SLACK, THRESHOLD = 0.5, 8.0


def streams(n_streams: int, n_steps: int) -> np.ndarray:
    """Return streams that shift by one deviation half way."""
    x = np.random.default_rng(0).normal(size=(n_streams, n_steps))
    x[:, n_steps // 2 :] += 1
    return x


def ours(x: np.ndarray) -> np.ndarray:
    """Return all first alarms at once, or -1."""
    about = x - np.cumsum(x, axis=1) / np.arange(1, x.shape[1] + 1)
    return first_alarm(cusum(about, slack=SLACK), THRESHOLD)


def river(x: np.ndarray) -> np.ndarray:
    """Return them by river's detector, a value at a time."""
    from river.drift import PageHinkley

    found = []
    for row in x.tolist():
        watch = PageHinkley(min_instances=1, delta=SLACK, threshold=THRESHOLD, alpha=1.0)
        at = -1
        for t, value in enumerate(row):
            watch.update(value)
            if watch.drift_detected:
                at = t
                break
        found.append(at)
    return np.array(found)


def nodes(h: float) -> float:
    """Return the mean run of the upper side."""
    return average_run_length(h, slack=SLACK, two_sided=False)


def chain(h: float, states: int) -> float:
    """Return it by a Markov chain of so many states."""
    width = 2 * h / (2 * states - 1)
    i, j = np.ogrid[:states, :states]
    upper = (j - i + 0.5) * width + SLACK
    step = stats.norm.cdf(upper) - stats.norm.cdf(upper - width)
    step[:, 0] = stats.norm.cdf(upper[:, 0])
    return float(np.linalg.solve(np.eye(states) - step, np.ones(states))[0])


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--states", type=int, default=600, help="of the chain")
    a = parser.parse_args(arguments)
    x = streams(a.streams, a.steps)
    rows = _timing.race(
        lambda: ours(x),
        {"river PageHinkley": lambda: river(x)},
        same=lambda p, q: float(np.abs(p - q).max()),
        notes={"qmlcourse": "first alarms", "river PageHinkley": "first alarms"},
        rounds=a.rounds,
        budget=a.budget,
    )
    rows += _timing.race(
        lambda: nodes(5.0),
        {"Brook and Evans": lambda: chain(5.0, a.states)},
        # The chain's error falls with the square of its states: 3e-5 at 600.
        same=lambda p, q: max(0.0, abs(p / q - 1) - 20 / a.states**2),
        notes={"qmlcourse": "mean run", "Brook and Evans": f"mean run, {a.states} states"},
        rounds=a.rounds,
        budget=a.budget,
    )
    work = f"First alarms of {a.streams} streams of {a.steps} values, and a mean run"
    return _timing.finish(
        "monitoring", work, rows, a.out, ["river", "scipy"], streams=a.streams, steps=a.steps
    )


if __name__ == "__main__":
    raise SystemExit(main())
