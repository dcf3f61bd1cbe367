"""IBM's devices, through Qiskit Runtime: compiled, sent once, fetched."""

import importlib.util
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import _jobs
from ._backend import DEVICE, Result
from ._confirm import ask
from ._ibm_client import one_try, stop_retries, token
from ._ibm_compile import compile_circuits, unpacked
from ._network import NetworkError, Outcome, Patience, Status, patiently, scrub, state
from ._tapes import Prepared


class IBMDevice:
    """A device of the IBM Quantum Platform, such as ``ibm_torino``.

    The token comes from the environment variable QISKIT_IBM_TOKEN or from the account that
    Qiskit Runtime saved, and stays there. Each gate is compiled by itself, so that folded gates
    stay; with ``optimize=1``, Qiskit merges and cancels what it can.
    """

    provider, kind = "IBM", DEVICE

    def __init__(
        self, device: str, *, optimize: int | None = None, patience: Patience | None = None
    ) -> None:
        if not device or device.startswith("fake_"):
            raise ValueError(f"device must name a device such as 'ibm_torino'; got {device!r}.")
        self.name, self.device, self.optimize = f"ibm/{device}", device, optimize
        self.patience = patience or Patience()
        self._service: Any = None
        self._known: Any = None

    def missing(self) -> str | None:
        """Return, in one sentence, what keeps it from being used here; None if nothing does."""
        if importlib.util.find_spec("qiskit_ibm_runtime") is None:
            return f"{self.name} needs the extra qiskit: pip install 'qmlcourse[qiskit]'."
        if token() is None:
            return (
                f"{self.name} needs an account: set the environment variable QISKIT_IBM_TOKEN, "
                f"or save one with QiskitRuntimeService.save_account."
            )
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
        """Compile, ask, send all circuits as one job and return the journal's path."""
        if missing := self.missing():
            raise RuntimeError(missing)
        try:
            backend = patiently(self.patience, self._backend)
        except NetworkError as fault:
            raise RuntimeError(
                f"{self.name} did not answer in {self.patience.attempts} tries ({fault}); "
                f"nothing was sent."
            ) from None
        compiled = compile_circuits(circuits, seeds, backend, level=self.optimize or 0)
        ask(self._price(backend, len(circuits), shots), confirm)
        return _jobs.begin(self, [compiled], shots, folder)

    def send(self, circuits: list[dict[str, Any]], shots: int, tag: str) -> str:
        """Submit one job under the job tag ``tag`` and return its id."""
        from qiskit_ibm_runtime import SamplerV2

        backend = self._backend()
        options = {"environment": {"job_tags": [tag]}}
        with one_try(self.name), warnings.catch_warnings():
            # The client's own sampler uses a class of the client's that it deprecates.
            warnings.filterwarnings("ignore", "The RuntimeOptions class", DeprecationWarning)
            sampler = SamplerV2(mode=backend, options=options)
            job = sampler.run([unpacked(c["program"]) for c in circuits], shots=shots)
            return str(job.job_id())

    def find(self, tag: str) -> list[str]:
        """Return the ids of the jobs under ``tag``: the oldest first, cancelled ones last."""
        service = self._connected()
        with one_try(self.name):
            jobs = service.jobs(limit=10, job_tags=[tag], descending=False)
            if len(jobs) > 1:
                jobs.sort(key=lambda job: job.status() == "CANCELLED")
            return [str(job.job_id()) for job in jobs]

    def look(self, job_id: str) -> Status:
        """Return where a job stands."""
        from qiskit_ibm_runtime.exceptions import RuntimeJobNotFound

        service = self._connected()
        with one_try(self.name):
            try:
                job = service.job(job_id)
                status = job.status()
            except RuntimeJobNotFound:
                return Status("expired")
            where = state(status)
            reason = job.error_message() or "" if where == "failed" else ""
        return Status(where, scrub(reason, token()))

    def fetch(self, job_id: str, circuits: list[dict[str, Any]], shots: int) -> Outcome:
        """Return the counts, wire 0 first, and when the job ran."""
        service = self._connected()
        with one_try(self.name):
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
        with one_try(self.name):
            service.job(job_id).cancel()

    def _connected(self) -> Any:
        if self._service is None:
            from qiskit_ibm_runtime import QiskitRuntimeService

            with one_try(self.name):
                self._service = QiskitRuntimeService(channel="ibm_quantum_platform")
        stop_retries(self._service, self.patience.timeout)
        return self._service

    def _backend(self) -> Any:
        from qiskit.providers.exceptions import QiskitBackendNotFoundError

        service = self._connected()
        if self._known is not None:
            return self._known
        with one_try(self.name):
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
        # IBM's own estimate, "Workload usage" in its documentation: two seconds to load a job, and
        # for each shot the pause before it and some 100 microseconds of circuit.
        seconds = 2.0 + total * (rest + 100e-6)
        return (
            f"{n_circuits} circuit(s) of {shots:,} shots each, {total:,} in all, as 1 job on "
            f"{self.name}. It takes about {seconds:,.0f} s of the device's time"
            f"{remains}; the open plan gives 10 minutes in 28 days at no charge."
        )
