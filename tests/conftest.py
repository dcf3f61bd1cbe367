"""Shared by all tests: no window for figures, no native log lines, one example profile."""

import os
import signal

# A shell starts what runs in the background deaf to Ctrl-C, and so would be all that is started
# here; several tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

import numpy as np
import pytest
from hypothesis import settings

# Derandomized: a run that fails here fails everywhere. No deadline: CI machines stall.
settings.register_profile("course", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("course")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240311)
