"""Backends: the same circuit in, the same kind of record out; noise where the chip has it."""

import contextlib
import itertools
from collections import Counter
from importlib import metadata
from pathlib import Path

import numpy as np
import pennylane as qml
import pytest
from scipy import stats

from qmlcourse import hardware, mitigation
from qmlcourse.hardware import (
    _executor,
    _google,
    _ibm_fakes,
    _jobs,
    _network,
    _placement,
    _seeds,
)
from qmlcourse.hardware._backend import Result
from qmlcourse.hardware._tapes import Prepared, prepare

DATA = Path(__file__).with_name("data")

# Most of these tests need both, the others must run without.
pytestmark = pytest.mark.extra("cirq", "jax", "qiskit")
with contextlib.suppress(ModuleNotFoundError):
    import cirq
    import cirq_google

GOOGLE = ["google/weber", "google/rainbow"]
IBM = ["ibm/fake_manila", "ibm/fake_torino", "ibm/fake_sherbrooke"]  # cx, cz, ecr
STAND_INS = GOOGLE + IBM
KINDS = {"exact": "exact simulation", "shots": "sampled simulation"}


def tape(*operations, wires=None):
    n = wires or 1 + max(w for op in operations for w in op.wires)
    return qml.tape.QuantumScript(list(operations), [qml.probs(wires=range(n))])


def ghz(n):
    return tape(qml.Hadamard(0), *(qml.CNOT([k, k + 1]) for k in range(n - 1)))


def layers(n, depth=2, seed=0):
    angles = np.random.default_rng(seed).uniform(-np.pi, np.pi, (depth, n, 3))
    return tape(qml.StronglyEntanglingLayers(angles, range(n), ranges=[1] * depth))


def exact(circuit):
    return hardware.run(circuit, "exact").probabilities()


def fidelity(p, q):
    return np.sqrt(p * q).sum() ** 2


# The simulators.


def test_exact_is_the_closed_form_wire_0_first():
    circuit = tape(qml.RX(0.3, 0), qml.RX(1.1, 1), qml.X(2))
    a, b = np.sin([0.15, 0.55]) ** 2
    expected = np.kron(np.kron([1 - a, a], [1 - b, b]), [0, 1])
    np.testing.assert_allclose(exact(circuit), expected, atol=1e-12)


def test_exact_agrees_with_pennylane_on_templates():
    x = np.array([0.2, 0.5, 0.9])

    @qml.qnode(qml.device("default.qubit", wires=3))
    def circuit(x):
        qml.IQPEmbedding(x, range(3), n_repeats=2)
        qml.adjoint(qml.AngleEmbedding)(x, range(3), rotation="Y")
        qml.ctrl(qml.Rot(0.1, 0.2, 0.3, 2), control=[0, 1])
        qml.QFT([2, 0, 1])
        return qml.probs(wires=range(3))

    record = hardware.run(circuit, "exact", args=(x,))
    np.testing.assert_allclose(record.probabilities(), circuit(x), atol=1e-10)
    assert record.counts is record.shots is record.seed is None
    assert record.expectation([1]).error == 0


