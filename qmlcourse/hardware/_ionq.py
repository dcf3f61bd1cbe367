"""IonQ's devices and simulator, through cirq-ionq: compiled, sent once, fetched."""

import importlib.util
import os
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from . import _jobs
from ._backend import DEVICE, SAMPLED, Result
from ._confirm import ask
from ._ionq_client import client, field, key
from ._network import NetworkError, Outcome, Patience, Status, scrub, state
from ._tapes import Prepared

# The gates of a system: cirq-ionq's name of its gate set.
GATESETS = {
    "simulator": "IonQTargetGateset",
    "qpu.harmony": "AriaNativeGateset",
    "qpu.aria": "AriaNativeGateset",
    "qpu.forte": "ForteNativeGateset",
}


class IonQDevice:
    """An IonQ target: ``simulator`` or ``qpu.<system>``, such as ``qpu.aria-1``.

    The key comes from the environment variable IONQ_API_KEY, and stays there. Each gate is
    compiled by itself, so that folded gates stay; with ``optimize=1``, gates on one qubit that
    stand side by side are merged: they are billed, and err, one by one.
    """

    provider = "IonQ"

    def __init__(
        self, target: str, *, optimize: int | None = None, patience: Patience | None = None
    ) -> None:
        system = next((s for s in GATESETS if target == s or target.startswith(f"{s}-")), None)
        if system is None:
            raise ValueError(
                f"target must be 'simulator' or a system such as 'qpu.aria-1' or 'qpu.forte-1'; "
                f"got {target!r}."
            )
        self.name, self.device, self.optimize = f"ionq/{target}", target, optimize
        self.kind = SAMPLED if target == "simulator" else DEVICE
        self.patience = patience or Patience()
        self._gateset = GATESETS[system]

    def missing(self) -> str | None:
        """Return, in one sentence, what keeps it from being used here; None if nothing does."""
        for module, extra in (("cirq_ionq", "ionq"), ("pennylane_cirq", "cirq")):
            if importlib.util.find_spec(module) is None:
                return f"{self.name} needs the extra {extra}: pip install 'qmlcourse[{extra}]'."
        if not key():
            return f"{self.name} needs an API key in the environment variable IONQ_API_KEY."
        return None

    def execute(
        self, circuits: list[Prepared], shots: int, seeds: list[int | None]
    ) -> list[Result]:
        """Ask, submit and wait; the journal stays in the folder ``jobs``."""
        path = self.submit(circuits, shots, seeds, folder="jobs", confirm=None)
        return _jobs.resume(path, self)

    def submit(
        self,
        circuits: list[Prepared],
        shots: int,
        seeds: list[int | None],
        *,
        folder: str | os.PathLike[str],
        confirm: Callable[[str], bool] | bool | None,
    ) -> Path:
        """Compile, ask, send one job for each circuit and return the journal's path."""
        if missing := self.missing():
            raise RuntimeError(missing)
        compiled = [self._compile(circuit.tape) for circuit in circuits]
        ask(self._price(compiled, shots), confirm)
        calibration = self._calibration()
        groups = [
            [
                {
                    "compiled": _cirq().to_json(ready),
                    "language": "cirq-json",
                    "qubits": [str(qubit.x) for qubit in sorted(ready.all_qubits())],
                    "calibration": calibration,
                    "wires": circuit.wires,
                    "source": circuit.source,
                    "seed": seed,
                }
            ]
            for ready, circuit, seed in zip(compiled, circuits, seeds, strict=True)
        ]
        return _jobs.begin(self, groups, shots, folder)

    def send(self, circuits: list[dict[str, Any]], shots: int, tag: str) -> str:
        """Submit one job named ``tag`` and return its id."""
        from cirq_ionq.serializer import Serializer

        # Debiasing, IonQ's default for larger jobs, would return frequencies that are no counts.
        mitigation = None if self.device == "simulator" else {"debias": False}
        program = Serializer().serialize_single_circuit(
            _cirq().read_json(json_text=circuits[0]["compiled"]), error_mitigation=mitigation
        )
        answer = self._client().create_job(program, shots, target=self.device, name=tag)
        return str(field(answer, "id"))

    def find(self, tag: str) -> list[str]:
        """Return the ids of the jobs named ``tag``: the oldest first, cancelled ones last."""
        jobs = [j for j in self._client().list_jobs(limit=1000) if j.get("name") == tag]
        jobs.sort(key=lambda j: (j.get("status") in ("canceled", "deleted"), j.get("request", 0)))
        return [str(field(job, "id")) for job in jobs]

    def look(self, job_id: str) -> Status:
        """Return where a job stands."""
        from cirq_ionq.ionq_exceptions import IonQNotFoundException

        try:
            job = self._client().get_job(job_id)
        except IonQNotFoundException:
            return Status("expired")
        reason = (job.get("failure") or {}).get("error", "")
        return Status(state(field(job, "status")), scrub(reason, key()))

    def fetch(self, job_id: str, circuits: list[dict[str, Any]], shots: int) -> Outcome:
        """Return the counts; the simulator gives probabilities, which are sampled here."""
        import cirq_ionq

        (circuit,) = circuits
        ionq, n = self._client(), len(circuit["qubits"])
        job = ionq.get_job(job_id)
        try:
            result = cirq_ionq.Job(ionq, job).results()[0]
            if isinstance(result, cirq_ionq.QPUResult):
                tally = {f"{k:0{n}b}": int(v) for k, v in result.counts().items() if v}
            else:
                # Journals of schema 1 say apart from the seed what to sample from.
                seed = circuit.get("stream", circuit["seed"])
                tally = _sampled(result.probabilities(), n, shots, seed)
        except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
            raise NetworkError(f"a damaged result ({type(error).__name__})") from None
        return Outcome([tally], _time(job.get("start")), _time(job.get("response")))

    def cancel(self, job_id: str) -> None:
        """Cancel a job."""
        self._client().cancel_job(job_id)

    def _compile(self, tape: Any) -> Any:
        """Return a Cirq circuit of this system's gates only, ending in one measurement."""
        import cirq_ionq

        from ..interop import to_cirq

        cirq = _cirq()
        qubits = cirq.LineQubit.range(len(tape.wires))
        gateset = getattr(cirq_ionq, self._gateset)()
        with warnings.catch_warnings():
            # Cirq's own transformers trip over a default that its next version changes.
            warnings.filterwarnings("ignore", ".*use_repetition_ids", FutureWarning)
            compiled = cirq.optimize_for_target_gateset(to_cirq(tape), gateset=gateset)
            if self.optimize:  # afterwards: gates on two qubits bring some on one
                merged = cirq.merge_single_qubit_gates_to_phxz(compiled)
                compiled = cirq.optimize_for_target_gateset(merged, gateset=gateset)
        # A phase of the whole state acts on no qubit, and is no gate to send.
        kept = cirq.Circuit(op for op in compiled.all_operations() if op.qubits)
        kept.append(cirq.measure(*qubits, key="m"))
        foreign = {str(op.gate) for op in kept.all_operations() if op not in gateset}
        if foreign:
            raise RuntimeError(f"{self.name} has no gate {', '.join(sorted(foreign))}.")
        return kept

    def _price(self, circuits: list[Any], shots: int) -> str:
        gates = [[len(op.qubits) for op in c.all_operations()][:-1] for c in circuits]
        single, double = (shots * sum(g.count(k) for g in gates) for k in (1, 2))
        cost = (
            "It runs on IonQ's simulator, not on a device."
            if self.device == "simulator"
            else f"IonQ bills by gates times shots: here {single:,} of one qubit and {double:,} "
            f"of two, at the price of your plan, with a minimum for each circuit."
        )
        return (
            f"{len(circuits)} circuit(s) of {shots:,} shots each, {shots * len(circuits):,} in "
            f"all, as {len(circuits)} job(s) on {self.name}. {cost}"
        )

    def _calibration(self) -> dict[str, Any] | None:
        """Return IonQ's figures of the device; a run does not wait for them."""
        if self.device == "simulator":
            return None
        try:
            values = self._client().get_current_calibration()
            return {"time": values["date"], "values": values}
        except Exception:
            return None

    def _client(self) -> Any:
        return client(self.name, self.patience.timeout)


def _sampled(chances: dict[int, float], n: int, shots: int, seed: Any) -> dict[str, int]:
    values = np.array([chances[k] for k in sorted(chances)], float)
    if not np.isclose(values.sum(), 1.0, atol=1e-3):
        raise ValueError("probabilities that do not sum to one")
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(shots, values / values.sum())
    return {f"{k:0{n}b}": int(v) for k, v in zip(sorted(chances), drawn, strict=True) if v}


def _time(epoch: Any) -> str | None:
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="seconds") if epoch else None


def _cirq() -> Any:
    import cirq

    return cirq
