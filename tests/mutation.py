"""Change the package one operator, number or name at a time and show what no test notices.

    nox -s mutation [-- MODULE ...] [--ending DIGITS ...] [--anew]

mutmut makes the changes (mutants) and runs, for each, the tests of that module that reach it: the
folder of tests that mirrors it and its own examples. A mutant that survives is shown as a
difference, unless ``tests/equivalent_mutants.toml`` names it, with the reason why it does the
same. ``--ending 3 7`` takes those whose number ends in 3 or 7: a fifth of all, in a fifth of the
time; ``--ending 13`` a hundredth. Results are kept in ``.nox/mutation`` as long as nothing changes:
a run that was stopped goes on (``--anew`` forgets them). The exit code is 1 where less than nine
tenths of a module's mutants are caught.
"""

import argparse
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".nox" / "mutation"
EQUIVALENT = Path(__file__).parent / "equivalent_mutants.toml"
WANTED = 0.9
LOG = "mutation.log"
# Where the tests of a module lie if not in tests/MODULE or tests/test_MODULE.py.
ELSEWHERE = {
    "_checks": ["tests/test_checks.py", "tests/test_inputs.py"],
    "_circuits": ["tests/noise", "tests/mitigation", "tests/interop"],
    "simulator": ["tests/test_simulator.py", "tests/encodings", "tests/ansatz"],
    "_operations": ["tests/noise", "tests/mitigation", "tests/interop"],
    "_observables": ["tests/noise", "tests/mitigation", "tests/hardware/test_executor.py"],
    "_estimate": ["tests/noise", "tests/mitigation"],
    "trainability": ["tests/trainability", "tests/test_progress.py"],
    "cli": [
        f"tests/portfolio/test_{name}.py"
        for name in ("cli", "class_tables", "skeleton", "per_student")
    ],
    # All but the exercises' own, which take minutes and judge other code.
    "grading": [
        f"tests/portfolio/{path.name}"
        for path in sorted((ROOT / "tests" / "portfolio").glob("test_*.py"))
        if path.stem not in ("test_exercises", "test_wrong_answers", "test_claim_audit")
    ],
}
# What exit codes of mutmut's workers say, if not that a test failed or a process crashed: no test
# failed, or none reaches it; the tests took too long, which counts as caught; pytest did not run.
KINDS = {0: "survived", 5: "survived", 33: "survived", 255: "not run", 4: "not run"}
KINDS |= dict.fromkeys((36, 24, -24, 152), "late")
# A mutant's examples; and mutmut calls each function through one of its own, so that a warning
# points there and no longer at the caller.
DESELECTED = "not __mutmut_ and not point_at_the_caller"
CONFIG = """

[tool.mutmut]
source_paths = ["qmlcourse"]
only_mutate = {only}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-p", "no:cacheprovider", "-m", "not chapters", "-k", "{deselected}"]
also_copy = {also}
# What the frameworks leave behind in a process must not reach the next mutant's.
process_isolation = "forkserver"
# The words of a message are no behaviour; that it names the argument is tested for all at once.
do_not_mutate_patterns = ['raise \\w+']
"""

# Added to the copy's conftest.py. mutmut names each test of a table by its row, which pytest does
# not always find a second time in one process; and each mutant carries the examples of its
# function along.
HOOKS = """

@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    # Processes that a test starts find the changed package as well.
    os.environ["PYTHONPATH"] = str(session.config.rootpath)
    # Started in another folder, they could not count what they reach: this process does.
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":
        del os.environ["MUTANT_UNDER_TEST"]
    names = [name.partition("[")[0] for name in session.config.args]
    session.config.args[:] = dict.fromkeys(name for name in names if "__mutmut_" not in name)
"""


def modules() -> dict[str, list[str]]:
    """Return the parts of the package, each with its tests."""
    found = {}
    for path in sorted((ROOT / "qmlcourse").iterdir()):
        if path.name.startswith("__") or (path.is_file() and path.suffix != ".py"):
            continue
        name = path.stem
        beside = [f"tests/{name}", f"tests/test_{name.lstrip('_')}.py"]
        tests = [t for t in ELSEWHERE.get(name, beside) if (ROOT / t).exists()]
        if path.is_dir() or tests:
            found[name] = [*tests, str(path.relative_to(ROOT))]
    return found


