"""The page of a manuscript: a frame, and the sentences of a study that keeps the protocol."""

import textwrap
from dataclasses import dataclass
from typing import Final

PAGE = """\
# {title}

*Written for {reader} to audit. The authors, the chip and the data are invented.*

**Abstract.** Does a quantum kernel tell {positive} {rows} from {negative} ones better than a
classical kernel? Over {runs} runs its score is **{quantum:.3f}**, against **{classical:.3f}** of
the classical baseline. The difference of **{difference:.3f}** has the 95% interval
**{low:.3f} to {high:.3f}**, which lies above zero. The chip {chip} and the geometric difference
agree. The quantum kernel wins.

**Data.** Each run has {n} {rows} of its own, with {d} {columns}, and a label: {positive} or
{negative}. {repeats_said} {limits_said}

**Method.** The first half of a run's rows is for training, the next quarter for validation and the
last for testing. {features_said} The quantum kernel is the squared overlap of two states of the IQP
encoding on four qubits. Each of {circuits} circuits rotates the features by a random matrix of its
own before it encodes them. {circuits_said} Both sides are kernel ridge regression on the labels ±1.
{choice_said} {held_out_said} {baseline_said} {metric_said}

**Results.** {interval_said} {runs_said} {device_said} {geometry_said} {more_said}

| | |
| --- | --- |
| quantum kernel | {quantum:.3f}{spread_said} |
| classical baseline | {classical:.3f} |
| difference, with its interval | {difference:.3f} ({low:.3f} to {high:.3f}) |
| quantum kernel on {chip} | {device:.3f} |
| geometric difference | {geometry:.3f} |
{row_said}

**Conclusion.** On {rows}, a quantum kernel of four qubits beats the best that we know of classical
kernels.
"""

#: What a sentence is about → the sentence of a study that keeps the protocol.
SAID: Final[dict[str, str]] = {
    "repeats": "Rows that stand there twice are left out.",
    "limits": "",
    "features": (
        "The four {columns} that correlate most with the labels of the training part are used, "
        "scaled with its mean and spread."
    ),
    "circuits": "A run's score is the mean over the circuits.",
    "choice": "Kernel and ridge are those with the best score on the validation part.",
    "held_out": "The score reported is that on the test part.",
    "baseline": (
        "The classical baseline has an RBF kernel. Either side has six pairs of kernel and ridge "
        "to choose from."
    ),
    "metric": "A score is the mean of the accuracies of the two classes.",
    "interval": "The interval is Student's, of the paired differences of the runs.",
    "runs": "All runs count.",
    "device": (
        "On {chip}, the overlaps of 60 further rows were estimated from {shots} shots each, and "
        "half of the rows classified by the other half."
    ),
    "geometry": (
        "The geometric difference is that of the kernels chosen in the last run, on its training "
        "rows."
    ),
    "more": "",
    "spread": "",
    "row": "",
}

#: What a sentence is about → sentences that hold whether or not the study keeps the rule.
EITHER: Final[dict[str, tuple[str, ...]]] = {
    "repeats": (
        "The {rows} of a run are used in the order in which they were taken.",
        "Some {rows} may have been taken down more than once.",
    ),
    "features": (
        "Four {columns} are used, those that correlate most with the labels, scaled with the mean "
        "and the spread of the training part.",
        "Four {columns} suffice for four qubits: those that tell most of the labels, scaled on the "
        "training part.",
    ),
    "circuits": (
        "A run has one score, which stands for its {circuits} circuits.",
        "The circuits of a run share its rows and its split.",
    ),
    "choice": (
        "Kernel and ridge are those with the best score of all pairs that were tried.",
        "Each side has its kernel and its ridge chosen by score.",
    ),
    "held_out": (
        "A side is scored once its kernel and its ridge are chosen.",
        "A side has one score in each run.",
    ),
    "baseline": (
        "The classical baseline has a kernel that has long served in practice.",
        "The classical baseline needs no more than a textbook.",
    ),
    "metric": (
        "A prediction is the sign of the regression's value, and a score lies between 0 and 1.",
        "The higher the score, the better the classifier.",
    ),
    "interval": (
        "The interval is that of the mean of paired differences.",
        "Both sides see the same rows of a run, so the interval is that of paired differences.",
    ),
    "runs": (
        "All scores are means over runs.",
        "Each run has a split of its own, and runs are averaged with equal weights.",
    ),
    "device": (
        "For the score on {chip}, half of 60 further rows were classified by the other half, from "
        "overlaps of {shots} shots each.",
        "The score on {chip} is that of 60 further rows, half of them for training, with "
        "{shots} shots for each overlap.",
    ),
    "geometry": (
        "The geometric difference compares the kernels of the last run on its training rows.",
        "The geometric difference says how much room the quantum kernel has where the classical "
        "one has none.",
    ),
}


@dataclass(frozen=True)
class Story:
    """What a study is about."""

    title: str
    rows: str
    columns: str
    positive: str
    negative: str
    chip: str


STORIES = (
    Story("A quantum advantage for ball bearings", "recordings", "band energies", "worn", "sound",
          "Aster-4"),
    Story("Olive oil meets the quantum kernel", "spectra", "absorption lines", "blended", "pure",
          "Cygnet-4"),
    Story("Quantum kernels see the flood", "satellite pixels", "channels", "flooded", "dry",
          "Maple-4"),
    Story("Detector pulses, told apart by four qubits", "pulses", "shape parameters", "neutron",
          "gamma", "Quay-4"),
)  # fmt: skip


def page(story: Story, said: dict[str, str], facts: dict[str, object]) -> str:
    """Return the page, its paragraphs filled; sentences hold facts, so they come first."""
    known = {**vars(story), **facts}
    sentences = {f"{name}_said": text.format(**known) for name, text in said.items()}
    paragraphs = PAGE.format(**known, **sentences).split("\n\n")
    filled = [p.strip() if p[0] in "#|" else textwrap.fill(p.strip(), 84) for p in paragraphs]
    return "\n\n".join(filled) + "\n"
