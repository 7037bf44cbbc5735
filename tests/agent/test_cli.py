import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import grpc
import grpc.aio
import msgspec
import pytest

from sonde_agent import config as configuration
from sonde_agent.main import build, restored
from sonde_agent.stopwatch import host_clock
from sonde_core.calibration import Mark
from sonde_core.clock import Estimate
from sonde_core.readings import USDM
from sonde_lab.exchange import serve_exchange
from sonde_lab.exchange.exchange import Exchange
from sonde_lab.ntp import Source, serve_ntp
from sonde_lab.world import (
    EXAMPLE_API_KEY,
    EXAMPLE_SECRET,
    Key,
    Limits,
    Permissions,
    SurfaceState,
    World,
)
from sonde_wire.channels import open_channel
from tests.commands import Command, ended, without_escapes
from tests.lab.key_pairs import ed25519_key, key_of, private_pem

CONFIG = """\
[agent]
socket = "{home}/agent.sock"
state_dir = "{home}"

[clock]
servers = [{servers}]
synchronizer = "elsewhere"
samples = 2
timeout = "500ms"

[egress]
echo_urls = ["{url}/_sonde/ip", "{url}/_sonde/ip.json"]

[exchange]
environment = "custom"

[exchange.urls]
spot = "{url}"
usdm = "{url}"

[[account]]
name = "main"
api_key_file = "{home}/api.key"
secret_file = "{home}/api.secret"
"""
HEALTHY = World(keys=(Key(ip_list=("203.0.113.7",)),), seen_ip="203.0.113.7")
NO_FUTURES = World(
    keys=(Key(ip_list=("203.0.113.7",), permissions=Permissions(enable_futures=False)),),
    seen_ip="203.0.113.7",
)


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with serve_exchange(HEALTHY) as served:
        yield served


@pytest.fixture
async def config(tmp_path: Path, exchange: Exchange) -> AsyncIterator[Path]:
    """Write an agent's configuration for a world of its own."""
    async with AsyncExitStack() as stack:
        source = Source(offset=timedelta())
        servers = [await stack.enter_async_context(serve_ntp(source)) for _ in range(3)]
        text = CONFIG.format(
            home=tmp_path,
            url=exchange.url,
            servers=", ".join(f'"{server.address}"' for server in servers),
        )
        path = tmp_path / "agent.toml"
        path.write_text(text)
        for name, content in (("api.key", EXAMPLE_API_KEY), ("api.secret", EXAMPLE_SECRET)):
            (tmp_path / name).write_text(content)
            (tmp_path / name).chmod(0o600)
        yield path


@pytest.fixture
def agent(config: Path) -> Command:
    return Command("sonde-agent", {"SONDE_AGENT_CONFIG": str(config)})


async def test_check_shows_a_healthy_host_as_a_tree_of_sections(agent: Command) -> None:
    told = await agent("check")

    assert told.code == 0
    assert told.err == ""
    lines = told.out.splitlines()
    assert lines[0] == " ✓ exchange access"
    assert [line.split()[:2] for line in lines[1:4]] == [
        ["✓", "network"],
        ["✓", "clock"],
        ["✓", "key"],
    ]
    assert 'key "main"' in told.out
    assert "203.0.113.7" in told.out
    assert lines[-1].startswith(" 0 failures · 0 warnings · ")


async def test_check_names_a_server_that_contradicts_the_others_on_a_healthy_host_too(
    agent: Command, config: Path
) -> None:
    honest = configuration.read(config, {}).clock.servers[:2]
    async with serve_ntp(Source(offset=timedelta(seconds=1.9))) as liar:
        told = await agent("check", SONDE_CLOCK_SERVERS=",".join([*honest, liar.address]))

    said = " ".join(told.out.split())
    assert told.code == 0
    assert "by 2 of 3 NTP servers" in said
    assert f"contradicted by {liar.address}" in said


async def test_check_shows_what_is_wrong_what_it_rests_on_and_what_to_do(
    agent: Command, exchange: Exchange
) -> None:
    exchange.world = NO_FUTURES

    told = await agent("check")

    assert told.code == 3
    assert '✗ key "main"' in told.out
    assert "PERMISSION_MISSING confirmed" in told.out
    assert "supports     apiRestrictions says these are off: enableFutures." in told.out
    assert "1. Sign in to Binance → API Management" in told.out
    assert "1 failure" in told.out.splitlines()[-1]


