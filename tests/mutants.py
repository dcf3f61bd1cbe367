"""Plant one defect at a time in a copy of the checkout and show which test catches it.

    nox -s mutants [-- NAME ...]

First the tests named below must pass in a copy without a defect. Then each defect is shown to
the tests that should catch it; if they pass, everything that ``nox -s tests`` runs follows. A
defect that nothing catches is listed, and the exit code is 1.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
Change = Callable[[Path], None]


@dataclass(frozen=True)
class Mutant:
    """A defect, and the arguments of pytest that should catch it first."""

    name: str
    plant: Change
    expected: str


def swap(path: str, old: str, new: str) -> Change:
    """Replace text that stands exactly once in a file."""

    def plant(copy: Path) -> None:
        text = (copy / path).read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise SystemExit(f"{path} holds {old!r} {text.count(old)} times: mend tests/mutants.py")
        (copy / path).write_text(text.replace(old, new), encoding="utf-8")

    return plant


def on_notebook(chapter: str, edit: Callable[[dict], None]) -> Change:
    """Edit the JSON of a committed notebook."""

    def plant(copy: Path) -> None:
        path = copy / "book" / f"{chapter}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        edit(notebook)
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")

    return plant


def strip_outputs(notebook: dict) -> None:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None


def edit_a_number(notebook: dict) -> None:
    """Change the last digit of the first number that a cell printed."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            text = "".join(output.get("text", []))
            if found := re.search(r"\d\.\d*(\d)", text):
                digit = str((int(found[1]) + 1) % 10)
                output["text"] = text[: found.start(1)] + digit + text[found.end(1) :]
                return
    raise SystemExit("the chapter prints no number: mend tests/mutants.py")


def first_claim(pattern: str, new: str) -> Change:
    """Replace the first match in book/claims.toml."""

    def plant(copy: Path) -> None:
        path = copy / "book" / "claims.toml"
        text, count = re.subn(pattern, new, path.read_text(encoding="utf-8"), count=1, flags=re.M)
        if count != 1:
            raise SystemExit(f"book/claims.toml has no {pattern!r}: mend tests/mutants.py")
        path.write_text(text, encoding="utf-8")

    return plant


