"""PyTorch code that pages show is what ``nox -s torch`` runs, with the losses that it stores."""

import json
import re

import numpy as np
from catalog import ROOT
from chapters import committed

DATA = ROOT / "book" / "data"


def test_training_loops_shows_the_code_that_is_run():
    text = (ROOT / "book/src/variational/training_loops.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^```python\n(def training_loop\(.*?)\n```", text, re.M | re.S)
    assert shown + "\n\n\n" in (DATA / "hybrid_torch.py").read_text(encoding="utf-8")


def test_pytorch_has_the_losses_of_the_loop_by_hand():
    stored = json.loads((DATA / "hybrid_torch.json").read_text(encoding="utf-8"))
    outputs = str(committed("variational/training_loops").cells)
    [printed] = re.findall(r"loss before each epoch: \[([^\]]*)\]", outputs)
    assert np.allclose(stored["training_loop"], np.array(printed.split(), float), atol=6e-4)


def test_stored_losses_in_keras_are_those_of_the_page():
    # Small runs of the chapter read them and don't import TensorFlow.
    stored = json.loads((DATA / "hybrid_torch.json").read_text(encoding="utf-8"))
    outputs = str(committed("variational/hybrid_networks").cells)
    [printed] = re.findall(r"Keras: \[([^\]]*)\]", outputs)
    assert np.allclose(stored["Keras"], np.array(printed.split(), float), atol=6e-3)