async def test_check_as_json_is_one_line_with_this_host_and_its_readings(agent: Command) -> None:
    told = await agent("check", "--json")

    (line,) = [json.loads(line) for line in told.out.splitlines()]
    assert (line["host"], line["status"]) == (socket.gethostname(), "diagnosed")
    assert line["healthy"] is True
    assert {"READING_KIND_NTP", "READING_KIND_API_RESTRICTIONS"} <= {
        reading["kind"] for reading in line["readings"]
    }
    assert EXAMPLE_SECRET not in told.out


async def test_check_knows_what_the_agent_beside_it_saw_in_the_last_hours(
    agent: Command, config: Path
) -> None:
    read = configuration.read(config, {})
    running = build(read)
    last_hours = restored(read, running)
    running.timekeeping.watcher.look()
    now = running.timekeeping.calibrator.clocks.boottime()
    running.timekeeping.calibrator.restore([_compared(now, ago) for ago in (20, 10, 0)])
    running.memory.round_trips.note(running.exchange.way(USDM), timedelta(seconds=7))
    last_hours.keep()

    [line] = (await agent("check", "--json")).out.splitlines()

    told = {(r["kind"], r["subject"]["name"]): r for r in json.loads(line)["readings"]}
    trips = told["READING_KIND_ROUND_TRIPS", "usdm"]["round_trips"]
    assert (trips["count"], trips["longest"]) == (2, "7s")
    drift = told["READING_KIND_CLOCK_DRIFT", "self"]["clock_drift"]
    assert (drift["per_hour"], drift["calibrations"]) == ("0.060s", 3)
    assert ("READING_KIND_CLOCK_WATCH", "self") in told


def _compared(now: timedelta, minutes_ago: int) -> Mark:
    """Return a comparison of a clock that gains a millisecond a minute."""
    ahead, bound = -timedelta(milliseconds=minutes_ago), timedelta(microseconds=10)
    return Mark(
        at=now - timedelta(minutes=minutes_ago),
        gap=timedelta(),
        estimate=Estimate(offset=ahead, bound=bound),
    )


async def test_a_second_check_in_a_ban_sends_the_exchange_nothing(
    agent: Command, exchange: Exchange
) -> None:
    until_ms = round((host_clock() + timedelta(minutes=5)).timestamp() * 1000)
    exchange.world = msgspec.structs.replace(
        HEALTHY, usdm=SurfaceState(limits=Limits(banned_until_ms=until_ms))
    )

    first = await agent("check")
    sent = len([request for request in exchange.requests if "fapi" in request.path])
    second = await agent("check")

    assert (first.code, second.code, sent) == (3, 3, 1)
    assert len([r for r in exchange.requests if "fapi" in r.path]) == sent


def sign_with(config: Path, pem: str) -> None:
    config.write_text(config.read_text().replace("secret_file", "private_key_file"))
    config.with_name("api.secret").write_text(pem)


async def test_check_signs_with_a_private_key(
    agent: Command, config: Path, exchange: Exchange
) -> None:
    exchange.world = msgspec.structs.replace(HEALTHY, keys=(key_of(ed25519_key()),))
    sign_with(config, private_pem(ed25519_key()))

    told = await agent("check", "--json")

    assert told.code == 4, told.out  # a key without an IP list is a warning
    types = {
        reading["key"]["type"]
        for line in told.out.splitlines()
        for reading in json.loads(line)["readings"]
        if "key" in reading
    }
    assert types == {"KEY_TYPE_ED25519"}
    assert "PRIVATE KEY" not in told.out + told.err


async def test_check_writes_a_junit_file(
    agent: Command, exchange: Exchange, tmp_path: Path
) -> None:
    exchange.world = NO_FUTURES

    told = await agent("check", "--junit", str(tmp_path / "result.xml"))

    (suite,) = ElementTree.parse(tmp_path / "result.xml").getroot().findall("testsuite")
    assert suite.get("failures") == "1"
    assert told.code == 3


async def test_check_speaks_chinese_and_fits_a_narrow_terminal_without_utf_8(
    agent: Command, exchange: Exchange
) -> None:
    exchange.world = NO_FUTURES

    chinese = await agent("check", "--lang", "zh")
    narrow = await agent("check", COLUMNS="40", LC_ALL="C")

    assert "交易所访问" in chinese.out
    assert narrow.out.isascii()
    assert max(map(len, narrow.out.splitlines())) <= 40


