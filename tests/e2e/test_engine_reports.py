"""Reports of an engine, from its call to the centre's store, through agents that are killed."""

from __future__ import annotations

import asyncio
import os
import random
import select
import shutil
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import grpc.aio
import pytest

from sonde.engine.v1 import engine_service_pb2 as pb
from sonde.engine.v1.engine_service_pb2_grpc import EngineServiceStub
from sonde.engine.v1.report_pb2 import FailureReport, HealthReport
from sonde.fleet.v1.fleet_service_pb2_grpc import add_FleetServiceServicer_to_server
from sonde_agent.background import beside
from sonde_agent.engine.forwarding import Forwarder
from sonde_agent.engine.spool import MOST_BYTES, SPOOL, Spool
from sonde_service.fleet.server import FleetServer
from sonde_service.store.hosts import HostsStore
from sonde_service.store.migrating import upgrade
from sonde_service.store.reports import Dropped, ReportsStore
from sonde_service.store.store import Store
from sonde_wire.channels import open_channel
from sonde_wire.serving import bind, new_server
from tests.agent.engine.reports import report
from tests.agent_home import AgentHome
from tests.service.kept import host
from tests.wire.certificates import authority

if TYPE_CHECKING:
    from sonde.engine.v1.engine_service_pb2_grpc import EngineServiceAsyncStub
    from sonde_wire.tls import TlsFiles

ROOT = Path(__file__).parents[2]
NOBODY = "127.0.0.1:9"