def test_the_source_is_the_circuit():
    from qiskit import qasm2
    from qiskit.quantum_info import Statevector

    record = hardware.run(layers(3), "exact")
    loaded = qasm2.loads(
        record.source["text"], custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS
    )
    loaded.remove_final_measurements()
    found = Statevector(loaded.reverse_bits()).probabilities()
    np.testing.assert_allclose(found, record.probabilities(), atol=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_shots_follow_the_exact_probabilities(seed):
    circuit = layers(3)
    record = hardware.run(circuit, "shots", 20_000, seed=seed)
    expected = exact(circuit) * 20_000
    assert stats.chisquare(record.probabilities() * 20_000, expected).pvalue > 1e-3
    estimate = record.expectation([0])
    z = hardware.run(circuit, "exact").expectation([0]).value
    assert abs(estimate.value - z) < 4 * estimate.error
    assert estimate.error == pytest.approx(np.sqrt((1 - z**2) / 20_000), rel=0.05)


def test_what_rounding_leaves_is_no_outcome_and_what_is_rare_is_one():
    back = tape(qml.RX(0.7, 0), qml.RX(0.4, 0), qml.RX(-1.1, 0))
    assert set(hardware.run(back, "exact").exact_probabilities) == {"0"}
    rare = hardware.run(tape(qml.RX(2e-6, 0)), "exact").exact_probabilities
    assert rare["1"] == pytest.approx(1e-12, rel=1e-6)


def test_what_is_left_out_is_as_documented(tmp_path, monkeypatch):
    record = hardware.run(ghz(2))
    assert (record.backend, record.shots, record.options) == ("shots", 1000, {})
    monkeypatch.chdir(tmp_path)
    backend = Sends()
    hardware.run(ghz(2), backend, 100)
    assert backend.sent == (1, 100, [None], None)  # the backend asks
    assert len(list((tmp_path / "jobs").glob("*.job.json"))) == 1


def test_the_most_shots_are_those_that_floats_count():
    assert hardware.run(tape(qml.X(0)), "shots", 2**53, seed=0).counts == {"1": 2**53}
    with pytest.raises(ValueError, match=r"at most 2\*\*53"):
        hardware.run(tape(qml.X(0)), "shots", 2**53 + 1, seed=0)


# All backends.


MOST = {"exact": 20, "shots": 20, "google/weber": 10, "ibm/fake_manila": 5, "ibm/fake_torino": 10}


@pytest.mark.parametrize(("backend", "most"), MOST.items())
def test_as_many_wires_as_are_said_are_taken(backend, most):
    made = hardware.get_backend(backend)
    made.check(prepare(tape(qml.Identity(most - 1))), 10)
    with pytest.raises(ValueError, match=f"at most {most} wires on {backend}; got {most + 1}"):
        made.check(prepare(tape(qml.Identity(most))), 10)


@pytest.mark.parametrize(
    ("backend", "packages"),
    [
        ("exact", set()),
        ("google/weber", {"cirq-core", "cirq-google", "pennylane-cirq"}),
        ("ibm/fake_manila", {"qiskit", "qiskit-aer", "qiskit-ibm-runtime"}),
    ],
)
def test_a_record_says_the_version_of_all_that_took_part(backend, packages):
    versions = hardware.run(ghz(2), backend, 10, seed=0).versions
    assert set(versions) == {"qmlcourse", "pennylane", "numpy"} | packages
    assert versions == {name: metadata.version(name) for name in versions}


@pytest.mark.parametrize("backend", ["shots", *STAND_INS])
def test_a_seed_gives_the_same_counts_again_and_another_gives_others(backend):
    circuit = layers(3)
    first, again, other = (
        hardware.run(circuit, backend, 500, seed=seed) for seed in (5, 5, 2**32 - 1)
    )
    assert first.counts == again.counts != other.counts
    assert first.seed == 5
    assert first.qubits == other.qubits
    assert first.compiled == other.compiled


@pytest.mark.parametrize("backend", ["shots", "google/weber", "ibm/fake_manila"])
def test_a_seed_that_was_drawn_is_recorded_and_gives_the_counts_again(backend):
    first, second = (hardware.run(layers(2), backend, 500) for _ in range(2))
    assert first.seed != second.seed
    assert hardware.run(layers(2), backend, 500, seed=first.seed).counts == first.counts


@pytest.mark.parametrize("backend", ["shots", "google/weber", "ibm/fake_manila"])
def test_each_circuit_of_a_list_has_a_seed_of_its_own(backend):
    circuits = [layers(2), layers(2), ghz(3)]
    records = hardware.run(circuits, backend, 300, seed=3)
    assert len({record.seed for record in records}) == 3
    assert records[0].counts != records[1].counts
    for circuit, record in zip(circuits, records, strict=True):
        assert hardware.run(circuit, backend, 300, seed=record.seed).counts == record.counts
    assert hardware.run(circuits[:1], backend, 300, seed=3)[0].seed == 3
    assert _seeds.for_circuits(3, 3, records[0].kind) == [record.seed for record in records]
    assert _seeds.for_circuits(3, 3, records[0].kind) != _seeds.for_circuits(4, 3, records[0].kind)


@pytest.mark.parametrize("backend", ["exact", "shots", *STAND_INS])
def test_wire_0_is_the_first_bit(backend):
    record = hardware.run(tape(qml.X(0), qml.CNOT([0, 2]), wires=4), backend, 1000, seed=1)
    assert record.probabilities().argmax() == 0b1010
    assert record.probabilities()[0b1010] > 0.7
    values = [record.expectation([wire]).value for wire in range(4)]
    assert np.sign(values).tolist() == [-1, 1, -1, 1]
    assert record.kind == KINDS.get(backend, "calibration-based simulation")
    assert record.backend == backend


@pytest.mark.parametrize("backend", STAND_INS)
@pytest.mark.parametrize("n", [2, 4])
def test_noise_of_a_chip_is_there_and_not_everywhere(backend, n):
    p = hardware.run(ghz(n), backend, 2000, seed=2).probabilities()
    assert 0.6 < fidelity(p, exact(ghz(n))) < 0.995
    noiseless = hardware.run(ghz(n), "shots", 2000, seed=2).probabilities()
    assert fidelity(noiseless, exact(ghz(n))) > 0.999


@pytest.mark.parametrize("backend", ["google/weber", "ibm/fake_torino"])
@pytest.mark.parametrize("n", [1, 6])
def test_other_sizes_run(backend, n):
    circuit = layers(n, 1) if n > 1 else tape(qml.RY(1.0, 0))
    record = hardware.run(circuit, backend, 500, seed=0)
    assert len(set(record.qubits)) == n
    assert fidelity(record.probabilities(), exact(circuit)) > 0.7


@pytest.mark.parametrize("backend", ["google/weber", "ibm/fake_torino"])
@pytest.mark.parametrize("optimize", [0, 1])
def test_a_circuit_that_fits_nowhere_is_routed(backend, optimize):
    """All pairs of four qubits, the asymmetric way round."""
    gates = [qml.CRY(0.7 + 0.3 * k, p) for k, p in enumerate(itertools.combinations(range(4), 2))]
    circuit = tape(qml.X(0), qml.RY(1.0, 1), *gates)
    record = hardware.run(circuit, backend, 2000, seed=1, optimize=optimize)
    right = fidelity(record.probabilities(), exact(circuit))
    wrong = max(
        fidelity(record.probabilities(), exact(circuit).reshape([2] * 4).transpose(order).ravel())
        for order in itertools.permutations(range(4))
        if order != (0, 1, 2, 3)
    )
    assert right > wrong


@pytest.mark.parametrize("backend", STAND_INS)
def test_provenance_is_in_the_record(backend, tmp_path):
    record = hardware.run(layers(3), backend, 100, seed=1)
    assert record.provider == {"google": "Google", "ibm": "IBM"}[backend.split("/")[0]]
    assert record.device == backend.split("/")[1]
    assert set(record.calibration["values"]["qubits"]) == set(record.qubits)
    for pair in record.calibration["values"]["pairs"]:
        assert set(pair.split("-")) <= set(record.qubits)
    assert len(record.calibration["values"]["pairs"]) >= 2
    assert "202" in record.calibration["time"]
    assert {"qmlcourse", "pennylane"} < set(record.versions)
    assert record.started <= record.ended
    assert record.options == {"optimize": 1}
    record.save(tmp_path / "r.json")
    assert hardware.replay(tmp_path / "r.json") == record


# Compiling.


def google_gates(record):
    circuit = cirq.read_json(json_text=record.compiled["text"])
    return Counter(type(op.gate).__name__ for op in circuit.all_operations()), circuit


def ibm_gates(record):
    from qiskit import qasm2

    circuit = qasm2.loads(
        record.compiled["text"],
        custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS,
        custom_classical=(),
    )
    return Counter(circuit.count_ops()), circuit


@pytest.mark.parametrize("optimize", [0, 1])
@pytest.mark.parametrize("backend", GOOGLE)
def test_google_gets_native_gates_on_calibrated_pairs_that_keep_the_circuit(backend, optimize):
    circuit = tape(
        *layers(3).operations, qml.SX(0), qml.adjoint(qml.T(1)), qml.Toffoli([2, 0, 1]),
        qml.GlobalPhase(0.3), qml.Barrier([0, 1]), qml.U3(0.1, 0.2, 0.3, 2),
    )  # fmt: skip
    record = hardware.run(circuit, backend, 10, seed=0, optimize=optimize)
    kinds, compiled = google_gates(record)
    assert set(kinds) == {"PhasedXZGate", "ISwapPowGate", "MeasurementGate"}
    device = cirq_google.engine.create_device_from_processor_id(record.device)
    device.validate_circuit(compiled)
    swaps = [op for op in compiled.all_operations() if isinstance(op.gate, cirq.ISwapPowGate)]
    assert {op.gate.exponent for op in swaps} == {0.5}
    assert all("_".join(map(str, (q.row, q.col))) in record.qubits for q in compiled.all_qubits())
    # Without noise the compiled circuit gives the probabilities of the circuit.
    order = compiled.all_measurement_key_objs()
    assert {str(key) for key in order} == {"z"}
    measured = next(op for op in compiled.all_operations() if cirq.is_measurement(op)).qubits
    bare = compiled[:-1]
    state = (
        cirq.Simulator(dtype=np.complex128)
        .simulate(bare, qubit_order=[*measured])
        .final_state_vector
    )
    np.testing.assert_allclose(np.abs(state) ** 2, exact(circuit), atol=1e-6)


@pytest.mark.parametrize("optimize", [0, 1])
@pytest.mark.parametrize("backend", IBM)
def test_ibm_gets_native_gates_that_keep_the_circuit(backend, optimize):
    from qiskit.quantum_info import Statevector
    from qiskit_ibm_runtime import fake_provider

    circuit = tape(*layers(3).operations, qml.SX(0), qml.adjoint(qml.T(1)), qml.Toffoli([2, 0, 1]))
    record = hardware.run(circuit, backend, 10, seed=0, optimize=optimize)
    kinds, compiled = ibm_gates(record)
    two = {"fake_manila": "cx", "fake_torino": "cz", "fake_sherbrooke": "ecr"}[record.device]
    assert set(kinds) <= {"rz", "sx", "x", two, "measure", "barrier"}
    assert kinds[two] >= 3
    maker = {"fake_manila": "FakeManilaV2"}.get(
        record.device, "Fake" + record.device.removeprefix("fake_").capitalize()
    )
    chip = getattr(fake_provider, maker)()
    for instruction in compiled.data:
        if instruction.operation.name == two:
            where = tuple(
                int(record.qubits[compiled.find_bit(q).index]) for q in instruction.qubits
            )
            assert where in chip.target[two]
    order = [0] * 3
    for instruction in compiled.data:
        if instruction.operation.name == "measure":
            bit = compiled.find_bit(instruction.clbits[0]).index
            order[bit] = compiled.find_bit(instruction.qubits[0]).index
    compiled.remove_final_measurements()
    p = np.abs(Statevector(compiled.reverse_bits()).data).reshape([2] * 3) ** 2
    np.testing.assert_allclose(p.transpose(order).ravel(), exact(circuit), atol=1e-6)


@pytest.mark.parametrize(
    "gate",
    [
        lambda: cirq.X, lambda: cirq.ry(0.3), lambda: cirq.PhasedXPowGate(phase_exponent=0.2),
        lambda: cirq.Z**0.5, lambda: cirq.H,
    ],
)  # fmt: skip
def test_gates_to_which_the_virtual_machine_gives_no_error_are_refused(gate):
    chip = _google._chip("weber")
    qubit = chip.qubits["1_4"]
    with pytest.raises(RuntimeError, match="not native"):
        _google.check_native(cirq.Circuit(gate()(qubit)), chip.pairs)


def test_two_qubit_gates_off_the_chip_are_refused():
    chip = _google._chip("weber")
    a, b, far = (chip.qubits[q] for q in ("1_4", "2_4", "4_4"))
    _google.check_native(cirq.Circuit(cirq.SQRT_ISWAP(a, b)), chip.pairs)
    for op in (cirq.SQRT_ISWAP(a, far), cirq.ISWAP(a, b), cirq.CZ(a, b), cirq_google.SYC(a, b)):
        with pytest.raises(RuntimeError, match="not native"):
            _google.check_native(cirq.Circuit(op), chip.pairs)


def test_instructions_that_a_snapshot_lacks_are_refused():
    from qiskit import QuantumCircuit

    target, _ = _ibm_fakes._part("fake_manila", (0, 1, 2))
    for name, where in (("h", [0]), ("cz", [0, 1]), ("cx", [0, 2])):
        circuit = QuantumCircuit(3)
        getattr(circuit, name)(*where)
        with pytest.raises(RuntimeError, match="not native"):
            _ibm_fakes.check_native(circuit, target)


@pytest.mark.parametrize(("backend", "gate"), [("google/weber", "ISwapPowGate"),
                                               ("ibm/fake_manila", "cx"),
                                               ("ibm/fake_torino", "cz")])  # fmt: skip
def test_folds_stay_without_optimization_and_go_with_it(backend, gate):
    operations = [qml.RX(0.4, 0), qml.CNOT([0, 1]), qml.RZ(0.7, 1), qml.CNOT([1, 2])]
    inverse = [qml.adjoint(op, lazy=False) for op in reversed(operations)]
    plain, folded = tape(*operations), tape(*operations, *inverse, *operations)
    counts = google_gates if backend.startswith("google") else ibm_gates

    def number(circuit, level):
        return counts(hardware.run(circuit, backend, 10, seed=0, optimize=level))[0][gate]

    assert number(folded, 0) == 3 * number(plain, 0) > 0
    assert number(folded, 1) < 3 * number(plain, 1)
    # And what mitigation folds keeps three times the noise.
    again = mitigation.fold_global(tape(*operations), 3)
    assert number(again, 0) == 3 * number(plain, 0)


def test_more_folds_mean_more_noise():
    circuit = tape(qml.X(0), *(qml.CNOT([k % 2, k % 2 + 1]) for k in range(6)))
    for backend in ("google/weber", "ibm/fake_manila"):
        values = [
            hardware.run(
                mitigation.fold_global(circuit, factor), backend, 4000, seed=1, optimize=0
            ).probabilities()[exact(circuit).argmax()]
            for factor in (1, 5)
        ]
        assert values[1] < values[0] - 0.05


# Noise models, against the providers' own.


def test_google_is_the_virtual_machine():
    record = hardware.run(layers(3), "google/weber", 700, seed=11)
    engine = cirq_google.engine.create_default_noisy_quantum_virtual_machine(
        "weber", simulator_class=cirq.DensityMatrixSimulator, seed=11, dtype=np.complex128
    )
    circuit = cirq.read_json(json_text=record.compiled["text"])
    bits = engine.get_sampler("weber").run(circuit, repetitions=700).measurements["z"]
    assert Counter("".join(map(str, row)) for row in bits) == record.counts


@pytest.mark.parametrize("qubits", [(1, 2, 3), (4, 3, 2)])
def test_ibm_is_the_fake_backend_on_those_qubits(qubits):
    from qiskit import QuantumCircuit
    from qiskit_aer import AerSimulator
    from qiskit_ibm_runtime.fake_provider import FakeManilaV2

    record = hardware.run(layers(3), "ibm/fake_manila", 10, seed=0, qubits=qubits)
    assert record.qubits == [str(q) for q in qubits]
    _, compiled = ibm_gates(record)
    whole = QuantumCircuit(5, 3)
    whole.compose(compiled, qubits=list(qubits), clbits=range(3), inplace=True)
    fake = FakeManilaV2()
    theirs = fake.run(whole, shots=40_000, seed_simulator=1).result().get_counts()
    _, noise = _ibm_fakes._part("fake_manila", qubits)
    simulator = AerSimulator(noise_model=noise, method="density_matrix", seed_simulator=2)
    ours = simulator.run(compiled, shots=40_000).result().get_counts()
    words = sorted(set(theirs) | set(ours))
    table = [[counts.get(word, 0) for word in words] for counts in (theirs, ours)]
    assert stats.chi2_contingency(table).pvalue > 1e-3


# Qubits.


def test_placement_finds_the_least_cost_of_all_placements(rng):
    """Against brute force on random 2 x 3 grids, for a chain, a star, a ring and a loose wire."""
    nodes = list(range(6))
    edges = [(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)]
    shapes = [{(0, 1): 2, (1, 2): 1}, {(1, 0): 1, (1, 2): 3, (1, 3): 1},
              {(0, 1): 1, (1, 2): 1, (2, 3): 1, (3, 0): 2}]  # fmt: skip
    for gates in shapes * 5:
        n = 1 + max(max(pair) for pair in gates)
        readout = dict(zip(nodes, rng.uniform(0, 0.2, 6), strict=True))
        pairs = {frozenset(edge): rng.uniform(0, 0.2) for edge in edges}

        def cost(order, gates=gates, readout=readout, pairs=pairs):
            keys = [(frozenset((order[a], order[b])), k) for (a, b), k in gates.items()]
            return sum(readout[q] for q in order) + sum(
                k * pairs.get(key, np.inf) for key, k in keys
            )

        best = min(cost(order) for order in itertools.permutations(nodes, n))
        found = _placement.place(n, gates, readout, pairs)
        assert cost(found) == pytest.approx(best, abs=1e-12)


def test_costs_add_up_as_chances_multiply(rng):
    errors = rng.uniform(0, 1, 5)
    cost = sum(map(_placement.log_error, errors))
    assert np.exp(-cost) == pytest.approx(np.prod(1 - errors))
    assert [_placement.log_error(e) for e in (-0.1, 0.0, 1.0, 2.0)] == [0, 0, np.inf, np.inf]


def test_qubits_and_pairs_cost_what_the_calibration_says():
    from qiskit_ibm_runtime.fake_provider import FakeManilaV2

    chip = _google._chip("weber")
    known = cirq_google.engine.load_median_device_calibration("weber")
    for q in chip.qubits.values():
        # Read as often from 0 as from 1.
        error = np.mean([known[f"single_qubit_{p}_error"][(q,)] for p in ("p00", "p11")])
        assert np.exp(-chip.readout[q]) == pytest.approx(1 - error)
    chip, known = _ibm_fakes._chip("fake_manila"), FakeManilaV2().properties()
    for q in range(5):
        assert np.exp(-chip.readout[q]) == pytest.approx(1 - known.readout_error(q))
    assert len(chip.pairs) == 4
    for pair, cost in chip.pairs.items():
        worse = max(known.gate_error("cx", order) for order in itertools.permutations(pair))
        assert np.exp(-cost) == pytest.approx(1 - worse)


def test_placement_avoids_broken_parts_and_keeps_loose_wires_near():
    pairs = {frozenset((k, k + 1)): 0.1 for k in range(5)}
    readout = dict.fromkeys(range(6), 0.1)
    assert sorted(_placement.place(2, {(0, 1): 1}, readout | {0: np.inf, 1: np.inf},
                                   pairs | {frozenset((2, 3)): np.inf})) == [3, 4]  # fmt: skip
    loose = _placement.place(3, {(0, 2): 1}, readout, pairs)
    assert max(loose) - min(loose) == 2
    # A ring of three fits on no chain.
    ring = _placement.place(3, {(0, 1): 1, (1, 2): 1, (0, 2): 1}, readout, pairs)
    assert ring == [0, 1, 2]
    with pytest.raises(ValueError, match="no 7 connected qubits"):
        _placement.place(7, {}, readout, pairs)


def test_the_chain_of_the_chip_is_the_least_error_of_all_chains():
    chip = _google._chip("weber")
    near = _placement.connections(chip.readout, chip.pairs)
    chains = [[q] for q in chip.readout]
    for _ in range(3):
        chains = [[*c, q] for c in chains for q in near[c[-1]] if q not in c]

    def cost(chain):
        steps = itertools.pairwise(chain)
        gates = sum(2 * chip.pairs[frozenset(step)] for step in steps)
        return gates + sum(chip.readout[q] for q in chain)

    record = hardware.run(ghz(4), "google/weber", 10, seed=0)
    assert cost([chip.qubits[q] for q in record.qubits]) == pytest.approx(min(map(cost, chains)))


def test_a_pair_with_one_broken_direction_is_not_used():
    """In this snapshot one direction of 19-20 has the error 1; the pair was the cheapest."""
    from qiskit_ibm_runtime.fake_provider import FakeHanoiV2

    cx = FakeHanoiV2().target["cx"]
    assert cx[19, 20].error == 1 > 100 * cx[20, 19].error
    record = hardware.run(tape(qml.X(0), qml.CNOT([0, 1])), "ibm/fake_hanoi", 300, seed=4)
    assert set(record.qubits) != {"19", "20"}
    assert record.counts["11"] > 270


@pytest.mark.parametrize(
    ("backend", "qubits"), [("google/weber", ["4_4", "4_5", "5_5"]), ("ibm/fake_torino", [5, 4, 3])]
)
def test_chosen_qubits_are_used_and_recorded(backend, qubits):
    record = hardware.run(ghz(3), backend, 100, seed=0, qubits=qubits)
    assert record.qubits == [str(q) for q in qubits]
    assert record.options["qubits"] == record.qubits
    assert set(record.calibration["values"]["qubits"]) == set(record.qubits)


@pytest.mark.parametrize(
    ("backend", "qubits", "match"),
    [
        ("google/weber", ["4_4", "4_5"], "3 different ones"),
        ("google/weber", ["4_4", "4_5", "4_4"], "3 different ones"),
        ("google/weber", ["4_4", "4_5", "0_0"], "must be of google/weber"),
        ("google/weber", ["4_4", "4_5", "6_6"], "connected"),
        ("ibm/fake_manila", [0, 1, 9], "must be of ibm/fake_manila"),
        ("ibm/fake_manila", [0, 1, 4], "connected"),
        ("exact", [0, 1, 2], "stand-ins"),
    ],
)
def test_qubits_that_do_not_fit_are_refused(backend, qubits, match):
    with pytest.raises(ValueError, match=match):
        hardware.run(ghz(3), backend, 10, seed=0, qubits=qubits)


def test_every_snapshot_that_is_listed_has_a_calibration():
    names = _ibm_fakes.names()
    assert len(names) > 40
    for name in names[::4]:
        chip = _ibm_fakes._chip(name)
        assert sum(np.isfinite(cost) for cost in chip.pairs.values()) >= 3
        assert all(0 < cost < 1 for cost in chip.readout.values() if np.isfinite(cost)), name


# What comes in.


def test_numpys_integers_are_wires_like_pythons():
    def counted(wires):
        gates = [qml.RX(0.3 * k, w) for k, w in enumerate(wires)]
        tape = qml.tape.QuantumScript(gates, [qml.probs(wires=wires)])
        return hardware.run(tape, "shots", 50, seed=1)

    theirs, ours = counted(np.arange(3)[::-1]), counted([2, 1, 0])
    assert theirs.wires == [0, 1, 2] and theirs.counts == ours.counts
    assert counted([3, np.int64(1)]).wires == [1, 3]


def test_a_backend_as_earlier_versions_took_it_is_refused():
    class Earlier:
        name, kind, provider, device = "mine", "sampled simulation", "me", "desk"

        def missing(self):
            return None

        def execute(self, tapes, shots, seed):
            raise AssertionError("must not run")

    with pytest.raises(TypeError, match=r"execute\(circuits, shots, seeds\), with a seed for each"):
        hardware.run(qml.tape.QuantumScript([qml.X(0)], [qml.probs(wires=[0])]), Earlier(), 10)


def test_labels_of_wires_stay():
    circuit = qml.tape.QuantumScript([qml.X("b"), qml.CNOT(["b", "a"]), qml.I("c")],
                                     [qml.counts()])  # fmt: skip
    record = hardware.run(circuit, "shots", 10, seed=0)
    assert record.wires == ["b", "a", "c"]
    assert record.counts == {"110": 10}
    gaps = qml.tape.QuantumScript([qml.X(5), qml.Hadamard(9), qml.Hadamard(9)], [qml.probs()])
    record = hardware.run(gaps, "exact")
    assert record.wires == [5, 9]
    assert record.expectation([5]).value == pytest.approx(-1)


def test_preparing_twice_changes_nothing():
    once = prepare(layers(3))
    assert prepare(once.tape).source == once.source


def test_angles_of_other_libraries_become_numbers():
    import jax.numpy as jnp

    circuit = tape(qml.RX(jnp.array(0.3), 0), qml.RX(qml.numpy.array(0.2), 0))
    assert hardware.run(circuit, "exact").expectation().value == pytest.approx(np.cos(0.5))


@pytest.mark.parametrize(
    "measurement",
    [qml.expval(qml.X(0)), qml.expval(qml.Z(0) @ qml.Y(1)), qml.state(), qml.expval(qml.H(0)),
     qml.probs(op=qml.X(0)), qml.density_matrix([0]), qml.vn_entropy([0]),
     qml.expval(qml.Z(0) + qml.X(1))],
    ids=str,
)  # fmt: skip
def test_measurements_in_another_basis_are_refused(measurement):
    circuit = qml.tape.QuantumScript([qml.Hadamard(0), qml.CNOT([0, 1])], [measurement])
    with pytest.raises(ValueError, match="Z basis"):
        hardware.run(circuit, "exact")


def test_products_of_z_are_read():
    wanted = [qml.expval(qml.Z(0) @ qml.Z(1)), qml.var(qml.Z(0)), qml.counts(), qml.sample()]
    for measurement in wanted:
        circuit = qml.tape.QuantumScript([qml.X(0), qml.CNOT([0, 1])], [measurement])
        assert hardware.run(circuit, "shots", 5, seed=0).counts == {"11": 5}


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"shots": 0}, ValueError, "shots must be an integer at least 1; got 0"),
        ({"shots": 1.5}, TypeError, "shots must be an integer"),
        ({"seed": -1}, ValueError, "seed must be an integer from 0"),
        ({"seed": 2**32}, ValueError, "seed must be an integer from 0"),
        ({"seed": "a"}, TypeError, "seed must be an integer"),
        ({"optimize": 2}, ValueError, "optimize must be an integer from 0 to 1"),
        ({"optimize": 0}, ValueError, "option of stand-ins and devices, .*got optimize for"),
        ({"circuit": "h"}, TypeError, "PennyLane tape or QNode"),
        ({"circuit": []}, ValueError, "empty list"),
        ({"args": (1,)}, TypeError, "args go with a QNode"),
        ({"circuit": qml.tape.QuantumScript([], [])}, ValueError, "at least one wire"),
        ({"circuit": tape(qml.RX(np.nan, 0))}, ValueError, "finite parameters"),
        ({"circuit": tape(qml.RX([0.1, 0.2], 0))}, ValueError, "batches of 2"),
        ({"circuit": tape(qml.DepolarizingChannel(0.1, 0))}, ValueError, "no backend runs"),
        ({"circuit": tape(qml.Identity(20))}, ValueError, "at most 20 wires"),
        ({"circuit": tape(qml.Identity(10)), "backend": "google/weber"}, ValueError, "at most 10"),
        ({"circuit": ghz(6), "backend": "ibm/fake_manila"}, ValueError, "at most 5 wires"),
        ({"backend": "weber"}, ValueError, "google/weber.*got 'weber'"),
        ({"backend": "google/willow"}, ValueError, "google/weber.*got 'google/willow'"),
        ({"backend": "exact/"}, ValueError, "backend must be one of"),
        ({"backend": "record/"}, ValueError, "backend must be one of"),
        ({"backend": "ibm/fake_kyoto"}, ValueError, "got 'ibm/fake_kyoto'"),  # no gate errors
        ({"backend": "ibm/fake_manilla"}, ValueError, r"Did you mean ibm/fake_manila\b"),
        ({"backend": "fake_manilla"}, ValueError, r"Did you mean ibm/fake_manila\b"),
        ({"backend": "googl/weber"}, ValueError, r"Did you mean google/weber\?"),
        ({"backend": "rainbow"}, ValueError, r"Did you mean google/rainbow\?"),
        ({"backend": "exac"}, ValueError, r"Did you mean exact\?"),
        ({"backend": "shot"}, ValueError, r"Did you mean shots\?"),
        ({"backend": "ionq/simulatr"}, ValueError, r"target must be.*Did you mean ionq/simulator"),
        ({"backend": "ionc/simulator"}, ValueError, r"Did you mean ionq/simulator\?"),
        ({"backend": "IBM/Fake_Manila"}, ValueError, r"Did you mean ibm/fake_manila\b"),
        ({"backend": "ibm/FAKE_MANILA"}, ValueError, r"Did you mean ibm/fake_manila\b"),
        ({"backend": ""}, ValueError, r"got ''\.$"),
        ({"backend": "nothing of the kind"}, ValueError, r"got 'nothing of the kind'\.$"),
        ({"backend": None}, TypeError, "backend must be the name of a backend.*got None"),
        ({"backend": 3}, TypeError, "name of a backend"),
    ],
    ids=str,
)
def test_bad_input_is_named(change, error, match):
    arguments = {"circuit": ghz(2), "backend": "exact", "shots": 10} | change
    if arguments["backend"] == 3:
        with pytest.raises(error, match=match):
            hardware.get_backend(3)
        return
    with pytest.raises(error, match=match):
        hardware.run(**arguments)


