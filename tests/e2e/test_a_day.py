"""As many intervals as a day holds, back to back, in one whole agent: nothing of it grows."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import grpc.aio
import httpx
import pytest

from sonde.agent.v1.agent_service_pb2 import CollectEvidenceRequest
from sonde.agent.v1.agent_service_pb2_grpc import AgentServiceStub
from sonde.agent.v1.agent_service_pb2_grpc import add_AgentServiceServicer_to_server as add_agent
from sonde.engine.v1 import engine_service_pb2 as pb
from sonde.engine.v1.engine_service_pb2_grpc import EngineServiceStub
from sonde.engine.v1.report_pb2 import FailureReport, HealthReport
from sonde.fleet.v1 import fleet_service_pb2 as fleet
from sonde.fleet.v1 import fleet_service_pb2_grpc as fleet_rpc
from sonde.fleet.v1.fleet_service_pb2_grpc import add_FleetServiceServicer_to_server as add_centre
from sonde_agent import config, main
from sonde_agent.agent import Agent
from sonde_agent.path_watch import look
from sonde_agent.probes.clock_watch import Clocks
from sonde_agent.server import AgentService
from sonde_agent.stopwatch import host_clock
from sonde_lab.exchange import Exchange, serve_exchange
from sonde_lab.ntp import serve_ntp
from sonde_lab.world import World
from sonde_wire.channels import open_channel
from sonde_wire.serving import bind, new_server
from tests.agent_home import AgentHome
from tests.e2e.ports import free_port

if TYPE_CHECKING:
    from sonde.agent.v1.agent_service_pb2_grpc import AgentServiceAsyncStub
    from sonde.engine.v1.engine_service_pb2_grpc import EngineServiceAsyncStub

MORE = """
[metrics]
listen = "127.0.0.1:{port}"
[reports]
service = "{centre}"
host = "sgp-01"
"""
PAGE = os.sysconf("SC_PAGE_SIZE")
MEMORY, OBJECTS, STATE = 1.03, 1.002, 1.01
"""How many times as much there may be afterwards: what varies by itself. Memory comes in steps."""
LOG = 5 << 20
"""Bytes of the spool's log, which is written anew from its beginning once it has as many."""
FEW = 4
"""How many come and go: connections that end, threads of gRPC."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LOOKS, BEATS, SCRAPES = 12, 2, 4
"""A minute's: every 5 s at the clocks, every 30 s from the engine, every 15 s from Prometheus."""


@dataclass
class Time:
    """What every clock here shows. It passes by itself, and faster at a word."""

    passed: timedelta = timedelta()

    def now(self) -> datetime:
        return host_clock() + self.passed

    @property
    def clocks(self) -> Clocks:
        return Clocks(
            wall=self.now,
            boottime=lambda: Clocks().boottime() + self.passed,
            awake=lambda: Clocks().awake() + self.passed,
        )


class Centre(fleet_rpc.FleetServiceServicer):
    """Takes what it is brought, and keeps nothing."""

    async def SubmitReports(  # noqa: N802 - gRPC's name
        self,
        request: fleet.SubmitReportsRequest,
        context: object,  # noqa: ARG002 - gRPC's
    ) -> fleet.SubmitReportsResponse:
        return fleet.SubmitReportsResponse(acknowledged_sequence=request.reports[-1].sequence)


@dataclass(frozen=True)
class Size:
    """What the process has that holds the agent and all around it."""

    resident: int
    objects: int
    descriptors: int
    threads: int
    tasks: int
    state: int
    """Bytes in the files of its directory."""
    files: frozenset[str]

    @classmethod
    def of(cls, home: Path) -> Size:
        gc.collect()
        files = {path.name: path.stat().st_size for path in home.iterdir()}
        return cls(
            resident=int(Path("/proc/self/statm").read_text().split()[1]) * PAGE,
            objects=sys.getallocatedblocks(),
            descriptors=len(os.listdir("/proc/self/fd")),
            threads=len(os.listdir("/proc/self/task")),
            tasks=len(asyncio.all_tasks()),
            state=sum(files.values()),
            files=frozenset(files),
        )


