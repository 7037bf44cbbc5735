"""The agent as those who run it see it: metrics, a changed configuration, its supervisor."""

import asyncio
import json
import os
import re
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde.agent.v1.reading_pb2 import Reading
from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import Source, serve_ntp
from sonde_lab.world import World
from sonde_wire.channels import open_channel
from tests.agent_home import AgentHome
from tests.commands import Command

METRICS = '\n[metrics]\nlisten = "127.0.0.1:0"\n'
LIMIT_S = 20
OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"


@dataclass
class Running:
    """An agent in a process of its own, and what it logs."""

    process: asyncio.subprocess.Process
    log: list[str]

    async def said(self, pattern: str) -> re.Match[str]:
        """Wait for a line of the log."""
        assert self.process.stderr is not None
        async with asyncio.timeout(LIMIT_S):
            while line := (await self.process.stderr.readline()).decode():
                self.log.append(line)
                if match := re.search(pattern, line):
                    return match
        raise AssertionError("".join(self.log))

    async def stopped(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LIMIT_S):
            _, rest = await self.process.communicate()
        assert self.process.returncode == 0, rest


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[AgentHome]:
    async with serve_exchange(World()) as exchange, serve_ntp(Source()) as server:
        home = AgentHome(tmp_path)
        home.furnish(exchange=exchange.url, servers=[server.address])
        yield home


@asynccontextmanager
async def running(home: AgentHome, **environ: str) -> AsyncIterator[Running]:
    process = await Command("sonde-agent").start(
        "run", "--config", str(home.config), environ=environ
    )
    agent = Running(process, [])
    try:
        yield agent
        await agent.stopped()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def scraped(address: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"http://{address}/metrics", timeout=LIMIT_S)
    assert answer.status_code == 200
    return answer.text


def values(text: str) -> dict[tuple[str, frozenset[str]], float]:
    """Return what each series says, by its name and the values of its labels."""
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def diagnose(home: AgentHome) -> Sequence[Reading]:
    async with open_channel(home.socket) as channel:
        stub = rpc.AgentServiceStub(channel)
        request = pb.CollectEvidenceRequest(single_response=True)
        call = stub.CollectEvidence(request, wait_for_ready=True, timeout=LIMIT_S)
        [message] = [message async for message in call]
        return message.readings