def test_mid_circuit_measurements_are_refused():
    @qml.qnode(qml.device("default.qubit", wires=1))
    def circuit():
        qml.Hadamard(0)
        qml.measure(0)
        return qml.probs(wires=0)

    with pytest.raises(ValueError, match="measure at its end only"):
        hardware.run(circuit, "shots", 10)


# Records in place of a backend, devices, executors, the list.


def test_a_record_takes_the_place_of_its_backend(tmp_path):
    circuits, path = [layers(2), ghz(2)], tmp_path / "r.json"
    records = hardware.run(circuits, "ibm/fake_manila", 100, seed=1)
    hardware.save(records, path)
    name = f"record/{path}"
    assert hardware.run(circuits[::-1], name, 100) == records[::-1]
    assert hardware.run(circuits[1], name, 100) == records[1]
    # Another machine computes angles that differ by rounding.
    nudged = layers(2)
    nudged = nudged.bind_new_parameters([nudged.get_parameters()[0] + 1e-12], [0])
    assert hardware.run(nudged, name, 100) == records[0]
    backend = hardware.get_backend(name)
    assert backend.execute([prepare(circuits[0])], 100, [None])[0].counts == records[0].counts
    for circuit in (ghz(3), layers(2, seed=1)):
        with pytest.raises(ValueError, match="number 0 is not in it"):
            hardware.run(circuit, name, 100)
    with pytest.raises(ValueError, match="number 1 is not in it"):
        hardware.run([circuits[0]] * 2, name, 100)
    with pytest.raises(ValueError, match="shots and seed must be as recorded, 100"):
        hardware.run(circuits[0], name, 200)
    with pytest.raises(ValueError, match="shots and seed must be as recorded"):
        hardware.run(circuits[0], name, 100, seed=1)
    with pytest.raises(RuntimeError, match=r"file of records; none\.json does not exist"):
        hardware.run(circuits[0], "record/none.json", 100)
    with pytest.raises(RuntimeError, match=r"file of records; .* is a folder"):
        hardware.run(circuits[0], f"record/{tmp_path}", 100)


