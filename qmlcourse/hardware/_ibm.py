"""IBM's devices, through Qiskit Runtime: compiled, sent once, fetched."""

import base64
import importlib.util
import io
import json
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .. import _checks
from . import _jobs
from ._backend import Result
from ._ibm_fakes import readout_errors
from ._ionq import seconds
from ._jobs import NetworkError, Outcome, Patience, Status
from ._tapes import prepare

CHANNELS = ("ibm_quantum_platform", "ibm_cloud")


class IBMDevice:
    """A device of the IBM Quantum Platform, such as ``ibm_torino``.

    The token comes from the environment variable QISKIT_IBM_TOKEN or from the account that
    Qiskit Runtime saved, and stays there.
    """

    provider, kind = "IBM", "device"

    def __init__(self, device: str, *, patience: Patience | None = None) -> None:
        if not device or device.startswith("fake_"):
            raise ValueError(f"device must name a device such as 'ibm_torino'; got {device!r}.")
        self.name, self.device = f"ibm/{device}", device
        self.patience = patience or Patience()
        self._service: Any = None
        self._known: Any = None

    def missing(self) -> str | None:
        """Return, in one sentence, what keeps it from being used here; None if nothing does."""
        if importlib.util.find_spec("qiskit_ibm_runtime") is None:
            return f"{self.name} needs the extra qiskit: pip install 'qmlcourse[qiskit]'."
        if _token() is None:
            return (
                f"{self.name} needs an account: set the environment variable QISKIT_IBM_TOKEN, "
                f"or save one with QiskitRuntimeService.save_account."
            )
        return None

    def execute(self, tapes: list[Any], shots: int, seed: int | None) -> list[Result]:
        """Ask, submit and wait; the journal stays in the folder ``jobs``."""
        path = self.submit(tapes, shots, seed, folder="jobs", confirm=None)
        return _jobs.resume(path, provider=self)

    def submit(
        self,
        tapes: list[Any],
        shots: int,
        seed: int | None,
        *,
        folder: str | os.PathLike[str],
        confirm: Callable[[str], bool] | bool | None,
    ) -> Path:
        """Compile, ask, send all circuits as one job and return the journal's path."""
        shots = _checks.integer(shots, "shots")
        missing = self.missing()
        if missing:
            raise RuntimeError(missing)
        if not tapes:
            raise ValueError("tapes must hold a circuit at least; got none.")
        try:
            backend = _jobs.patiently(self.patience, self._backend)
        except NetworkError as fault:
            raise RuntimeError(
                f"{self.name} did not answer in {self.patience.attempts} tries ({fault}); "
                f"nothing was sent."
            ) from None
        circuits = compile_tapes(tapes, backend, seed)
        _jobs.ask(self._price(backend, len(circuits), shots), confirm)
        return _jobs.begin(self, [circuits], shots, seed, folder)

    def send(self, circuits: list[dict[str, Any]], shots: int, tag: str) -> str:
        """Submit one job under the job tag ``tag`` and return its id."""
        from qiskit_ibm_runtime import SamplerV2

        backend = self._backend()
        options = {"environment": {"job_tags": [tag]}}
        with self._one_try(), warnings.catch_warnings():
            # The client's own sampler uses a class of the client's that it deprecates.
            warnings.filterwarnings("ignore", "The RuntimeOptions class", DeprecationWarning)
            sampler = SamplerV2(mode=backend, options=options)
            job = sampler.run([_unpacked(c["program"]) for c in circuits], shots=shots)
            return str(job.job_id())

    def find(self, tag: str) -> list[str]:
        """Return the ids of the jobs under ``tag``: the oldest first, cancelled ones last."""
        service = self._connected()
        with self._one_try():
            jobs = service.jobs(limit=10, job_tags=[tag], descending=False)
            if len(jobs) > 1:
                jobs.sort(key=lambda job: job.status() == "CANCELLED")
            return [str(job.job_id()) for job in jobs]

    def look(self, job_id: str) -> Status:
        """Return where a job stands."""
        from qiskit_ibm_runtime.exceptions import RuntimeJobNotFound

        service = self._connected()
        with self._one_try():
            try:
                job = service.job(job_id)
                status = job.status()
            except RuntimeJobNotFound:
                return Status("expired")
            state = {"DONE": "done", "CANCELLED": "cancelled", "ERROR": "failed"}.get(
                status, "waiting"
            )
            reason = job.error_message() or "" if state == "failed" else ""
        return Status(state, _jobs.scrub(reason, _token()))

    def fetch(self, job_id: str, circuits: list[dict[str, Any]], shots: int, seed: Any) -> Outcome:
        """Return the counts, wire 0 first, and when the job ran."""
        service = self._connected()
        with self._one_try():
            job = service.job(job_id)
            answer = job.result()
            times = job.metrics().get("timestamps") or {}
        try:
            tallies = [next(iter(pub.data.values())).get_counts() for pub in answer]
        except (AttributeError, TypeError, StopIteration):  # text that is no JSON comes as text
            raise NetworkError("a damaged result") from None
        # Qiskit writes classical bit 0, which is wire 0, last.
        counts = [{bits[::-1]: int(n) for bits, n in tally.items()} for tally in tallies]
        return Outcome(counts, times.get("running"), times.get("finished"))

    def cancel(self, job_id: str) -> None:
        """Cancel a job."""
        service = self._connected()
        with self._one_try():
            service.job(job_id).cancel()

    def _connected(self) -> Any:
        if self._service is None:
            from qiskit_ibm_runtime import QiskitRuntimeService

            with self._one_try():
                self._service = QiskitRuntimeService(channel="ibm_quantum_platform")
        for client in self._service._get_api_clients().values():
            # Its own retries would send a job again whose answer was lost.
            session = client._session
            if session.adapters["https://"].__class__ is not _adapter():
                for scheme in ("https://", "http://"):
                    session.mount(scheme, _adapter()(self.patience.timeout))
        return self._service

    def _backend(self) -> Any:
        from qiskit.providers.exceptions import QiskitBackendNotFoundError

        service = self._connected()
        if self._known is not None:
            return self._known
        with self._one_try():
            try:
                backend = service.backend(self.device)
                _ = backend.target  # reads the calibration
            except QiskitBackendNotFoundError:
                # The client says the same of a device whose description it could not read.
                clients = service._get_api_clients().values()
                names = {device["name"] for c in clients for device in c.list_backends()}
                if self.device in names:
                    self._service = None
                    raise NetworkError("its description could not be read") from None
                raise RuntimeError(
                    f"{self.name} is not open to this account, which has: "
                    f"{', '.join(sorted(names)) or 'none'}."
                ) from None
        self._known = backend
        return backend

    def _price(self, backend: Any, n_circuits: int, shots: int) -> str:
        total = n_circuits * shots
        rest = float(getattr(backend, "default_rep_delay", None) or 250e-6)
        left = None
        try:
            left = self._connected().usage().get("usage_remaining_seconds")
        except Exception:
            left = None
        remains = "" if left is None else f"; {left:,.0f} s remain to this account"
        return (
            f"{n_circuits} circuit(s) of {shots:,} shots each, {total:,} in all, as 1 job on "
            f"{self.name}. It takes about {max(1.0, total * rest):,.0f} s of the device's time"
            f"{remains}; the open plan gives 10 minutes in 28 days at no charge."
        )

    @contextmanager
    def _one_try(self) -> Iterator[None]:
        """Turn what the client raises into a fault to try again or one clear sentence."""
        import requests

        try:
            yield
        except (NetworkError, RuntimeError):
            raise
        except Exception as error:
            response: Any = None
            chain: list[BaseException] = [error]
            while (seen := chain[-1].__cause__ or chain[-1].__context__) is not None:
                chain.append(seen)
            for seen in chain:
                response = getattr(seen, "response", None)
                if response is not None:
                    break
            name = type(error).__name__
            if response is None:
                # No answer at all, or one that could not be read.
                unread = (requests.RequestException, json.JSONDecodeError, KeyError)
                if any(isinstance(seen, unread) for seen in chain):
                    raise NetworkError(name) from None
                code = getattr(error, "status_code", None)
            else:
                code = response.status_code
                if code in (408, 409, 425, 429) or code >= 500:
                    wait = seconds(response.headers.get("Retry-After"))
                    raise NetworkError(f"status {code}", wait) from None
            if code in (401, 403) or name in ("InvalidAccountError", "AccountNotFoundError"):
                raise RuntimeError(
                    f"{self.name} refused the account: check QISKIT_IBM_TOKEN or the saved one."
                ) from None
            raise RuntimeError(
                f"{self.name} refused the request: {_jobs.scrub(error, _token())}"
            ) from None


