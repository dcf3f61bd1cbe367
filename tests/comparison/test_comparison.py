"""The comparison: its protocol seen by fake models, its statistics against SciPy and others."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
import pytest
import tqdm
from fakes import PLAN, SALTS, Deaf, Failing, Recorder, Salted, Wanderer, fixed, noise
from scipy import stats
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from terminals import terminal
from threadpoolctl import threadpool_info, threadpool_limits

from qmlcourse import _files, datasets
from qmlcourse.comparison import (
    _evaluation,
    _protocol,
    _statistics,
    _store,
    baselines,
    compare,
    paired_difference,
    quantum_models,
    summarize,
)
from qmlcourse.kernels import kernel_matrix
from qmlcourse.models import QuantumKernelClassifier, VariationalClassifier

TIMES = ["search_seconds", "fit_seconds", "predict_seconds"]


def same(a, b):
    pd.testing.assert_frame_equal(a.drop(columns=TIMES), b.drop(columns=TIMES), check_exact=True)


# The protocol


def test_a_split_is_named_by_its_samples_and_not_by_their_last_bits():
    # Two processors give sums that differ by the last bit; a table of one must name the other's.
    def table_of(change):
        def data(*, rng):
            X, y = datasets.two_curves(60, 3, rng=rng)
            return change(X), y

        models = {"dummy": (DummyClassifier(), {"strategy": ["prior"]})}
        return compare(models, {"d": data}, seeds=3, budget=1, cv=2)["split"].tolist()

    names = table_of(lambda X: X)
    assert len(set(names)) == 3
    assert table_of(lambda X: np.nextafter(X, np.inf)) == names
    assert table_of(lambda X: X + np.where(np.arange(3) == 1, 1e-15, 0)) == names
    for change in (lambda X: X + 1e-6, lambda X: X[:, ::-1], lambda X: 2 * X, lambda X: -X):
        assert not set(table_of(change)) & set(names)


@pytest.fixture
def log():
    Recorder.log.clear()
    return Recorder.log


def test_what_is_left_out_is_as_documented():
    models = {"m": (Salted(), SALTS)}
    table = compare(models, {"d": noise}, seeds=2)
    assert table["tried"].tolist() == [8, 8] and table["n_test"].tolist() == [15, 15]
    # The folds are part of what the split is named by.
    whole = {"cv": 3, "budget": 8, "test_size": 0.25, "scoring": "accuracy"}
    same(table, compare(models, {"d": noise}, seeds=[0, 1], **whole))


@pytest.mark.parametrize("cv", [3, ShuffleSplit(3, test_size=0.3)])
@pytest.mark.parametrize("data", [noise, fixed()])
def test_all_models_see_the_same_samples_in_the_same_roles(log, cv, data):
    models = {n: (Recorder(n), SALTS) for n in "ab"}
    table = compare(models, {"d": data}, seeds=2, budget=2, cv=cv)
    seen = {n: [entry[1:] for entry in log if entry[0] == n] for n in "ab"}
    # 2 candidates on 3 folds and the final fit, for 2 seeds.
    assert sum(role == "fit" for role, _ in seen["a"]) == 2 * (2 * 3 + 1)
    assert seen["a"] == seen["b"]
    assert table.groupby("seed")["split"].nunique().tolist() == [1, 1]
    assert table["split"].nunique() == 2
    same(table, compare(models, {"d": data}, seeds=2, budget=2, cv=cv))


def test_the_test_part_is_touched_once_after_all_fits(log):
    X, y = fixed()
    compare({"m": (Recorder("m"), SALTS)}, {"d": (X, y)}, seeds=1, budget=3, test_size=0.4)
    *tuning, final, test, train = [samples for _, role, samples in log]
    train_part = final
    assert len(test) == 24 and train == train_part and not test & train_part
    assert all(samples < train_part for samples in tuning)
    assert test | train_part == set(map(tuple, X))


def test_tuning_on_chance_scores_like_chance():
    # The best of 12 salts on the test part itself would score 0.5 + 1.6 * 0.13 on average.
    table = compare({"m": (Salted(), SALTS)}, {"d": noise}, seeds=15, budget=12)
    assert table["n_test"].unique().tolist() == [15]
    assert abs(table["score"].mean() - 0.5) < 4 * 0.5 / np.sqrt(15 * 15)


def test_a_memoriser_scores_by_chance_and_its_training_score_says_so():
    table = compare({"m": KNeighborsClassifier(1)}, {"d": noise}, seeds=30)
    assert (table["train_score"] == 1).all()
    assert abs(table["score"].mean() - 0.5) < 4 * 0.5 / np.sqrt(30 * 15)


def test_every_tuned_model_gets_the_same_budget(log):
    small, wide = {"salt": [1, 2, 3]}, {"salt": stats.randint(0, 10**6)}
    models = {
        "wide": (Recorder("wide"), wide), "again": (Recorder("again"), wide),
        "small": (Recorder("small"), small), "as is": Recorder("as is", salt=7),
    }  # fmt: skip
    table = compare(models, {"d": noise}, seeds=1, budget=5, cv=2).set_index("model")
    assert table["tried"].to_dict() == {"wide": 5, "again": 5, "small": 3, "as is": 1}
    fits = [name for name, role, _ in log if role == "fit"]
    assert {n: fits.count(n) for n in models} == {"wide": 11, "again": 11, "small": 7, "as is": 1}
    # Models with one space, as a model and its ablation, are tuned over the same candidates.
    assert table.loc["wide", "params"] == table.loc["again", "params"] != "{}"
    assert table.loc["as is", "params"] == "{}"


def test_circuits_of_tuning_fit_and_test_are_all_counted():
    models = {
        "tuned": (make_pipeline(StandardScaler(), Salted()), {"salted__salt": [1, 2, 3, 4]}),
        "as is": Salted(),
        "classical": DummyClassifier(),
    }
    table = compare(models, {"d": noise}, seeds=1, cv=3).set_index("model")
    final = 10 * 45 + 2 * 15
    tuning = 4 * 3 * (10 * 30 + 2 * 15)
    assert table["circuits"].to_dict() == {"tuned": tuning + final, "as is": final, "classical": 0}


def test_fresh_data_is_that_of_the_seed_and_fixed_data_is_split_anew():
    seen = []

    def maker(*, rng):
        seen.append(noise(rng=rng))
        return seen[-1]

    table = compare({"m": DummyClassifier()}, {"new": maker, "old": fixed()}, seeds=[3, 8])
    np.testing.assert_array_equal(seen[1][0], noise(rng=np.random.default_rng(8))[0])
    drawn = table.groupby("dataset")["drawn"].unique().explode().to_dict()
    assert drawn == {"new": "fresh", "old": "resampled"}
    assert table["split"].nunique() == 4
    assert table["seed"].tolist() == [3, 8, 3, 8]


@pytest.mark.parametrize("cv", [KFold(3, shuffle=True), ShuffleSplit(2)], ids=["fold", "draw"])
def test_the_folds_of_a_splitter_come_from_the_seed(cv):
    def folds(seeds):
        draws = _protocol.draws({"d": fixed()}, seeds, cv=cv, test_size=0.25)
        return [[test.tolist() for _, test in draw.folds] for draw in draws]

    one, other = folds([0, 1])
    assert one != other and folds([1, 0]) == [other, one]


def test_random_states_come_from_the_seed_also_in_a_pipeline():
    model = make_pipeline(StandardScaler(), Salted(random_state=5))
    table = compare({"m": model}, {"d": fixed()}, seeds=2)
    state = _protocol.states(1)
    assert len({*state.values(), *_protocol.states(0).values()}) == 8
    seeded = _protocol.seeded(model, state["model"])
    assert seeded[-1].random_state == state["model"] and model[-1].random_state == 5
    X, y = fixed()
    other, draw = _protocol.draws({"d": (X, y)}, [0, 1], cv=3, test_size=0.25)
    assert set(other.test) != set(draw.test)
    seeded.fit(X[draw.train], y[draw.train])
    assert table["score"][1] == seeded.score(X[draw.test], y[draw.test])


def test_the_interval_of_one_test_set_is_wilsons():
    table = compare({"m": Salted()}, {"d": noise}, seeds=3)
    p, n, z = table["score"], table["n_test"], stats.norm.ppf(0.975)
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    np.testing.assert_allclose(table[["low", "high"]], np.c_[centre - half, centre + half])
    other = compare({"m": Salted()}, {"d": noise}, seeds=3, scoring="balanced_accuracy")
    assert other[["low", "high"]].isna().all(axis=None)


def test_the_course_datasets_and_labels_of_any_kind_work():
    X, y = datasets.two_curves(40, 2, rng=np.random.default_rng(0))
    named = np.array(["left", "middle", "right"])[y + (X[:, 0] > 0)]
    table = compare(
        {"tree": (DecisionTreeClassifier(), {"max_depth": [1, 2, None]})},
        {"curves": partial(datasets.two_curves, 40, degree=2), "named": (X.tolist(), named)},
        seeds=1, cv=2,
    )  # fmt: skip
    assert (table["score"] > 0.4).all()
    assert set(map(type, table["seed"])) == {int}


# Many workers


@pytest.mark.slow
def test_two_processes_give_what_one_gives():
    models = {"tree": (DecisionTreeClassifier(), {"max_depth": stats.randint(1, 9)}),
              "salted": (Salted(), SALTS)}  # fmt: skip
    data = {"new": lambda *, rng: noise(rng=rng), "old": fixed()}
    same(compare(models, data, seeds=2), compare(models, data, seeds=2, n_jobs=2))


def test_a_cell_keeps_to_one_thread():
    threads = []

    def scorer(model, X, y):
        threads.extend(pool["num_threads"] for pool in threadpool_info())
        # What a model with n_jobs=2 would take.
        threads.append(joblib.effective_n_jobs(2))
        return 0.5

    with threadpool_limits(2):
        compare({"m": Salted()}, {"d": noise}, seeds=1, scoring=scorer)
    assert set(threads) == {1}


class Timed(Salted):
    """Takes a second to fit, and 100 to predict, by a clock of its own."""

    now = 0.0

    def fit(self, X, y):
        Timed.now += 1
        return super().fit(X, y)

    def predict(self, X):
        Timed.now += 100
        return super().predict(X)


def test_each_time_is_that_of_its_own_part(monkeypatch):
    monkeypatch.setattr(_evaluation.time, "perf_counter", lambda: Timed.now)
    models = {"tuned": (Timed(), {"salt": [1, 2]}), "as is": Timed()}
    table = compare(models, {"d": noise}, seeds=1, cv=3, n_jobs=1)
    # 2 settings on 3 folds; the final fit; the test part, and the training part on no clock.
    assert table[TIMES].values.tolist() == [[2 * 3 * 101, 1, 100], [0, 1, 100]]


# The store

KILLED = """
import sys
from fakes import PLAN
from qmlcourse.comparison import compare
compare(**PLAN, store=sys.argv[1], n_jobs=int(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "n_jobs"), [(signal.SIGKILL, 1), (signal.SIGINT, 1), (signal.SIGINT, 2)]
)
def test_a_killed_run_resumes_where_it_was(number, n_jobs, tmp_path, capsys):
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), str(n_jobs)],
        env=os.environ | {"PAUSE": "0.05", "PYTHONPATH": path},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("*.json"))) < 4 and killed.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        killed.send_signal(number)
        stderr = killed.communicate(timeout=30)[1]
    finally:
        killed.kill()
    assert killed.returncode == -number, stderr
    time.sleep(0.5 if n_jobs > 1 else 0)
    finished = {file: file.stat().st_mtime_ns for file in tmp_path.glob("*.json")}
    assert 4 <= len(finished) < 24

    resumed = compare(**PLAN, store=tmp_path)
    said = f"store: {len(finished)} of 24 cells were finished before; {24 - len(finished)} to run\n"
    assert capsys.readouterr().err == said
    assert {file: file.stat().st_mtime_ns for file in finished} == finished
    assert len(list(tmp_path.glob("*.json"))) == 24
    same(resumed, compare(**PLAN))