MUTANTS = [
    Mutant(
        "shift sign flipped",
        swap(
            "qmlcourse/gradients/_shift_rules.py",
            "(number(f, theta + s * e_k) - number(f, theta - s * e_k))",
            "(number(f, theta - s * e_k) - number(f, theta + s * e_k))",
        ),
        "tests/gradients/test_gradients.py",
    ),
    Mutant(
        "factor 1/2 dropped",
        swap(
            "qmlcourse/gradients/_shift_rules.py",
            "/ (4 * n * sines**2), shifts",
            "/ (2 * n * sines**2), shifts",
        ),
        "tests/gradients/test_gradients.py",
    ),
    Mutant(
        "qubit order reversed",
        swap(
            "qmlcourse/encodings/_angle.py",
            "states = (states[:, :, None] * columns[:, k, None, :]).reshape(len(X), -1)",
            "states = (columns[:, k, :, None] * states[:, None, :]).reshape(len(X), -1)",
        ),
        "tests/encodings/test_encodings.py",
    ),
    Mutant(
        "overlap not squared",
        swap(
            "qmlcourse/kernels/_matrix.py",
            "product.real**2 + product.imag**2",
            "np.sqrt(product.real**2 + product.imag**2)",
        ),
        "tests/kernels/test_kernels.py",
    ),
    Mutant(
        "variance not centred",
        swap(
            "qmlcourse/trainability/_variance.py",
            "Variance(float(gradients.var(ddof=1))",
            "Variance(float((gradients**2).sum() / (len(gradients) - 1))",
        ),
        "tests/trainability/test_trainability.py",
    ),
    Mutant(
        "IQP pair term dropped",
        swap(
            "qmlcourse/encodings/_iqp.py",
            "np.exp(-0.5j * (fields + pairs if entangle else fields))",
            "np.exp(-0.5j * fields)",
        ),
        "tests/encodings/test_encodings.py",
    ),
    Mutant(
        "local cost returned for global",
        swap(
            "qmlcourse/trainability/_derivatives.py", 'if cost == "global":', 'if cost == "glob":'
        ),
        "tests/trainability/test_trainability.py",
    ),
    Mutant(
        "rng ignored in shot noise",
        swap(
            "qmlcourse/kernels/_matrix.py",
            "rng = _checks.generator(rng)",
            "rng = np.random.default_rng(0)",
        ),
        "tests/kernels/test_kernels.py",
    ),
    Mutant(
        "rng ignored in the ansatz",
        swap(
            "qmlcourse/ansatz/_circuits.py",
            "axes = _checks.generator(rng).integers(1, 4, size=shape)",
            "axes = np.random.default_rng(0).integers(1, 4, size=shape)",
        ),
        "tests/ansatz/test_ansatz.py",
    ),
    Mutant(
        "classifier's shift rule not halved",
        swap("qmlcourse/models/_training.py", "f[angles.size :]) / 2", "f[angles.size :])"),
        "tests/models/test_models.py::test_a_data_angle_has_its_gradient_under_shots",
    ),
    Mutant(
        "ablation entangles all the same",
        swap("qmlcourse/models/_training.py", "if circuit.entangle else []", "if True else []"),
        "tests/models/test_models.py::test_without_entanglement_logits_are_sums_over_features",
    ),
    Mutant(
        "padding counts as samples",
        swap(
            "qmlcourse/models/_circuit_classifier.py",
            "(np.arange(total) < n)",
            "(np.arange(total) >= 0)",
        ),
        "tests/models/test_models.py::test_padding_weighs_nothing",
    ),
    Mutant(
        "tuned and fitted on the test samples too",
        swap(
            "qmlcourse/comparison/_evaluation.py",
            "X, y = draw.X[draw.train], draw.y[draw.train]",
            "X, y = draw.X, draw.y",
        ),
        "tests/comparison/test_comparison.py -k 'roles or touched or memoriser'",
    ),
    Mutant(
        "resplits treated as independent",
        swap(
            "qmlcourse/comparison/_statistics.py",
            'if drawn == ["resampled"]',
            'if drawn == ["again"]',
        ),
        "tests/comparison/test_comparison.py -k resampled",
    ),
    Mutant(
        "budget left out of the key of a result",
        swap(
            "qmlcourse/comparison/_compare.py",
            "_store.describe(contestant.space), budget,",
            "_store.describe(contestant.space), 0,",
        ),
        "tests/comparison/test_comparison.py -k key",
    ),
    Mutant(
        "one notebook's outputs stripped",
        on_notebook("encoding/fourier", strip_outputs),
        "tests/book/test_notebooks.py",
    ),
    Mutant(
        "one printed number edited by hand",
        on_notebook("encoding/encodings", edit_a_number),
        "--nbval --nbval-current-env --nbval-kernel-name python3 book/encoding/encodings.ipynb",
    ),
    Mutant(
        "one claim's interval made infinite",
        first_claim(r"^high = .*$", "high = inf"),
        "tests/book/test_notebooks.py",
    ),
    Mutant(
        "one claim's interval moved without a word",
        first_claim(r"^high = .*$", "high = 0.99"),
        "tests/book/test_claim_history.py",
    ),
    Mutant(
        "one claim's interval made very wide",
        first_claim(r"^low = (.*)\nhigh = (.*)$", "low = -1e9\nhigh = 1e9"),
        "-m chapters tests/book/test_claims_hold.py -k 'counterfactual and intro'",
    ),
    Mutant(
        "folds are not undone",
        swap(
            "qmlcourse/mitigation/_zne.py",
            "folded = circuit + (back + circuit)",
            "folded = circuit + (circuit + circuit)",
        ),
        "tests/mitigation/test_mitigation.py",
    ),
    Mutant(
        "confusion matrix transposed",
        swap("qmlcourse/noise/_readout.py", "kraus[k][r, s]", "kraus[k][s, r]"),
        "tests/noise/test_noise.py",
    ),
    Mutant(
        "edited record accepted",
        swap(
            "qmlcourse/hardware/_record_checks.py",
            "if digests[name] != sha256(data[name]):",
            "if False:",
        ),
        "tests/hardware/test_records.py",
    ),
    Mutant(
        "lost answer sent again unasked",
        swap("qmlcourse/hardware/_jobs.py", 'if job["sends"]:', "if False:"),
        "tests/hardware/test_jobs.py",
    ),
    Mutant(
        "unconfirmed job sent",
        swap("qmlcourse/hardware/_confirm.py", "    if not agreed:\n", "    if False:\n"),
        "tests/hardware/test_jobs.py",
    ),
    Mutant(
        "one parameter misspelt",
        first_claim(r"^counterfactual = \{ (\w+) = ", r"counterfactual = { \1x = "),
        "tests/book/test_notebooks.py",
    ),
]

EVERYTHING = ["-m 'not chapters'", "--nbval --nbval-current-env book", "-m chapters tests/book"]


def caught_by(copy: Path, arguments: str) -> str | None:
    """Return the first test that fails, or None if all pass."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    quoted = [a.strip("'") for a in re.findall(r"'[^']*'|\S+", arguments)]
    result = subprocess.run(
        command + quoted, cwd=copy, env=environment, capture_output=True, text=True
    )
    failed = re.findall(r"^(?:FAILED|ERROR) (.*)$", result.stdout, re.M)
    if result.returncode == 1 or (result.returncode == 2 and failed):
        return failed[0].split(" - ")[0]
    if result.returncode:
        raise SystemExit(f"pytest {arguments} did not run:\n{result.stdout}{result.stderr}")
    return None


def copied(files: list[str], folder: str) -> Path:
    """Copy the checkout as it is in the working tree."""
    copy = Path(folder) / "course"
    for file in files:
        if (ROOT / file).is_file():
            (copy / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, copy / file)
    return copy


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", help="words of the defects' names; default: all")
    arguments = parser.parse_args()
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    chosen = [m for m in MUTANTS if not arguments.name or any(w in m.name for w in arguments.name)]
    for expected in dict.fromkeys(m.expected for m in chosen):
        with tempfile.TemporaryDirectory() as folder:
            failed = caught_by(copied(listed, folder), expected)
        if failed:
            raise SystemExit(f"without any defect {failed} fails already")
    missed = 0
    for mutant in chosen:
        with tempfile.TemporaryDirectory() as folder:
            copy = copied(listed, folder)
            mutant.plant(copy)
            caught = caught_by(copy, mutant.expected)
            for stage in EVERYTHING if caught is None else []:
                caught = caught or caught_by(copy, stage)
        missed += caught is None
        print(f"{mutant.name:36} {caught or 'NOT CAUGHT'}", flush=True)
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
