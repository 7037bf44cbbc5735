"""Stands between two that talk, and keeps every byte of both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_CHUNK = 1 << 16


@dataclass(slots=True)
class Tap:
    """What went through, a buffer per connection."""

    connect: Callable[[], Awaitable[Ends]]
    port: int = 0
    asked: list[bytearray] = field(default_factory=list)
    answered: list[bytearray] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Bring a connection to the other side until either hangs up."""
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            there_reader, there_writer = await self.connect()
        except OSError:
            writer.close()
            return
        asked, answered = bytearray(), bytearray()
        self.asked.append(asked)
        self.answered.append(answered)
        there = asyncio.create_task(_pump(reader, there_writer, asked))
        back = asyncio.create_task(_pump(there_reader, writer, answered))
        try:
            await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
        finally:
            there.cancel()
            back.cancel()
            writer.close()
            there_writer.close()

    async def stop(self) -> None:
        """Hang up on both sides."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray
) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK):
            kept += chunk
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def tapped_port(port: int) -> AsyncIterator[Tap]:
    """Listen on a port of its own for what is meant for another one."""
    tap = Tap(lambda: asyncio.open_connection("127.0.0.1", port))
    server = await asyncio.start_server(tap.serve, "127.0.0.1", 0)
    tap.port = server.sockets[0].getsockname()[1]
    async with _closing(server, tap):
        yield tap


@asynccontextmanager
async def tapped_socket(path: Path, target: Path) -> AsyncIterator[Tap]:
    """Listen on a unix socket for what is meant for another one."""
    tap = Tap(lambda: asyncio.open_unix_connection(target))
    async with _closing(await asyncio.start_unix_server(tap.serve, path), tap):
        yield tap


@asynccontextmanager
async def _closing(server: asyncio.Server, tap: Tap) -> AsyncIterator[None]:
    try:
        yield
    finally:
        server.close()
        await tap.stop()
