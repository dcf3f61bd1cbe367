"""Costs in closed form against the gates, listed one by one; any number of features at once."""

import time
from itertools import combinations

import numpy as np
import pytest

from qmlcourse.encodings import resources
from qmlcourse.simulator import ring_pairs


def counted(gates, n_qubits):
    free_at = [0] * n_qubits
    for wires in gates:
        layer = 1 + max(free_at[w] for w in wires)
        for w in wires:
            free_at[w] = layer
    pairs = sum(len(wires) == 2 for wires in gates)
    return {
        "qubits": n_qubits, "depth": max(free_at), "gates": len(gates), "two_qubit_gates": pairs
    }  # fmt: skip


def cascade(q):
    """List RY on each qubit for each setting of the earlier ones, CNOTs in Gray-code order."""
    gates = [(0,)]
    for target in range(1, q):
        codes = [i ^ (i >> 1) for i in range(2**target)]
        for here, there in zip(codes, codes[1:] + codes[:1], strict=True):
            changed = (here ^ there).bit_length() - 1
            gates += [(target,), (target - 1 - changed, target)]
    return gates


@pytest.mark.parametrize("d", [1, 2, 3, 4, 5, 8, 9, 17, 40])
@pytest.mark.parametrize("repeats", [1, 2, 3, 7])
@pytest.mark.parametrize("entangle", [True, False])
def test_costs_are_those_of_the_listed_gates(d, repeats, entangle):
    single = [(k,) for k in range(d)]
    zz = [w for j, k in combinations(range(d), 2) for w in ((j, k), (k,), (j, k))]
    iqp = (single + single + (zz if entangle else [])) * repeats
    assert resources("iqp", d, n_repeats=repeats, entangle=entangle) == counted(iqp, d)
    layer = single * 4 + (ring_pairs(d) if entangle else [])
    assert resources("reupload", d, n_layers=repeats, entangle=entangle) == counted(
        layer * repeats, d
    )
    assert resources("angle", d) == resources("basis", d) == counted(single, d)
    q = max(1, int(np.ceil(np.log2(d))))
    assert resources("amplitude", d) == counted(cascade(q), q)


def test_many_features_take_no_time():
    start = time.process_time()
    assert resources("iqp", 10000, n_repeats=10**6) == {
        "qubits": 10000,
        "depth": 59993 + (10**6 - 1) * 30002,
        "gates": (20000 + 3 * 49995000) * 10**6,
        "two_qubit_gates": 2 * 49995000 * 10**6,
    }
    assert resources("amplitude", 2**50)["gates"] == 2**51 - 3
    for encoding in ("basis", "angle", "reupload"):
        assert resources(encoding, 10**30)["qubits"] == 10**30
    assert time.process_time() - start < 1
