"""The smoke test from outside, of real agents and of servers that are none."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import grpc
import grpc.aio
import pytest

from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde_agent.smoke.result import Outcome
from sonde_agent.smoke.rpcs import SERVICE
from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import Behaviour, Source, serve_ntp
from sonde_lab.world import Key, Permissions, World
from sonde_wire.channels import is_serving, open_channel
from sonde_wire.serving import add_health_and_reflection, bind, new_server
from sonde_wire.tls import TlsFiles
from tests.agent_home import AgentHome
from tests.commands import Command, Ended, ended
from tests.e2e.server import Careless
from tests.wire.certificates import Authority, authority

SMOKE = Command("sonde-agent")
ON_PLAIN_TEXT = [
    "reach",
    "health",
    "health AgentService",
    "GetAgentInfo",
    "GetClockStatus",
    "GetOutboundIp",
    "RunSignedTest main",
    "GetSymbolRules",
    "unknown account",
    "CollectEvidence streamed",
    "CollectEvidence single",
    "reflection",
    "deadline 200 ms",
]
ON_TLS = ["reach", "TLS identity", "TLS client refused", *ON_PLAIN_TEXT[1:11], "deadline 200 ms"]
REFUSED = World(keys=(Key(permissions=Permissions(enable_reading=False)),))


@asynccontextmanager
async def running(home: AgentHome) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a real agent; stop it in the end."""
    process = await Command("sonde-agent").start("run", "--config", str(home.config))
    try:
        yield process
    finally:
        process.terminate()
        await asyncio.wait_for(process.communicate(), timeout=20)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[AgentHome]:
    """Give an agent a world in which one NTP server is silent, so that probes take a while."""
    home = AgentHome(tmp_path)
    async with (
        serve_exchange(REFUSED) as exchange,
        serve_ntp() as honest,
        serve_ntp(Source(behaviour=Behaviour.SILENT)) as silent,
    ):
        ours = authority(tmp_path / "ours")
        home.furnish(
            exchange=exchange.url,
            servers=[honest.address, silent.address],
            listen=f"127.0.0.1:{free_port()}",
            tls=ours.issue("agent"),
        )
        ours.issue("ci")
        yield home


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def outcomes(told: Ended) -> dict[str, str]:
    (line,) = [json.loads(line) for line in told.out.splitlines()]
    return {check["name"]: check["outcome"] for check in line["checks"]}


def with_tls(files: TlsFiles, name: str) -> list[str]:
    return [
        *("--tls-ca", str(files.ca_file), "--tls-cert", str(files.cert_file)),
        *("--tls-key", str(files.key_file), "--tls-name", name),
    ]


def files_of(directory: Path, name: str) -> TlsFiles:
    return TlsFiles(
        ca_file=directory / "ca.pem",
        cert_file=directory / f"{name}.pem",
        key_file=directory / f"{name}.key",
    )


async def test_an_agent_that_comes_up_late_passes_every_check_on_its_socket(
    home: AgentHome,
) -> None:
    asking = asyncio.create_task(SMOKE("smoke", home.socket, "--wait", "30s"))
    async with running(home):
        told = await asking

    assert (told.code, told.err) == (0, "")
    _, *rows, _, summary = told.out.splitlines()
    assert [row[:3] for row in rows] == [" ✓ "] * len(ON_PLAIN_TEXT)
    assert [row[3:].startswith(name) for row, name in zip(rows, ON_PLAIN_TEXT, strict=True)]
    assert summary.startswith(f" {len(ON_PLAIN_TEXT)} checks · 0 failed · ")


async def test_an_agent_passes_every_check_over_tls_and_junit_has_a_case_for_each(
    home: AgentHome,
) -> None:
    address = home.config.read_text().partition('listen = "')[2].partition('"')[0]
    file, files = home.directory / "smoke.xml", files_of(home.directory / "ours", "ci")
    async with running(home):
        options = [*with_tls(files, "agent"), "--wait", "30s", "--junit", str(file)]
        told = await SMOKE("smoke", address, *options)
        other = await SMOKE("smoke", address, *with_tls(files, "other"), "--json")

    assert told.code == 0, told.out
    (suite,) = ElementTree.parse(file).getroot().findall("testsuite")
    assert [case.get("name") for case in suite] == ON_TLS
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    assert other.code == 3
    assert outcomes(other) == {"reach": "passed", "TLS identity": "failed"}


async def test_an_agent_that_hangs_is_not_reached_and_junit_has_an_error(home: AgentHome) -> None:
    file = home.directory / "smoke.xml"
    async with running(home) as process:
        async with open_channel(home.socket) as channel, asyncio.timeout(20):
            await is_serving(channel, wait=True)
        process.send_signal(signal.SIGSTOP)
        told = await SMOKE("smoke", home.socket, "--timeout", "500ms", "--junit", str(file))
        process.send_signal(signal.SIGCONT)

    assert told.code == 1
    assert "? reach" in told.out
    (suite,) = ElementTree.parse(file).getroot().findall("testsuite")
    assert (suite.get("tests"), suite.get("errors")) == ("1", "1")
    assert suite.find("testcase/error") is not None


