"""Where readers run the course: Colab's cell in every notebook, and the lists of environments."""

import ast
import functools
import importlib.metadata
import os
import re
import subprocess
import sys

import catalog
import chapters
import nbclient
import nbformat
import pytest
import yaml
from packaging.requirements import Requirement

ROOT, BOOK = chapters.ROOT, chapters.BOOK
NOTEBOOKS = catalog.notebooks()
each = pytest.mark.parametrize("name", NOTEBOOKS)
# A distribution that is installed for editing lists no module.
HOMES = {**importlib.metadata.packages_distributions(), "qmlcourse": ["qmlcourse"]}
REPOSITORY = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]
# What runs before the cell where it must believe that it is on Colab.
STAND_IN = """
import importlib.util, json, sys
sys.modules["google.colab"] = sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name: {answer} if name == "qmlcourse" else found(name)
get_ipython().register_magic_function(lambda line: print("pip", line), magic_name="pip")
get_ipython().system = lambda line: print("sh", get_ipython().var_expand(line))
"""


committed = functools.cache(chapters.committed)


def cell_of(name):
    return chapters.code_cells(committed(name))[0]


def extras_of(name):
    (listed,) = re.findall(r'"qmlcourse(?:\[([a-z,]+)\])? @', cell_of(name).source)
    return set(filter(None, listed.split(",")))


def code_of(name):
    """Return the syntax trees of a notebook's code: its cells, and the solutions in its text."""
    notebook = committed(name)
    sources = [cell.source for cell in chapters.code_cells(notebook)[1:]]
    return [ast.parse(code) for code in sources + chapters.solutions(notebook)]


def run(sources, before=""):
    """Run cells in a fresh kernel; return the outputs of each and the names that all leave."""
    known = "known = {*globals(), 'known', 'In', 'Out'}"
    left = "print(*sorted(n for n in {*globals()} - known if n[0] != '_'))"
    cells = [nbformat.v4.new_code_cell(source) for source in [before, known, *sources, left]]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, kernel_name="python3", allow_errors=True).execute()
    return [c.outputs for c in cells[2:-1]], cells[-1].outputs[0].text.split()


def on_colab(*sources, installed=False):
    """Return what cells say there."""
    answer = "found('sys')" if installed else "None"
    ran, _ = run(sources, STAND_IN.format(answer=answer))
    return ["".join(o.get("text") or f"{o.ename}: {o.evalue}" for o in outputs) for outputs in ran]


@each
def test_colabs_cell_comes_before_all_other_code_and_is_folded(name):
    cells = chapters.code_cells(committed(name))
    assert ["google.colab" in c.source for c in cells] == [True] + [False] * (len(cells) - 1)
    assert cells[0].metadata == {"tags": ["remove-cell"], "jupyter": {"source_hidden": True}}
    assert cells[0].outputs == [] and len(cells[0].source.splitlines()) < 12


@each
def test_colabs_cell_installs_from_the_repository_of_the_site(name):
    assert f'@ git+{REPOSITORY["url"]}@{REPOSITORY["branch"]}"' in cell_of(name).source
    metadata = committed(name).metadata
    assert metadata.colab.runtime_attributes.runtime_version in cell_of(name).source


@each
def test_colabs_cell_fetches_the_data_that_the_notebook_reads(name):
    text = "\n".join(ast.unparse(tree) for tree in code_of(name))
    files = {p.name for p in (BOOK / "data").iterdir() if p.is_file()}
    read = {file for file in files if file in text}
    assert {file for file in files if f'"{file}"' in cell_of(name).source} == read
    reading = (
        "practice/benchmarking", "practice/engineering", "practice/frameworks",
        "hardware/hardware_project", "foundations/landscape", "variational/hybrid_networks",
    )  # fmt: skip
    assert bool(read) == (name in reading)


def names_of(requirement):
    return re.sub(r"[-_.]+", "-", requirement).lower()


@functools.cache
def installed_with(extras, excluded=frozenset()):
    """Return the distributions that the package brings with these extras, by what they ask for."""
    found, waiting = set(), [("qmlcourse", frozenset(extras))]
    while waiting:
        name, chosen = waiting.pop()
        if (name, chosen) in found or name in excluded:
            continue
        found.add((name, chosen))
        try:
            asked = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for line in map(Requirement, asked):
            environments = [{"extra": extra} for extra in (chosen or {""})]
            if line.marker is None or any(line.marker.evaluate(e) for e in environments):
                waiting.append((names_of(line.name), frozenset(line.extras)))
    return {name for name, _ in found}


@each
def test_the_extras_bring_every_module_that_is_imported(name):
    brought = installed_with(frozenset(extras_of(name)))
    for tree in code_of(name):
        for node in ast.walk(tree):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) else []
            for module in {m.split(".")[0] for m in modules} - sys.stdlib_module_names:
                assert {names_of(home) for home in HOMES[module]} & brought, module


# What the package imports only when it is called: a name or the beginning of a text → an extra.
LATE = {
    "to_cirq": "cirq", "tfq_expectation": "tfq", "tfq_gradient": "tfq",
    "VariationalClassifier": "jax", "ReuploadingClassifier": "jax", "quantum_models": "jax",
    "google/": "cirq", "ibm/": "qiskit", "ionq/": "ionq",
}  # fmt: skip