@dataclass
class Engine:
    """Reports failures, several at a time, and notes what was acknowledged."""

    address: str
    acknowledged: dict[int, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    async def report_until_killed(self, process: int, dice: random.Random) -> None:
        """Report to an agent, and kill it some time after it began to acknowledge."""
        first = asyncio.Event()
        async with open_channel(self.address) as channel:
            stub = EngineServiceStub(channel)
            reporting = asyncio.gather(*(self._report(stub, first) for _ in range(4)))
            async with asyncio.timeout(20):
                await first.wait()
            await asyncio.sleep(dice.uniform(0, 0.1))  # to kill at any moment
            await kill(process)
            await reporting

    async def _report(self, stub: EngineServiceAsyncStub, first: asyncio.Event) -> None:
        with suppress(grpc.aio.AioRpcError):
            for number in self.numbers:
                report = FailureReport(engine="grid", code=-1021, text=f"report {number}")
                answer = await stub.ReportFailure(pb.ReportFailureRequest(failure=report))
                self.acknowledged[answer.sequence] = report.text
                first.set()
                if number % 3 == 0:
                    beat = HealthReport(engine="grid", version="1")
                    await stub.ReportHealth(pb.ReportHealthRequest(health=beat))


async def kill(process: int) -> None:
    """Kill a process and return when it is gone, and nobody listens on its sockets any more."""
    descriptor = os.pidfd_open(process)
    os.kill(process, signal.SIGKILL)
    await asyncio.to_thread(select.select, [descriptor], [], [])
    os.close(descriptor)


@asynccontextmanager
async def centre(store: Store, address: str, tls: TlsFiles | None = None) -> AsyncIterator[str]:
    server = new_server(max_concurrent_streams=10, max_receive_bytes=1 << 20)
    add_FleetServiceServicer_to_server(FleetServer(store=store), server)
    bound = bind(server, address, tls)
    await server.start()
    yield bound
    await server.stop(None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path}/service.sqlite3") as opened:
        upgrade(opened)
        with opened.transaction() as transaction:
            HostsStore(transaction).add(host("sgp-01", tls_name="sgp-01.example"))
        yield opened


async def start(nursery: asyncio.subprocess.Process, path: str) -> int:
    """Start an agent and wait until it takes connections at a socket."""
    assert nursery.stdin
    assert nursery.stdout
    nursery.stdin.write(b"\n")
    process = int(await nursery.stdout.readline())
    with socket.socket(socket.AF_UNIX) as probe:
        async with asyncio.timeout(20):
            while probe.connect_ex(path):  # noqa: ASYNC110 - nothing tells when it appears
                await asyncio.sleep(0.01)
    return process


def failures(store: Store) -> list[tuple[int, str]]:
    """Return place and text of each failure that the centre has."""
    with store.transaction(writes=False) as transaction:
        return [
            (one.sequence, FailureReport.FromString(one.report).text)
            for one in ReportsStore(transaction).of_host("sgp-01")
            if one.kind == "failure"
        ]


async def arrived(store: Store, acknowledged: dict[int, str]) -> None:
    """Wait until the centre has all that was acknowledged."""
    async with asyncio.timeout(30):
        while not acknowledged.items() <= set(failures(store)):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("kills", [22, pytest.param(1_000, marks=pytest.mark.soak)])
async def test_killed_agents_lose_and_double_nothing_that_they_acknowledged(
    store: Store, tmp_path: Path, kills: int
) -> None:
    home = AgentHome(tmp_path)
    home.furnish(exchange=f"http://{NOBODY}", servers=[NOBODY])
    reports = f'[reports]\nservice = "unix:{tmp_path}/fleet.sock"\nhost = "sgp-01"\n'
    home.config.write_text(home.config.read_text() + reports)
    engine = Engine(f"unix:{tmp_path}/engine.sock")
    nursery = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.e2e.nursery", home.config),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with centre(store, f"unix:{tmp_path}/fleet.sock"):
        for run in range(kills):
            process = await start(nursery, f"{tmp_path}/engine.sock")
            await engine.report_until_killed(process, random.Random(run))
        process = await start(nursery, f"{tmp_path}/engine.sock")
        await arrived(store, engine.acknowledged)
        os.kill(process, signal.SIGTERM)
    there = failures(store)
    nursery.kill()
    await nursery.communicate()

    assert len(engine.acknowledged) > kills
    assert len({text for _, text in there}) == len(there)


async def test_over_tls_a_hosts_reports_come_with_its_certificate(
    store: Store, tmp_path: Path
) -> None:
    issuer = authority(tmp_path / "ca")
    own = issuer.issue("sgp-01.example")
    async with centre(store, "127.0.0.1:0", issuer.issue("centre")) as address:
        with closing(Spool(tmp_path / SPOOL)) as spool:
            payload = FailureReport(text="late").SerializeToString()
            await spool.keep(report(payload))
            forwarder = Forwarder(
                spool=spool, host="sgp-01", open_channel=lambda: open_channel(address, own)
            )
            async with beside({"forwarding": forwarder.run}, Counter()):
                await arrived(store, {1: "late"})


async def keep(path: Path, *texts: str, address: str = "", most_bytes: int = MOST_BYTES) -> None:
    """Keep failures in a spool and, where a centre is named, wait until it has all that waits."""
    with closing(Spool(path, most_bytes)) as spool:
        for text in texts:
            await spool.keep(report(FailureReport(text=text).SerializeToString()))
        forwarder = Forwarder(
            spool=spool,
            host="sgp-01",
            open_channel=lambda: open_channel(address),
            first_pause=timedelta(milliseconds=1),
        )
        async with beside({"forwarding": forwarder.run} if address else {}, Counter()):
            async with asyncio.timeout(20):
                while address and (await spool.waiting(1)).waiting:
                    pass  # each look waits for the disk


@pytest.mark.parametrize(
    "since", [0, 3, 8], ids=["nothing came since", "the centre is ahead", "the centre is behind"]
)
async def test_an_older_copy_of_a_spool_that_comes_back_costs_no_report_and_doubles_none(
    store: Store, tmp_path: Path, since: int
) -> None:
    path, copy = tmp_path / SPOOL, tmp_path / "copy"
    before, meanwhile = ["1", "2", "3", "4", "5"], ["6", "7", "8", "9", "10"]
    after = [f"{n} after it came back" for n in range(since)]
    async with centre(store, f"unix:{tmp_path}/fleet.sock") as address:
        await keep(path, *before)
        shutil.copy(path, copy)
        await keep(path, *meanwhile, address=address)
        shutil.copy(copy, path)
        await keep(path, *after, address=address)

    assert sorted(text for _, text in failures(store)) == sorted(before + meanwhile + after)


async def test_what_a_spool_dropped_counts_once_although_an_older_copy_comes_back(
    store: Store, tmp_path: Path
) -> None:
    path, copy = tmp_path / SPOOL, tmp_path / "copy"
    room_for_two = 150
    async with centre(store, f"unix:{tmp_path}/fleet.sock") as address:
        await keep(path, "1", "2", "3", "4", "5", most_bytes=room_for_two)
        shutil.copy(path, copy)
        await keep(path, "6", address=address, most_bytes=room_for_two)
        shutil.copy(copy, path)
        await keep(path, "6 anew", address=address, most_bytes=room_for_two)

    assert sorted(text for _, text in failures(store)) == ["5", "6", "6 anew"]
    with store.transaction(writes=False) as transaction:
        assert ReportsStore(transaction).dropped("sgp-01") == Dropped(failures=4)
