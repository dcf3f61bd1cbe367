"""The tested companion package of a quantum machine learning course.

Importing it loads none of the quantum or machine-learning frameworks: each submodule is
imported when it is first used (Scientific Python SPEC 1).
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "ansatz",
        "audit",
        "chemistry",
        "claims",
        "cli",
        "comparison",
        "datasets",
        "encodings",
        "generative",
        "gradients",
        "grading",
        "hardware",
        "interactive",
        "interop",
        "kernels",
        "mitigation",
        "models",
        "monitoring",
        "noise",
        "optimization",
        "paulis",
        "plotting",
        "reinforcement",
        "shadows",
        "simulator",
        "testing",
        "trainability",
    ],
)
