"""What a real agent finds around it: a simulated exchange and simulated NTP servers."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde.agent.v1 import reading_pb2
from sonde_agent.agent import Agent
from sonde_agent.server import AgentService
from sonde_lab.exchange.exchange import Exchange
from sonde_wire.channels import open_channel
from sonde_wire.serving import bind, new_server
from tests.commands import Command

CONFIG = """
[agent]
socket = "{home}/agent.sock"
listen = "{listen}"
state_dir = "{home}"
{tls}
[clock]
servers = [{servers}]
[egress]
echo_urls = ["{url}/_sonde/ip", "{url}/_sonde/ip.json"]
[exchange]
environment = "custom"
[exchange.urls]
spot = "{url}"
usdm = "{url}"
[[account]]
name = "main"
api_key_file = "{home}/key"
secret_file = "{home}/secret"
whitelist = ["127.0.0.1"]
"""
Stub: TypeAlias = "rpc.AgentServiceAsyncStub"


@dataclass
class Surroundings:
    """What an agent finds around it."""

    exchange: Exchange
    home: Path
    servers: str

    def text(self, listen: str = "", tls: str = "") -> str:
        return CONFIG.format(
            home=self.home, listen=listen, tls=tls, servers=self.servers, url=self.exchange.url
        )


@asynccontextmanager
async def served(agent: Agent, home: Path) -> AsyncIterator[Stub]:
    server = new_server(max_concurrent_streams=16, max_receive_bytes=65536)
    rpc.add_AgentServiceServicer_to_server(AgentService(agent), server)
    address = bind(server, f"unix:{home}/a.sock")
    await server.start()
    async with open_channel(address) as channel:
        yield rpc.AgentServiceStub(channel)
    await server.stop(grace=None)


async def all_of(stub: Stub, request: pb.CollectEvidenceRequest) -> list[reading_pb2.Reading]:
    return [reading async for some in stub.CollectEvidence(request) for reading in some.readings]


async def start(around: Surroundings, text: str) -> asyncio.subprocess.Process:
    path = around.home / "agent.toml"
    path.write_text(text)
    return await Command("sonde-agent").start("run", "--config", str(path))


async def stop(process: asyncio.subprocess.Process) -> str:
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        _, log = await process.communicate()
    assert process.returncode == 0, log
    return log.decode()
