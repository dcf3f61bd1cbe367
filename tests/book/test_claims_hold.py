"""Every chapter with other seeds: its claims hold. With a counterfactual: its claim fails."""

import json
import os

import chapters
import forked
import nbformat
import papermill
import pytest
import slicing

pytestmark = [
    pytest.mark.chapters,
    # papermill and nbclient: zmq sockets are closed by the garbage collector.
    pytest.mark.filterwarnings("ignore:.*unclosed.*:ResourceWarning"),
]


def run(name, parameters, folder, extra=(), until=None):
    """Execute a chapter with parameters, and code after its end, from a fresh kernel.

    With `until`, some claims, only the cells that those rest on.
    """
    notebook = chapters.committed(name)
    if until:
        keep = slicing.needed_for(notebook, until)
        notebook.cells = [cell for k, cell in enumerate(notebook.cells) if k in keep]
    # Without its outputs: what is read afterwards was made by this run.
    for cell in chapters.code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    notebook.cells += [nbformat.v4.new_code_cell(code) for code in extra]
    source, target = folder / "in.ipynb", folder / "out.ipynb"
    nbformat.write(notebook, source)
    papermill.execute_notebook(
        source,
        target,
        parameters=parameters,
        kernel_name="python3",
        cwd=chapters.BOOK,
        progress_bar=False,
        execution_timeout=300,
        kernel_manager_class=forked.Manager,
    )
    made = chapters.made(nbformat.read(target, as_version=4))
    return {m["id"]: m for m in made}


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    # Two workers run two kernels on two cores.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setitem(os.environ, name, "1")


def slowest_first(name):
    """Sort so that no worker is left alone with a long run at the end."""
    return -chapters.RUNTIMES.get(name, (0, 0))[0], name


@pytest.mark.parametrize(
    ("name", "seed", "solve"),
    [
        pytest.param(
            name, seed, k == 0, id=f"{name}-seed{seed}", marks=[pytest.mark.seeds] if k else []
        )
        for name in sorted(chapters.NAMES, key=slowest_first)
        for k, seed in enumerate(chapters.SMALL.get(name, {}).get("seeds", []))
    ],
)
def test_claims_hold_under_another_seed(name, seed, solve, tmp_path):
    small = chapters.SMALL[name]["parameters"]
    # The exercises' solutions are code of this chapter too: they run once.
    extra = chapters.solutions(chapters.committed(name)) if solve else []
    made = run(name, {**small, "seed": seed}, tmp_path, extra)
    assert set(made) == set(chapters.of(name))
    assert {id: m["value"] for id, m in made.items() if not m["holds"]} == {}


def counterfactuals():
    """Group the claims that share a chapter and a counterfactual: one run serves all."""
    groups = {}
    for claim in chapters.CLAIMS.values():
        key = (claim.chapter, json.dumps(claim.counterfactual, sort_keys=True))
        groups.setdefault(key, []).append(claim.id)
    return [
        pytest.param(name, json.loads(change), ids, id=f"{name}-{change}")
        for (name, change), ids in sorted(groups.items(), key=lambda g: (slowest_first(g[0][0]), g))
    ]


@pytest.mark.parametrize(("name", "change", "ids"), counterfactuals())
def test_claims_fail_under_their_counterfactual(name, change, ids, tmp_path):
    made = run(name, {**chapters.SMALL[name]["parameters"], **change}, tmp_path, until=ids)
    assert {id: made[id]["value"] for id in ids if made[id]["holds"]} == {}