def test_records_are_replayed_by_the_call_that_made_them(tmp_path):
    circuit, path = layers(2), tmp_path / "r.json"
    records = hardware.run([circuit] * 3, "shots", 100, seed=4)
    hardware.save(records, path)
    name = f"record/{path}"
    for circuits in ([circuit] * 3, [circuit] * 2):  # two of them get the same seeds
        assert hardware.run(circuits, name, 100, seed=4) == records[: len(circuits)]
    for record in records:
        assert hardware.run(circuit, name, 100, seed=record.seed) == record
    assert hardware.run([circuit] * 3, name, 100) == records
    for circuits, seed in (([circuit], 4), (circuit, 4), ([circuit] * 3, 5)):
        with pytest.raises(ValueError, match=f"as recorded, 100 and {records[0].seed} for circuit "
                           f"number 0; this call gives it 100 and .*{seed}"):  # fmt: skip
            hardware.run(circuits, name, 100, seed=seed)
    with pytest.raises(ValueError, match="for circuit number 1"):
        hardware.run([circuit] * 2, name, 100, seed=records[0].seed)


def test_exact_records_are_replayed_whatever_the_seed(tmp_path):
    records = hardware.run([ghz(2), ghz(3)], "exact", 10, seed=3)
    hardware.save(records, tmp_path / "r.json")
    assert hardware.run([ghz(2), ghz(3)], f"record/{tmp_path}/r.json", 10, seed=3) == records