@pytest.fixture
def stored(tmp_path, capsys):
    """Return a comparison with a store, which says how many of 4 cells it ran."""

    def run(models=None, data=None, seeds=2, **options):
        models = models or {"a/b: c": (Salted(), SALTS), "tree": DecisionTreeClassifier()}
        table = compare(models, data or {"d": noise}, seeds=seeds, store=tmp_path, **options)
        said = capsys.readouterr().err
        return table, len(table) - int(said.split()[1]) if said else len(table)

    return run


def test_stored_cells_are_read_back_exactly(stored, tmp_path):
    first, ran = stored()
    again, ran_again = stored()
    assert (ran, ran_again) == (4, 0)
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    names = sorted(file.name.rsplit("__", 1)[0] for file in tmp_path.iterdir())
    assert names == ["d__a-b-c__0", "d__a-b-c__1", "d__tree__0", "d__tree__1"]
    plain, _ = stored(scoring="balanced_accuracy")
    pd.testing.assert_frame_equal(plain, stored(scoring="balanced_accuracy")[0])


def test_a_run_that_shall_be_quiet_says_nothing(stored, capsys):
    stored()
    table, ran = stored(verbose=False)
    assert ran == len(table) == 4 and capsys.readouterr().err == ""


def test_a_terminal_shows_the_cells_beyond_those_of_the_store(tmp_path, monkeypatch):
    run = partial(compare, {"m": Salted()}, {"d": noise}, store=tmp_path)
    run(seeds=2)
    monkeypatch.setattr("tqdm.tqdm", partial(tqdm.tqdm, mininterval=0))
    with terminal() as seen:
        with open(seen.side, "w") as stderr, monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", stderr)
            run(seeds=3)
        seen.close()
    assert "store: 2 of 3 cells were finished before; 1 to run" in seen.text
    assert re.findall(r"\r(\d of \d \w+) \|", seen.text) == ["2 of 3 cells", "3 of 3 cells"]