async def test_check_shows_that_it_is_busy_on_a_terminal_only(agent: Command) -> None:
    on, off = await agent.on_terminal("check"), await agent("check")

    assert "measuring" in without_escapes(on.out)
    assert "measuring" not in off.out + off.err
    assert "\x1b" not in off.out + off.err


async def test_config_check_says_that_all_is_good(agent: Command, config: Path) -> None:
    told = await agent("config", "check")
    alone = await agent("config", "check", SONDE_EGRESS_ECHO_URLS="https://a.example")

    assert told.code == alone.code == 0
    assert told.out == f"{config} is good: 3 NTP servers, 2 echo services, accounts main\n"
    assert "3 NTP servers, 1 echo service, accounts" in alone.out


@pytest.mark.parametrize(
    ("name", "content", "mode", "named"),
    [
        pytest.param("api.secret", "", 0o600, "secret_file", id="an empty secret"),
        pytest.param("api.secret", "x\r\n", 0o600, "Windows", id="Windows line ends"),
        pytest.param("api.secret", "x", 0o644, "chmod o-rwx", id="readable by everybody"),
        pytest.param("api.secret", "-----BEGIN", 0o600, "private_key_file", id="a PEM file"),
        pytest.param("agent.toml", "[clok]", 0o600, '"clock"', id="a misspelt section"),
        pytest.param("agent.toml", "[clock", 0o600, "not TOML", id="no TOML"),
        pytest.param(
            *("agent.toml", '[agent]\nlisten = "0.0.0.0:7443"', 0o600, "plain text"),
            id="open to all",
        ),
        pytest.param(
            *("agent.toml", '[metrics]\nlisten = "[::]:9464"', 0o600, "not on loopback"),
            id="metrics for all",
        ),
    ],
)
async def test_config_check_names_the_file_and_the_fix(
    agent: Command, config: Path, *, name: str, content: str, mode: int, named: str
) -> None:
    file = config.with_name(name)
    file.write_text(content)
    file.chmod(mode)

    told = await agent("config", "check")

    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"sonde-agent: {config}")
    assert named in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["check", "--timeout", "3h"], "'--timeout'", id="too long"),
        pytest.param(["check", "--tz", "Mars"], "Asia/Shanghai", id="no such time zone"),
        pytest.param(["check", "--junit", "/nowhere/x.xml"], "--junit", id="no such directory"),
        pytest.param(["check", "--config", "/nowhere/a.toml"], "/nowhere/a.toml", id="no file"),
        pytest.param(["run", "--config", "/nowhere/a.toml"], "/nowhere/a.toml", id="run, no file"),
        pytest.param(["run", "--bogus"], "`sonde-agent run --help`", id="run, no such option"),
        pytest.param(["chekc"], "chekc", id="no such command"),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_line(
    agent: Command, arguments: list[str], named: str
) -> None:
    told = await agent(*arguments)

    assert (told.code, told.out) == (2, "")
    assert named in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize("command", ["", "run", "check", "smoke", "config", "config check"])
async def test_every_help_text_teaches_with_an_example(agent: Command, command: str) -> None:
    told = await agent(*command.split(), "--help")

    assert told.code == 0
    assert told.out.startswith(f"Usage: sonde-agent {command}".strip())
    assert f"sonde-agent {command}".strip() in told.out.partition("Examples:")[2]


async def test_run_serves_until_it_is_told_to_stop(agent: Command, config: Path) -> None:
    process = await agent.start("run")

    async with open_channel(f"unix:{config.with_name('agent.sock')}") as channel:
        await asyncio.wait_for(_reached(channel), timeout=20)
        process.terminate()
        told = await asyncio.wait_for(ended(process), timeout=20)

    assert told.code == 0


async def test_run_imports_neither_typer_nor_rich(config: Path) -> None:
    program = (
        "import sys\n"
        "from sonde_agent import cli, main\n"
        "main.run = lambda config: print([n for n in ('typer', 'rich') if sys.modules.get(n)])\n"
        f"sys.argv = ['sonde-agent', 'run', '--config', {str(config)!r}]\n"
        "cli.main()\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip

    told = await ended(process)

    assert (told.out, told.code) == ("[]\n", 0)


async def _reached(channel: grpc.aio.Channel) -> None:
    while (state := channel.get_state(try_to_connect=True)) is not grpc.ChannelConnectivity.READY:
        await channel.wait_for_state_change(state)
