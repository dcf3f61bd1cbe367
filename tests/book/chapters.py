"""What the tests of the book share: the chapters, their parameters, claims and outputs."""

import ast
import re
import tomllib
from pathlib import Path

import catalog
import nbformat

from qmlcourse import claims

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
NAMES = catalog.names()
RUNTIMES = catalog.runtimes((BOOK / "runtimes.md").read_text(encoding="utf-8"))
CLAIMS = claims.load(BOOK / "claims.toml")
SMALL = {
    entry["chapter"]: entry
    for entry in tomllib.loads((BOOK / "claims.toml").read_text(encoding="utf-8")).get("small", [])
}


def committed(name: str) -> nbformat.NotebookNode:
    return nbformat.read(BOOK / f"{name}.ipynb", as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [c for c in notebook.cells if c.cell_type == "code"]


def prose(notebook: nbformat.NotebookNode) -> str:
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def parameters(notebook: nbformat.NotebookNode) -> set[str]:
    """Return the names that the cell tagged ``parameters`` assigns."""
    (cell,) = (c for c in code_cells(notebook) if "parameters" in c.metadata.get("tags", []))
    return {
        target.id
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def made_by(cell: nbformat.NotebookNode) -> list[dict]:
    """Return the claims that one cell made, in order: id, value, holds."""
    return [
        output.data[claims.MIME]
        for output in cell.get("outputs", [])
        if output.output_type == "display_data" and claims.MIME in output.data
    ]


def made(notebook: nbformat.NotebookNode) -> list[dict]:
    """Return the claims that a run notebook made, in order."""
    return [claim for cell in code_cells(notebook) for claim in made_by(cell)]


def of(name: str) -> dict[str, claims.Claim]:
    """Return the claims of one chapter."""
    return {id: c for id, c in CLAIMS.items() if c.chapter == name}


def solutions(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the Python blocks inside the solutions of the exercises, in order."""
    # An admonition and not sphinx-exercise's directives: in JupyterLab and Colab these would turn
    # the question itself into raw text, and they break the single page that the PDF is made of.
    blocks = [
        match.group(0)
        for match in re.finditer(
            r"^(?P<fence>:{3,})\{admonition\} Solution.*?^(?P=fence)\s*$",
            prose(notebook),
            re.M | re.S,
        )
    ]
    return [
        code
        for block in blocks
        for code in re.findall(r"^```python\n(.*?)^```", block, re.M | re.S)
    ]