def test_all_processors_but_one_may_be_asked_for():
    with joblib.parallel_config("threading"):
        assert len(compare({"m": Salted()}, {"d": noise}, seeds=2, n_jobs=-2)) == 2


def test_a_worker_with_a_disk_of_its_own_loses_nothing(stored, monkeypatch):
    run = _evaluation.run
    monkeypatch.setattr(_evaluation, "run", lambda cell: run(replace(cell, path=None)))
    stored()
    assert stored()[1] == 0


def test_more_seeds_and_models_run_only_the_new_cells(stored):
    stored()
    models = {"more": DummyClassifier(), "tree": DecisionTreeClassifier()}
    table, ran = stored(models, seeds=[1, 5])
    assert ran == 3
    same(table, compare(models, {"d": noise}, seeds=[1, 5]))


@pytest.mark.parametrize(
    "changed",
    [
        {"cv": 2},
        {"budget": 3},
        {"test_size": 0.3},
        {"scoring": "balanced_accuracy"},
        {"data": {"other": noise}},
        {"data": {"d": partial(noise, 80)}},
        {"models": {"a": (Salted(), SALTS), "tree": DecisionTreeClassifier(max_depth=1)}},
        {"models": {"a": (Salted(), {"salt": [1]}), "tree": KNeighborsClassifier()}},
        {"models": {"a": (Salted(), {"salt": stats.randint(0, 20)}), "tree": Salted()}},
    ],
)
def test_whatever_decides_a_result_is_in_the_key(changed, stored):
    stored({"a": (Salted(), {"salt": stats.randint(0, 21)}), "tree": DecisionTreeClassifier()})
    assert stored(**changed)[1] == 4


def test_another_version_of_the_package_runs_again(stored, monkeypatch):
    stored()
    monkeypatch.setattr("qmlcourse.comparison._compare.__version__", "0.0.0")
    assert stored()[1] == 4


