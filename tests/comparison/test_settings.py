"""What decides a cell's result: all of it is in the key, and all chance comes from the seed."""

import json
import subprocess
import sys

import numpy as np
import pytest
from fakes import Salted, noise
from scipy import stats
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline

from qmlcourse.comparison import _protocol, _store, compare


class Ramp(stats.rv_continuous):
    def _pdf(self, x):
        return np.ones_like(x) / (self.b - self.a)


class Steps(stats.rv_continuous):
    def __init__(self, width=1, **options):
        super().__init__(**options)
        self.width = width

    def _updated_ctor_param(self):
        return super()._updated_ctor_param() | {"width": self.width}


class Halved(type(stats.norm())):
    pass


def of_one_name(module):
    return type("uniform_gen", (type(stats.uniform),), {"__module__": module})


for _place in ("fakes", __name__):
    sys.modules[_place].uniform_gen = of_one_name(_place)


def histogram(values):
    return stats.rv_histogram(np.histogram(values, bins=2)).freeze()


DISTRIBUTIONS = [
    lambda: stats.rv_discrete(values=([1, 2], [0.5, 0.5]))(),
    lambda: stats.rv_discrete(values=([7, 8], [0.5, 0.5]))(),
    lambda: stats.rv_discrete(values=([7, 8], [0.4, 0.6]))(),
    lambda: stats.rv_discrete(values=([7, 8], [0.4, 0.6])),
    lambda: histogram([1, 2, 3]), lambda: histogram([1, 2, 4]),
    lambda: Ramp(a=0, b=1)(), lambda: Ramp(a=0, b=2)(), lambda: Ramp(a=0, b=2)(1.0),
    lambda: Steps(2)(), lambda: Steps(3)(),
    lambda: stats.uniform(1, 2), lambda: stats.uniform, lambda: stats.norm,
    lambda: type(stats.uniform)(a=0.0, b=0.5, name="uniform")(1, 2),
    lambda: sys.modules["fakes"].uniform_gen(a=0, b=1, name="uniform")(1, 2),
    lambda: sys.modules[__name__].uniform_gen(a=0, b=1, name="uniform")(1, 2),
    lambda: Halved(stats.norm, 1), lambda: Halved(stats.norm, 2), lambda: stats.norm(1),
    lambda: stats.vonmises(1), lambda: stats.vonmises_line(1),
]  # fmt: skip


def test_distributions_are_told_apart_by_all_that_defines_them():
    keys = [json.dumps(_store.describe(make())) for make in DISTRIBUTIONS]
    assert len(set(keys)) == len(keys)
    # What was drawn before is no part of it: a search draws from a state of its own.
    stats.norm.rvs(size=3)
    assert [json.dumps(_store.describe(make())) for make in DISTRIBUTIONS] == keys


def test_scipys_own_distributions_keep_their_keys():
    # Stores of version 0.1.0 hold them so.
    for name in ("reciprocal", "randint", "norm", "uniform", "expon", "gamma"):
        frozen = getattr(stats, name)(1, 2)
        assert _store.describe(frozen) == [f"{name}_gen", ["1", "2"], {}]
    assert _store.describe(stats.loguniform(1, 2)) == ["reciprocal_gen", ["1", "2"], {}]


def test_a_distribution_has_one_key_in_every_process():
    code = (
        "from scipy import stats; from qmlcourse.comparison._store import describe as d\n"
        "print([d(stats.rv_discrete(values=([7, 8], [0.4, 0.6]))()), d(stats.uniform)])"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    expected = [_store.describe(DISTRIBUTIONS[2]()), _store.describe(stats.uniform)]
    assert other.stdout.strip() == str(expected)


def test_keys_of_a_dict_are_told_apart_by_type():
    dicts = [{1: 2}, {"1": 2}, {1: 2, "1": 3}, {1: 3, "1": 2}, {None: 2}, {"None": 2}, {1.0: 2},
             ["dict", [["1", "2"]]], [["1", "2"]]]  # fmt: skip
    keys = [json.dumps(_store.describe(d)) for d in dicts]
    assert len(set(keys)) == len(keys)
    assert _store.describe({1: 2, "a": 3}) == _store.describe({"a": 3, 1: 2})
    assert _store.describe({"a": 1}) == {"a": "1"}


class Either:
    """A distribution of one's own over models."""

    def rvs(self, random_state=None):
        return RandomForestClassifier(3)


CHOICE = Pipeline([("c", GaussianNB())])
FOREST = RandomForestClassifier(3)
VOTE = [("f", RandomForestClassifier(3)), ("b", GaussianNB())]


@pytest.mark.parametrize(
    ("estimator", "space"),
    [
        (CHOICE, {"c": [FOREST]}),
        (CHOICE, {"c": np.array([FOREST], dtype=object)}),
        (CHOICE, {"c": Either()}),
        (CHOICE, {"c": [Pipeline([("f", FOREST)])]}),
        (VotingClassifier(VOTE, voting="soft"), {"estimators": [VOTE, VOTE[:1]]}),
        (GridSearchCV(FOREST, {"max_depth": [1, 2]}, cv=KFold(2, shuffle=True)), None),
    ],
)  # fmt: skip
def test_all_chance_comes_from_the_seed(estimator, space):
    model = estimator if space is None else (estimator, space)

    def seen(model, X, y):
        forests = [v for v in model.get_params().values() if isinstance(v, RandomForestClassifier)]
        states.update(f.random_state for f in forests)
        return model.predict_proba(X)[:, 0].sum()

    tables = []
    for _ in range(2):
        states = set()
        table = compare({"m": model}, {"d": noise}, seeds=2, budget=2, cv=2, scoring=seen)
        assert states == {_protocol.states(seed)["model"] for seed in (0, 1)}
        tables.append(table[["score", "train_score", "params"]].values.tolist())
    assert tables[0] == tables[1]


def test_models_in_a_space_are_left_as_they_were_and_named_as_given(tmp_path):
    forest = RandomForestClassifier(3)
    model = (Pipeline([("c", GaussianNB())]), {"c": [forest]})
    table = compare({"m": model}, {"d": noise}, seeds=1, store=tmp_path)
    assert forest.random_state is None and not hasattr(forest, "classes_")
    assert json.loads(table["params"][0]) == {"c": "RandomForestClassifier(n_estimators=3)"}


def test_chosen_numbers_are_numbers_and_names_are_in_order():
    space = {"salt": np.arange(3, 6), "random_state": stats.randint(0, 9), "deep": [np.True_]}
    table = compare({"m": (Deep(), space)}, {"d": noise}, seeds=1)
    chosen = json.loads(table["params"][0])
    assert list(chosen) == ["deep", "random_state", "salt"]
    assert [type(value) for value in chosen.values()] == [bool, int, int]


class Deep(Salted):
    def __init__(self, salt=0, random_state=None, deep=False):
        super().__init__(salt, random_state)
        self.deep = deep


@pytest.mark.parametrize("given", [KFold(3, shuffle=True), ShuffleSplit(3)], ids=["fold", "draw"])
def test_splitters_within_a_model_are_seeded_and_those_given_are_not_touched(given):
    search = GridSearchCV(Salted(), {"salt": [1]}, cv=given)
    assert _protocol.seeded(search, 7).cv.random_state == 7 and given.random_state is None
    plain = GridSearchCV(LogisticRegression(), {"C": [1]}, cv=KFold(3))
    assert _protocol.seeded(plain, 7).cv.random_state is None