@pytest.mark.parametrize("backend", ["exact", "shots", "google/weber", "ibm/fake_manila"])
def test_a_list_run_by_the_last_version_is_replayed_and_repeated(backend):
    """The files were written before each circuit of a list got its seed ahead of the backend."""
    path = DATA / "records" / f"{backend.replace('/', '-')}.json"
    circuits = [
        qml.tape.QuantumScript(
            [qml.RY(0.9, "b"), qml.CNOT(["b", "a"]), qml.RX(0.4, "a")],
            [qml.counts(wires=["b", "a"])],
        ),
        qml.tape.QuantumScript([qml.RY(1.2, 0)], [qml.counts(wires=[0])]),
    ]
    old = hardware.run(circuits, f"record/{path}", 100, seed=4)
    assert old == hardware.replay(path)
    today = hardware.run(circuits, backend, 100, seed=4)
    for name in ("backend", "kind", "wires", "qubits", "calibration", "source", "compiled",
                 "options", "shots", "seed", "counts", "exact_probabilities"):  # fmt: skip
        assert [getattr(r, name) for r in today] == [getattr(r, name) for r in old], name


class Absent:
    name, kind, provider, device = "google/absent", "device", "Google", "absent"

    def missing(self):
        return "It is not here."

    def execute(self, circuits, shots, seeds):
        raise AssertionError


