r"""Fair comparison: every model on the same splits, tuned with the same number of trials.

A table of :func:`compare` has one row per dataset, model and seed. :func:`summarize` gives each
model's mean, :func:`paired_scores` puts models side by side, and :func:`paired_difference` says
which differ. :func:`mean_interval` is the error bar of anything that has one value a seed.
Baselines, quantum models and their ablations stand in the same table.
"""

from ._compare import compare
from ._contestants import baselines, quantum_models
from ._interval import MeanInterval, mean_interval
from ._statistics import paired_difference, paired_scores, summarize

__all__ = [
    "MeanInterval",
    "baselines",
    "compare",
    "mean_interval",
    "paired_difference",
    "paired_scores",
    "quantum_models",
    "summarize",
]
