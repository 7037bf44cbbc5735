"""An engine on a drill's host, as far as drills need one."""

import asyncio
from datetime import timedelta
from pathlib import Path

from sonde.engine.v1.engine_service_pb2 import ReportHealthRequest
from sonde.engine.v1.engine_service_pb2_grpc import EngineServiceStub
from sonde.engine.v1.report_pb2 import HealthReport
from sonde_wire.channels import open_channel
from sonde_wire.times import to_duration

NAME = "grid"
_HEARTBEAT = timedelta(seconds=1)
"""The shortest that an agent takes."""
_OVERDUE = timedelta(milliseconds=3_200)


async def lose_engine(home: Path) -> None:
    """Report to a host's agent once, and return when two more reports are overdue."""
    report = HealthReport(engine=NAME, version="3.1", heartbeat_interval=to_duration(_HEARTBEAT))
    async with open_channel(f"unix:{home}/engine.sock") as channel:
        await EngineServiceStub(channel).ReportHealth(ReportHealthRequest(health=report))
    await asyncio.sleep(_OVERDUE.total_seconds())