class Sends:
    """A device as run sees it, whose only job is done at once."""

    name, kind, provider, device = "ibm/one", "device", "IBM", "one"
    patience = _network.Patience()

    def missing(self):
        return None

    def execute(self, circuits, shots, seeds):
        raise AssertionError

    def submit(self, circuits, shots, seeds, *, folder, confirm):
        self.sent = (len(circuits), shots, seeds, confirm)
        entries = [
            {"compiled": "OPENQASM 3;", "language": "openqasm3", "qubits": ["3", "4"],
             "calibration": {"time": "2026-01-01T00:00:00+00:00", "values": {}},
             "wires": circuit.wires, "source": circuit.source, "seed": seed}
            for circuit, seed in zip(circuits, seeds, strict=True)
        ]  # fmt: skip
        return _jobs.begin(self, [entries], shots, folder)

    def send(self, circuits, shots, tag):
        return "j1"

    def find(self, tag):
        return ["j1"]

    def look(self, job_id):
        return _network.Status("done")

    def fetch(self, job_id, circuits, shots):
        times = ("2026-01-01T00:00:00+00:00", "2026-01-01T00:01:00+00:00")
        return _network.Outcome([{"01": 30, "11": 70}] * len(circuits), *times)


def test_a_device_gets_what_it_needs_and_gives_records(tmp_path):
    backend = Sends()
    record = hardware.run(ghz(2), backend, 100, confirm=True, folder=tmp_path / "one")
    assert backend.sent == (1, 100, [None], True)
    assert (record.kind, record.job_id, record.seed) == ("device", "j1", None)
    assert record.source["language"] == "openqasm2"
    pair = hardware.run([ghz(2)] * 2, backend, 100, seed=3, confirm=True, folder=tmp_path / "two")
    # A device draws no seeds: the one that was given is for compiling.
    assert backend.sent == (2, 100, [3, 3], True)
    assert len(pair) == 2
    (path,) = (tmp_path / "two").glob("*.job.json")
    resumed = hardware.resume(path)
    assert resumed == pair
    assert resumed[0].source["language"] == "openqasm2"
    with pytest.raises(ValueError, match="backend's name"):
        hardware.run(ghz(2), backend, 100, optimize=0)


