"""One host's whole evidence over gRPC, against the slowest of its probes in the same run."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
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
from sonde_agent.main import build
from sonde_agent.server import AgentService
from sonde_core.readings import Kind, Reading
from sonde_wire.channels import open_channel
from sonde_wire.readings import decode
from sonde_wire.serving import bind, new_server
from tests.benchmarks.surroundings import surroundings
from tests.benchmarks.table import Row

if TYPE_CHECKING:
    from sonde.agent.v1.agent_service_pb2_grpc import AgentServiceAsyncStub

ROUNDS = 7
ALLOWED = timedelta(milliseconds=50)
"""How much longer than its slowest probe a host may take."""
PROBE_OF = {
    Kind.NTP: "clock",
    Kind.ECHO_IPV4: "egress",
    Kind.ECHO_IPV6: "egress",
    Kind.SYNCHRONIZER: "synchronizer",
    Kind.KERNEL_CLOCK: "synchronizer",
}
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
        async with surroundings(Path(directory)) as text, _served(text, directory) as stub:
            for _ in range(ROUNDS):
                start = time.perf_counter()
                readings = await _collect(stub)
                whole.append(time.perf_counter() - start)
                chains.append(_slowest(readings).total_seconds())
    return chains, whole


@asynccontextmanager
async def _served(text: str, directory: str) -> "AsyncIterator[AgentServiceAsyncStub]":
    server = new_server(max_concurrent_streams=16, max_receive_bytes=65536)
    agent = build(config.parse(text, {}))
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
