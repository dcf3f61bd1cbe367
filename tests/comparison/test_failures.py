"""Comparisons under fire: dying workers, stores that break, samples that look alike."""

import errno
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from fakes import PLAN, SALTS, Mortal, Salted, fixed, noise
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from qmlcourse import _extras, _files
from qmlcourse.comparison import _evaluation, _protocol, _store, compare, quantum_models
from qmlcourse.comparison._schedule import in_this_process
from qmlcourse.models import VariationalClassifier

ON = tuple(_protocol.states(seed)["model"] for seed in (1, 3))
NAMES = r"2 of 12 cells \(dataset, model, seed\) failed: \(d, bad, 1\), \(d, bad, 3\); "


def plan(how, **options):
    models = {"bad": (Mortal(on=ON, how=how), SALTS), "good": Salted()}
    return {"models": models, "datasets": {"d": noise}, "seeds": 6, "budget": 2, "cv": 2} | options


# Who dies


@pytest.mark.slow
@pytest.mark.parametrize("how", ["exit", int(signal.SIGKILL), int(signal.SIGSEGV)])
def test_a_worker_that_dies_costs_its_own_cell_and_that_is_named(how, tmp_path, capsys):
    with pytest.raises(RuntimeError, match=NAMES) as raised:
        compare(**plan(how, n_jobs=2, store=tmp_path))
    assert "the process that worked on (d, bad, 1) ended without a word" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(list(tmp_path.glob("*.json"))) == len(raised.value.table) == 10
    capsys.readouterr()
    # Those that died are the only ones to run again; now they live.
    again = plan(how, store=tmp_path)
    again["models"]["bad"] = (Mortal(how=how, on=ON), SALTS)
    with pytest.raises(RuntimeError, match=NAMES):
        compare(**again)
    assert capsys.readouterr().err.startswith("store: 10 of 12 cells were finished before; 2 to")


@pytest.mark.parametrize(
    "how", [SystemExit(3), BaseException("odd"), MemoryError(), RecursionError(), GeneratorExit()]
)
def test_whatever_a_fit_raises_fails_its_cell_alone(how):
    with pytest.raises(RuntimeError, match=f"{NAMES}.*{type(how).__name__}") as raised:
        compare(**plan(how))
    assert raised.value.table["model"].value_counts().to_dict() == {"good": 6, "bad": 4}


DYING = """
import sys
from test_failures import compare, plan
compare(**plan("exit", store=sys.argv[1], n_jobs=1))
"""


@pytest.mark.slow
def test_a_cell_that_ended_the_whole_run_runs_last_and_apart(tmp_path, capsys):
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    call = [sys.executable, "-c", DYING, tmp_path]
    died = subprocess.run(call, env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)})
    assert died.returncode == 3 and len(list(tmp_path.glob("*.json"))) == 1
    # The first is known now. As this process may not die, the second is made harmless here.
    only = plan("exit", store=tmp_path, seeds=[0, 1, 2])
    with pytest.raises(RuntimeError, match=r"1 of 6 cells .* failed: \(d, bad, 1\); the others"):
        compare(**only)
    assert len(list(tmp_path.glob("*.json"))) == 5


@pytest.mark.slow
def test_a_cell_of_a_killed_run_that_cannot_travel_runs_here(tmp_path):
    class Local(Salted):
        def __reduce__(self):
            raise TypeError("stays here")

    options = {"datasets": {"d": noise}, "seeds": 1, "store": tmp_path}
    monkey = pytest.MonkeyPatch()
    with monkey.context() as patch:
        patch.setattr(_store, "describe", lambda value: "known")
        table = compare({"m": Local()}, **options)
        [file] = tmp_path.glob("*.json")
        key = json.loads(file.read_text())["key"]
        file.rename(tmp_path / f".{key[:16]}.lock")  # as a killed run leaves it
        assert compare({"m": Local()}, **options)["score"].tolist() == table["score"].tolist()
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_where_a_dying_cell_would_end_all_is_known():
    assert in_this_process(1) and in_this_process(None) and not in_this_process(2)
    with joblib.parallel_config("threading", n_jobs=2):
        assert in_this_process(None) and in_this_process(2)
    with joblib.parallel_config("loky", n_jobs=2):
        assert in_this_process(1) and not in_this_process(None)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError("out of\nlines"), "OSError: out of"),
        (
            RuntimeError("killed. The exit codes of the workers are {SIGKILL(-9)}, we think."),
            "exit codes of the workers: {SIGKILL(-9)}",
        ),
    ],
)
def test_a_lost_worker_leaves_what_is_known_in_a_line(error, told, monkeypatch):
    def lost(cell):
        raise error

    monkeypatch.setattr(_evaluation, "run", lost)
    with pytest.raises(RuntimeError) as raised:
        compare(**plan("exit", seeds=1))
    said = str(raised.value)
    assert said.startswith("2 of 2 cells") and "\n" not in said
    assert said.endswith(f"as one does that is killed or takes more memory than there is ({told})")
    assert raised.value.__cause__.__cause__ is error


