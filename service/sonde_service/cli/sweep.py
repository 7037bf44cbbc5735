"""One diagnosis as it comes in."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.diagnosis_pb2 import HostResult
from sonde_core.errors import NotFoundError, UnavailableError
from sonde_core.report import HostReport
from sonde_service.cli.client import DEADLINE, ServiceAddress, connect
from sonde_wire.results import decode_result

_LONGEST_HOST = timedelta(minutes=5)
"""The longest time that any service gives one host."""


@dataclass(slots=True)
class Sweep:
    """What was asked for, and what has come of it so far."""

    request: pb.DiagnoseHostsRequest
    planned: Callable[["Sweep"], None]
    """Called once, when it is known which hosts are expected."""
    received: Callable[[HostResult], None]
    """Called with each host's result as it comes."""
    diagnosis: str = ""
    expected: tuple[str, ...] = ()
    results: dict[str, HostResult] = field(default_factory=dict)

    async def run(self, service: ServiceAddress) -> None:
        """Ask the service and take what comes until every expected host's result is there.

        Raises `UnavailableError` where the service falls silent or ends early.
        """
        async with connect(service) as stub:
            call = stub.DiagnoseHosts(self.request)
            patience = DEADLINE
            try:
                while True:
                    # Not `wait_for`: where an event comes together with Ctrl-C, it forgets Ctrl-C.
                    async with asyncio.timeout(patience):
                        event = await call.read()
                    if not isinstance(event, pb.DiagnoseHostsResponse):
                        break
                    self._take(event)
                    patience = DEADLINE + self._longest_host().total_seconds()
            except TimeoutError as error:
                raise UnavailableError(f"the service fell silent; {self.progress()}") from error
            finally:
                call.cancel()
        if len(self.results) < len(self.expected):
            raise UnavailableError(f"the service ended early; {self.progress()}")

    def _longest_host(self) -> timedelta:
        given = self.request.HasField("timeout")
        return self.request.timeout.ToTimedelta() if given else _LONGEST_HOST

    def _take(self, event: pb.DiagnoseHostsResponse) -> None:
        if event.HasField("plan"):
            if not event.plan.hosts:
                raise NotFoundError("no host matches; `sonde hosts list` shows which there are")
            self.diagnosis = event.plan.diagnosis
            self.expected = tuple(event.plan.hosts)
            self.planned(self)
        elif event.HasField("result"):
            self.results[event.result.host] = event.result
            self.received(event.result)

    def reports(self) -> list[HostReport]:
        """Return what came, in the order in which it was expected."""
        return [decode_result(self.results[h]) for h in self.expected if h in self.results]

    def progress(self) -> str:
        """Say how much is there, and where it can be seen."""
        if not self.diagnosis:
            return "nothing was asked yet"
        came = f"{len(self.results)} of {len(self.expected)} hosts came in and stay stored"
        return f"{came}: `sonde show {self.diagnosis}`"