class Mine:
    """A reader's own backend."""

    name, provider, device = "mine", "me", "coin"

    def __init__(self, kind):
        self.kind = kind

    def missing(self):
        return None

    def execute(self, circuits, shots, seeds):
        self.got = circuits, shots, seeds
        times = ("2026-01-01T00:00:00+00:00", "2026-01-01T00:01:00+00:00")
        return [
            Result({"0" * len(c.wires): shots}, None, c.source, "openqasm2", [], None, *times)
            for c in circuits
        ]


@pytest.mark.parametrize("kind", ["sampled simulation", "device"])
def test_a_readers_own_backend_gets_prepared_circuits_and_their_seeds(kind):
    backend = Mine(kind)
    named = qml.tape.QuantumScript([qml.SX("b"), qml.CNOT(["b", "a"])], [qml.probs()])
    records = hardware.run([named, ghz(3)], backend, 7, seed=np.uint32(4))
    circuits, shots, seeds = backend.got
    assert all(isinstance(circuit, Prepared) for circuit in circuits)
    assert [c.wires for c in circuits] == [r.wires for r in records] == [["b", "a"], [0, 1, 2]]
    assert circuits[0].tape.wires.tolist() == [0, 1]
    assert [r.seed for r in records] == seeds
    assert (shots, seeds) == (7, _seeds.for_circuits(4, 2, kind))
    assert all(seed is None or type(seed) is int for seed in seeds)
    hardware.run(ghz(3), backend, 7)
    assert (backend.got[2] == [None]) == (kind == "device")
    assert hardware.run(ghz(3), backend, 7, seed=0).seed == 0
    backend.execute = lambda circuits, shots, seeds: []
    with pytest.raises(RuntimeError, match="mine gave 0 results of 1 circuits"):
        hardware.run(ghz(3), backend, 7)


