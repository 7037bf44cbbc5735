"""A running agent on a host whose clock is wrong and then mended, as its engine sees it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import grpc
import grpc.aio
import pytest

from sonde.agent.v1 import agent_service_pb2 as agent_pb
from sonde.agent.v1.agent_service_pb2_grpc import AgentServiceStub
from sonde.agent.v1.reading_pb2 import ClockWatch
from sonde.engine.v1 import engine_service_pb2 as pb
from sonde.engine.v1.engine_service_pb2_grpc import EngineServiceStub
from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import serve_ntp
from sonde_lab.world import Fault, World
from sonde_wire.channels import is_serving, open_channel
from sonde_wire.times import from_duration
from tests.agent_home import AgentHome

AHEAD = timedelta(seconds=1.5)


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """Return the file that says how far the host's clock is off."""
    file = tmp_path / "clock"
    file.write_text("+1.5s\n")
    return file


def library() -> str:
    """Return what makes a process believe the file."""
    [found] = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    return str(found)


def mend(clock: Path) -> None:
    clock.write_text("+0s\n")


@asynccontextmanager
async def running(home: AgentHome, clock: Path) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("sonde-agent"), "run", "--config", home.config,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ
        | {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        },
    )  # fmt: skip
    try:
        async with open_channel(home.engines) as channel:
            await is_serving(channel, "sonde.engine.v1.EngineService", wait=True)
        yield
    finally:
        process.terminate()
        await process.wait()


async def calibration(home: AgentHome) -> pb.GetCalibrationResponse:
    """Ask until the clock was compared once."""
    async with open_channel(home.engines) as channel, asyncio.timeout(20):
        while True:
            try:
                return await EngineServiceStub(channel).GetCalibration(pb.GetCalibrationRequest())
            except grpc.aio.AioRpcError as error:
                assert error.code() is grpc.StatusCode.UNAVAILABLE  # noqa: PT017 - until it is known
                await asyncio.sleep(0.05)


async def watched(home: AgentHome) -> ClockWatch:
    request = agent_pb.CollectEvidenceRequest(probes=["clock-history"], single_response=True)
    async with open_channel(home.socket) as channel:
        [message] = [each async for each in AgentServiceStub(channel).CollectEvidence(request)]
    return message.readings[0].clock_watch


async def test_the_engine_knows_the_offset_and_a_mended_clock_needs_no_second_look(
    needs: Callable[[str], Path], tmp_path: Path, clock: Path
) -> None:
    needs("faketime")
    home = AgentHome(tmp_path)
    # Farther away than the NTP servers, so that these know the time better.
    far = World(faults=(Fault(delay_ms=100),))
    async with serve_exchange(far) as exchange, serve_ntp() as one, serve_ntp() as other:
        home.furnish(exchange=exchange.url, servers=[one.address, other.address])
        async with running(home, clock):
            wrong = await calibration(home)
            asked = one.requests
            mend(clock)
            mended = await calibration(home)
            watch = await watched(home)

    assert abs(from_duration(wrong.offset) - AHEAD) <= from_duration(wrong.bound)
    assert set(wrong.sources) == {one.address, other.address}
    assert abs(from_duration(mended.offset)) <= from_duration(mended.bound)
    assert one.requests == asked
    [step] = watch.steps
    assert abs(from_duration(step.size) + AHEAD) < timedelta(milliseconds=50)