def compile_tapes(tapes: list[Any], backend: Any, seed: int | None) -> list[dict[str, Any]]:
    """Compile tapes to a backend's gates, all on the same qubits, the best for the largest.

    Optimization level 0 keeps every gate, folded ones too; the qubits come from level 3, which
    weighs the calibration's errors.
    """
    from qiskit import qasm2, qasm3
    from qiskit.transpiler import generate_preset_pass_manager

    prepared = [prepare(tape) for tape in tapes]
    gates = qasm2.LEGACY_CUSTOM_INSTRUCTIONS
    circuits = [qasm2.loads(ready.source, custom_instructions=gates) for ready in prepared]
    compiled: dict[int, Any] = {}
    for width in {circuit.num_qubits for circuit in circuits}:
        group = [c for c in circuits if c.num_qubits == width]
        largest = max(group, key=lambda c: c.num_nonlocal_gates())
        common = {"backend": backend, "seed_transpiler": 7 if seed is None else seed}
        best = generate_preset_pass_manager(optimization_level=3, **common).run(largest)
        layout = best.layout.initial_index_layout(filter_ancillas=True)
        keep = generate_preset_pass_manager(optimization_level=0, initial_layout=layout, **common)
        compiled.update({id(c): (keep.run(c), layout) for c in group})
    native, result = set(backend.target.operation_names), []
    for circuit, tape in zip(circuits, prepared, strict=True):
        ready, layout = compiled[id(circuit)]
        foreign = {gate for gate in ready.count_ops() if gate not in native and gate != "barrier"}
        if foreign:
            raise RuntimeError(f"{backend.name} has no gate {', '.join(sorted(foreign))}.")
        result.append(
            {
                "compiled": qasm3.dumps(ready),
                "language": "openqasm3",
                "qubits": [str(q) for q in layout],
                "calibration": _calibration(backend, ready),
                "wires": tape.wires,
                "source": tape.source,
                "program": _packed(ready),
            }
        )
    return result


