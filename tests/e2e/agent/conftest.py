"""An agent in its surroundings, and a channel to it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from sonde_agent import config, main
from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import Source, serve_ntp
from sonde_lab.world import EXAMPLE_API_KEY, EXAMPLE_SECRET, World
from tests.e2e.agent.surroundings import Stub, Surroundings, served


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Surroundings]:
    (tmp_path / "key").write_text(EXAMPLE_API_KEY)
    (tmp_path / "secret").write_text(EXAMPLE_SECRET)
    (tmp_path / "secret").chmod(0o600)
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(serve_exchange(World()))
        liar = timedelta(seconds=30)
        servers = [
            await stack.enter_async_context(serve_ntp(Source(offset=offset)))
            for offset in (timedelta(), timedelta(), liar)
        ]
        names = ", ".join(f'"{server.address}"' for server in servers)
        yield Surroundings(exchange, tmp_path, names)


@pytest.fixture
async def stub(around: Surroundings) -> AsyncIterator[Stub]:
    agent = main.build(config.parse(around.text(), {}))
    async with served(agent, around.home) as channel:
        yield channel