@contextmanager
def deaf(path: Path) -> Iterator[str]:
    """Listen on a socket and say nothing."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        yield f"unix:{path}"


async def test_a_dead_address_and_one_that_says_nothing_are_not_reached(tmp_path: Path) -> None:
    dead = await SMOKE("smoke", f"127.0.0.1:{free_port()}", "--json")
    with deaf(tmp_path / "deaf.sock") as address:
        silent = await SMOKE("smoke", address, "--timeout", "300ms", "--json")

    assert (dead.code, outcomes(dead)) == (1, {"reach": "error"})
    assert "no agent answers there: Connection refused" in dead.out
    assert (silent.code, outcomes(silent)) == (1, {"reach": "error"})


async def test_ctrl_c_while_waiting_ends_at_once(tmp_path: Path) -> None:
    with deaf(tmp_path / "deaf.sock") as address:
        process = await SMOKE.start("smoke", address, "--wait", "10m", "--timeout", "10m")
        await asyncio.to_thread(_until_connected, tmp_path / "deaf.sock")
        process.send_signal(signal.SIGINT)
        told = await asyncio.wait_for(ended(process), timeout=20)

    assert told.code == 130
    assert told.err == "sonde-agent: interrupted\n"


def _until_connected(path: Path) -> None:
    """Wait until the kernel lists a connection that the listener has not taken yet."""
    while Path("/proc/net/unix").read_text().count(str(path)) < 2:
        os.sched_yield()


@dataclass
class Impostor:
    """Serves gRPC at an address."""

    home: Path
    server: grpc.aio.Server

    @classmethod
    def new(cls, home: Path) -> "Impostor":
        return cls(home, new_server(max_concurrent_streams=16, max_receive_bytes=65_536))

    @asynccontextmanager
    async def serving(self, *healthy: str) -> AsyncIterator[str]:
        servicer = add_health_and_reflection(self.server, [], reflect=True)
        for name in healthy:
            await servicer.set(name, 1)
        address = bind(self.server, f"unix:{self.home}/impostor.sock")
        await self.server.start()
        try:
            yield address
        finally:
            await self.server.stop(grace=None)


async def test_a_server_that_is_no_agent_fails(tmp_path: Path) -> None:
    async with Impostor.new(tmp_path).serving("") as address:
        told = await SMOKE("smoke", address, "--json")

    assert told.code == 3
    assert outcomes(told) == {
        "reach": "passed",
        "health": "passed",
        "health AgentService": "failed",
        "GetAgentInfo": "failed",
    }


async def test_each_breach_of_the_contract_fails_and_is_said(tmp_path: Path) -> None:
    impostor = Impostor.new(tmp_path)
    rpc.add_AgentServiceServicer_to_server(Careless(), impostor.server)
    file = tmp_path / "smoke.xml"
    async with impostor.serving("", SERVICE) as address:
        told = await SMOKE("smoke", address, "--json", "--junit", str(file))

    assert told.code == 3
    failed = {name for name, outcome in outcomes(told).items() if outcome == Outcome.FAILED.value}
    assert failed == set(ON_PLAIN_TEXT[4:])
    assert "1 probe still running after a second" in told.out
    assert "\\u001b" not in told.out
    (suite,) = ElementTree.parse(file).getroot().findall("testsuite")
    assert len(suite.findall("testcase/failure")) == len(failed)


async def test_an_agent_that_lets_clients_in_without_a_certificate_fails(tmp_path: Path) -> None:
    ours = authority(tmp_path / "ours")
    async with open_to_all(ours) as address:
        told = await SMOKE("smoke", address, *with_tls(ours.issue("ci"), "agent"), "--json")

    assert told.code == 3
    assert outcomes(told)["TLS identity"] == "passed"
    assert outcomes(told)["TLS client refused"] == "failed"


@asynccontextmanager
async def open_to_all(ours: Authority) -> AsyncIterator[str]:
    material = ours.issue("agent").load()
    server = grpc.aio.server()
    port = server.add_secure_port(
        "127.0.0.1:0",
        grpc.ssl_server_credentials([(material.private_key, material.certificate)]),
    )
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(grace=None)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["127.0.0.1:1", "--tls-ca", "ca.pem"], "all three", id="half of the files"),
        pytest.param(["unix:relative"], "absolute path", id="a relative socket"),
        pytest.param(["example.net:9443"], "give --tls-ca", id="plain text beyond this machine"),
        pytest.param(["127.0.0.1:1", "--timeout", "soon"], "no span of time", id="no span"),
        pytest.param(
            ["unix:/a", "--tls-ca", "a", "--tls-cert", "b", "--tls-key", "c"],
            "has no TLS",
            id="TLS on a unix socket",
        ),
    ],
)
async def test_what_cannot_be_called_is_a_usage_error(arguments: list[str], named: str) -> None:
    told = await SMOKE("smoke", *arguments)

    assert (told.code, told.out) == (2, "")
    assert named in told.err
    assert told.err.count("\n") == 1
