"""Reports on their way to the centre: in order, and each once in effect.

What the centre acknowledged is forgotten, and only that. What it may or may not have got is sent
again: the centre knows by spool and sequence what it has. Where it has something else in a report's
place, the spool is an older copy, and goes on under another id; what of it the centre has was
acknowledged before.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import grpc.aio
from google.protobuf.message import DecodeError

from sonde.fleet.v1 import fleet_service_pb2 as pb
from sonde.fleet.v1.fleet_service_pb2_grpc import FleetServiceStub
from sonde_agent.engine.rows import Batch, KeptReport, ReportKind
from sonde_agent.engine.spool import Spool
from sonde_core.errors import AlreadyExistsError, SondeError
from sonde_wire.errors import from_rpc_error
from sonde_wire.times import to_timestamp

if TYPE_CHECKING:  # it exists for type checkers alone
    from sonde.fleet.v1.fleet_service_pb2_grpc import FleetServiceAsyncStub

logger = logging.getLogger(__name__)

_MOST = 500
_LIMIT = timedelta(seconds=10)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=60)

OpenChannel = Callable[[], grpc.aio.Channel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarder:
    """Brings a spool's reports to the centre."""

    spool: Spool
    host: str
    """What this host is called there."""
    open_channel: OpenChannel
    """Opens a channel with the certificate as it is then."""
    first_pause: timedelta = _FIRST_PAUSE
    """After the first failure; each further one doubles it, up to a minute."""

    async def run(self) -> None:
        """Send whatever the spool holds, for ever."""
        pause = self.first_pause
        while True:
            try:
                async with self.open_channel() as channel:
                    while True:
                        await self._empty(FleetServiceStub(channel))
                        pause = self.first_pause
                        await self.spool.came()
            except SondeError as error:
                logger.warning(
                    "Reports wait", extra={"error": str(error), "seconds": pause.seconds}
                )
            # So that a fleet that lost its centre does not come back all at once.
            await asyncio.sleep(pause.total_seconds() * random.uniform(0.5, 1))  # noqa: S311 - no secret
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _empty(self, stub: "FleetServiceAsyncStub") -> None:
        while (batch := await self.spool.waiting(_MOST)).waiting:
            reports, unreadable = _reports(batch)
            if unreadable:
                await self.spool.set_aside(unreadable)
                continue
            try:
                last = await _submitted(stub, _request(self.host, batch, reports))
            except AlreadyExistsError:
                await self.spool.renew(batch.spool_id)
                raise
            await self.spool.forget(min(last, batch.reports[-1].sequence))


async def _submitted(stub: "FleetServiceAsyncStub", request: pb.SubmitReportsRequest) -> int:
    """Return up to which place the centre has a spool's reports.

    Raises `AlreadyExistsError` where it has another in the first one's place: the file is an older
    copy, which was brought back and went on from there.
    """
    try:
        answer = await stub.SubmitReports(request, timeout=_LIMIT.total_seconds())
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error) from error
    return answer.acknowledged_sequence


def _request(host: str, batch: Batch, reports: list[pb.Report]) -> pb.SubmitReportsRequest:
    return pb.SubmitReportsRequest(
        host=host,
        spool_id=batch.spool_id,
        reports=reports,
        dropped=pb.DroppedReports(health=batch.dropped_health, failures=batch.dropped_failures),
    )


def _reports(batch: Batch) -> tuple[list[pb.Report], list[int]]:
    """Return a batch's reports, and the places of those that nobody can read."""
    reports, unreadable = [], list(batch.unreadable)
    for each in batch.reports:
        try:
            reports.append(_report(each))
        except DecodeError:
            unreadable.append(each.sequence)
    return reports, unreadable


def _report(kept: KeptReport) -> pb.Report:
    report = pb.Report(sequence=kept.sequence, receive_time=to_timestamp(kept.received))
    message = report.health if kept.kind is ReportKind.HEALTH else report.failure
    message.MergeFromString(kept.message)
    message.SetInParent()
    return report