def _calibration(backend: Any, circuit: Any) -> dict[str, Any]:
    """Return errors and times of the qubits and gates that a compiled circuit uses."""
    target, properties = backend.target, backend.properties()
    gates: dict[str, Any] = {}
    qubits: dict[str, Any] = {}
    for instruction in circuit.data:
        name = instruction.operation.name
        where = tuple(circuit.find_bit(q).index for q in instruction.qubits)
        known = target[name].get(where) if name in target.operation_names else None
        if known is not None:
            label = f"{name} {'-'.join(map(str, where))}"
            gates[label] = {"error": known.error, "s": known.duration}
            for qubit in where:
                times = target.qubit_properties[qubit]
                # By the names that the stand-ins use: what mitigates theirs mitigates these.
                e10, e01 = readout_errors(qubit, properties, target)
                qubits[str(qubit)] = {
                    "t1_s": times.t1, "t2_s": times.t2, "reads_1_for_0": e10, "reads_0_for_1": e01,
                }  # fmt: skip
    measured = properties.last_update_date.isoformat() if properties is not None else None
    return {"time": measured, "values": {"qubits": qubits, "gates": gates}}


def _packed(circuit: Any) -> str:
    from qiskit import qpy

    buffer = io.BytesIO()
    qpy.dump(circuit, buffer)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _unpacked(program: str) -> Any:
    from qiskit import qpy

    return qpy.load(io.BytesIO(base64.b64decode(program)))[0]


def _adapter() -> type:
    """Return an HTTP adapter that tries once and waits no longer than told."""
    from requests.adapters import HTTPAdapter

    global _Once
    if _Once is None:

        class Once(HTTPAdapter):
            def __init__(self, timeout: float) -> None:
                self.limit = timeout
                super().__init__(max_retries=0)

            def send(self, request, *args, timeout=None, **kwargs):  # type: ignore[no-untyped-def]
                return super().send(request, *args, timeout=self.limit, **kwargs)

        _Once = Once
    return _Once


_Once: type | None = None


def _token() -> str | None:
    """Return the token that Qiskit Runtime would use, to look for and never to write."""
    if os.environ.get("QISKIT_IBM_TOKEN"):
        return os.environ["QISKIT_IBM_TOKEN"]
    saved = Path.home() / ".qiskit" / "qiskit-ibm.json"
    try:
        accounts = json.loads(saved.read_text(encoding="utf-8")).values()
        return next(a["token"] for a in accounts if a.get("channel") in CHANNELS)
    except (OSError, ValueError, AttributeError, KeyError, StopIteration):
        return None