def test_threads_lose_no_cell_either():
    with joblib.parallel_config("threading", n_jobs=2), pytest.raises(RuntimeError, match=NAMES):
        compare(**plan(SystemExit()))


# The clock


def test_a_clock_that_is_set_back_gives_no_negative_times(monkeypatch):
    ticks = itertools.count(0, -3600)
    monkeypatch.setattr(time, "time", lambda: 1e9 + next(ticks))
    table = compare(**plan("exit", seeds=1))
    assert (table[["search_seconds", "fit_seconds", "predict_seconds"]] >= 0).all(axis=None)


# The store


def run(store, **options):
    models = {"a": (Salted(), SALTS), "tree": DecisionTreeClassifier()}
    return compare(models, {"d": noise}, seeds=2, store=store, **options)


def unlike(problem):
    """Make a file of a cell unreadable in one of the ways that there are."""

    def spoil(file):
        stored = json.loads(file.read_text())
        file.unlink()
        if isinstance(problem, bytes):
            file.write_bytes(problem)
        elif problem == "folder":
            file.mkdir()
        elif problem == "pipe":
            os.mkfifo(file)
        elif problem == "loop":
            file.symlink_to(file.name)
        else:
            row = problem(stored["row"])
            file.write_text(json.dumps(stored | {"row": row, "check": _store.digest(row)}))

    return spoil


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (b"", "damaged"),
        (b'{"key": "', "damaged"),
        (b"[" * 10**5, "damaged"),
        (b"[]", "damaged"),
        (b"null", "damaged"),
        (b'{"row": {}}', "damaged"),
        (b"\xff\xfe\xfa", "damaged"),
        (b'{"row": ' + b"9" * 5000 + b"}", "damaged"),
        (lambda row: {k: v for k, v in row.items() if k != "low"}, "of another version"),
        (lambda row: row | {"more": 1}, "of another version"),
        (lambda row: [row], "of another version"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_and_runs_again(problem, says, tmp_path):
    first = run(tmp_path)
    [file] = tmp_path.glob("d__tree__1__*.json")
    unlike(problem)(file)
    message = rf"store: .*{file.name} is {says}; its cell runs"
    with pytest.warns(UserWarning, match=message) as warned:
        again = run(tmp_path)
    assert {warning.filename for warning in warned} == {__file__}
    assert len(list(tmp_path.iterdir())) == 4
    assert again["score"].tolist() == first["score"].tolist()


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        ("folder", "no regular file"),
        ("pipe", "no regular file"),
        ("loop", "not to be read (Too many levels of symbolic links)"),
    ],
)
def test_what_is_no_file_is_named_and_its_cell_is_in_the_table(problem, says, tmp_path, recwarn):
    first = run(tmp_path)
    [file] = tmp_path.glob("d__tree__1__*.json")
    unlike(problem)(file)
    again = run(tmp_path)
    assert again["score"].tolist() == first["score"].tolist()
    said = [str(warning.message) for warning in recwarn]
    assert said[0] == f"store: {file} is {says}; its cell runs again."
    assert "(d, tree, 1) could not be kept" in said[1] and len(said) == 2


