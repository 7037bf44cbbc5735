"""How the lab listens and calls: what is slow in it would look like a slow exchange or agent."""

import asyncio
import gc
import socket
from pathlib import Path

import grpc.aio
import httpx
import pytest

from sonde_lab import stage
from sonde_lab.exchange import serve_exchange
from sonde_lab.world import World
from sonde_wire.channels import open_channel
from tests.wire.server import serving


async def test_no_answer_of_the_exchange_waits_for_more_to_send() -> None:
    """Nagle's algorithm holds the second half of an answer back until the first is confirmed."""
    async with serve_exchange(World()) as exchange, httpx.AsyncClient() as client:
        await client.get(f"{exchange.url}/api/v3/time")
        port = httpx.URL(exchange.url).port
        [connection] = [
            found
            for transport in gc.get_objects()
            if isinstance(transport, asyncio.Transport)
            and (found := transport.get_extra_info("socket"))
            and found.fileno() != -1  # of another test, and closed
            and found.family == socket.AF_INET
            and found.getsockname()[1] == port
        ]

        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_nothing_is_called_before_its_socket_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A channel that finds no socket waits ever longer before it looks again."""
    socket_there: list[bool] = []
    waiting = asyncio.Event()
    path = tmp_path / "late.sock"

    def opened(address: str) -> grpc.aio.Channel:
        socket_there.append(path.exists())
        return open_channel(address)

    async def ready() -> None:
        waiting.set()
        await stage.ready([f"unix:{path}"])

    monkeypatch.setattr("sonde_lab.stage.open_channel", opened)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(ready())
        await waiting.wait()
        async with serving(f"unix:{path}"):
            await task

    assert socket_there == [True]
