"""Agent, service and command in processes of their own, each over TCP with mTLS."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from sonde_wire.channels import is_serving, open_channel
from sonde_wire.tls import TlsFiles
from tests.commands import Command
from tests.e2e.ports import free_port
from tests.wire.certificates import Authority, authority

AGENT = """
[agent]
socket = "{home}/agent.sock"
listen = "127.0.0.1:{port}"
state_dir = "{home}"
[agent.tls]
{tls}
[clock]
servers = ["127.0.0.1:9"]
timeout = "100ms"
[egress]
echo_urls = ["http://127.0.0.1:9/"]
[exchange]
environment = "custom"
[exchange.urls]
spot = "http://127.0.0.1:9"
usdm = "http://127.0.0.1:9"
"""
SERVICE = """
[service]
socket = "{home}/service.sock"
listen = "127.0.0.1:{port}"
state_dir = "{home}/service-state"
[service.tls]
{tls}
[agents.tls]
{tls}
"""


def toml(tls: TlsFiles) -> str:
    return f'ca_file = "{tls.ca_file}"\ncert_file = "{tls.cert_file}"\nkey_file = "{tls.key_file}"'


def as_variables(tls: TlsFiles) -> dict[str, str]:
    return {
        "SONDE_TLS_CA": str(tls.ca_file),
        "SONDE_TLS_CERT": str(tls.cert_file),
        "SONDE_TLS_KEY": str(tls.key_file),
        "SONDE_TLS_NAME": "service.example",
    }


@asynccontextmanager
async def running(command: str, config: Path, socket: Path) -> AsyncIterator[None]:
    """Run an installed command until it is left, once it says that it serves."""
    process = await Command(command).start("run", "--config", str(config))
    try:
        async with open_channel(f"unix:{socket}") as channel, asyncio.timeout(30):
            assert await is_serving(channel, wait=True)
        yield
    finally:
        process.terminate()
        await process.communicate()


@dataclass(frozen=True)
class Site:
    """An authority, an agent and a service that know each other, and the command that asks."""

    home: Path
    ca: Authority
    agent_port: int
    sonde: Command

    def agent(self, tls: TlsFiles) -> Path:
        """Write the configuration of an agent and return its path."""
        path = self.home / "agent.toml"
        path.write_text(AGENT.format(home=self.home, port=self.agent_port, tls=toml(tls)))
        return path

    async def row(self, agent: TlsFiles, tls_name: str = "agent.example") -> dict[str, str]:
        """Diagnose the agent's host; return its status and what is said about the contact."""
        await self.sonde("hosts", "remove", "sgp-01")
        address = f"127.0.0.1:{self.agent_port}"
        added = await self.sonde(
            "hosts", "add", "sgp-01", "--address", address, "--tls-name", tls_name
        )
        assert added.code == 0, added.err
        async with running("sonde-agent", self.agent(agent), self.home / "agent.sock"):
            told = await self.sonde("diagnose", "sgp-01", "--json", "--timeout", "20s")
        return {"status": json.loads(told.out)["status"], "row": told.out, "code": str(told.code)}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    ca = authority(tmp_path / "ca")
    service_port = free_port()
    config = tmp_path / "service.toml"
    tls = toml(ca.issue("service.example"))
    config.write_text(SERVICE.format(home=tmp_path, port=service_port, tls=tls))
    sonde = Command(
        "sonde", {"SONDE_SERVICE": f"127.0.0.1:{service_port}", **as_variables(ca.issue("li"))}
    )
    assert (await Command("sonde-service")("init", "--config", str(config))).code == 0
    async with running("sonde-service", config, tmp_path / "service.sock"):
        yield Site(tmp_path, ca, free_port(), sonde)


async def test_a_host_is_diagnosed_over_tls_all_the_way(site: Site) -> None:
    row = await site.row(site.ca.issue("agent.example"))

    assert row["status"] == "diagnosed"


async def test_what_is_wrong_between_service_and_agent_stands_in_the_row(
    site: Site, tmp_path: Path
) -> None:
    foreign = authority(tmp_path / "foreign", "another authority")
    good = site.ca.issue("agent.example")
    expired = site.ca.issue("old.example", timedelta(hours=-3))
    distrusting = replace(good, ca_file=foreign.issue("x").ca_file)

    for agent, tls_name, words in (
        (foreign.issue("agent.example"), "agent.example", "is from another authority"),
        (expired, "old.example", "its certificate has expired"),
        (good, "other.example", "is for another name than other.example"),
        (distrusting, "agent.example", "it hung up on our certificate"),
    ):
        row = await site.row(agent, tls_name)
        assert row["status"] == "unreachable"
        assert row["code"] == "5"
        assert words in row["row"]


async def test_what_is_wrong_between_command_and_service_is_the_error(
    site: Site, tmp_path: Path
) -> None:
    foreign = authority(tmp_path / "foreign", "another authority")
    expired = site.ca.issue("old", timedelta(hours=-3))

    for environ, words in (
        (as_variables(foreign.issue("li")), "its certificate is from another authority"),
        (as_variables(expired), "it hung up on our certificate, which expired on "),
        ({"SONDE_TLS_NAME": "other.example"}, "for another name than other.example"),
        (
            dict.fromkeys(
                ("SONDE_TLS_CA", "SONDE_TLS_CERT", "SONDE_TLS_KEY", "SONDE_TLS_NAME"), ""
            ),
            "it may expect TLS, and was called in plain text",
        ),
    ):
        told = await site.sonde("hosts", "list", **environ)
        assert told.code == 1, told.err
        assert words in told.err
        assert told.err.count("\n") == 1


@pytest.mark.parametrize("command", ["sonde-agent", "sonde-service"])
async def test_plain_text_beyond_this_machine_is_refused_at_start(
    command: str, tmp_path: Path
) -> None:
    section = command.removeprefix("sonde-")
    config = tmp_path / "config.toml"
    config.write_text(
        f'[{section}]\nsocket = "{tmp_path}/x.sock"\nlisten = "0.0.0.0:0"\n'
        f'state_dir = "{tmp_path}/state"\n'
    )
    if section == "service":
        await Command(command)("init", "--config", str(config))

    told = await Command(command)("run", "--config", str(config))

    assert told.code == 2
    assert "0.0.0.0:0: plain text is for unix sockets and loopback only" in told.err
    assert "cert_file" in told.err
    assert "Traceback" not in told.err


async def test_the_command_refuses_plain_text_to_another_machine_and_half_an_identity() -> None:
    plain = await Command("sonde")("hosts", "list", "--service", "192.0.2.1:7440")
    half = await Command("sonde")("--tls-ca", "/x/ca.pem", "hosts", "list")

    assert (plain.code, half.code) == (2, 2)
    assert "--tls-ca, --tls-cert and --tls-key" in plain.err
    assert "give --tls-cert" in half.err