def test_a_disk_that_fills_up_loses_no_result(tmp_path, monkeypatch, recwarn):
    kept = []

    def save(path, key, row, real=_store.save):
        if len(kept) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        kept.append(path)
        real(path, key, row)

    monkeypatch.setattr(_store, "save", save)
    table = run(tmp_path)
    pd.testing.assert_frame_equal(
        table[["model", "seed", "score"]], run(None)[["model", "seed", "score"]]
    )
    said = [str(warning.message) for warning in recwarn]
    assert "could not be kept" in said[0] and "No space left on device" in said[0]
    assert said[1].startswith("store: 2 cells (dataset, model, seed) are in the")
    assert said[1].endswith("(d, tree, 0), (d, tree, 1).") and len(said) == 2
    assert {warning.filename for warning in recwarn} == {__file__}
    assert len(list(tmp_path.iterdir())) == len(kept)
    # No cell is said to be kept that is not.
    with pytest.raises(RuntimeError, match=r"failed: .*; a store would keep the others"):
        compare(**plan(ValueError(), store=tmp_path))


@pytest.mark.parametrize(
    ("store", "error", "says"),
    [
        ("", ValueError, "the path of a folder; got ''"),
        (b"", ValueError, "the path of a folder; got b''"),
        ("a\0b", ValueError, r"the path of a folder; got 'a\\x00b'"),
        (7, TypeError, "the path of a folder; got 7"),
        (True, TypeError, "the path of a folder; got True"),
        (["a"], TypeError, r"the path of a folder; got \['a'\]"),
        ("x" * 300, ValueError, "a folder to write to; got .*too long"),
        ("dangling", ValueError, "a folder to write to; got .*leads nowhere, to 'gone/far'"),
        ("loop", ValueError, "a folder to write to; got "),
        ("/proc/self", ValueError, "a folder to write to; got "),
        ("/dev/null", ValueError, "a folder to write to; got '/dev/null'"),
    ],
)
def test_what_is_no_store_is_named_before_a_model_is_fitted(
    store, error, says, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("dangling").symlink_to("gone/far")
    Path("loop").symlink_to("loop")
    monkeypatch.setattr(Salted, "fit", lambda *_: pytest.fail("a model was fitted"))
    with pytest.raises(error, match=f"store must be {says}") as raised:
        run(store)
    assert "\n" not in str(raised.value)


def test_a_store_may_be_given_in_bytes(tmp_path):
    run(os.fsencode(tmp_path / "é"))
    assert len(list((tmp_path / "é").iterdir())) == 4


def test_a_file_is_named_so_that_people_can_read_it_where_that_fits():
    key = "0123456789abcdef" * 4
    assert _store.file_name("a b/c", "x.y_z-", 7, key) == "a-b-c__x.y_z-__7__01234567.json"
    assert _store.file_name("d" * 61, "m", 0, key) == f"{'d' * 60}__m__0__01234567.json"
    # 255 bytes are the most that a file's name may have.
    model = "a" + "я" * 57
    fits = f"{'я' * 60}__{model}__0__01234567.json"
    assert len(os.fsencode(fits)) == 255
    assert _store.file_name("я" * 60, model, 0, key) == fits
    assert _store.file_name("я" * 60, f"{model}b", 0, key) == f"{key}.json"


def test_two_runs_do_no_cell_twice(tmp_path, monkeypatch):
    done = []

    def measure(cell, real=_evaluation.measure):
        done.append(cell.name)
        time.sleep(0.01)
        return real(cell)

    monkeypatch.setattr(_evaluation, "measure", measure)
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(compare, **PLAN, store=tmp_path, n_jobs=1) for _ in range(3)]
    tables = [run.result() for run in runs]
    assert len(done) == 24
    assert all(table.equals(tables[0]) for table in tables)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json"}


def test_where_no_lock_is_to_be_had_cells_run_without(tmp_path, monkeypatch):
    def refuse(*_):
        raise _files.NoLock("no locks here")

    monkeypatch.setattr(_store._files, "locked", refuse)
    run(tmp_path)
    assert len(list(tmp_path.iterdir())) == 4


# Samples


def outlier(change=0.0, *, n=40):
    """Return samples that share one entry of 1e10; in another, a change."""
    X, y = noise(n, rng=np.random.default_rng(3))
    X[0, 0] = 1e10
    X[5, 0] += change
    return X, y


