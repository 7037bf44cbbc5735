"""Processes that serve: from their start to their first answer, and what they take meanwhile."""

import asyncio
import os
import socket
import sys
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2

from sonde.agent.v1.agent_service_pb2 import CollectEvidenceRequest
from sonde.agent.v1.agent_service_pb2_grpc import AgentServiceStub
from sonde.engine.v1.engine_service_pb2 import ReportFailureRequest, ReportHealthRequest
from sonde.engine.v1.engine_service_pb2_grpc import EngineServiceStub
from sonde.engine.v1.report_pb2 import FailureReport, HealthReport
from sonde_agent.server import SERVICE
from sonde_wire.channels import open_channel
from tests.benchmarks.surroundings import surroundings
from tests.lab.key_pairs import PrivateKey

_TIMEOUT_S = 30.0
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_FAILURE = FailureReport(engine="grid", code=-4164, message="Order's notional must be no smaller.")
_HEALTH = HealthReport(engine="grid", version="1")


@dataclass(frozen=True, slots=True)
class Serving:
    """A process that gave its first answer."""

    pid: int
    ready_s: float
    """From its start to that answer."""

    @property
    def resident_mib(self) -> float:
        """How much of the memory it has, what it shares with others included."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return int(rollup.partition("\nRss:")[2].split()[0]) / 1024

    @property
    def cpu_s(self) -> float:
        """How long processors have worked for it and what it ran, to a hundredth of a second."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) * _TICK_S  # utime, stime, cutime, cstime


@asynccontextmanager
async def serving_agent(
    home: Path, bytecode: Path, private: PrivateKey | None = None
) -> AsyncIterator[Serving]:
    """Run an agent as it is by default but for its key, in the surroundings of a host."""
    program = Path(sys.executable).with_name("sonde-agent")
    config = home / "agent.toml"
    async with surroundings(home, private) as text:
        config.write_text(text)
        command = [str(program), "run", "--config", str(config)]
        async with serving(command, f"{home}/agent.sock", bytecode) as agent:
            yield agent


async def do_all(home: Path) -> None:
    """Have the agent in a directory do whatever it does when it is asked."""
    async with open_channel(f"unix:{home}/agent.sock") as channel:
        request = CollectEvidenceRequest(single_response=True)
        assert [message async for message in AgentServiceStub(channel).CollectEvidence(request)]
    async with open_channel(f"unix:{home}/engine.sock") as channel:
        stub = EngineServiceStub(channel)
        await stub.ReportHealth(ReportHealthRequest(health=_HEALTH))
        await stub.ReportFailure(ReportFailureRequest(failure=_FAILURE))


@asynccontextmanager
async def serving(command: Sequence[str], address: str, bytecode: Path) -> AsyncIterator[Serving]:
    """Run a command until it answers at a socket, and kill it afterwards.

    `bytecode` is where Python keeps what it compiled: an installed program is compiled once.
    """
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": str(bytecode)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*command, stderr=DEVNULL, env=environ)
    try:
        await _ask_health(address)
        yield Serving(process.pid, time.perf_counter() - start)
    finally:
        process.kill()
        await process.wait()


async def _ask_health(address: str) -> None:
    """Ask until the server answers: SERVING, or that it does not know the question."""
    await _until_listening(address)
    async with grpc.aio.insecure_channel(f"unix:{address}") as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = await check(health_pb2.HealthCheckRequest(service=SERVICE), timeout=_TIMEOUT_S)
        except grpc.aio.AioRpcError as unknown:
            if unknown.code() is not grpc.StatusCode.UNIMPLEMENTED:
                raise
        else:
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def _until_listening(address: str) -> None:
    """Return as soon as somebody listens. A channel that found nobody would pause for a second."""
    with socket.socket(socket.AF_UNIX) as probe:
        async with asyncio.timeout(_TIMEOUT_S):
            while probe.connect_ex(address):  # noqa: ASYNC110 - nothing tells when it appears
                await asyncio.sleep(0.002)
