"""Trusted checks of the exercise `toy`: they never enter a sandbox."""

import numpy as np

from qmlcourse.grading import Exercise, array, number, same

exercise = Exercise("toy", "A toy")
exercise.question("amplitudes", seconds=5)
exercise.question("expectation", needs=["amplitudes"], seconds=5)


@exercise.check("amplitudes", points=5)
def formula(answer, rng):
    """The amplitudes are cos(x/2) and -i sin(x/2), up to a global phase."""
    x = rng.uniform(0.5, 2.5)
    got = array(answer("amplitudes", x), (2,), "amplitudes(x)", real=False)
    degrees = np.deg2rad(x)
    mistakes = {
        "The angle is in radians.": [np.cos(degrees / 2), -1j * np.sin(degrees / 2)],
    }
    right = np.array([np.cos(x / 2), -1j * np.sin(x / 2)])
    same(got, right, "amplitudes(x)", mistakes=mistakes, phase=True)


@exercise.check("amplitudes", points=2)
def normalised(answer, rng):
    """The amplitudes have norm 1, and differ from angle to angle."""
    first, second = (
        array(answer("amplitudes", x), (2,), "amplitudes(x)", real=False)
        for x in (rng.uniform(0.1, 1), rng.uniform(1.5, 2.5))
    )
    same(np.linalg.norm(first), 1.0, "The norm")
    cosine = abs(np.vdot(first, second))
    number(cosine, "The overlap of two different states", high=0.999)


@exercise.check("expectation", points=3)
def cosine(answer, rng):
    """The expectation is cos(x)."""
    x = rng.uniform(0.5, 2.5)
    got = number(answer("expectation", x), "expectation(x)", low=-1, high=1)
    mistakes = {"The sign of Z is + on |0> and - on |1>.": -np.cos(x)}
    same(got, np.cos(x), "expectation(x)", mistakes=mistakes)