@dataclass
class Life:
    """A whole agent with everything around it."""

    home: Path
    time: Time
    exchange: Exchange
    agent: Agent
    asked: AgentServiceAsyncStub
    engine: EngineServiceAsyncStub
    metrics: httpx.AsyncClient
    minutes: int = 0

    async def live(self, span: timedelta) -> None:
        """Let a span of time pass, with all that is done meanwhile."""
        for _ in range(span // MINUTE):
            await self._minute()
            self.minutes += 1

    async def _minute(self) -> None:
        for _ in range(LOOKS):
            self.time.passed += MINUTE / LOOKS
            self.agent.timekeeping.watcher.look()
        await look(self.agent.path, self.time.now)
        if self.minutes % 2 == 0:
            await self.agent.timekeeping.calibrator.calibrate()
        for _ in range(BEATS):
            health = HealthReport(engine="grid", version="1")
            await self.engine.ReportHealth(pb.ReportHealthRequest(health=health))
        if self.minutes % 5 == 0:
            failure = FailureReport(engine="grid", code=-1021, text=f"refusal {self.minutes}")
            await self.engine.ReportFailure(pb.ReportFailureRequest(failure=failure))
        for _ in range(SCRAPES):
            await self._scrape()
        if self.minutes % 60 == 0:
            request = CollectEvidenceRequest(single_response=True)
            assert [each async for each in self.asked.CollectEvidence(request)]

    async def _scrape(self) -> str:
        answer = await self.metrics.get("/metrics")
        assert answer.is_success
        return answer.text

    async def size(self) -> Size:
        """Return what there is once everything was brought on."""
        async with asyncio.timeout(20):
            while "\nsonde_spool_reports 0.0\n" not in await self._scrape():
                pass  # each question waits for the disk
        self.exchange.world = World()  # it remembers no requests any more
        return Size.of(self.home)


@asynccontextmanager
async def serving(address: str, add: Callable[[grpc.aio.Server], None]) -> AsyncIterator[None]:
    server = new_server(max_concurrent_streams=10, max_receive_bytes=1 << 20)
    add(server)
    bind(server, address)
    await server.start()
    yield
    await server.stop(None)


@asynccontextmanager
async def life(home: AgentHome) -> AsyncIterator[Life]:
    time, port = Time(), free_port()
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        exchange = await enter(serve_exchange(World(), now=time.now))
        servers = [await enter(serve_ntp(now=time.now)) for _ in range(3)]
        home.furnish(exchange=exchange.url, servers=[each.address for each in servers])
        centre = f"unix:{home.directory}/fleet.sock"
        await enter(serving(centre, lambda server: add_centre(Centre(), server)))
        settings = config.parse(home.config.read_text() + MORE.format(port=port, centre=centre), {})
        agent = main.build(settings, time.now)
        keeping = agent.timekeeping
        keeping.watcher.clocks = keeping.calibrator.clocks = time.clocks
        await enter(serving(home.socket, lambda server: add_agent(AgentService(agent), server)))
        engines, _ = await enter(main.engine_side(settings, agent))
        await engines.start()
        yield Life(
            home=home.directory,
            time=time,
            exchange=exchange,
            agent=agent,
            asked=AgentServiceStub(await enter(open_channel(home.socket))),
            engine=EngineServiceStub(await enter(open_channel(home.engines))),
            metrics=await enter(httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}")),
        )
        await engines.stop(None)


@pytest.mark.parametrize(
    ("before", "span"),
    [
        pytest.param(30 * MINUTE, 30 * MINUTE, id="half an hour"),
        # Round trips are remembered for hours, and until then there are ever more of them.
        pytest.param(12 * HOUR, 24 * HOUR, id="a day", marks=pytest.mark.soak),
    ],
)
async def test_nothing_grows(tmp_path: Path, before: timedelta, span: timedelta) -> None:
    async with life(AgentHome(tmp_path)) as host:
        await host.live(before)
        first = await host.size()
        await host.live(span)
        last = await host.size()

    assert last.files == first.files
    assert last.resident < first.resident * MEMORY
    assert last.objects < first.objects * OBJECTS
    assert last.state < max(first.state, LOG) * STATE
    for mine in ("descriptors", "threads", "tasks"):
        assert getattr(last, mine) <= getattr(first, mine) + FEW, mine
