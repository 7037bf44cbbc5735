"""An agent on one host, the service on another, and a cable that can be pulled."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde_lab.stage import end, ready
from sonde_wire.channels import open_channel
from tests.agent_home import AgentHome
from tests.system.namespaces import Hosts, two_hosts
from tests.wire.certificates import authority

PORT = 7443
HANGS = 30
"""Seconds. Whatever takes longer hangs."""
SERVICE = """\
[service]
socket = "{home}/service.sock"
state_dir = "{home}/state"

[agents.tls]
ca_file = "{files.ca_file}"
cert_file = "{files.cert_file}"
key_file = "{files.key_file}"
"""


@dataclass
class Cabled:
    """Both hosts with everything on them running."""

    hosts: Hosts
    home: Path
    stack: AsyncExitStack

    @property
    def agent(self) -> AgentHome:
        return AgentHome(self.home)

    async def start(self, host: str, *words: str) -> asyncio.subprocess.Process:
        program = Path(sys.executable).with_name(words[0])
        process = await asyncio.create_subprocess_exec(
            *self.hosts.on(host), program, *words[1:],
            stdout=asyncio.subprocess.PIPE,
            stderr=self.stack.enter_context((self.home / "log.txt").open("ab")),
        )  # fmt: skip
        self.stack.push_async_callback(end, process)
        return process

    async def sonde(self, *words: str) -> tuple[int, str]:
        """Run the command beside the service, to its end."""
        process = await self.start(
            self.hosts.right, "sonde", f"--service=unix:{self.home}/service.sock", *words
        )
        async with asyncio.timeout(HANGS):
            out, _ = await process.communicate()
            return await process.wait(), out.decode()

    async def diagnose(self) -> dict[str, Any]:
        _, out = await self.sonde("diagnose", "tyo-02", "--json", "--timeout", "3s")
        (line,) = out.splitlines()
        row: dict[str, Any] = json.loads(line)
        return row

    async def until_running(self, *, probes: bool) -> None:
        """Ask the agent on its own socket, which needs no cable."""
        async with open_channel(self.agent.socket) as channel, asyncio.timeout(HANGS):
            stub = rpc.AgentServiceStub(channel)
            while True:
                info = await stub.GetAgentInfo(pb.GetAgentInfoRequest())
                if bool(info.running_probes) is probes:
                    return


@pytest.fixture
async def cabled(needs: Callable[[str], Path], tmp_path: Path) -> AsyncIterator[Cabled]:
    """Give the agent an NTP server that is silent, so that a diagnosis takes its whole time."""
    ours = authority(tmp_path / "tls")
    with two_hosts(needs("ip")) as hosts:
        async with AsyncExitStack() as stack:
            both = Cabled(hosts, tmp_path, stack)
            silent = await both.start(
                hosts.left, "sonde-lab", "ntp", "--port=0", "--behaviour=silent"
            )
            assert silent.stdout is not None
            both.agent.furnish(
                exchange="http://127.0.0.1:1",
                servers=[(await silent.stdout.readline()).decode().strip()],
                timeout="10s",
                listen=f"{hosts.left_address}:{PORT}",
                tls=ours.issue("tyo-02.agent"),
            )
            config = tmp_path / "service.toml"
            config.write_text(SERVICE.format(home=tmp_path, files=ours.issue("service")))
            await both.start(hosts.left, "sonde-agent", "run", f"--config={both.agent.config}")
            made = await both.start(hosts.right, "sonde-service", "init", f"--config={config}")
            assert await made.wait() == 0, (tmp_path / "log.txt").read_text()
            await both.start(hosts.right, "sonde-service", "run", f"--config={config}")
            await ready([both.agent.socket, f"unix:{tmp_path}/service.sock"])
            yield both


async def test_a_cable_pulled_in_the_middle_costs_that_host_its_row_and_nothing_hangs(
    cabled: Cabled,
) -> None:
    added, _ = await cabled.sonde(
        *("hosts", "add", "tyo-02", "--tls-name=tyo-02.agent"),
        f"--address={cabled.hosts.left_address}:{PORT}",
    )
    asking = asyncio.create_task(cabled.diagnose())
    await cabled.until_running(probes=True)
    cabled.hosts.pull_cable()
    cut = await asking
    await cabled.until_running(probes=False)
    cabled.hosts.plug_in_cable()
    mended = await cabled.diagnose()

    assert added == 0
    assert (cut["host"], cut["status"]) == ("tyo-02", "timeout")
    assert "AGENT_UNREACHABLE" in {each["cause"] for each in cut["findings"]}
    assert mended["status"] == "diagnosed"
