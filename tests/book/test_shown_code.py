"""Code that a page tells readers to put into a file of their own runs there."""

import re
import subprocess
import sys

from catalog import ROOT


def test_training_loops_block_runs_from_an_empty_file(tmp_path):
    text = (ROOT / "book/src/variational/training_loops.md").read_text(encoding="utf-8")
    [first] = re.findall(r"this goes first:\n\n```python\n(.*?)\n```", text, re.S)
    [block] = re.findall(r"^```\{code-cell\} ipython3\n(device = .*?)\n```", text, re.M | re.S)
    file = tmp_path / "own.py"
    file.write_text(first + "\n\n\n" + block + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(file)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "shots to train: 120000" in done.stdout
