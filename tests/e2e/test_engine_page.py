"""What docs/engine.md tells an engine's author does what it says."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

import sonde_reporter
from sonde.engine.v1 import engine_service_pb2
from sonde_lab.exchange import Exchange, serve_exchange
from sonde_lab.ntp import Source, serve_ntp
from sonde_lab.world import EXAMPLE_API_KEY, EXAMPLE_SECRET, Key, Permissions, World
from sonde_reporter import Action, Reporter
from tests.agent_home import AgentHome
from tests.commands import Command, Ended, ended
from tests.contract.tree import ROOT

PAGE = (ROOT / "docs" / "engine.md").read_text()
AGENT = Command("sonde-agent")
NOBODY = "127.0.0.1:9"


def block(kind: str) -> str:
    found = re.search(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@asynccontextmanager
async def agent_at(
    exchange: Exchange, directory: Path, server: str = NOBODY
) -> AsyncIterator[Path]:
    """Run an agent, and give the socket that is for JSON lines."""
    home = AgentHome(directory)
    home.furnish(exchange=exchange.url, servers=[server], timeout="50ms")
    process = await AGENT.start("run", "--config", str(home.config))
    assert process.stderr
    while b"engine.jsonl" not in await process.stderr.readline():
        assert process.returncode is None
    yield directory / "engine.jsonl"
    process.terminate()
    await process.communicate()
    assert process.returncode == 0


async def run_example(exchange: Exchange, socket: Path, directory: Path) -> Ended:
    script = directory / "engine.py"
    script.write_text(block(r"python engine\.py"))
    return await ended(
        await asyncio.create_subprocess_exec(
            sys.executable, str(script),
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "API_KEY": EXAMPLE_API_KEY,
                "API_SECRET": EXAMPLE_SECRET,
                "EXCHANGE_URL": exchange.url,
                "SONDE_REPORTER_SOCKET": str(socket),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    )  # fmt: skip


def orders(exchange: Exchange) -> list[int]:
    """Return how each order that was sent was answered."""
    sent = [each for each in exchange.requests if each.path == "/api/v3/order/test"]
    return [each.status or 0 for each in sent]


async def test_the_engine_on_the_page_recalibrates_and_places_its_order(tmp_path: Path) -> None:
    async with (
        serve_exchange(World(clock_offset_ms=30_000)) as exchange,
        serve_ntp(Source(offset=timedelta(seconds=30))) as ntp,
        agent_at(exchange, tmp_path, ntp.address) as socket,
    ):
        done = await run_example(exchange, socket, tmp_path)

    said = re.search(r"^```\n([^`]*)placed\n```$", PAGE, re.MULTILINE)
    assert said
    assert (done.code, done.out, done.err) == (0, "placed\n", said[1])
    assert orders(exchange) == [200]


async def test_the_engine_on_the_page_leaves_to_people_what_only_people_can_mend(
    tmp_path: Path,
) -> None:
    forbidden = Key(permissions=Permissions(enable_spot_and_margin_trading=False))
    async with (
        serve_exchange(World(keys=(forbidden,))) as exchange,
        agent_at(exchange, tmp_path) as socket,
    ):
        done = await run_example(exchange, socket, tmp_path)

    assert done.code == 1
    assert "STOP_AND_PAGE" in done.err
    assert len(orders(exchange)) == 1


async def test_the_engine_on_the_page_does_without_an_agent_what_it_did_before(
    tmp_path: Path,
) -> None:
    async with serve_exchange(World()) as exchange:
        done = await run_example(exchange, tmp_path / "engine.jsonl", tmp_path)
        assert (done.code, done.out) == (0, "placed\n"), done.err

        exchange.world = World(clock_offset_ms=30_000)
        done = await run_example(exchange, tmp_path / "engine.jsonl", tmp_path)

    assert (done.code, done.err) == (1, "left to a person\n")


async def test_the_lines_on_the_page_are_understood(tmp_path: Path) -> None:
    asked, shown = block("json").splitlines()
    async with serve_exchange(World()) as exchange, agent_at(exchange, tmp_path) as socket:
        reader, writer = await asyncio.open_unix_connection(socket)
        writer.write(f"{asked}\n".encode())
        answer = json.loads(await reader.readline())
        writer.close()
        await writer.wait_closed()

    expected = json.loads(shown)
    assert answer.keys() == expected.keys()
    assert expected["response"].keys() <= answer["response"].keys()
    for name in ("cause", "advice"):
        assert answer["response"][name] == expected["response"][name]


@pytest.mark.parametrize("action", list(Action))
def test_the_page_says_what_each_action_means(action: Action) -> None:
    assert f"| `{action}` |" in PAGE


def test_the_page_names_every_method_and_call() -> None:
    methods = engine_service_pb2.DESCRIPTOR.services_by_name["EngineService"].methods
    for name in (*(each.name for each in methods), *(n for n in vars(Reporter) if n[0] != "_")):
        assert name in PAGE, name
    assert set(sonde_reporter.__all__) >= {"failure", "health", "advise", "advise_async", "flush"}
