"""An EngineService that does what a test wants."""

import asyncio
from typing import Never

from sonde.engine.v1 import engine_service_pb2 as pb
from sonde.engine.v1.engine_service_pb2_grpc import EngineServiceServicer
from sonde_core.errors import NoRoomError, UnavailableError


class Service(EngineServiceServicer):
    """Answers with what it was asked, when it is let."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.let.set()
        self.asked = asyncio.Event()
        self.full = False
        self.running = 0
        self.most = 0

    async def ReportFailure(
        self, request: pb.ReportFailureRequest, context: object
    ) -> pb.ReportFailureResponse:
        self.asked.set()
        self.running += 1
        self.most = max(self.most, self.running)
        await self.let.wait()
        self.running -= 1
        if self.full:
            error = NoRoomError("the disk is full")
            error.details = (pb.ReportFailureResponse(cause=request.failure.text),)
            raise error
        return pb.ReportFailureResponse(spool_id="s", sequence=2**40, cause=request.failure.text)

    async def ReportHealth(self, request: pb.ReportHealthRequest, context: object) -> Never:
        raise KeyError("secret of the inside")

    async def GetCalibration(self, request: pb.GetCalibrationRequest, context: object) -> Never:
        raise UnavailableError("the clock has not been measured yet")
