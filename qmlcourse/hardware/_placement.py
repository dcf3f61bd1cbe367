"""Which qubits of a chip a circuit gets: those whose calibrated errors add up to the least."""

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx
import numpy as np

_MOST_STEPS = 200_000  # of the search; then the best found so far stands
_TIE = 1e-12  # costs closer than this are equal: rounding must not choose


def log_error(error: float) -> float:
    """Return what one error adds to a cost: the logarithm of how often it doesn't happen."""
    return float(-np.log1p(-min(max(error, 0.0), 1.0))) if error < 1 else np.inf


def place(
    n_wires: int,
    gates: Mapping[tuple[int, int], float],
    readout: Mapping[Any, float],
    pairs: Mapping[frozenset[Any], float],
) -> list[Any]:
    """Return a qubit for each wire, of least summed cost, wires that share a gate on a pair.

    ``gates`` says how many native gates each pair of wires needs, ``readout`` and ``pairs`` what
    a qubit and a gate on a pair cost. If the circuit doesn't fit on the chip as it is, the wires
    lie along a chain. The result depends on nothing but the arguments.
    """
    for wanted in (_connected(n_wires, gates), {(k, k + 1): 1.0 for k in range(n_wires - 1)}):
        found = _search(n_wires, wanted, readout, pairs)
        if found is not None:
            return found
    raise ValueError(
        f"circuit has {n_wires} wires, and the device no {n_wires} connected qubits for it."
    )


def connections(qubits: Iterable[Any], pairs: Iterable[frozenset[Any]]) -> "nx.Graph[Any]":
    """Return the qubits and the pairs among them, each qubit's neighbors in order."""
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(qubits)
    # In order, so that of several ways through the graph always the same is found first.
    for a, b in sorted(sorted(pair) for pair in pairs):
        if a in graph and b in graph:
            graph.add_edge(a, b)
    return graph


def _connected(
    n_wires: int, gates: Mapping[tuple[int, int], float]
) -> dict[tuple[int, int], float]:
    """Return the gates by ordered pair, with free links between parts that share no gate."""
    wanted: dict[tuple[int, int], float] = {}
    for a, b in gates:
        key = (min(a, b), max(a, b))
        wanted[key] = wanted.get(key, 0.0) + gates[a, b]
    graph = nx.Graph(wanted.keys())
    graph.add_nodes_from(range(n_wires))
    for k in range(1, n_wires):
        if not nx.has_path(graph, k - 1, k):
            wanted[k - 1, k] = 0.0
            graph.add_edge(k - 1, k)
    return wanted


def _search(
    n_wires: int,
    wanted: Mapping[tuple[int, int], float],
    readout: Mapping[Any, float],
    pairs: Mapping[frozenset[Any], float],
) -> list[Any] | None:
    """Branch and bound over the wires, each next to those already placed that it needs."""
    finite = (pair for pair, cost in pairs.items() if np.isfinite(cost))
    near = nx.to_dict_of_lists(connections(readout, finite))
    usable = sorted(q for q, cost in readout.items() if np.isfinite(cost))
    order = _order(n_wires, wanted)
    back = [
        [(j, w) for j, a in enumerate(order[:k]) if (w := _weight(wanted, a, b)) is not None]
        for k, b in enumerate(order)
    ]
    least_readout = min((readout[q] for q in usable), default=0.0)
    least_pair = min((cost for cost in pairs.values()), default=0.0)
    rest = [0.0] * (n_wires + 1)  # what the wires still to place cost at least
    for k in reversed(range(n_wires)):
        rest[k] = rest[k + 1] + least_readout + least_pair * sum(w for _, w in back[k])
    best: list[Any] | None = None
    best_cost, steps = np.inf, 0

    def extend(chosen: list[Any], cost: float) -> None:
        nonlocal best, best_cost, steps
        k = len(chosen)
        if k == n_wires:
            best, best_cost = chosen, cost
            return
        for qubit in near[chosen[back[k][0][0]]] if back[k] else usable:
            steps += 1
            if steps > _MOST_STEPS:
                return
            if qubit in chosen or not np.isfinite(readout.get(qubit, np.inf)):
                continue
            keys = [(frozenset((chosen[j], qubit)), w) for j, w in back[k]]
            if any(not np.isfinite(pairs.get(key, np.inf)) for key, _ in keys):
                continue
            total = cost + readout[qubit] + sum(w * pairs[key] for key, w in keys)
            if total + rest[k + 1] < best_cost - _TIE:
                extend([*chosen, qubit], total)

    extend([], 0.0)
    if best is None:
        return None
    of_wire = dict(zip(order, best, strict=True))
    return [of_wire[k] for k in range(n_wires)]


def _weight(wanted: Mapping[tuple[int, int], float], a: int, b: int) -> float | None:
    return wanted.get((min(a, b), max(a, b)))


def _order(n_wires: int, wanted: Mapping[tuple[int, int], float]) -> list[int]:
    """Return the wires so that each, but the first, shares a gate with one before it."""
    order = [0]
    while len(order) < n_wires:
        order.append(
            next(
                k
                for k in range(n_wires)
                if k not in order and any(_weight(wanted, j, k) is not None for j in order)
            )
        )
    return order