@pytest.mark.parametrize("damage", ["cut", "empty", "not json", "edited", "list", "other key"])
def test_a_damaged_file_is_named_and_its_cell_runs_again(damage, stored, tmp_path):
    first, _ = stored()
    file = min(tmp_path.iterdir())
    text = file.read_text()
    content = json.loads(text)
    file.write_text({
        "cut": text[: len(text) // 2], "empty": "", "not json": "\udcff".encode(
            "utf-8", "surrogateescape").decode("latin-1"), "list": "[]",
        "edited": text.replace(repr(content["row"]["score"]), "0.999"),
        "other key": json.dumps(content | {"key": "0" * 64}),
    }[damage])  # fmt: skip
    with pytest.warns(UserWarning, match=f"{file.name} is damaged"):
        again, ran = stored()
    assert ran == 1
    same(first, again)
    assert stored()[1] == 0


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_write_cut_short_leaves_nothing_to_be_read(moment, stored, tmp_path, monkeypatch):
    def cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_files.os, moment, cut)
        with pytest.raises(KeyboardInterrupt):
            stored()
    assert list(tmp_path.iterdir()) == []
    assert stored()[1] == 4


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    """Work in a folder that is also the home."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "link").symlink_to("behind")
    (tmp_path / "behind").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("store", "place"),
    [
        ("~", "."), ("~/a b/ü", "a b/ü"), ("near", "near"), ("a/../b", "b"), ("link/c", "behind/c"),
        (Path("~") / "p", "p"),
    ],
)  # fmt: skip
def test_a_store_may_have_any_path(store, place, in_folder):
    compare({"m": Wanderer()}, {"d": noise}, seeds=2, store=store)
    assert len(list((in_folder / place).glob("*.json"))) == 2


def test_a_name_as_long_as_you_like_is_kept(stored, tmp_path):
    models = {"量" * 99: Salted(), "я" * 99: DecisionTreeClassifier()}
    assert stored(models, {"子" * 99: noise})[1] == 4
    assert stored(models, {"子" * 99: noise})[1] == 0


@pytest.mark.parametrize("place", ["file/below", "full", "sealed"])
def test_a_store_that_takes_nothing_is_named_before_a_model_is_fitted(
    place, tmp_path, monkeypatch, log
):
    (tmp_path / "file").touch()
    if place != "file/below":
        (tmp_path / place).mkdir()
        number = {"full": errno.ENOSPC, "sealed": errno.EROFS}[place]

        def refuse(*_, **__):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(_store.tempfile, "TemporaryFile", refuse)
    with pytest.raises(ValueError, match=rf"store must be a folder to write to; got .*{place}'"):
        compare({"m": Recorder()}, {"d": noise}, seeds=1, store=tmp_path / place)
    assert not log


def test_a_finished_store_may_lie_where_nothing_can_be_written(stored, tmp_path, monkeypatch):
    first, _ = stored()

    def refuse(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(_store.tempfile, "TemporaryFile", refuse)
    pd.testing.assert_frame_equal(stored()[0], first, check_exact=True)


def test_two_runs_may_share_a_store(tmp_path, capsys):
    alone = compare(**PLAN)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(compare, **PLAN, store=tmp_path, n_jobs=1) for _ in range(2)]
    for run in runs:
        same(run.result(), alone)
    assert len(list(tmp_path.iterdir())) == 24
    capsys.readouterr()
    compare(**PLAN, store=tmp_path)
    assert "24 of 24 cells were finished before" in capsys.readouterr().err


def test_a_store_of_the_version_before_still_opens(tmp_path, monkeypatch):
    X = np.random.default_rng(5).uniform(-1.5, 1.5, (24, 2)).round(3)
    y = np.arange(24) % 2
    today = compare({"m": DummyClassifier()}, {"noise": (X, y)}, seeds=2, cv=2)["split"].tolist()
    # As the version wrote it that had all modules side by side, in this very call. Its releases
    # are part of a cell's name, as a new one may give other results; here they stand still, so
    # that an upgrade of scikit-learn is no failure. What a name is made of else must not change.
    monkeypatch.setattr("qmlcourse.comparison._compare.__version__", "0.1.0")
    sklearn = SimpleNamespace(__version__="1.9.1")
    monkeypatch.setattr("qmlcourse.comparison._compare.sklearn", sklearn)
    monkeypatch.setattr(_evaluation, "run", lambda cell: pytest.fail(f"{cell.name} ran again"))
    before = Path(__file__).parent / "data" / "store_0.1.0"
    models = {
        "kernel": (QuantumKernelClassifier(),
                   {"bandwidth": [0.5, 1.0], "C": stats.loguniform(1e-2, 1e3)}),
        "circuit": (VariationalClassifier(max_iter=20), {"n_layers": [1, 2]}),
        "bayes": (GaussianNB(), {"var_smoothing": stats.loguniform(1e-9, 1e-1)}),
    }  # fmt: skip
    table = compare(models, {"noise": (X, y)}, seeds=2, cv=2, budget=2, store=before)
    assert table["score"].round(3).tolist() == [0.5, 0.667, 0.5, 0.833, 0.667, 0.833]
    assert table["circuits"].tolist() == [702, 660, 22722, 18402, 0, 0]
    assert len(list(before.iterdir())) == 6
    # By today's name, so that a model that is added is paired with these.
    assert table["split"].tolist() == 3 * today


def test_a_ctrl_c_that_a_model_swallows_stops_the_run_and_stores_nothing(stored, tmp_path):
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        stored({"deaf": Deaf(), "b": Salted()})
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_failing_cell_is_named_and_the_others_are_kept(n_jobs, stored, tmp_path):
    states = tuple(_protocol.states(s)["model"] for s in (1, 3))
    models = {"bad": (Failing(on=states), SALTS), "good": Salted()}
    with pytest.raises(RuntimeError, match=r"2 of 8 cells .*\(d, bad, 1\), \(d, bad, 3\)") as e:
        stored(models, seeds=4, n_jobs=n_jobs)
    assert isinstance(e.value.__cause__, ArithmeticError)
    assert "in fit" in e.value.__cause__.__notes__[0]
    assert len(list(tmp_path.iterdir())) == 6
    table, ran = stored({"bad": (Failing(on=states), SALTS)}, seeds=[0, 2])
    assert ran == 0 and table["seed"].tolist() == [0, 2]


class UnpicklableError(ValueError):
    def __init__(self, a, b):
        super().__init__(a)


class BadScore(Salted):
    def score_or_fail(self):
        raise UnpicklableError("one", "two")

    def predict(self, X):
        self.score_or_fail()


def test_the_first_failure_is_the_first_of_the_table():
    def scorer(model, X, y):
        raise ValueError(f"salt {model.salt}")

    models = {"b": Salted(3), "a": Salted(2)}
    with pytest.raises(RuntimeError, match=r"2 of 2 .* The first: ValueError: salt 3$"):
        compare(models, {"d": noise}, seeds=1, scoring=scorer)


def test_an_error_that_cannot_travel_is_still_told():
    with pytest.raises(RuntimeError, match=r"1 of 1 .* a store would keep .*UnpicklableError.*one"):
        compare({"m": BadScore()}, {"d": noise}, seeds=1)


def test_a_score_that_is_no_number_fails_the_cell():
    def scorer(model, X, y):
        return np.nan

    with pytest.raises(RuntimeError, match="scoring must give finite numbers; got nan"):
        compare({"m": (Salted(), SALTS)}, {"d": noise}, seeds=1, scoring=scorer)


def test_settings_are_told_apart_by_value():
    describe = _store.describe
    rows = [
        1, 1.0, True, None, "1", [1], {"1": 1}, np.array([1.0]), np.array([2.0]),
        stats.loguniform(1, 2), stats.loguniform(1, 3), stats.uniform(1, 2),
        Salted(1), Recorder("a", 1), make_pipeline(StandardScaler(), Salted()), noise, fixed,
    ]  # fmt: skip
    texts = [json.dumps(describe(row)) for row in rows]
    assert len(set(texts)) == len(texts)
    assert describe(np.float64(0.5)) == describe(0.5)
    code = (
        "import numpy as np\nfrom scipy import stats\n"
        "from qmlcourse.comparison._store import describe\n"
        "print([describe(v) for v in (stats.loguniform(1, 2), np.array([1.0]))])"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str([describe(rows[9]), describe(rows[7])])
    with pytest.raises(TypeError, match=r"no importable name"):
        describe(lambda x: x)


def test_a_function_of_the_course_is_known_by_where_it_is_imported_from(monkeypatch):
    nested = [partial(kernel_matrix, encoding="iqp"), np.array([kernel_matrix], dtype=object)]
    found = [_store.describe(setting) for setting in (kernel_matrix, *nested)]
    assert kernel_matrix.__module__ == "qmlcourse.kernels._matrix"
    # As the versions did in which it stood there: their stores are found again.
    monkeypatch.setattr(kernel_matrix, "__module__", "qmlcourse.kernels")
    assert [value[1] for value in found] == [joblib.hash(v) for v in (kernel_matrix, *nested)]


# Statistics


def scores_table(scores, drawn="fresh", n_train=45, n_test=15):
    """Return a table from an array (datasets, models, seeds)."""
    d, m, j = np.indices(np.shape(scores)).reshape(3, -1)
    return pd.DataFrame({
        "dataset": [f"d{i}" for i in d], "drawn": drawn, "model": [f"m{i}" for i in m], "seed": j,
        "score": np.ravel(scores), "n_train": n_train, "n_test": n_test,
        "split": [f"{i}-{k}" for i, k in zip(d, j, strict=True)],
        "fit_seconds": 2.0**j, "predict_seconds": 10.0**j, "circuits": 100 * (m + 1),
    })  # fmt: skip


def test_fresh_differences_are_scipys_paired_t_test(rng):
    scores = rng.normal(size=(2, 3, 9))
    table = scores_table(scores)
    result = paired_difference(table.sample(frac=1, random_state=0), "m1")
    result = result.set_index(["dataset", "model"])
    for d in range(2):
        for m in (0, 2):
            row = result.loc[f"d{d}", f"m{m}"]
            theirs = stats.ttest_rel(scores[d, m], scores[d, 1])
            interval = theirs.confidence_interval()
            np.testing.assert_allclose(
                [row["difference"], row["low"], row["high"], row["p"]],
                [(scores[d, m] - scores[d, 1]).mean(), *interval, theirs.pvalue],
            )
            assert row["wins"] == (scores[d, m] > scores[d, 1]).sum() == 9 - row["losses"]
            # d_z is t over the root of the number of pairs.
            assert row["effect_size"] == pytest.approx(theirs.statistic / 3)
    signed = paired_difference(table, "m1", test="wilcoxon")
    theirs = stats.wilcoxon(scores[0, 0], scores[0, 1]).pvalue
    assert signed["p"][0] == theirs and signed["low"][0] == result["low"].loc["d0", "m0"]


def test_resampled_differences_carry_the_corrected_variance(rng):
    scores = rng.normal(size=(1, 2, 9))
    row = paired_difference(scores_table(scores, "resampled"), "m0").iloc[0]
    d = scores[0, 1] - scores[0, 0]
    error = np.sqrt((1 / 9 + 15 / 45) * d.var(ddof=1))
    assert row["p"] == pytest.approx(2 * stats.t.sf(abs(d.mean()) / error, 8))
    interval = stats.t.interval(0.95, 8, d.mean(), error)
    np.testing.assert_allclose(row[["low", "high"]].tolist(), interval)


def false_positives(table):
    return (paired_difference(table, "m0")["p"] < 0.05).mean()


@pytest.mark.slow
def test_the_corrected_test_is_calibrated_and_the_plain_one_is_not(rng):
    # Two models of one true accuracy, each right on a fixed random set of 60 samples; 15 random
    # test sets of 15. The variance of the mean difference is s2/60 + 3/4 s2/15/15, which is what
    # the correction estimates; the plain t test knows the second term only.
    n_sets, n, n_test, n_seeds = 400, 60, 15, 15
    right = rng.random((n_sets, 2, n)) < 0.7
    tests = rng.permuted(np.tile(np.arange(n), (n_sets, n_seeds, 1)), axis=2)[..., :n_test]
    scores = np.stack([
        np.take_along_axis(right[:, [m]], tests, axis=2).mean(axis=2) for m in (0, 1)
    ], axis=1)  # fmt: skip
    bound = 4 * np.sqrt(0.05 * 0.95 / n_sets)
    assert abs(false_positives(scores_table(scores, "resampled")) - 0.05) < bound
    assert false_positives(scores_table(scores, "fresh")) > 0.3
    # With fresh samples for each seed the plain test is the calibrated one.
    fresh = rng.binomial(n_test, 0.7, (n_sets, 2, n_seeds)) / n_test
    assert abs(false_positives(scores_table(fresh, "fresh")) - 0.05) < bound


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [
        # From the documentation of pingouin's holm and of MultipleTesting.jl.
        ([0.50, 0.003, 0.32, 0.054, 0.0003], [0.64, 0.012, 0.64, 0.162, 0.0015]),
        ([0.001, 0.01, 0.03, 0.5], [0.004, 0.03, 0.06, 0.5]),
        ([0.04], [0.04]),
        ([0.7, 0.7, 0.6], [1.0, 1.0, 1.0]),
    ],
)
def test_holm_gives_the_published_values(p, adjusted):
    np.testing.assert_allclose(_statistics.holm(np.array(p)), adjusted)


def test_holm_runs_over_all_rows(rng):
    scores = rng.normal(size=(3, 3, 6)) + np.arange(3)[:, None]
    result = paired_difference(scores_table(scores), "m0")
    np.testing.assert_array_equal(result["p_holm"], _statistics.holm(result["p"].to_numpy()))
    smallest = result["p"].idxmin()
    assert result["p_holm"][smallest] == pytest.approx(6 * result["p"][smallest])


@pytest.mark.parametrize("drawn", ["fresh", "resampled"])
def test_without_spread_nothing_is_claimed(drawn):
    # 0.1 + 0.2 - 0.3 is not 0 in floating point: a difference of rounding is none.
    old = [0.3, 0.5, 0.7]
    equal, better, worse = [0.1 + 0.2, 0.5, 0.7], [0.4, 0.6, 0.8], [0.1, 0.3, 0.5]
    scores = [[old, equal, better, worse]]
    result = paired_difference(scores_table(scores, drawn), "m0")
    assert result[["low", "high"]].isna().all(axis=None)
    assert result["p"].tolist() == [1, 1, 1]
    assert result["effect_size"].tolist() == [0, np.inf, -np.inf]
    assert result[["wins", "ties", "losses"]].values.tolist() == [[0, 3, 0], [3, 0, 0], [0, 0, 3]]
    if drawn == "fresh":
        signed = paired_difference(scores_table(scores), "m0", test="wilcoxon")
        assert signed["p"].tolist() == [1, 2 * 0.5**3, 2 * 0.5**3]


@pytest.mark.parametrize("test", ["t", "wilcoxon"])
def test_the_unit_of_the_scores_changes_no_claim(test, rng):
    # A billionth is no rounding: in it too, who wins wins, and by as many standard deviations.
    scores = rng.normal(size=(1, 3, 7))
    table, small = (scores_table(s) for s in (scores, scores / 1e9))
    one, other = (paired_difference(t, "m0", test=test) for t in (table, small))
    scaled = ["difference", "low", "high"]
    np.testing.assert_allclose(1e9 * other[scaled], one[scaled])
    np.testing.assert_allclose(other.drop(columns=scaled)._get_numeric_data(),
                               one.drop(columns=scaled)._get_numeric_data())  # fmt: skip
    lengths = ["score", "low", "high"]
    np.testing.assert_allclose(1e9 * summarize(small)[lengths], summarize(table)[lengths])


@pytest.mark.parametrize("ratio", [0, 1 / 3])
def test_summary_holds_means_intervals_medians_and_totals(rng, ratio):
    scores = rng.normal(size=(2, 2, 5))
    result = summarize(scores_table(scores, "resampled" if ratio else "fresh"))
    assert result[["dataset", "model"]].values.tolist() == [
        ["d0", "m0"], ["d0", "m1"], ["d1", "m0"], ["d1", "m1"]]  # fmt: skip
    s = scores[1, 0]
    row = result.iloc[2]
    scale = np.sqrt((1 / 5 + ratio) * s.var(ddof=1))
    expected = [s.mean(), *stats.t.interval(0.95, 4, s.mean(), scale), 4.0, 100.0]
    columns = ["score", "low", "high", "fit_seconds", "predict_seconds"]
    np.testing.assert_allclose(row[columns].tolist(), expected)
    assert result["circuits"].tolist() == [500, 1000, 500, 1000]
    assert result["n_seeds"].tolist() == [5] * 4
    single = summarize(scores_table(scores[..., :1])).iloc[0]
    assert single["score"] == scores[0, 0, 0] and np.isnan(single["low"])


# Who stands in the table


@pytest.mark.slow
def test_the_baselines_learn_and_do_so_without_warnings():
    separable = partial(datasets.linearly_separable, 80, margin=0.3)
    table = compare(baselines(), {"separable": separable, "noise": fixed()}, seeds=2, budget=3)
    tuned = table["model"] != "dummy"
    assert (table["tried"] == np.where(tuned, 3, 1)).all() and table["circuits"].sum() == 0
    scores = table[table["dataset"] == "separable"].groupby("model")["score"].mean()
    assert scores.pop("dummy") == 0.5 and (scores > 0.8).all() and len(scores) == 5


def tuned(contestants):
    """Return what is set, against scikit-learn's or the course's defaults, and what is tuned."""
    found = {}
    for name, given in contestants.items():
        pipeline, space = given if isinstance(given, tuple) else (given, {})
        steps = [step for _, step in getattr(pipeline, "steps", [("", pipeline)])]
        fixed = {f"{type(step).__name__}.{key}": value for step in steps
                 for key, value in step.get_params().items()
                 if repr(value) != repr(type(step)().get_params()[key])}  # fmt: skip
        found[name] = fixed, {key: drawn_from(values) for key, values in space.items()}
    return found


def drawn_from(values):
    """Return the values of a list, or the kind of a distribution with its ends."""
    if isinstance(values, list):
        return values
    ends = [float(f"{end:.6g}") for end in values.support()]
    return (values.dist.name, *ends)


LOG = stats.loguniform.name
LOGISTIC = {"LogisticRegression.solver": "newton-cholesky", "LogisticRegression.max_iter": 1000}
ANGLES = {"MinMaxScaler.feature_range": (-np.pi / 2, np.pi / 2)}
CIRCUIT = {"model__n_layers": [1, 2, 4], "model__learning_rate": (LOG, 0.03, 0.3),
           "model__bandwidth": (LOG, 0.3, 3)}  # fmt: skip
KERNEL = {"model__bandwidth": (LOG, 0.03, 3), "model__n_repeats": [1, 2, 3],
          "model__C": (LOG, 0.01, 1000)}  # fmt: skip
BASELINES = {
    "dummy": ({}, {}),
    "logistic regression": (LOGISTIC, {"logisticregression__C": (LOG, 0.001, 1000)}),
    "RBF-SVM": ({}, {"svc__C": (LOG, 0.01, 1000), "svc__gamma": (LOG, 0.001, 10)}),
    "small MLP": (
        {"MLPClassifier.solver": "lbfgs", "MLPClassifier.max_iter": 5000,
         "MLPClassifier.max_fun": 1_000_000},
        {"mlpclassifier__hidden_layer_sizes": [(4,), (8,), (16,)],
         "mlpclassifier__activation": ["tanh", "relu"], "mlpclassifier__alpha": (LOG, 0.001, 10)},
    ),
    "boosted trees": ({}, {
        "gradientboostingclassifier__learning_rate": (LOG, 0.03, 0.3),
        "gradientboostingclassifier__n_estimators": ("randint", 20, 100),
        "gradientboostingclassifier__max_depth": [1, 2, 3],
    }),
    "random Fourier features": (LOGISTIC, {
        "rbfsampler__gamma": (LOG, 0.001, 10), "rbfsampler__n_components": [32, 64, 128],
        "logisticregression__C": (LOG, 0.001, 1000),
    }),
}  # fmt: skip
QUANTUM = {
    "variational": (ANGLES | {"VariationalClassifier.max_iter": 1000}, CIRCUIT),
    "re-uploading": (ANGLES | {"ReuploadingClassifier.max_iter": 1000}, CIRCUIT),
    "quantum kernel": (ANGLES, KERNEL),
    "projected kernel": (ANGLES | {"QuantumKernelClassifier.kind": "projected"}, {
        "model__bandwidth": (LOG, 0.03, 3), "model__gamma": (LOG, 0.01, 10),
        "model__C": (LOG, 0.01, 1000),
    }),
    "variational, no entanglement": (ANGLES | {
        "VariationalClassifier.max_iter": 1000, "VariationalClassifier.entangle": False}, CIRCUIT),
    "re-uploading, no entanglement": (ANGLES | {
        "ReuploadingClassifier.max_iter": 1000, "ReuploadingClassifier.entangle": False}, CIRCUIT),
    "kernel, no entanglement": (ANGLES | {"QuantumKernelClassifier.entangle": False}, KERNEL),
}  # fmt: skip


@pytest.mark.parametrize(
    ("contestants", "wanted"), [(baselines, BASELINES), (quantum_models, QUANTUM)]
)
def test_the_contest_is_the_one_that_published_numbers_come_from(contestants, wanted):
    # A changed range changes every number that was made with it, and finds no stored cell again.
    assert tuned(contestants()) == wanted
    assert list(tuned(contestants())) == list(wanted)


def test_baselines_and_quantum_models_scale_as_they_say(rng):
    X = rng.normal(3, 5, (40, 2))
    for pipeline, _ in [m for m in baselines().values() if isinstance(m, tuple)]:
        scaled = pipeline[0].fit_transform(X)
        np.testing.assert_allclose([scaled.mean(axis=0), scaled.var(axis=0)], [[0, 0], [1, 1]],
                                   atol=1e-12)  # fmt: skip
    for pipeline, _ in quantum_models().values():
        scaled = pipeline[0].fit_transform(X)
        ends = [scaled.min(axis=0), scaled.max(axis=0)]
        np.testing.assert_allclose(ends, [[-np.pi / 2] * 2, [np.pi / 2] * 2])


def test_quantum_models_and_their_ablations_are_tuned_alike():
    models = quantum_models()
    _protocol.check_models(models, 4)
    assert {len(space) for _, space in models.values()} == {3}
    for full, ablation in [("variational", "variational, no entanglement"),
                           ("re-uploading", "re-uploading, no entanglement"),
                           ("quantum kernel", "kernel, no entanglement")]:  # fmt: skip
        assert models[full][1] == models[ablation][1]
        a, b = models[full][0][-1].get_params(), models[ablation][0][-1].get_params()
        assert {k for k in a if a[k] != b[k]} == {"entangle"}


@pytest.mark.extra("jax")
def test_quantum_models_run_and_count_their_circuits():
    models = quantum_models()
    quick = {"model__n_layers": [2], "model__learning_rate": [0.2], "model__bandwidth": [1.0]}
    chosen = {name: models[name] for name in ("projected kernel", "kernel, no entanglement")}
    chosen["variational"] = (models["variational"][0], quick)
    X, y = datasets.linearly_separable(40, 2, margin=0.3, rng=np.random.default_rng(0))
    table = compare(chosen, {"d": (X, y)}, seeds=1, cv=2, budget=2).set_index("model")
    # A projected kernel measures every sample in 3 bases: 2 settings on 2 folds, then once more.
    assert table["circuits"]["projected kernel"] == 3 * 30 * 4 + 3 * 40
    assert (table["circuits"] > 0).all()
    assert (table["score"] >= 0.8).all()


# Bad input

GOOD = {
    "models": {"m": (Salted(), {"salt": [1]})},
    "datasets": {"d": fixed(20)},
    "seeds": 1,
}


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"models": {}}, TypeError, "models must be a dict with at least one entry"),
        ({"models": [Salted()]}, TypeError, "models must be a dict"),
        ({"models": {1: Salted()}}, TypeError, "models must have names as keys; got 1"),
        ({"models": {"m": Salted}}, TypeError, r"models\['m'\] must be a classifier or a pair"),
        ({"models": {"m": 3}}, TypeError, r"models\['m'\] must be a classifier or a pair"),
        ({"models": {"m": Ridge()}}, TypeError, r"models\['m'\] must be a classifier or a pair"),
        ({"models": {"m": (Salted(), {})}}, TypeError, "search space .* must be a non-empty dict"),
        ({"models": {"m": (Salted(), {"C": [1]})}}, ValueError, "it has no 'C'"),
        ({"models": {"m": (Salted(), {"salt": 1})}}, TypeError, "'salt' .* must be a list"),
        ({"models": {"m": (Salted(), {"salt": []})}}, TypeError, "'salt' .* must be a list"),
        ({"datasets": {}}, TypeError, "datasets must be a dict with at least one entry"),
        ({"datasets": {"d": 3}}, TypeError, r"datasets\['d'\] must be a pair \(X, y\)"),
        ({"datasets": {"d": lambda rng: 3}}, TypeError, r"datasets\['d'\] must be a pair"),
        ({"datasets": {"d": (np.ones(4), [0, 1, 0, 1])}}, ValueError, "X of .* 2-D"),
        ({"datasets": {"d": (np.ones((4, 1)), [0, 1])}}, ValueError, "must hold 4 labels"),
        ({"datasets": {"d": (np.ones((4, 1)), [1] * 4)}}, ValueError, "at least 2 classes; got 1"),
        ({"datasets": {"d": (np.eye(20), [1] * 18 + [0, 0])}}, ValueError,
         "enough samples of each class for cv=3 .* seed 0: 3 folds need 3 training samples"),
        ({"datasets": {"d": (np.eye(20), [1] * 19 + [0])}}, ValueError, "enough samples"),
        ({"datasets": {"d": lambda rng: fixed()}, "seeds": [4, 7]}, ValueError,
         "must draw new samples from rng; seeds 4 and 7 gave the same"),
        ({"seeds": 0}, ValueError, "seeds must be an integer at least 1; got 0"),
        ({"seeds": True}, TypeError, "seeds must be an integer"),
        ({"seeds": "12"}, TypeError, "seeds must be an integer"),
        ({"seeds": []}, ValueError, "seeds must be a number or distinct integers"),
        ({"seeds": [1, 2, 1]}, ValueError, r"distinct integers; got \[1, 2, 1\]"),
        ({"seeds": [-1]}, ValueError, "each of seeds must be an integer at least 0; got -1"),
        ({"cv": 1}, ValueError, "cv must be an integer at least 2; got 1"),
        ({"cv": "5"}, TypeError, "cv must be an integer at least 2 or a scikit-learn splitter"),
        ({"budget": 0}, ValueError, "budget must be an integer at least 1; got 0"),
        ({"test_size": 1.0}, ValueError, "test_size must be a finite number above 0 and below 1"),
        ({"scoring": "luck"}, ValueError, "scoring must be the name of a scikit-learn scorer"),
        ({"scoring": accuracy_score}, ValueError, "scoring must be the name"),
        ({"scoring": None}, TypeError, "scoring must be the name"),
        ({"n_jobs": 0}, ValueError, "n_jobs must be None or an integer other than 0"),
        ({"store": __file__}, ValueError, "store must be a folder to write to; got .* exists"),
    ],
)  # fmt: skip
def test_bad_input_is_named_before_anything_runs(changed, error, message, monkeypatch):
    def never(*_):
        raise AssertionError("a model was fitted")

    monkeypatch.setattr(Salted, "fit", never)
    with pytest.raises(error, match=message):
        compare(**(GOOD | changed))


def test_bad_tables_are_named(rng):
    table = scores_table(rng.normal(size=(1, 2, 4)))
    for bad, reference, message in [
        (table, "m9", "reference must be one of 'm0', 'm1'; got 'm9'"),
        (table.drop(columns="split"), "m0", r"table must have the columns \['split'\]"),
        (table[:0], "m0", "at least one row"),
        (pd.concat([table, table[:1]]), "m0", r"each cell once; \(d0, m0, 0\)"),
        (table.drop(index=5), "m0", "'m1' has no score on dataset 'd0', seed 1"),
        (table.assign(split=table.index), "m0", "paired splits; those of 'd0' differ"),
        (table.query("seed < 1"), "m0", "at least 2 seeds; got 1"),
        (table.query("model == 'm0'"), "m0", "a model besides the reference"),
        (table.assign(drawn=["fresh", "resampled"] * 4), "m0", "'fresh' or 'resampled'"),
    ]:
        with pytest.raises(ValueError, match=message):
            paired_difference(bad, reference)
    with pytest.raises(TypeError, match="table must be a DataFrame that compare made; got list"):
        summarize([])
    with pytest.raises(ValueError, match="test must be one of"):
        paired_difference(table, "m0", test="z")
    with pytest.raises(ValueError, match="test must be 't' where the seeds are splits"):
        paired_difference(table.assign(drawn="resampled"), "m0", test="wilcoxon")
    two = pd.concat([table, table.query("model == 'm1'").assign(dataset="d1")])
    with pytest.raises(ValueError, match="reference must be in every dataset; 'm0'"):
        paired_difference(two, "m0")


def test_what_is_given_is_left_as_it_was():
    model, cv = LogisticRegression(C=3.0, random_state=9), ShuffleSplit(2)
    compare({"m": (model, {"C": [1.0]})}, {"d": noise}, seeds=1, cv=cv)
    assert (model.C, model.random_state) == (3.0, 9) and not hasattr(model, "coef_")
    assert cv.random_state is None


def test_a_class_may_have_one_sample_a_fold():
    X, y = noise(16, rng=np.random.default_rng(2))
    y = np.repeat([0, 1], [12, 4])  # of which 3 are trained on
    assert len(compare({"m": Salted()}, {"d": (X, y)}, seeds=2, cv=3)) == 2
    with pytest.raises(ValueError, match="4 folds need 4 training samples of each class; got 3"):
        compare({"m": Salted()}, {"d": (X, y)}, seeds=2, cv=4)
