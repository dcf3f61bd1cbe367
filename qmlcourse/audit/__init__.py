"""Manuscripts to audit: each claims a quantum win and breaks two or three rules of a fair study.

:func:`manuscript` makes one from a reader's name: a page of text, its data, and the code whose
result the page prints. :data:`RULES` is the protocol that the study should have kept. Authors,
chips and data are invented.
"""

# Material that readers work with: it knows no marks, so it is no part of grading.
from ._manuscript import Manuscript, manuscript
from ._rules import RULES

__all__ = ["RULES", "Manuscript", "manuscript"]