async def test_metrics_tell_what_was_measured_and_promtool_finds_nothing_wrong(
    home: AgentHome, needs: Callable[[str], Path]
) -> None:
    promtool = needs("promtool")
    home.config.write_text(home.config.read_text() + METRICS)
    async with running(home) as agent:
        address = (await agent.said(r"Serving metrics.*?(127\.0\.0\.1:\d+)"))[1]
        await diagnose(home)
        async with asyncio.timeout(LIMIT_S):
            while "\nsonde_clock_offset_seconds " not in (text := await scraped(address)):
                pass  # the first calibration is under way

    told = values(text)
    collected = frozenset({"sonde.agent.v1.AgentService/CollectEvidence", "OK"})
    assert told["sonde_call_duration_seconds_count", collected] == 1
    assert told["sonde_probe_duration_seconds_count", frozenset({"clock"})] == 1
    assert told["sonde_readings_total", frozenset({"ntp"})] == 1
    assert told["sonde_clock_offset_bound_seconds", frozenset()] > 0
    assert abs(told["sonde_clock_offset_seconds", frozenset()]) < 1
    assert told["sonde_request_weight_own", frozenset({"usdm"})] > 0
    for endpoint in ("spot", "usdm", "coinm", "papi"):
        assert told["sonde_exchange_closed_seconds", frozenset({endpoint})] == 0
    assert told["sonde_orders_used", frozenset({"usdm", "10s"})] == 1
    assert told["sonde_orders_limit", frozenset({"usdm", "10s"})] == 300
    assert told["sonde_spool_usable", frozenset()] == 1
    assert told["process_resident_memory_bytes", frozenset()] > 0
    check = await asyncio.create_subprocess_exec(
        *(promtool, "check", "metrics"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    found, _ = await check.communicate(text.encode())
    assert (check.returncode, found) == (0, b"")


async def test_every_metric_is_documented_and_none_names_an_address_an_account_or_a_host(
    home: AgentHome,
) -> None:
    home.config.write_text(home.config.read_text() + METRICS)
    async with running(home) as agent:
        address = (await agent.said(r"Serving metrics.*?(127\.0\.0\.1:\d+)"))[1]
        await diagnose(home)
        text = await scraped(address)

    labels = {
        (name, value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        for name, value in sample.labels.items()
    }
    assert {name for name, _ in labels} <= {
        *("code", "endpoint", "kind", "le", "method", "outcome", "probe", "reason", "source"),
        *("job", "version", "window"),
    }
    shown = " ".join(value for _, value in labels)
    described = set(re.findall(r"`((?:sonde|process)_[a-z_]+)", OPERATING.read_text()))
    assert described == set(re.findall(r"^# HELP (\S+)", text, flags=re.MULTILINE))
    for secret in ("127.0.0.1", "main", socket.gethostname(), str(os.getpid())):
        assert secret not in shown.split()


async def test_metrics_beyond_loopback_are_refused_with_the_reason(home: AgentHome) -> None:
    home.config.write_text(home.config.read_text() + METRICS.replace("127.0.0.1", "0.0.0.0"))

    told = await Command("sonde-agent")("run", "--config", str(home.config))

    assert told.code == 2
    assert "metrics.listen: 0.0.0.0:0 is not on loopback" in told.err
    assert told.err.count("\n") == 1


async def test_a_port_that_is_taken_is_named(home: AgentHome) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        home.config.write_text(home.config.read_text() + METRICS.replace(":0", f":{port}"))

        told = await Command("sonde-agent")("run", "--config", str(home.config))

    assert told.code == 1
    assert f"metrics.listen 127.0.0.1:{port}: cannot listen there" in told.err


async def test_sighup_takes_a_good_configuration_over_and_keeps_it_when_the_next_is_wrong(
    home: AgentHome,
) -> None:
    good = home.config.read_text() + METRICS
    home.config.write_text(good)
    async with running(home) as agent:
        address = (await agent.said(r"Serving metrics.*?(127\.0\.0\.1:\d+)"))[1]
        home.config.write_text(good.replace('name = "main"', 'name = "second"'))
        agent.process.send_signal(signal.SIGHUP)
        await agent.said("Configuration applied")
        first = await accounts(home)

        home.config.write_text(good.replace("[clock]", "[clok]"))
        agent.process.send_signal(signal.SIGHUP)
        reason = await agent.said("Configuration refused, the old one stays.*")
        told = values(await scraped(address))
        second = await accounts(home)

        home.config.write_text(good)
        agent.process.send_signal(signal.SIGHUP)
        await agent.said("Configuration applied")
        mended = values(await scraped(address))

    assert (first, second) == (["second"], ["second"])
    assert 'did you mean \\"clock\\"?' in reason[0]
    assert told["sonde_config_reloads_total", frozenset({"applied"})] == 1
    assert told["sonde_config_reloads_total", frozenset({"refused"})] == 1
    assert told["sonde_config_last_reload_successful", frozenset()] == 0
    assert mended["sonde_config_last_reload_successful", frozenset()] == 1


async def test_sighup_refuses_what_config_check_refuses(home: AgentHome) -> None:
    good = home.config.read_text()
    refused = []
    async with running(home) as agent:
        assert await accounts(home) == ["main"]
        for wrong in (
            good.replace("api.secret", "missing.secret"),
            good.replace("[clock]", '[engine]\nsocket = "/missing/engine.sock"\n[clock]'),
            "x=" + "[" * 20_000 + "]" * 20_000,
        ):
            home.config.write_text(wrong)
            agent.process.send_signal(signal.SIGHUP)
            refused.append((await agent.said("Configuration refused, the old one stays.*"))[0])
        home.config.unlink()
        os.mkfifo(home.config)
        agent.process.send_signal(signal.SIGHUP)
        refused.append((await agent.said("Configuration refused, the old one stays.*"))[0])

        assert await accounts(home) == ["main"]

    assert "account main: secret_file" in refused[0]
    assert "engine.socket: /missing: No such file" in refused[1]
    assert "nested too deeply" in refused[2]
    assert "not a plain file" in refused[3]


async def test_a_refused_start_takes_one_line(home: AgentHome) -> None:
    text = home.config.read_text()
    home.config.write_text(text.replace("[clock]", '[engine]\nsocket = "/missing/e.sock"\n[clock]'))

    for words in (["run"], ["config", "check"]):
        told = await Command("sonde-agent")(*words, "--config", str(home.config))

        assert told.code == 2
        assert "engine.socket: /missing: No such file or directory" in told.err
        assert told.err.count("\n") == 1


async def test_the_last_hours_outlive_a_changed_configuration_and_a_restart(
    home: AgentHome,
) -> None:
    home.config.write_text(home.config.read_text() + METRICS)
    counts = []
    async with running(home) as agent:
        address = (await agent.said(r"Serving metrics.*?(127\.0\.0\.1:\d+)"))[1]
        counts.append(round_trips(await diagnose(home)))
        agent.process.send_signal(signal.SIGHUP)
        await agent.said("Configuration applied")
        counts.append(round_trips(await diagnose(home)))
        async with asyncio.timeout(LIMIT_S):
            while "\nsonde_clock_offset_seconds " not in await scraped(address):
                pass  # the first calibration is under way
    kept = json.loads((home.directory / "last-hours.json").read_bytes())
    async with running(home):
        counts.append(round_trips(await diagnose(home)))
    again = json.loads((home.directory / "last-hours.json").read_bytes())

    assert counts[0] >= 1
    assert counts == sorted(set(counts))
    assert kept["marks"]
    assert again["marks"][: len(kept["marks"])] == kept["marks"]


def round_trips(readings: Iterable[Reading]) -> int:
    """Return how many round trips to futures are remembered."""
    return max(each.round_trips.count for each in readings if each.subject.name == "usdm")


async def accounts(home: AgentHome) -> list[str]:
    async with open_channel(home.socket) as channel:
        info = await rpc.AgentServiceStub(channel).GetAgentInfo(
            pb.GetAgentInfoRequest(), wait_for_ready=True, timeout=LIMIT_S
        )
    return list(info.accounts)


async def test_what_only_a_restart_can_change_is_named_and_the_rest_applies(
    home: AgentHome,
) -> None:
    good = home.config.read_text() + METRICS
    home.config.write_text(good)
    async with running(home) as agent:
        address = (await agent.said(r"Serving metrics.*?(127\.0\.0\.1:\d+)"))[1]
        changed = good.replace("agent.sock", "other.sock").replace('"main"', '"second"')
        home.config.write_text(changed)
        agent.process.send_signal(signal.SIGHUP)
        waiting = await agent.said("Configuration applied.*")
        told = values(await scraped(address))

        assert await accounts(home) == ["second"]

    assert 'restart_needed_for": "agent' in waiting[0]
    assert told["sonde_config_restart_needed", frozenset()] == 1


async def test_the_supervisor_hears_ready_reloading_and_signs_of_life(
    home: AgentHome, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify"))
        supervisor.settimeout(LIMIT_S)

        async def heard(state: str) -> None:
            while await asyncio.to_thread(supervisor.recv, 256) != state.encode():
                pass

        watched = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        async with running(home, **watched) as agent:
            await heard("READY=1")
            assert await accounts(home) == ["main"]
            await heard("WATCHDOG=1")
            await heard("WATCHDOG=1")
            agent.process.send_signal(signal.SIGHUP)
            await heard("RELOADING=1")
            await heard("READY=1")
            home.config.write_text("[clok]")
            agent.process.send_signal(signal.SIGHUP)
            await heard("RELOADING=1")
            await heard("READY=1")
            agent.process.terminate()
            await heard("STOPPING=1")
