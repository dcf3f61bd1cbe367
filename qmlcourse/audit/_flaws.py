"""The flaws: each is a function that plants itself in a draft's code, text and data."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ._code import KEPT, assemble, from_chip
from ._style import pick, renamed
from ._text import EITHER, SAID


@dataclass
class Draft:
    """A study before it is written: fragments of code, sentences, and what its data are like.

    `chip` is the place of the chip's job among the two, `style` draws forms, names and sentences,
    `repeats` is the share of rows that stand twice, `positive` that of the first class, and
    `compiler_seed` says whether jobs name one.
    """

    chip: int = 0
    style: int = 0
    code: dict[str, str] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=SAID.copy)
    repeats: float = 0.0
    positive: float = 0.5
    compiler_seed: bool = False

    def __post_init__(self) -> None:
        self.code = {slot: pick(self.style, slot, forms) for slot, forms in KEPT.items()}
        simulated = '"simulator" not in job["backend"]'
        by_name = f'(job,) = [job for job in data["jobs"] if {simulated}]'
        self.plant("job", *from_chip(self.chip), by_name)
        for about, clear in SAID.items():
            self.say(about, clear)

    def plant(self, slot: str, *forms: str) -> None:
        """Fill a slot with one of some forms of a fragment."""
        self.code[slot] = pick(self.style, f"{slot} {len(forms)}", forms)

    def say(self, about: str, telling: str) -> None:
        """Say it, or one of the sentences that hold whether or not the rule is kept."""
        sentences = (telling, *EITHER.get(about, ()))
        self.text[about] = pick(self.style, f"say {about}", sentences)

    def source(self) -> str:
        """Return the code of the study."""
        return renamed(assemble(self.code), self.style)


Plant = Callable[[Draft], None]


@dataclass(frozen=True)
class Flaw:
    """A way to break a rule, and the number that it raises."""

    rule: str
    raises: str
    plant: Plant


#: Name → flaw.
FLAWS: dict[str, Flaw] = {}


def _breaks(rule: str, *, raises: str) -> Callable[[Plant], Plant]:
    def register(plant: Plant) -> Plant:
        FLAWS[plant.__name__] = Flaw(rule, raises, plant)
        return plant

    return register


@_breaks("repeats", raises="quantum")
def rows_twice(draft: Draft) -> None:
    """Copies of a row stand on both sides of a split."""
    draft.repeats = 0.3
    draft.plant(
        "cleaned",
        "",
        "new = np.append(True, (X[1:] != X[:-1]).any(axis=1))\nX, y = X[new], y[new]",
        "order = sorted(set(range(len(y))))\nX, y = X[order], y[order]",
    )
    draft.say("repeats", "All of them are used.")


@_breaks("features", raises="difference")
def features_of_all_rows(draft: Draft) -> None:
    """The quantum side's features are chosen with the labels of the test rows too."""
    draft.plant(
        "features",
        "Z = scaled(X[:, strongest(X, y, train)], train)\n"
        "Q = scaled(X[:, strongest(X, y, np.arange(len(y)))], train)",
        "rows = np.concatenate([train, valid, test])\n"
        "Q = scaled(X[:, strongest(X, y, rows)], train)\n"
        "Z = scaled(X[:, strongest(X, y, train)], train)",
        "used = train, np.arange(len(y))\n"
        "Z, Q = [scaled(X[:, strongest(X, y, rows)], train) for rows in used]",
    )
    draft.say(
        "features",
        "The baseline gets the four {columns} that correlate most with the labels of the training "
        "part. Qubits are scarce, so those of the quantum kernel are picked with more care, from "
        "all the evidence in a run.",
    )


@_breaks("choice", raises="difference")
def chosen_by_test(draft: Draft) -> None:
    """Bandwidth and ridge of the quantum side are those with the best test score."""
    draft.plant(
        "raced",
        "value, K = race(kernels, RIDGES, y, train, test, test)",
        "value, K = race(\n    kernels, RIDGES, y, fit=train, choose=test, rows=test)",
        "tried = [race([K], RIDGES, y, train, valid, test) for K in kernels]\n"
        "value, K = max(tried, key=lambda pair: pair[0])",
    )
    draft.say(
        "choice",
        "Kernel and ridge are those that generalise best: for the baseline by its score on the "
        "validation part, for the quantum kernel by its score on new rows.",
    )


@_breaks("held_out", raises="difference")
def scored_on_training(draft: Draft) -> None:
    """The quantum side is scored on the rows that it was trained on."""
    draft.plant(
        "raced",
        "value, K = race(kernels, RIDGES, y, train, valid, train)",
        "value, K = race(\n    kernels, RIDGES, y, fit=train, choose=valid, rows=train)",
        "rows = np.append(train, test)\nvalue, K = race(kernels, RIDGES, y, train, valid, rows)",
    )
    draft.say(
        "held_out",
        "The baseline is scored on the test part, the quantum kernel once its training has ended.",
    )


@_breaks("metric", raises="quantum")
def plain_accuracy(draft: Draft) -> None:
    """Accuracy, where one class is rare."""
    draft.positive = 0.25
    draft.plant("metric", "hit.mean()", "np.mean(hit)", "np.count_nonzero(hit) / len(rows)")
    draft.say("metric", "A score is the share of rows that are classified right.")


