"""The package from outside: what it exports, what it imports, what it can do without."""

import importlib
import re
import runpy
import subprocess
import sys
import tomllib
import types
from pathlib import Path

import pytest

import qmlcourse

ROOT = Path(__file__).parents[1]

PUBLIC = {
    "ansatz": {
        "Ansatz", "entangling_capability", "expressibility", "hardware_efficient",
        "identity_blocks", "random_pauli",
    },
    "audit": {"RULES", "Manuscript", "manuscript"},
    "chemistry": {"Molecule", "bond_lengths", "molecule"},
    "claims": {"Claim", "claim", "load"},
    "cli": {"main", "parser"},
    "comparison": {
        "MeanInterval", "baselines", "compare", "mean_interval", "paired_difference",
        "paired_scores", "quantum_models", "summarize",
    },
    "datasets": {
        "bars_and_stripes", "hidden_manifold", "hyperplanes_parity", "ising_ground_states",
        "linearly_separable", "two_curves",
    },
    "encodings": {
        "ENCODINGS", "encoded_states", "fourier_coefficients", "frequency_spectrum", "resources",
    },
    "generative": {"covariance_start", "iqp_expectation", "mmd_squared", "train_iqp"},
    "gradients": {
        "finite_difference", "metric_tensor", "natural_gradient", "parameter_shift",
        "shift_rule", "spsa", "stochastic_parameter_shift",
    },
    "grading": {
        "AnswerError", "Exercise", "Function", "Mistakes", "NoSandbox", "Report", "Result", "Seed",
        "Wrong", "array", "asked", "check_answer", "doctor", "exercise", "grade", "grade_class",
        "number", "portfolio_page", "quoted", "read_only", "same", "sandbox", "table", "texts",
        "untouched",
    },
    "hardware": {
        "Record", "backends", "executor", "get_backend", "replay", "resume", "run", "save",
    },
    "interactive": {"figure"},
    "interop": {"tensorflow_quantum", "tfq_expectation", "tfq_gradient", "to_cirq"},
    "kernels": {
        "Concentration", "concentration", "geometric_difference", "kernel_matrix",
        "nearest_psd", "projected_kernel", "target_alignment",
    },
    "mitigation": {
        "Estimate", "clifford_data_regression", "extrapolate", "extrapolation_weights",
        "fold_global", "invert_readout", "readout_expectation", "zne",
    },
    "monitoring": {
        "Cusum", "adwin", "alarm_threshold", "average_run_length", "cusum", "first_alarm",
        "page_hinkley", "population_stability_index", "psi_threshold", "run_length_distribution",
    },
    "noise": {
        "amplitude_damping", "apply_readout", "confusion_matrix", "depolarizing", "executor",
        "readout", "thermal",
    },
    "optimization": {
        "cut_values", "goemans_williamson", "qaoa_expectation", "qaoa_state",
        "simulated_annealing",
    },
    "paulis": {"PauliSum", "commutator", "lie_closure", "propagate"},
    "plotting": {
        "decision_boundary", "gate_counts", "kernel_heatmap", "paired_scores", "spectrum",
        "style", "variance_decay",
    },
    "reinforcement": {
        "CircuitPolicy", "LinearPolicy", "NetworkPolicy", "Training", "cartpole_start",
        "cartpole_step", "reinforce", "rollout",
    },
    "shadows": {"Shadow", "expectation", "sample"},
    "models": {"QuantumKernelClassifier", "ReuploadingClassifier", "VariationalClassifier"},
    "simulator": {
        "PAULIS", "apply", "bloch_vectors", "probabilities", "rotation", "zero_states",
    },
    "testing": {"bounds", "shots_needed", "tolerance"},
    "trainability": {
        "Decay", "Variance", "first_derivatives", "fit_decay", "gradient_variance",
        "variance_interval", "variance_scan",
    },
}  # fmt: skip

HEAVY = ["pennylane", "jax", "tensorflow", "tensorflow_quantum", "cirq", "qiskit"]


def imported_after(statement):
    """Return the modules a fresh interpreter holds after a statement."""
    code = f"import sys\n{statement}\nprint(*sys.modules, sep='\\n')"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


def test_public_names_are_pinned():
    assert set(qmlcourse.__all__) == set(PUBLIC)
    for module, names in PUBLIC.items():
        assert set(getattr(qmlcourse, module).__all__) == names, module


def test_importing_the_package_imports_no_framework():
    modules = imported_after("import qmlcourse")
    assert "qmlcourse" in modules
    assert modules.isdisjoint([*HEAVY, "numpy", "scipy", "sklearn", "matplotlib", "pandas"])


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_importing_a_module_imports_no_framework(module):
    modules = imported_after(f"import qmlcourse.{module}")
    assert f"qmlcourse.{module}" in modules
    assert modules.isdisjoint(HEAVY)


BLOCK = """
class Block:
    def find_spec(self, name, *_):
        if name.split(".")[0] in {blocked}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Block())
"""


