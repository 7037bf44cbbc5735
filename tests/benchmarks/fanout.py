"""A thousand hosts, against a bare fan-out over the same calls, messages, server and width."""

import asyncio
import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from sonde.agent.v1.agent_service_pb2 import CollectEvidenceRequest
from sonde.agent.v1.agent_service_pb2_grpc import AgentServiceStub
from sonde_service.collecting import collect_rarely
from sonde_service.config import FanoutConfig, ServiceConfig
from sonde_service.hosts import Host, HostFilter
from sonde_service.main import support_server
from sonde_service.store.diagnoses import DiagnosesStore
from sonde_service.store.hosts import HostsStore
from sonde_service.store.migrating import upgrade
from sonde_service.store.store import Store
from sonde_wire.channels import open_channel
from sonde_wire.times import to_duration
from tests.benchmarks.table import Row

HOSTS = 1_000
WIDTH = 100
ROUNDS = 7
LIMIT = 2.0
TIMEOUT = timedelta(seconds=10)


def measure() -> Row:
    """Return the median of several rounds, floor and product in turn."""
    with _fleet() as addresses, TemporaryDirectory() as directory:
        floors, products = asyncio.run(_rounds(addresses, Path(directory)))
    return Row(
        name=f"{HOSTS:,} hosts",
        floor=statistics.median(floors),
        product=statistics.median(products),
        limit=LIMIT,
    )


@contextmanager
def _fleet() -> Iterator[list[str]]:
    command = [sys.executable, "-m", "sonde_lab.fleet", str(HOSTS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield json.loads(process.stdout.readline())
        process.stdin.close()


async def _rounds(addresses: Sequence[str], directory: Path) -> tuple[list[float], list[float]]:
    with Store(f"sqlite:///{directory}/service.sqlite3") as store:
        upgrade(store)
        await store.write(lambda transaction: _add_hosts(addresses, transaction))
        floors, products = [], []
        collect_rarely()  # as the service does, and for both
        for _ in range(ROUNDS):
            floors.append(await _timed(lambda: _floor(addresses)))
            products.append(await _timed(lambda: _product(store)))
        return floors, products


def _add_hosts(addresses: Sequence[str], transaction: Connection) -> None:
    for number, address in enumerate(addresses):
        host = Host(name=f"host-{number:04}", address=address, created=datetime.now(UTC))
        HostsStore(transaction).add(host)


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    gc.collect()
    start = time.perf_counter()
    await work()
    return time.perf_counter() - start


async def _floor(addresses: Sequence[str]) -> None:
    waiting = iter(addresses)
    request = CollectEvidenceRequest(timeout=to_duration(TIMEOUT), single_response=True)
    answers = []

    async def work() -> None:
        for address in waiting:
            async with open_channel(address) as channel:
                call = AgentServiceStub(channel).CollectEvidence(
                    request, timeout=TIMEOUT.total_seconds()
                )
                answers.append([answer async for answer in call])

    async with asyncio.TaskGroup() as group:
        for _ in range(WIDTH):
            group.create_task(work())
    assert len(answers) == HOSTS


async def _product(store: Store) -> None:
    config = ServiceConfig(fanout=FanoutConfig(width=WIDTH))
    diagnoser = support_server(config, store).diagnoser
    plan = await diagnoser.plan(HostFilter())
    results = 0
    async for _ in diagnoser.run(plan, TIMEOUT):
        results += 1
    stored = await store.read(lambda transaction: DiagnosesStore(transaction).get(plan.name))
    assert stored is not None
    assert stored.stored == results == HOSTS