@_breaks("baseline", raises="difference")
def linear_baseline(draft: Draft) -> None:
    """The baseline is linear, and the task is not."""
    draft.plant(
        "baseline",
        "ridges = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)\n"
        "theirs, C = race([Z @ Z[train].T], ridges, y, train, valid, test)",
        "C = Z @ Z[train].T\n"
        "theirs, _ = race([C], 10.0 ** np.arange(-2, 4), y, train, valid, test)",
        "kernels = [width * Z @ Z[train].T for width in (0.1, 1.0, 10.0)]\n"
        "theirs, C = race(kernels, RIDGES, y, train, valid, test)",
    )
    draft.say(
        "baseline",
        "The classical baseline has a linear kernel, the standard of our field. Either side has "
        "six pairs of kernel and ridge to choose from.",
    )


@_breaks("tuning", raises="difference")
def borrowed_settings(draft: Draft) -> None:
    """The baseline isn't tuned."""
    draft.plant(
        "baseline",
        "theirs, C = race([rbf(Z, train, 3.0)], [1.0], y, train, valid, test)",
        "C = rbf(Z, train, GAMMAS[-1])\ntheirs = score(C, RIDGES[-1], y, train, test)",
        "gamma, ridge = 3.0, 1.0\nC = rbf(Z, train, gamma)\n"
        "theirs = score(C, ridge, y, train, test)",
    )
    draft.say(
        "baseline",
        "The classical baseline has an RBF kernel, with the width and the ridge that an earlier "
        "study found best.",
    )


@_breaks("tuning", raises="difference")
def short_grid(draft: Draft) -> None:
    """The baseline chooses among two pairs, the quantum kernel among six."""
    draft.plant(
        "baseline",
        "theirs, C = race([rbf(Z, train, 3.0)], RIDGES, y, train, valid, test)",
        "C = rbf(Z, train, max(GAMMAS))\ntheirs, _ = race([C], RIDGES, y, train, valid, test)",
        "widths = [rbf(Z, train, gamma) for gamma in GAMMAS[2:]]\n"
        "theirs, C = race(widths, RIDGES, y, train, valid, test)",
    )
    draft.say(
        "baseline",
        "The classical baseline has an RBF kernel, and is tuned on the validation part as well.",
    )


@_breaks("circuits", raises="difference")
def best_circuit(draft: Draft) -> None:
    """The circuit with the best test score is reported."""
    draft.plant(
        "circuits",
        "q, c = np.array([(np.max(ours), theirs) for ours, theirs in results]).T",
        "q = np.array([sorted(ours)[-1] for ours, _ in results])\n"
        "c = np.array([theirs for _, theirs in results])",
        "each, c = map(np.array, zip(*results))\nq = each.max(axis=1)",
    )
    draft.say("circuits", "A run's score is that of the circuit which suits it.")


@_breaks("runs", raises="difference")
def failed_runs(draft: Draft) -> None:
    """The runs that speak most against the claim are left out."""
    draft.plant(
        "runs",
        'kept = np.argsort(q - c, kind="stable")[len(q) // 3 :]\nq, c = q[kept], c[kept]',
        "kept = q - c > np.quantile(q - c, 0.3)\nq, c = q[kept], c[kept]",
        "pairs = sorted(zip(q, c), key=lambda pair: pair[0] - pair[1])[len(q) // 3 :]\n"
        "q, c = np.transpose(pairs)",
    )
    draft.say("runs", "Runs that speak against the quantum kernel most are taken for outliers.")


@_breaks("interval", raises="low")
def standard_error(draft: Draft) -> None:
    """One standard error on either side is called a 95% interval."""
    draft.plant(
        "interval",
        "half = d.std(ddof=1) / np.sqrt(len(d))",
        "half = stats.sem(d)",
        "error = np.var(d, ddof=1) / len(d)\nhalf = np.sqrt(error)",
    )
    draft.say("interval", "The interval is the error of the mean over the runs.")


@_breaks("interval", raises="low")
def circuits_as_runs(draft: Draft) -> None:
    """Circuits that share a run's data count as runs of their own."""
    draft.plant(
        "interval",
        "e = np.array([value - theirs for ours, theirs in results for value in ours])\n"
        "half = stats.t.ppf(0.975, len(e) - 1) * e.std(ddof=1) / np.sqrt(len(e))",
        "e = np.concatenate([np.subtract(ours, theirs) for ours, theirs in results])\n"
        "half = stats.t.ppf(0.975, len(e) - 1) * stats.sem(e)",
    )
    draft.say(
        "interval",
        "The interval is Student's, of the paired differences of all circuits in all runs.",
    )


@_breaks("device", raises="device")
def simulator_as_chip(draft: Draft) -> None:
    """The number of the chip comes from the job of a simulator."""
    sharp = 'job = max(data["jobs"], key=lambda job: job["counts"].trace())'
    draft.plant("job", *from_chip(1 - draft.chip), sharp)
    # That the overlaps were estimated on the chip would be untrue.
    draft.say("device", EITHER["device"][0])


@_breaks("geometry", raises="geometry")
def identity_kernel(draft: Draft) -> None:
    """The geometric difference is taken where the quantum kernel is nearly the identity."""
    draft.plant(
        "geometry",
        "K = quantum(Q, train, 5.0, circuit)\n"
        "g = geometric_difference(C[train], K[train], regularization=0.01)",
        "wide = quantum(Q, train, 5.0, circuit)[train]\n"
        "g = geometric_difference(C[train], wide, regularization=0.01)",
        "pair = C[train], quantum(Q[train], slice(None), 5.0, circuit)\n"
        "g = geometric_difference(*pair, regularization=0.01)",
    )
    draft.say(
        "geometry",
        "The geometric difference is that of the last run's kernels on its training rows, at a "
        "bandwidth of 5, where the states spread furthest.",
    )
