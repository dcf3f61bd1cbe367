r"""Has something changed? Detectors of drift whose false alarms are computed before they run.

A two-sided CUSUM watches a value a day; the distribution of its run length is an integral equation
on a few nodes, also where mean and standard deviation come from a short baseline. The population
stability index compares two samples, and has a threshold with a false-alarm rate. ADWIN and the
Page-Hinkley test are river's.
"""

from ._cusum import Cusum, cusum, first_alarm
from ._run_length import alarm_threshold, average_run_length, run_length_distribution
from ._stability import population_stability_index, psi_threshold
from ._streams import adwin, page_hinkley

__all__ = [
    "Cusum", "adwin", "alarm_threshold", "average_run_length", "cusum", "first_alarm",
    "page_hinkley", "population_stability_index", "psi_threshold", "run_length_distribution",
]  # fmt: skip
