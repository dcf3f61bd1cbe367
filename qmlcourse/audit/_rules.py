"""The protocol that an audited study has to keep. Public through audit."""

from typing import Final

#: Name → what the rule asks for.
RULES: Final[dict[str, str]] = {
    "repeats": (
        "Of rows of a run with equal features the first counts. The others are taken out before "
        "the run is split, and the order of the rest stays."
    ),
    "features": (
        "The features of either side are chosen and scaled with training rows alone. A change of "
        "units that no row has a part in is no scaling."
    ),
    "choice": (
        "Kernel and ridge are chosen by the score on the validation rows; of equals the first."
    ),
    "held_out": "The score that is reported is taken on the test rows.",
    "metric": "A score is the mean of the accuracies of the two classes.",
    "baseline": (
        "The classical baseline is kernel ridge regression with an RBF kernel, its gamma in GAMMAS "
        "and its ridge in RIDGES."
    ),
    "tuning": (
        "The baseline has as many pairs of kernel and ridge to choose from as the quantum kernel "
        "of one circuit: six. With an RBF kernel they are all pairs of GAMMAS and RIDGES."
    ),
    "circuits": (
        "Circuits are drawn at random and not chosen. The quantum score of a run is the mean over "
        "all of its circuits."
    ),
    "runs": "Every run counts, for both sides.",
    "interval": (
        "The interval is Student's, 95%, of the paired differences, one for each run that counts: "
        "mean ± t s / sqrt(J), with s their sample standard deviation and J - 1 degrees of freedom."
    ),
    "device": "A number said to be of a chip comes from the job that ran on that chip.",
    "geometry": (
        "The geometric difference is taken on the training rows of the last run, between the "
        "kernels chosen there, the quantum one with the last circuit."
    ),
}
