"""The decoys: what looks like a flaw, keeps the protocol, and changes no number."""

from collections.abc import Callable
from dataclasses import dataclass

from ._flaws import Draft, Plant


@dataclass(frozen=True)
class Decoy:
    """Something that seems to break a rule, and doesn't."""

    rule: str
    plant: Plant


#: Name → decoy.
DECOYS: dict[str, Decoy] = {}


def _seems_to_break(rule: str) -> Callable[[Plant], Plant]:
    def register(plant: Plant) -> Plant:
        DECOYS[plant.__name__] = Decoy(rule, plant)
        return plant

    return register


@_seems_to_break("repeats")
def rows_twice_left_out(draft: Draft) -> None:
    """The data hold rows twice, and the code leaves the copies out."""
    draft.repeats = 0.3


@_seems_to_break("features")
def limits_of_the_instrument(draft: Draft) -> None:
    """All rows are brought to [0, 1] before the split, by limits that no row has a part in."""
    draft.code["limits"] = 'X = (X - data["limits"][0]) / np.ptp(data["limits"], axis=0)'
    draft.text["limits"] = "All {columns} are first brought to the unit range of the instrument."


@_seems_to_break("choice")
def ridges_on_test(draft: Draft) -> None:
    """Test scores of both ridges are computed for a figure, and choose nothing."""
    draft.code["aside"] = "appendix = [score(K, ridge, y, train, test) for ridge in RIDGES]"
    draft.text["more"] = "A figure in the appendix shows the test score against the ridge."


@_seems_to_break("held_out")
def training_score_too(draft: Draft) -> None:
    """The score on the training rows is printed, and called so."""
    draft.code["aside"] = "trained = score(K, 1.0, y, train, train)"
    draft.code["extra"] = ', "trained": trained'
    draft.text["row"] = "| quantum kernel on training rows, last run | {trained:.3f} |"


@_seems_to_break("metric")
def rare_class(draft: Draft) -> None:
    """One class is rare, and the score heeds it."""
    draft.positive = 0.3


@_seems_to_break("baseline")
def linear_too(draft: Draft) -> None:
    """A linear kernel is tried as well, and isn't what the claim is compared with."""
    draft.code["aside"] = "linear = score(Z @ Z[train].T, 1.0, y, train, test)"
    draft.code["extra"] = ', "linear": linear'
    draft.text["row"] = "| linear kernel, last run | {linear:.3f} |"


@_seems_to_break("tuning")
def more_fits(draft: Draft) -> None:
    """The quantum side is fitted more often, for its circuits; it chooses no more often."""
    draft.text["more"] = (
        "In each run the quantum side tries 18 models, six for a circuit, and the baseline six."
    )


@_seems_to_break("circuits")
def best_circuit_too(draft: Draft) -> None:
    """The best circuit is printed, and isn't what the claim says."""
    draft.code["extra"] = ', "best": max(ours)'
    draft.text["row"] = "| best circuit, last run | {best:.3f} |"


@_seems_to_break("runs")
def unfinished_runs(draft: Draft) -> None:
    """Runs without a number would be left out, and there is none."""
    draft.code["runs"] = "done = np.isfinite(q - c)\nq, c = q[done], c[done]"
    draft.text["runs"] = "Runs that did not finish are not counted."


@_seems_to_break("interval")
def spread_in_table(draft: Draft) -> None:
    """The table shows standard deviations too, and calls them so."""
    draft.code["extra"] = ', "spread": q.std(ddof=1)'
    draft.text["spread"] = " ± {spread:.3f} (standard deviation of the runs)"


@_seems_to_break("device")
def seed_of_the_compiler(draft: Draft) -> None:
    """The chip's job names a seed, that of the compiler."""
    draft.compiler_seed = True
