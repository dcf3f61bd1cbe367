"""Prove the environments that readers get: install just what they list, run notebooks there.

    launch.py [NAME ...] [--all] [--file FILE ...]    as conda and Binder build them
    launch.py --colab [NAME ...]                      as a notebook's first cell does on Colab

Each has a bare environment of its own below the folder for temporary files. A notebook runs from
a fresh kernel there, and must put out what the committed one holds, figures aside. On Colab, where
versions are others, its claims must hold.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import catalog
import nbformat
import yaml
from chapters import QUIET
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
FILES = ["environment.yml", "binder/environment.yml"]
MEBIBYTES = 1536
SAVING = 0.3
# What Colab's runtime 2026.07 has of what the course needs: github.com/googlecolab/backend-info.
COLAB_HAS = """contourpy==1.3.3 ipykernel==6.17.1 ipython==7.34.0 jax==0.7.2 jaxlib==0.7.2
joblib==1.5.3 jupyter-client==7.4.9 lazy-loader==0.5 markdown-it-py==4.2.0 matplotlib==3.10.0
ml-dtypes==0.5.4 networkx==3.6.1 numpy==2.0.2 optax==0.2.8 pandas==2.2.2 protobuf==5.29.6
psutil==5.9.5 pyzmq==26.2.1 requests==2.32.4 scikit-learn==1.6.1 scipy==1.16.3 sympy==1.14.0
tenacity==9.1.4 tensorflow==2.20.0 tf-keras==2.20.1 threadpoolctl==3.6.0 tornado==6.5.1
traitlets==5.7.1"""
# JAX looks for Colab too, and then for this part of it.
STAND_IN = "import sys, types; sys.modules['google.colab'] = types.SimpleNamespace(output=None)"
PEAK = """from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
print(max(getrusage(who).ru_maxrss for who in (RUSAGE_SELF, RUSAGE_CHILDREN)))"""


def do(environment: Path, *command: str, cwd: Path = ROOT) -> None:
    """Run a command with the environment's programs first on the path."""
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(command, cwd=cwd, env={**os.environ, "PATH": path}, check=True)


@contextmanager
def bare(maker: str, version: str) -> Iterator[Path]:
    """Make an environment of this Python with nothing but pip in it, for a while."""
    with tempfile.TemporaryDirectory(prefix="qmlcourse-") as folder:
        environment = Path(folder) / "environment"
        command = [maker, "-m", "virtualenv", "--quiet", "--python", version, str(environment)]
        subprocess.run(command, check=True)
        yield environment


def install(environment: Path, file: Path) -> None:
    """Install what an environment file lists, as conda does, and run the postBuild beside it."""
    for listed in yaml.safe_load(file.read_text(encoding="utf-8"))["dependencies"]:
        if isinstance(listed, dict):
            # conda writes such a list into one file beside its own, and starts pip there.
            with tempfile.NamedTemporaryFile("w", suffix=".txt", dir=file.parent) as requirements:
                requirements.write("\n".join(listed["pip"]))
                requirements.flush()
                pip = ["python", "-m", "pip", "install", "--quiet", "-U", "-r", requirements.name]
                do(environment, *pip, cwd=file.parent)
        elif listed not in ("python=3.11", "pip"):
            raise SystemExit(f"{file} lists {listed!r}, which only conda could install.")
    if (file.parent / "postBuild").is_file():
        do(environment, str(file.parent / "postBuild"))


def size(environment: Path) -> float:
    """Return the MB that installed packages take on the disk, as du counts them."""
    return sum(f.lstat().st_blocks * 512 for f in (environment / "lib").rglob("*")) / 1e6


@contextmanager
def kernel(environment: Path, *options: str) -> Iterator[str]:
    """Make the environment's kernel known by a name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kernels", "launched")
        path.mkdir(parents=True)
        python = str(environment / "bin" / "python")
        argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}", *options]
        search = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
        spec = {"argv": argv, "display_name": path.name, "env": {"PATH": search}}
        (path / "kernel.json").write_text(json.dumps(spec))
        os.environ["JUPYTER_PATH"] = folder
        yield path.name


def run(kernel_name: str, notebook: nbformat.NotebookNode, folder: Path) -> tuple[float, float]:
    """Run a notebook in a folder; return the seconds it took and the peak memory in MiB."""
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    where = {"metadata": {"path": str(folder)}}
    started = time.perf_counter()
    NotebookClient(
        notebook, kernel_name=kernel_name, timeout=1800, resources=where, coalesce_streams=True
    ).execute()
    seconds = time.perf_counter() - started
    return seconds, int(notebook.cells.pop().outputs[0].text) / 1024


def outputs(cell: nbformat.NotebookNode) -> list[tuple[str, str]]:
    """Return what a cell put out, by its kind: nbval's comparison, without figures."""
    found = []
    for output in cell.get("outputs", []):
        parts = output.data if "data" in output else {output.name: output.text}
        kinds = [kind for kind in parts if kind != "image/png"]
        found += [(kind, json.dumps(parts[kind], sort_keys=True)) for kind in kinds]
    return sorted(found)


