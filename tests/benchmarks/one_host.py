"""One host's whole evidence over gRPC, against the slowest of its probes in the same run."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sonde.agent.v1.agent_service_pb2 import CollectEvidenceRequest
from sonde.agent.v1.agent_service_pb2_grpc import (
    AgentServiceStub,
    add_AgentServiceServicer_to_server,
)
from sonde_agent import config
from sonde_agent.agent import Agent
from sonde_agent.main import build
from sonde_agent.server import AgentService
from sonde_core.readings import Kind, Reading
from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import serve_ntp
from sonde_lab.world import EXAMPLE_API_KEY, EXAMPLE_SECRET, World
from sonde_wire.channels import open_channel
from sonde_wire.readings import decode
from sonde_wire.serving import bind, new_server
from tests.benchmarks.table import Row

if TYPE_CHECKING:
    from sonde.agent.v1.agent_service_pb2_grpc import AgentServiceAsyncStub

ROUNDS = 7
ALLOWED = timedelta(milliseconds=100)
"""How much longer than its slowest probe a host may take."""
CONFIG = """
clock.servers = [{servers}]
egress.echo_urls = ["{url}/_sonde/ip"]
exchange = {{ environment = "custom", urls = {{ spot = "{url}", usdm = "{url}" }} }}
[[account]]
name = "main"
api_key_file = "{home}/key"
secret_file = "{home}/secret"
"""
PROBE_OF = {Kind.NTP: "clock", Kind.ECHO_IPV4: "egress", Kind.ECHO_IPV6: "egress"}
"""Every other kind is the exchange's."""


def measure() -> Row:
    """Return the medians of several rounds."""
    chains, whole = asyncio.run(_rounds())
    floor = statistics.median(chains)
    return Row(
        name=f"one host, slowest probe + {ALLOWED / timedelta(milliseconds=1):g} ms",
        floor=floor,
        product=statistics.median(whole),
        limit=(floor + ALLOWED.total_seconds()) / floor,
    )


async def _rounds() -> tuple[list[float], list[float]]:
    chains, whole = [], []
    with TemporaryDirectory() as directory:
        async with _surroundings(Path(directory)) as agent, _served(agent, directory) as stub:
            for _ in range(ROUNDS):
                start = time.perf_counter()
                readings = await _collect(stub)
                whole.append(time.perf_counter() - start)
                chains.append(_slowest(readings).total_seconds())
    return chains, whole


@asynccontextmanager
async def _surroundings(home: Path) -> AsyncIterator[Agent]:
    """Build an agent with an exchange, an echo service and NTP servers around it."""
    for name, content in (("key", EXAMPLE_API_KEY), ("secret", EXAMPLE_SECRET)):
        (home / name).write_text(content)
        (home / name).chmod(0o600)
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(serve_exchange(World()))
        servers = [await stack.enter_async_context(serve_ntp()) for _ in range(3)]
        names = ", ".join(f'"{server.address}"' for server in servers)
        yield build(config.parse(CONFIG.format(url=exchange.url, servers=names, home=home), {}))


@asynccontextmanager
async def _served(agent: Agent, directory: str) -> "AsyncIterator[AgentServiceAsyncStub]":
    server = new_server(max_concurrent_streams=16, max_receive_bytes=65536)
    add_AgentServiceServicer_to_server(AgentService(agent), server)
    address = bind(server, f"unix:{directory}/agent.sock")
    await server.start()
    async with open_channel(address) as channel:
        yield AgentServiceStub(channel)
    await server.stop(grace=None)


async def _collect(stub: "AgentServiceAsyncStub") -> list[Reading]:
    messages = stub.CollectEvidence(CollectEvidenceRequest(single_response=True))
    decoded = [decode(each) async for message in messages for each in message.readings]
    return [reading for reading in decoded if reading]


def _slowest(readings: Iterable[Reading]) -> timedelta:
    """Return the longest time from the start of a probe's first reading to its last one's end."""
    chains: dict[str, list[Reading]] = {}
    for reading in readings:
        if reading.kind not in {Kind.SETTINGS, Kind.WHITELIST}:
            chains.setdefault(PROBE_OF.get(reading.kind, "exchange"), []).append(reading)
    return max(
        max(each.time + each.elapsed for each in chain) - min(each.time for each in chain)
        for chain in chains.values()
    )