def splits(data, **options):
    return compare({"m": Salted()}, {"d": data}, seeds=1, **options)["split"].tolist()


@pytest.mark.parametrize("change", [1.0, 1e-3, 1e-9, 2.0**-52])
def test_data_handed_in_count_by_every_bit(change, tmp_path, capsys):
    X, y = outlier()
    other = X.copy()
    other[5, 0] += change
    assert (other != X).any()
    splits((X, y), store=tmp_path)
    assert splits((other, y)) != splits((X, y))
    splits((other, y), store=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2 and capsys.readouterr().err == ""
    assert splits((X, y), store=tmp_path) == splits((X, y))
    assert "1 of 1 cells were finished before" in capsys.readouterr().err


@pytest.mark.parametrize(
    "change",
    [
        lambda X, y: (np.asfortranarray(X), y),
        lambda X, y: (X.tolist(), y.tolist()),
        lambda X, y: (np.repeat(X, 2, axis=1)[:, ::2], np.repeat(y, 2)[::2]),
        lambda X, y: (pd.DataFrame(X), pd.Series(y)),
        lambda X, y: (X.astype(">f8"), y),
        lambda X, y: (X.astype("f4").astype("f8"), y),
    ],
)
def test_one_set_of_samples_has_one_name(change):
    X, y = fixed(20)
    X = X.astype("f4").astype("f8")
    assert splits(change(X, y)) == splits((X, y))


@pytest.mark.parametrize(
    "change",
    [
        lambda X, y: (-X, y),
        lambda X, y: (np.where(X == 0, -0.0, X), y),
        lambda X, y: (X.astype("f4"), y),
        lambda X, y: (X.astype(int), y),
        lambda X, y: (X, 1 - y),
        lambda X, y: (X, y.astype(str)),
        lambda X, y: (X, y.astype(bool)),
        lambda X, y: (X, np.where(y, "b", "a").astype(object)),
    ],
)
def test_other_samples_have_other_names(change):
    X, y = fixed(20)
    X[0, 0] = 0.0
    assert splits(change(X, y)) != splits((X, y))


@pytest.mark.parametrize("scale", [1.0, 1e10, 1e-200])
def test_drawn_data_are_told_apart_beside_an_outlier_and_not_by_last_bits(scale):
    def drawn(change):
        def data(*, rng):
            X, y = noise(60, rng=rng)
            X[:, 1] = np.where(np.arange(60) % 3, 1e-17 * X[:, 1], X[:, 1])
            X[0] = 1e10
            return change(X) * scale, y

        return data

    name = splits(drawn(lambda X: X))
    for same in (
        lambda X: np.nextafter(X, np.inf),
        lambda X: np.nextafter(X, -np.inf),
        lambda X: X * (1 + 4e-16),
    ):
        assert splits(drawn(same)) == name
    for other in (
        lambda X: X + np.where(np.arange(60) == 7, 0.1, 0)[:, None],
        lambda X: X * np.where(np.arange(60) == 7, 1.1, 1)[:, None],
        lambda X: X[:, ::-1],
        lambda X: -X,
    ):
        assert splits(drawn(other)) != name


def of_one_column(column, change=0.0, scale=1.0):
    """Return a function that draws a column of samples, one of them changed."""

    def data(*, rng):
        x = np.array(column)
        x[3] += change
        # The other feature is drawn, and the same whatever the change.
        other = scale * rng.integers(1, 5, len(x))
        return np.column_stack([x, other]), np.arange(len(x)) % 2

    return data


EVEN = [1.0, *np.arange(-15, 16) / 32, 1e-3]
DIGITS = [
    # 9 digits of the largest entry.
    (EVEN, [3e-9, -3e-9], [2e-10, -2e-10]),
    # Beside an outlier, as many of each entry, or of the typical one where that is larger.
    ([5e3, *EVEN], [1e-8, -1e-8], [5e-11]),
    ([5e3, 1.0, 0.5, 1e-3, *EVEN], [1e-8, -1e-8], [5e-11]),
    ([1e5, *EVEN], [1e-6], [1e-11]),
    # What is left of sums that should be 0 is rounding error, of the outlier's last bit.
    ([1e5, 1.0, *np.linspace(-3e-11, 3e-11, 9)], [1e-6], [6e-11]),
]


@pytest.mark.parametrize(("column", "seen", "not_seen"), DIGITS)
def test_drawn_data_count_by_nine_digits(column, seen, not_seen):
    name = splits(of_one_column(column))
    assert not [c for c in seen if splits(of_one_column(column, c)) == name]
    assert not [c for c in not_seen if splits(of_one_column(column, c)) != name]


def test_digits_are_those_of_their_own_column():
    column = [5e3, *EVEN]
    one, other = (splits(of_one_column(column, c, scale=1e12)) for c in (0, 1e-8))
    assert one != other


def test_of_the_largest_entry_itself_six_digits_count():
    one = splits(of_one_column(EVEN))
    assert splits(of_one_column(np.multiply(EVEN, 1 + 1e-6))) == one
    assert splits(of_one_column(np.multiply(EVEN, 1 + 1e-5))) != one


@pytest.mark.parametrize(
    ("y", "error", "says"),
    [
        ([None, 1.0] * 10, ValueError, "must have a label for every sample; got missing ones"),
        ([np.nan, 1.0] * 10, ValueError, "must have a label for every sample; got missing ones"),
        (["a", None] * 10, ValueError, "must have a label for every sample; got missing ones"),
        (pd.array([1, None] * 10), ValueError, "must have a label for every sample"),
        (np.ma.masked_equal([0, 1] * 10, 1), ValueError, "must have a label .*got masked ones"),
        (np.array(["a", 1] * 10, object), TypeError, "numbers or texts as labels; got int and str"),
        (np.array([1j, 0] * 10), TypeError, "must hold labels; got complex numbers"),
        ([(1, 2), (3,)] * 10, ValueError, "must hold 20 labels; got ragged rows"),
    ],
)
def test_labels_that_cannot_be_told_apart_are_named(y, error, says):
    with pytest.raises(error, match=says) as raised:
        splits((fixed(20)[0], y))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "y",
    [
        ["a", "b"] * 10,
        pd.Series(["a", "b"] * 10),
        pd.Series(["a", "b"] * 10, dtype="category"),
        pd.Series([1, 2] * 10, dtype="Int64"),
        np.array([1, 2] * 10, object),
        np.array([True, False] * 10, object),
        np.array([0.5, 1] * 10, object) * 2,
        np.array(["a", np.str_("b")] * 10, object),
        np.ma.masked_array([0, 1] * 10),
    ],
)
def test_labels_of_many_kinds_work(y):
    assert len(splits((fixed(20)[0], y))) == 1


