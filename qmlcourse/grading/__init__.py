"""Grading of the portfolio exercises: by the learner, and of submissions nobody trusts.

`check_answer` tells a learner in a live kernel which checks pass. `grade` marks a submitted
notebook: it reads it as data, runs each answer in a sandbox without network or files, sends
inputs drawn anew, and compares what comes back outside the sandbox.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["doctor", "exercise", "sandbox"],
    submod_attrs={
        "asking": ["asked", "read_only"],
        "exercise": ["AnswerError", "Exercise", "Result"],
        "classroom": ["grade_class"],
        "judge": [
            "Wrong",
            "array",
            "number",
            "quoted",
            "same",
            "table",
            "texts",
            "untouched",
        ],
        "local": ["check_answer"],
        "marking": ["NoSandbox", "grade"],
        "mistakes": ["Mistakes"],
        "page": ["portfolio_page"],
        "report": ["Report"],
        "wire": ["Function", "Seed"],
    },
)
