"""EngineService: check the report, keep it, say what to do."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sonde.engine.v1 import engine_service_pb2 as pb
from sonde.engine.v1 import engine_service_pb2_grpc as rpc
from sonde_agent.engine.advising import Adviser
from sonde_agent.engine.engines import Engines
from sonde_agent.engine.requests import clean_failure, clean_health, clean_id, heartbeat
from sonde_agent.engine.rows import NewReport, ReportKind
from sonde_agent.engine.spool import Spool
from sonde_agent.stopwatch import HostClock
from sonde_core.calibration import Calibration
from sonde_core.errors import NoRoomError, UnavailableError
from sonde_wire.times import to_duration

SERVICE = "sonde.engine.v1.EngineService"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineService(rpc.EngineServiceServicer):
    """Answers engines. What brings a request does not matter: no method looks at its context."""

    spool: Spool
    engines: Engines
    adviser: Adviser
    calibration: Callable[[], Calibration | None]
    now: HostClock

    async def ReportHealth(
        self, request: pb.ReportHealthRequest, context: object
    ) -> pb.ReportHealthResponse:
        """Keep what an engine says of itself."""
        now = self.now()
        health = clean_health(request.health)
        beat = heartbeat(health, now)
        spool_id, sequence = await self.spool.keep(
            NewReport(
                kind=ReportKind.HEALTH,
                received=now,
                message=health.SerializeToString(),
                engine=beat.engine,
                state=self.engines.note(beat),
                id=clean_id(request.id),
            )
        )
        return pb.ReportHealthResponse(spool_id=spool_id, sequence=sequence)

    async def ReportFailure(
        self, request: pb.ReportFailureRequest, context: object
    ) -> pb.ReportFailureResponse:
        """Keep a refusal and say what to do. It is explained while the disk works.

        Where it cannot be kept, the error says what to do.
        """
        failure = clean_failure(request.failure)
        kept = self.spool.keep(
            NewReport(
                kind=ReportKind.FAILURE,
                received=self.now(),
                message=failure.SerializeToString(),
                id=clean_id(request.id),
            )
        )
        try:
            advice = self.adviser.advise(failure)
        finally:
            [place] = await asyncio.gather(kept, return_exceptions=True)
        if isinstance(place, NoRoomError):
            place.details = (advice,)
        if isinstance(place, BaseException):
            raise place
        advice.spool_id, advice.sequence = place
        return advice

    async def GetCalibration(
        self, request: pb.GetCalibrationRequest, context: object
    ) -> pb.GetCalibrationResponse:
        """Say how far the clock is off."""
        known = self.calibration()
        if known is None:
            raise UnavailableError(
                "the clock has not been measured yet; ask again in a few seconds"
            )
        return pb.GetCalibrationResponse(
            offset=to_duration(known.offset),
            bound=to_duration(known.bound),
            age=to_duration(known.age),
            sources=known.sources,
            recv_window=to_duration(known.recv_window),
        )
