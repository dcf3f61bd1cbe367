"""The figure "framework-chooser": each answer gives the first rule that fits; all are reached."""

from itertools import product

import numpy as np
import pytest
from figure import Figure, number


class Chooser(Figure):
    name, chapter = "framework-chooser", "practice/frameworks"

    def advice(self, task, library, qubits):
        """The first rule of the page's data that fits: what, why, cost."""
        for rule in self.data["rules"]:
            fits = zip(rule, (task, library, qubits), strict=False)
            if all(wanted in ("any", answer) for wanted, answer in fits):
                return rule[3:]
        raise LookupError(task, library, qubits)

    def answers(self):
        """Keys of all combinations, with the texts that the controls show."""
        return list(product(*(self.data[kind] for kind in ("tasks", "libraries", "qubits"))))

    def shows(self, task, library, qubits):
        self.put({"You want to": task[1], "You work in": library[1], "Qubits": qubits[1]})
        pick, reason, cost = self.advice(task[0], library[0], qubits[0])
        assert self.said.startswith(f"Take {pick}. Because {reason}. What it costs: {cost}.")
        chosen = [row[0] for row in self.rows() if "(chosen)" in row[0]]
        row = self.data["timed"].get(pick, pick)
        timed = row in self.data["clock"]["framework"]
        assert chosen == ([f"{row} (chosen)"] if timed else [])
        assert ("not timed" in self.said) is not timed
        return pick


@pytest.fixture(scope="module")
def opened(tab, base):
    return Chooser(tab, base)


def test_each_task_gives_its_rule(figure):
    library, qubits = figure.data["libraries"][0], figure.data["qubits"][0]
    picks = [figure.shows(task, library, qubits) for task in figure.data["tasks"]]
    assert len(set(picks)) == len(picks)


def test_libraries_and_qubits_matter_where_one_trains(figure):
    train = figure.data["tasks"][0]
    picks = {
        (library[0], qubits[0]): figure.shows(train, library, qubits)
        for library, qubits in product(figure.data["libraries"], figure.data["qubits"])
    }
    assert picks["jax", "few"] == "PennyLane, JAX"
    assert picks["tensorflow", "few"] == picks["tensorflow", "many"] == "TensorFlow Quantum"
    assert picks["sklearn", "few"] == "Qiskit Machine Learning"
    assert picks["torch", "many"] == "PennyLane, lightning.qubit"


def test_every_rule_is_reached_and_every_answer_has_one(figure):
    reached = {tuple(figure.advice(*(key for key, _ in answers))) for answers in figure.answers()}
    assert reached == {tuple(rule[3:]) for rule in figure.data["rules"]}


def test_the_table_holds_the_stored_times(figure):
    clock = figure.data["clock"]
    wanted = {
        name: times
        for name, *times in zip(clock["framework"], clock["one"], clock["hundred"], strict=True)
    }
    for name, *times in figure.rows():
        found = [number(t) for t in times]
        np.testing.assert_allclose(found, wanted[name.removesuffix(" (chosen)")], rtol=5.1e-3)
