"""The flaws: each is a function that plants itself in a draft's code, text and data."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ._code import KEPT
from ._text import SAID


@dataclass
class Draft:
    """A study before it is written: fragments of code, sentences, and what its data are like.

    `chip` is the place of the chip's job among the two, `repeats` the share of rows that stand
    twice, `positive` the share of the first class, `compiler_seed` whether jobs name one.
    """

    chip: int = 0
    code: dict[str, str] = field(default_factory=KEPT.copy)
    text: dict[str, str] = field(default_factory=SAID.copy)
    repeats: float = 0.0
    positive: float = 0.5
    compiler_seed: bool = False

    def __post_init__(self) -> None:
        self.code["job"] = str(self.chip)


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
    draft.code["cleaned"] = ""
    draft.text["repeats"] = "All of them are used."


@_breaks("features", raises="difference")
def features_of_all_rows(draft: Draft) -> None:
    """The quantum side's features are chosen with the labels of the test rows too."""
    draft.code["encoded"] = "Q = scaled(X[:, strongest(X, y, np.arange(len(y)))], train)"
    draft.text["features"] = (
        "The baseline gets the four {columns} that correlate most with the labels of the training "
        "part. Qubits are scarce, so those of the quantum kernel are picked with more care, from "
        "all the evidence in a run."
    )


@_breaks("choice", raises="difference")
def chosen_by_test(draft: Draft) -> None:
    """Bandwidth and ridge of the quantum side are those with the best test score."""
    draft.code["choose"] = "test"
    draft.text["choice"] = (
        "Kernel and ridge are those that generalise best: for the baseline by its score on the "
        "validation part, for the quantum kernel by its score on new rows."
    )


@_breaks("held_out", raises="difference")
def scored_on_training(draft: Draft) -> None:
    """The quantum side is scored on the rows that it was trained on."""
    draft.code["rows"] = "train"
    draft.text["held_out"] = (
        "The baseline is scored on the test part, the quantum kernel once its training has ended."
    )


@_breaks("metric", raises="quantum")
def plain_accuracy(draft: Draft) -> None:
    """Accuracy, where one class is rare."""
    draft.positive = 0.25
    draft.code["metric"] = "hit.mean()"
    draft.text["metric"] = "A score is the share of rows that are classified right."


@_breaks("baseline", raises="difference")
def linear_baseline(draft: Draft) -> None:
    """The baseline is linear, and the task is not."""
    draft.code["baseline"] = (
        "ridges = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)\n"
        "theirs, C = race([Z @ Z[train].T], ridges, y, train, valid, test)"
    )
    draft.text["baseline"] = (
        "The classical baseline has a linear kernel, the standard of our field. Either side has "
        "six pairs of kernel and ridge to choose from."
    )


@_breaks("tuning", raises="difference")
def borrowed_settings(draft: Draft) -> None:
    """The baseline isn't tuned."""
    draft.code["baseline"] = "theirs, C = race([rbf(Z, train, 3.0)], [1.0], y, train, valid, test)"
    draft.text["baseline"] = (
        "The classical baseline has an RBF kernel, with the width and the ridge that an earlier "
        "study found best."
    )


@_breaks("tuning", raises="difference")
def short_grid(draft: Draft) -> None:
    """The baseline chooses among two pairs, the quantum kernel among six."""
    draft.code["baseline"] = "theirs, C = race([rbf(Z, train, 3.0)], RIDGES, y, train, valid, test)"
    draft.text["baseline"] = (
        "The classical baseline has an RBF kernel, and is tuned on the validation part as well."
    )


@_breaks("circuits", raises="difference")
def best_circuit(draft: Draft) -> None:
    """The circuit with the best test score is reported."""
    draft.code["of_circuits"] = "max"
    draft.text["circuits"] = "A run's score is that of the circuit which suits it."


@_breaks("runs", raises="difference")
def failed_runs(draft: Draft) -> None:
    """The runs that speak most against the claim are called failed."""
    draft.code["runs"] = (
        'kept = np.argsort(q - c, kind="stable")[len(q) // 3 :]\nq, c = q[kept], c[kept]'
    )
    draft.text["runs"] = (
        "Runs in which the quantum kernel fell behind had not converged, and are not counted."
    )


@_breaks("interval", raises="low")
def standard_error(draft: Draft) -> None:
    """One standard error on either side is called a 95% interval."""
    draft.code["interval"] = "half = d.std(ddof=1) / np.sqrt(len(d))"
    draft.text["interval"] = "The interval is the error of the mean over the runs."


@_breaks("interval", raises="low")
def circuits_as_runs(draft: Draft) -> None:
    """Circuits that share a run's data count as runs of their own."""
    draft.code["interval"] = (
        "e = np.array([value - theirs for ours, theirs in results for value in ours])\n"
        "half = stats.t.ppf(0.975, len(e) - 1) * e.std(ddof=1) / np.sqrt(len(e))"
    )
    draft.text["interval"] = (
        "The interval is Student's, of the paired differences of all circuits in all runs."
    )


@_breaks("device", raises="device")
def simulator_as_chip(draft: Draft) -> None:
    """The number of the chip comes from the job of a simulator."""
    draft.code["job"] = str(1 - draft.chip)


@_breaks("geometry", raises="geometry")
def identity_kernel(draft: Draft) -> None:
    """The geometric difference is taken where the quantum kernel is nearly the identity."""
    draft.code["geometry"] = (
        "K = quantum(Q, train, 5.0, circuit)\n"
        "g = geometric_difference(C[train], K[train], regularization=0.01)"
    )
    draft.text["geometry"] = (
        "The geometric difference is that of the last run's kernels on its training rows, at a "
        "bandwidth of 5, where the states spread furthest."
    )