def prove(kernel_name: str, name: str, colab: Path | None = None) -> bool:
    """Run a committed notebook; say what it took, and return whether it put out the same.

    In Colab's folder, which the notebook knows alone, whether its claims hold.
    """
    path = ROOT / "book" / f"{name}.ipynb"
    committed, notebook = (nbformat.read(path, as_version=4) for _ in range(2))
    seconds, peak = run(kernel_name, notebook, colab or path.parent)
    pairs = zip(committed.cells, notebook.cells, strict=True)
    wrong = differ = [new for old, new in pairs if outputs(new) != outputs(old)]
    if colab:
        wrong = [cell for cell in differ if '"holds": false' in str(outputs(cell))]
    print(f"{name:44} {seconds:5.0f} s {peak:5.0f} MiB, {len(differ)} cells differ", flush=True)
    for cell in wrong:
        print(cell.source, *outputs(cell), "", sep="\n")
    return not wrong and peak <= MEBIBYTES


def binder(maker: str, files: list[str], notebooks: list[str]) -> bool:
    """Build each environment, run the notebooks there; return whether all is as it must be."""
    good, sizes = True, {}
    for file in files:
        with bare(maker, "3.11") as environment:
            started = time.perf_counter()
            install(environment, ROOT / file)
            seconds, sizes[file] = time.perf_counter() - started, size(environment)
            print(f"{file}: {sizes[file]:.0f} MB, installed in {seconds:.0f} s", flush=True)
            with kernel(environment) as kernel_name:
                for name in notebooks:
                    good &= prove(kernel_name, name)
    if set(FILES) <= set(sizes):
        saving = 1 - sizes[FILES[1]] / sizes[FILES[0]]
        print(f"{FILES[1]} saves {saving:.0%}; it must save {SAVING:.0%} to be worth having")
        good &= saving >= SAVING
    return good


def colab(maker: str, notebooks: list[str]) -> bool:
    """Run notebooks where Colab's packages are, each from nothing; return whether all is right."""
    good = True
    for name in notebooks:
        with bare(maker, "3.12") as environment:
            do(environment, "python", "-m", "pip", "install", "--quiet", *COLAB_HAS.split())
            content, served, web = (environment.parent / n for n in ("content", "served", "web"))
            content.mkdir()
            # The last commit here takes the place of the address; so does its folder of data. pip
            # gets a folder: of a repository it makes a partial clone, and git, asked for what such
            # a clone of a clone lacks, asked itself, in thousands of processes.
            do(environment, "git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), str(served))
            (web / "raw").mkdir(parents=True)
            (web / "raw" / "main").symlink_to(served)
            repository = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]
            url = repository["url"]
            notebook = nbformat.read(ROOT / "book" / f"{name}.ipynb", as_version=4)
            first = next(cell for cell in notebook.cells if cell.cell_type == "code")
            package = f"git+{url}@{repository['branch']}"
            first.source = first.source.replace(package, served.as_uri())
            first.source = first.source.replace(url, web.as_uri())
            notebook.cells = [first]
            with kernel(environment, f"--IPKernelApp.exec_lines={STAND_IN}") as kernel_name:
                seconds, _ = run(kernel_name, notebook, content)
                print(f"{name}: the first cell took {seconds:.0f} s", *outputs(first), sep="\n")
                good &= prove(kernel_name, name, content)
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", help="notebooks below book/; default: one chapter")
    parser.add_argument("--all", action="store_true", help="every chapter, every worked solution")
    parser.add_argument("--file", nargs="+", default=FILES, help="environment files to build")
    parser.add_argument("--colab", action="store_true", help="as on Colab instead")
    parser.add_argument("--maker", default=sys.executable, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for name in [*QUIET, "MPLBACKEND"]:
        os.environ.pop(name, None)  # readers have none of these
    # But what they get is compared digit by digit with what another processor gave.
    os.environ.update({k: v for k, v in QUIET.items() if k.startswith("OPENBLAS")})
    every = catalog.executed()
    notebooks = every if arguments.all else arguments.name or ["foundations/circuits"]
    if unknown := sorted(set(notebooks) - set(every)):
        parser.error(f"no such notebook: {', '.join(unknown)}; there are: {', '.join(every)}")
    if arguments.colab:
        return 0 if colab(arguments.maker, notebooks) else 1
    return 0 if binder(arguments.maker, arguments.file, notebooks) else 1


if __name__ == "__main__":
    sys.exit(main())
