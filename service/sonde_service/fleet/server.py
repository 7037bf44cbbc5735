"""FleetService: check who brings what, keep it, acknowledge it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import grpc.aio
from sqlalchemy import Connection

from sonde.fleet.v1 import fleet_service_pb2 as pb
from sonde.fleet.v1.fleet_service_pb2_grpc import FleetServiceServicer
from sonde_core.errors import NotAllowedError, RequestInvalidError
from sonde_core.host_names import is_host_name
from sonde_service.hosts import HostFilter
from sonde_service.known import require_known
from sonde_service.store.hosts import HostsStore
from sonde_service.store.reports import Dropped, ReportsStore, StoredReport
from sonde_service.store.store import Store
from sonde_wire.times import from_timestamp

Context = grpc.aio.ServicerContext[object, object]

SERVICE = pb.DESCRIPTOR.services_by_name["FleetService"].full_name

_MOST_REPORTS = 500
_LARGEST = 2**63 - 1
_SPOOL = re.compile(r"[0-9a-zA-Z]{1,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetServer(FleetServiceServicer):
    """Answers agents."""

    store: Store

    async def SubmitReports(
        self, request: pb.SubmitReportsRequest, context: Context
    ) -> pb.SubmitReportsResponse:
        """Keep what engines reported to one agent."""
        names = _certified(context.auth_context())
        batch = _decode(request)
        dropped = Dropped(health=request.dropped.health, failures=request.dropped.failures)

        def add(transaction: Connection) -> int:
            _check_name(request.host, names, transaction)
            return ReportsStore(transaction).add(request.host, request.spool_id, batch, dropped)

        return pb.SubmitReportsResponse(acknowledged_sequence=await self.store.write(add))


def _certified(peer: Mapping[str, Iterable[bytes]]) -> frozenset[str] | None:
    """Return the names in the peer's certificate.

    None on a unix socket and on loopback: whoever reaches those is trusted with any name.
    """
    if b"ssl" not in peer.get("transport_security_type", ()):
        return None
    names = peer.get("x509_subject_alternative_name", ())
    return frozenset(name.decode(errors="replace") for name in names)


def _check_name(host: str, certified: frozenset[str] | None, transaction: Connection) -> None:
    """Raise `NotFoundError` for an unknown host, `NotAllowedError` where another one speaks."""
    named = frozenset({host})
    found = HostsStore(transaction).find(HostFilter(names=named), limit=1)
    if not found:
        require_known(named, transaction)  # it looks at all of them, for the nearest name
    name = found[0].tls_name or host
    if certified is not None and name not in certified:
        shown = ", ".join(sorted(certified))[:200] or "no name"
        raise NotAllowedError(
            f"host: the certificate is for {shown}, and that of {host} is for {name!r}; "
            "see reports.host on the host, and `sonde hosts set --tls-name`",
            host=host,
        )


def _decode(request: pb.SubmitReportsRequest) -> list[StoredReport]:
    if not is_host_name(request.host):
        raise RequestInvalidError("host: write its name as it was added", field="host")
    if not _SPOOL.fullmatch(request.spool_id):
        raise RequestInvalidError("spool_id: write 1 to 63 letters and digits", field="spool_id")
    if not 1 <= len(request.reports) <= _MOST_REPORTS:
        raise RequestInvalidError(f"reports: send 1 to {_MOST_REPORTS}", field="reports")
    if not all(0 <= n <= _LARGEST for n in (request.dropped.health, request.dropped.failures)):
        raise RequestInvalidError("dropped: must be 0 or more", field="dropped")
    batch = [_report(request.host, request.spool_id, each) for each in request.reports]
    places = [0, *(one.sequence for one in batch)]
    if any(later <= earlier for earlier, later in pairwise(places)):
        raise RequestInvalidError("reports: must ascend by sequence, from 1", field="reports")
    return batch


def _report(host: str, spool: str, message: pb.Report) -> StoredReport:
    kind = message.WhichOneof("report")
    if kind is None:
        raise RequestInvalidError("reports: one holds neither health nor failure", field="reports")
    try:
        time = from_timestamp(message.receive_time)
    except (ValueError, OverflowError) as error:
        raise RequestInvalidError(
            "reports: a receive_time is no instant", field="reports"
        ) from error
    return StoredReport(
        host=host,
        spool=spool,
        sequence=message.sequence,
        time=time,
        kind=kind,
        report=getattr(message, kind).SerializeToString(),
    )