# Extras


@pytest.mark.parametrize(
    "models",
    [
        {"v": VariationalClassifier()},
        {"v": (make_pipeline(StandardScaler(), VariationalClassifier()), {
            "variationalclassifier__n_layers": [1]})},
        {"v": (make_pipeline(StandardScaler(), Salted()), {
            "salted": [Salted(), VariationalClassifier()]})},
    ],
)  # fmt: skip
def test_a_missing_extra_is_named_before_a_model_is_fitted(models, monkeypatch, tmp_path):
    real = _extras.absent
    monkeypatch.setattr(_extras, "absent", lambda *m: [n for n in m if n == "jax"] or real(*m))
    monkeypatch.setattr(Salted, "fit", lambda *_: pytest.fail("a model was fitted"))
    with pytest.raises(ImportError) as raised:
        compare({"a": Salted(), "z": Salted()} | models, {"d": noise}, seeds=2)
    assert str(raised.value) == (
        "models must find what they import; 'v' need jax of the extra 'jax': in the course's "
        "folder, run python -m pip install '.[jax]'."
    )


def test_all_models_that_lack_an_extra_are_named(monkeypatch):
    monkeypatch.setattr(_extras, "absent", lambda *m: list(m))
    with pytest.raises(ImportError, match=r"'variational', 're-uploading', 'variational, no") as e:
        compare({"a": Salted()} | quantum_models(), {"d": noise}, seeds=2)
    assert "jax and optax of the extra 'jax'" in str(e.value) and "kernel" not in str(e.value)