@pytest.mark.parametrize("backend", [Mine, Sends, object()], ids=["Mine", "Sends", "object"])
def test_what_is_no_backend_is_named(backend):
    with pytest.raises(TypeError, match="backend must be the name of a backend"):
        hardware.run(ghz(2), backend, 10)


def test_a_generator_of_circuits_is_named():
    with pytest.raises(TypeError, match="tape or QNode, or a list of them; got <generator"):
        hardware.run((ghz(2) for _ in range(2)), "exact")


@pytest.mark.parametrize("backend", ["exact", "shots", "google/weber", "ibm/fake_manila", "record"])
def test_each_circuit_is_prepared_once(backend, monkeypatch, tmp_path):
    circuits, calls, right = [ghz(2), ghz(3)], [], qml.to_openqasm
    if backend == "record":
        hardware.save(hardware.run(circuits, "shots", 10, seed=1), tmp_path / "two.json")
        backend = f"record/{tmp_path}/two.json"

    def counted(*args, **options):
        calls.append(args)
        return right(*args, **options)

    monkeypatch.setattr(qml, "to_openqasm", counted)  # what preparing ends with
    hardware.run(circuits, backend, 10)
    assert len(calls) == 2


def test_what_is_missing_stops_a_run():
    with pytest.raises(RuntimeError, match="It is not here"):
        hardware.run(ghz(2), Absent(), 10)


def test_the_list_says_what_is_usable_and_why_the_rest_is_not(monkeypatch):
    monkeypatch.setattr(_google, "find_spec", lambda name: None)
    monkeypatch.setattr(_ibm_fakes, "find_spec", lambda name: None)
    for token in ("QISKIT_IBM_TOKEN", "IONQ_API_KEY"):
        monkeypatch.delenv(token, raising=False)
    table = hardware.backends().set_index("name")
    assert list(table.columns) == ["kind", "provider", "usable", "missing"]
    assert table.loc[["exact", "shots", "record/<file>"], "usable"].all()
    for name in ("google/weber", "ibm/fake_manila"):
        assert not table.loc[name, "usable"]
        assert "pip install 'qmlcourse[" in table.loc[name, "missing"]
        with pytest.raises(RuntimeError, match="pip install"):
            hardware.run(ghz(2), name, 10)
    assert (table["missing"] == "").eq(table["usable"]).all()
    assert (table["kind"] == "device").sum() == 2
    wild = table.loc[["ibm/<device>", "ionq/<target>", "record/<file>"]]
    assert wild["provider"].tolist() == ["IBM", "IonQ", "as recorded"]
    assert wild["kind"].tolist() == ["device", "device", "as recorded"]


def test_an_executor_rotates_measures_and_keeps_folds(rng):
    circuit = qml.tape.QuantumScript(
        [qml.Hadamard(0), qml.CNOT([0, 1])], [qml.expval(qml.X(0) @ qml.X(1))]
    )
    y = qml.tape.QuantumScript([qml.RX(-0.3, 0)], [qml.expval(qml.Y(0))])
    first, second = hardware.executor("shots", rng=rng)([circuit, y], 4000)
    assert first.value == 1
    assert abs(second.value - np.sin(0.3)) < 4 * second.error
    assert hardware.executor("exact", rng=rng)([y], None)[0].value == pytest.approx(np.sin(0.3))
    noisy = hardware.executor("google/weber", rng=rng)
    values = [noisy([mitigation.fold_global(circuit, k)], 4000)[0].value for k in (1, 5)]
    assert 1 > values[0] > values[1] + 0.02
    with pytest.raises(ValueError, match="shots must be a number"):
        noisy([circuit], None)


def test_an_executor_keeps_circuits_of_the_same_wires_on_the_same_qubits(rng, monkeypatch):
    """Left to itself each fold of a circuit is placed anew, where its own errors are least."""
    seen, right = [], hardware.run

    def watched(*args, **options):
        seen.append(right(*args, **options))
        return seen[-1]

    monkeypatch.setattr(_executor, "run", watched)
    turns = [qml.RY(rng.uniform(0, 6), k) for k in range(4)]
    gates = [*turns, *(qml.CZ(p) for p in ([0, 1], [2, 3], [1, 2])), *turns]
    tape = qml.tape.QuantumScript(gates, [qml.expval(qml.Z(0))])
    alone = [mitigation.fold_global(tape, k) for k in (1, 3)]
    alone = [right(t, "google/weber", 1, seed=0, optimize=0).qubits for t in alone]
    assert alone[0] != alone[1]  # or this circuit could not tell
    execute = hardware.executor("google/weber", rng=rng)
    execute([mitigation.fold_global(tape, k) for k in (1, 3)], 10)
    execute([mitigation.fold_global(tape, 5)], 10)
    execute([qml.tape.QuantumScript([qml.X(0)], [qml.expval(qml.Z(0))])], 10)
    assert [len(record.qubits) for record in seen] == [4, 4, 4, 1]
    assert seen[0].qubits == seen[1].qubits == seen[2].qubits
    assert len({record.seed for record in seen}) == 4


def test_mitigation_takes_an_executor_of_a_stand_in(rng):
    circuit = qml.tape.QuantumScript(
        [qml.X(0), *(qml.CNOT([0, 1]) for _ in range(9))], [qml.expval(qml.Z(0))]
    )
    noisy = hardware.executor("ibm/fake_manila", rng=rng)
    raw = noisy([circuit], 4000)[0]
    assert -0.95 < raw.value < -0.7
    assert mitigation.zne(circuit, noisy, shots=12_000).value < raw.value