@each
def test_the_extras_bring_what_the_package_imports_late(name):
    for tree in code_of(name):
        for node in ast.walk(tree):
            said = [getattr(node, key, None) for key in ("id", "attr", "value", "name")]
            for text in filter(lambda value: isinstance(value, str), said):
                for start, extra in LATE.items():
                    if text == start or (start.endswith("/") and text.startswith(start)):
                        assert extra in extras_of(name), text


# nbclient: zmq sockets are closed by the garbage collector.
in_kernel = pytest.mark.filterwarnings("ignore:.*unclosed.*:ResourceWarning")


@in_kernel
def test_elsewhere_the_cells_do_nothing():
    outputs, left = run(sorted({cell_of(name).source for name in NOTEBOOKS}))
    assert len(outputs) >= 5 and not any(outputs)
    assert left == ["importlib", "sys"]


@in_kernel
def test_on_colab_they_install_what_is_missing_and_say_how_long_it_takes():
    ran = on_colab(*(cell_of(name).source for name in NOTEBOOKS))
    for name, said in zip(NOTEBOOKS, ran, strict=True):
        time, installed, *fetched = said.splitlines()
        assert re.match(r"About \w+ minutes?\. ", time)
        extras = ",".join(sorted(extras_of(name)))
        package = f"qmlcourse[{extras}]" if extras else "qmlcourse"
        address = f"git+{REPOSITORY['url']}@{REPOSITORY['branch']}"
        assert installed == f'pip install -q "{package} @ {address}"'
        data = f"{REPOSITORY['url']}/raw/{REPOSITORY['branch']}/book/data"
        files = re.findall(r'"(\w+\.(?:csv|json|py|sbatch|sha256|txt))"', cell_of(name).source)
        command = "sh curl -sSfL --create-dirs -o data/{0} {1}/{0}"
        assert fetched == [command.format(file, data) for file in files]


@in_kernel
def test_on_colab_they_are_silent_where_nothing_is_missing():
    assert on_colab(cell_of("practice/benchmarking").source, installed=True) == [""]


@in_kernel
def test_on_a_python_that_is_too_new_they_say_what_to_choose():
    source = cell_of("intro").source
    assert "(3, 13)" in source
    (said,) = on_colab(source.replace("(3, 13)", "(3, 0)"))
    assert said.startswith("RuntimeError: First choose Runtime > Change runtime type")


# --- the lists of environments


def pinned(path):
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [line.rstrip("\\ ") for line in lines if re.match(r"[a-z0-9]", line)]


def test_the_full_list_holds_the_pins_of_the_lock_and_no_hash():
    assert pinned("requirements.txt") == pinned("requirements.lock"), "run nox -s lock"
    assert "--hash" not in (ROOT / "requirements.txt").read_text(encoding="utf-8")


def test_binders_list_is_part_of_it_but_for_tensorflows_build():
    full, slim = (
        {(names_of(line.name), str(line.specifier)) for line in map(Requirement, pinned(path))}
        for path in ("requirements.txt", "binder/requirements.txt")
    )
    ((name, version),) = slim - full
    assert name == "tensorflow-cpu" and ("tensorflow", version) in full, "run nox -s lock"
    names = {name for name, _ in slim}
    assert {"qmlcourse", "tensorflow", "playwright", "sphinx", "pytest", "mypy"} & names == set()


def test_binders_list_holds_what_running_asks_for_and_nothing_else():
    # What the resolver was asked for when the list was made, from what is installed here.
    lines = [Requirement(line) for line in pinned("binder/requirements.txt")]
    here = {names_of(n.name) for n in lines if n.marker is None or n.marker.evaluate()}
    (asked,) = re.findall(r"^\.\[(.+)\]$", (ROOT / "binder/requirements.in").read_text(), re.M)
    excluded = frozenset(pinned("binder/excludes.txt"))
    # TensorFlow's build for CPUs stands for it and asks for the same.
    wanted = installed_with(frozenset(asked.split(",")), excluded - {"tensorflow"})
    assert here - {"tensorflow-cpu"} == wanted - {"qmlcourse", "tensorflow"}, "run nox -s lock"


def test_the_environment_files_are_complete_as_written():
    full, slim = (
        yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))["dependencies"]
        for path in ("environment.yml", "binder/environment.yml")
    )
    assert full == ["python=3.11", "pip", {"pip": ["-r requirements.txt", "-e ."]}]
    assert slim == ["python=3.11", "pip"]
    # Binder would run it; conda would not.
    assert not (ROOT / "postBuild").exists()
    script = ROOT / "binder" / "postBuild"
    assert os.access(script, os.X_OK) and script.read_text().startswith("#!/bin/bash\n")


def test_postbuild_installs_the_list_and_this_package_without_adding_to_it(tmp_path):
    (tmp_path / "python").write_text('#!/bin/sh\npwd\nprintf "%s\\n" "$@"\n')
    (tmp_path / "python").chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    said = subprocess.run(
        [ROOT / "binder" / "postBuild"], cwd=ROOT, env={**os.environ, "PATH": path},
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert said[0] == str(ROOT) and said[1:4] == ["-m", "pip", "install"]
    assert "--no-deps" in said and said[-4:] == ["-r", "binder/requirements.txt", "-e", "."]
