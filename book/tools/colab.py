"""The first code cell of every notebook: on Google Colab it installs what is missing."""

import json
import re

import nbformat
import yaml
from catalog import ROOT

# Colab's own Python is too new for TensorFlow Quantum; its earlier runtimes can be asked for.
RUNTIME = "2026.07"
# What stands in a notebook's code → the extra of the package that it needs.
USES = {
    "braket": r"\bbraket\b",
    "cirq": r"\bcirq(_google)?\b|\bto_cirq\b|google/",
    "dask": r"\bdask\b|\b(?:from|import) distributed\b",
    "drift": r"\briver\b|\bqmlcourse\.monitoring\b",
    "flax": r"\bflax\b",
    "ionq": r"\bionq\b",
    "jax": r"\bjax\b|\boptax\b|VariationalClassifier|ReuploadingClassifier|quantum_models",
    "ocean": r"\bdimod\b|\bdwave\b|\bminorminer\b",
    "qdk": r"\bqdk\b",
    "qiskit": r"\bqiskit\b|ibm/",
    "stim": r"\bstim\b|\bpymatching\b",
    "tfq": r"\btensorflow|\btensorboard\b|\btfq_",
}
# The first code cell of every notebook.
COLAB = """# On Google Colab this installs what is missing. Anywhere else it does nothing.
import importlib.util
import sys

if "google.colab" in sys.modules and importlib.util.find_spec("qmlcourse") is None:
    if sys.version_info >= (3, 13):
        raise RuntimeError("First choose Runtime > Change runtime type > version {runtime}.")
    print("About {time}. Ignore errors about other packages; restart the session if asked to.")
    %pip install -q "qmlcourse{extras} @ git+{url}@{branch}"
"""
COLAB_DATA = """    for name in {names}:
        !curl -sSfL --create-dirs -o data/{{name}} {url}/raw/{branch}/book/data/{{name}}
"""


def extras(source: str) -> list[str]:
    """Return the extras of the package that a source's code needs, solutions of exercises too."""
    cells = re.findall(r"^```(?:\{code-cell\}[^\n]*|python)\n(.*?)^```", source, re.M | re.S)
    return [extra for extra, use in USES.items() if re.search(use, "\n".join(cells))]


def colab_cell(source: str) -> nbformat.NotebookNode:
    """Return the cell that prepares Colab for the notebook of this source: nobody else sees it."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    where = {key: config["repository"][key] for key in ("url", "branch")}
    needs = extras(source)
    listed = f"[{','.join(needs)}]" if needs else ""
    # On a busy machine with two cores, as Colab's; measure with nox -s binder -- --colab NAME.
    time = "three minutes" if "tfq" in needs else "two minutes" if needs else "one minute"
    text = COLAB.format(runtime=RUNTIME, time=time, extras=listed, **where)
    files = sorted(p.name for p in (ROOT / "book" / "data").iterdir() if p.is_file())
    names = [name for name in files if f'"{name}"' in source]
    if names:
        text += COLAB_DATA.format(names=json.dumps(names), **where)
    cell: nbformat.NotebookNode = nbformat.v4.new_code_cell(text.rstrip())
    hidden = {"tags": ["remove-cell"], "jupyter": {"source_hidden": True}}
    cell.metadata = nbformat.from_dict(hidden)
    return cell


def with_colab_cell(cells: list[nbformat.NotebookNode], source: str) -> list[nbformat.NotebookNode]:
    """Return a notebook's cells with Colab's one before all other code."""
    first = next(k for k, cell in enumerate(cells) if cell.cell_type == "code")
    return [*cells[:first], colab_cell(source), *cells[first:]]