def test_optional_frameworks_are_optional():
    blocked = [name for name in HEAVY if name != "pennylane"]
    use = (
        "import qmlcourse, numpy as np; rng = np.random.default_rng(0); "
        "qmlcourse.kernels.kernel_matrix([[0.1], [0.2]]); "
        "qmlcourse.trainability.gradient_variance(2, 2, n_samples=5, rng=rng); "
        "qmlcourse.gradients.parameter_shift(lambda t: float(np.sin(t[0])), [0.3])"
    )
    modules = imported_after(BLOCK.format(blocked=blocked) + use)
    assert "qmlcourse.trainability" in modules
    assert modules.isdisjoint(blocked)


def test_a_missing_framework_is_named():
    code = (
        "import sys\n"
        + BLOCK.format(blocked=["tensorflow_quantum"])
        + "from qmlcourse import interop\n"
        "try: interop.tensorflow_quantum()\n"
        "except ImportError as error: print(error)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "pip install 'qmlcourse[tfq]'" in result.stdout


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_public_names_are_documented(module):
    loaded = importlib.import_module(f"qmlcourse.{module}")
    for name in PUBLIC[module]:
        public = getattr(loaded, name)
        if not callable(public) or isinstance(public, type):
            continue
        for section in ("Examples", "chapter"):
            assert section in public.__doc__, f"{module}.{name} lacks {section}"


@pytest.fixture
def in_the_wheel(monkeypatch):
    """Return what the build hook adds for a checkout: path in the wheel → file."""
    # The build's own environment has hatchling, that of the course need not.
    interface = types.ModuleType("hatchling.builders.hooks.plugin.interface")
    interface.BuildHookInterface = object
    monkeypatch.setitem(sys.modules, interface.__name__, interface)
    hook = runpy.run_path(str(ROOT / "hatch_build.py"))["Book"]()

    def added(root, version="standard"):
        hook.root, build_data = str(root), {"force_include": {}}
        hook.initialize(version, build_data)
        return {inside: Path(file) for file, inside in build_data["force_include"].items()}

    return added


def test_the_wheel_takes_claims_and_exercises_without_their_solutions(in_the_wheel):
    wanted = {"qmlcourse/claims.toml": ROOT / "book" / "claims.toml"}
    for name in qmlcourse.grading.exercise.names():
        for file in ("checks.py", "rubric.md", f"{name}.ipynb"):
            wanted[f"qmlcourse/portfolio/{name}/{file}"] = ROOT / "book/portfolio" / name / file
    assert len(wanted) == 19 and all(file.is_file() for file in wanted.values())
    assert in_the_wheel(ROOT) == wanted
    # A checkout reads them where they are: copies would grow old.
    assert in_the_wheel(ROOT, "editable") == {}


def test_a_new_exercise_is_in_the_wheel_by_its_checks(in_the_wheel, tmp_path):
    for name in ("new/checks.py", "new/new.ipynb", "draft/master.md"):
        path = tmp_path / "book" / "portfolio" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    new = {f"qmlcourse/portfolio/new/{file}" for file in ("checks.py", "rubric.md", "new.ipynb")}
    assert set(in_the_wheel(tmp_path)) == {"qmlcourse/claims.toml", *new}


def test_preprints_are_named_one_way():
    """`arXiv:2107.12390`, which search engines and readers' tools know; each with its prefix."""
    bare = re.compile(r"(?<!arXiv:)(?<![\d.])\d{4}\.\d{4,5}(?!\d)|arXiv \S*\d{4}|(?<!:)quant-ph/")
    for path in sorted((ROOT / "qmlcourse").rglob("*.py")):
        assert not bare.findall(path.read_text(encoding="utf-8")), path.relative_to(ROOT)


def test_the_lock_holds_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / "requirements.lock").read_text()
    wanted = list(project["dependencies"])
    for extra, requirements in project["optional-dependencies"].items():
        wanted += requirements if extra != "all" else []
    for requirement in wanted:
        name = requirement.split(";")[0].strip()
        for sign in ("==", ">=", "<"):
            name = name.split(sign)[0]
        assert f"\n{name.split('[')[0]}" in "\n" + lock, requirement
    pinned = [line for line in lock.splitlines() if "==" in line and not line.startswith(" ")]
    assert lock.count("--hash=sha256:") >= len(pinned) > 100
    assert "://" not in lock


def test_one_version_everywhere():
    """It stands in the package; the wheel reads it there, and these repeat it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "qmlcourse/__init__.py"
    cited = re.findall(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), flags=re.M)
    assert cited == [qmlcourse.__version__]
    # The changelog names days; where its newest entry names a version too, it is this one.
    newest = re.findall(r"^## (.+)$", (ROOT / "book/changelog.md").read_text(), flags=re.M)[0]
    assert set(re.findall(r"\d+\.\d+\.\d+", newest)) <= {qmlcourse.__version__}


def test_the_package_says_that_it_is_typed():
    assert (Path(qmlcourse.__file__).parent / "py.typed").is_file()