def copied(name: str, tests: list[str]) -> Path:
    """Bring a copy of the working tree up to date, with mutmut's settings for one module."""
    copy = WORK / name
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    files = [file for file in listed if (ROOT / file).is_file()]
    kept = {copy / file for file in files}
    old = [p for p in copy.rglob("*") if p.is_file() and "mutants" not in p.parts]
    stale = [p for p in old if p not in kept and p.name != LOG]
    for path in stale:
        path.unlink()
    for file in files:
        data, target = (ROOT / file).read_bytes(), copy / file
        if file == "pyproject.toml":
            whole = (ROOT / "qmlcourse" / name).is_dir()
            also = sorted({Path(f).parts[0] for f in files} - {"qmlcourse", "tests", file})
            only = [f"qmlcourse/{name}/*" if whole else f"qmlcourse/{name}.py"]
            data += CONFIG.format(only=only, tests=tests, also=also, deselected=DESELECTED).encode()
        elif file == "conftest.py":
            data += HOOKS.encode()
        if not target.is_file() or target.read_bytes() != data:
            stale.append(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    if stale:
        # mutmut would go on with what it knew of which test reaches which function.
        shutil.rmtree(copy / "mutants", ignore_errors=True)
    return copy


def run(copy: Path, names: list[str], workers: int) -> None:
    """Let mutmut try the mutants."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTHONPATH", None)
    command = ["mutmut", "run", "--max-children", str(workers), *names]
    with (copy / LOG).open("w") as log:
        code = subprocess.run(command, cwd=copy, env=environment, stdout=log, stderr=log).returncode
    if code:
        if names and "nothing matches" in (copy / LOG).read_text(errors="replace"):
            return
        tail = (copy / LOG).read_text(errors="replace").replace("\r", "\n")
        raise SystemExit(f"mutmut did not run in {copy}:\n{tail[-3000:]}")


def results(copy: Path, endings: list[str]) -> tuple[Counter[str], list[str]]:
    """Count mutants by what became of them, and name those that no test noticed."""
    counted: Counter[str] = Counter()
    survivors = []
    for path in sorted((copy / "mutants" / "qmlcourse").rglob("*.meta")):
        for name, code in json.loads(path.read_text())["exit_code_by_key"].items():
            if code is None or (endings and not name.endswith(tuple(endings))):
                continue
            kind = KINDS.get(code, "caught")
            counted[kind] += 1
            survivors += [name] if kind == "survived" else []
    return counted, survivors


def difference(copy: Path, mutant: str) -> tuple[str, str]:
    """Return the function and the changed lines of a mutant."""
    shown = subprocess.run(
        ["mutmut", "show", mutant], cwd=copy, capture_output=True, text=True, check=True
    ).stdout
    lines = re.findall(r"^[-+](?![-+]).*$", shown, re.M)
    function = re.sub(r"\.xǁ|\.x_|ǁ", ".", mutant.rpartition("__mutmut_")[0])
    return function, "\n".join(line[0] + " " + line[1:].strip() for line in lines)


def wilson(caught: int, total: int) -> tuple[float, float]:
    """Return the 95% interval of a share."""
    z = 1.96
    middle = (caught + z * z / 2) / (total + z * z)
    half = z / (total + z * z) * math.sqrt(caught * (total - caught) / total + z * z / 4)
    return middle - half, middle + half


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = modules()
    parser.add_argument("module", nargs="*", help=f"of {', '.join(known)}; default: all")
    parser.add_argument("--ending", nargs="+", default=[], metavar="DIGITS")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true", help="print the modules as JSON, no more")
    parser.add_argument("--anew", action="store_true", help="forget earlier results")
    arguments = parser.parse_args()
    if arguments.list:
        print(json.dumps(list(known)))
        return 0
    if unknown := set(arguments.module) - set(known):
        parser.error(f"module must be of {', '.join(known)}; got {', '.join(sorted(unknown))}.")
    if wrong := [ending for ending in arguments.ending if not ending.isdecimal()]:
        parser.error(f"ending must be digits of a mutant's number; got {wrong[0]!r}.")
    equivalent = {
        (entry["function"], entry["change"].strip()): entry["reason"]
        for entry in tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("mutant", [])
    }
    rows, total = [], Counter()
    for name in arguments.module or known:
        if arguments.anew:
            shutil.rmtree(WORK / name, ignore_errors=True)
        copy = copied(name, known[name])
        run(copy, [f"*{ending}" for ending in arguments.ending], arguments.workers)
        counted, survivors = results(copy, arguments.ending)
        for mutant in survivors:
            function, change = difference(copy, mutant)
            if (function, change) in equivalent:
                counted["survived"] -= 1
                counted["equivalent"] += 1
                continue
            print(f"\n{function}\n{change}", flush=True)
        total += counted
        rows.append((name, counted))
    columns = ["caught", "late", "survived", "equivalent", "not run"]
    print(f"\n{'module':14} {' '.join(columns)}  score and its 95% interval")
    low = []
    for name, counted in [*rows, ("all", total)]:
        caught = counted["caught"] + counted["late"]
        n = caught + counted["survived"]
        if n == 0:
            continue
        score, (down, up) = caught / n, wilson(caught, n)
        low += [name] if score < WANTED or counted["not run"] else []
        numbers = " ".join(f"{counted[column]:{len(column)}}" for column in columns)
        print(f"{name:14} {numbers}  {score:.0%}, {down:.0%} to {up:.0%}")
    if low:
        print(f"below {WANTED:.0%}, or not run: {', '.join(low)}")
    return int(bool(low))


if __name__ == "__main__":
    sys.exit(main())
