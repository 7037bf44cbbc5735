"""Stands between two that talk, and keeps every byte of both; or listens alone."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sonde_lab.ntp import NtpServer, Source, machine_clock

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
        # Of a task that ends as cancelled asyncio complains.
        with suppress(OSError, asyncio.CancelledError), closing(writer):
            await self._carry(reader, writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await self.connect()
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


class Ear(asyncio.DatagramProtocol):
    """Hears every datagram and says nothing."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Keep what was said."""
        del addr
        self.heard.append(data)


class TappedNtp(NtpServer):
    """Answers as the lab's server does, and keeps what it was asked."""

    def __init__(self, source: Source) -> None:
        super().__init__(source, machine_clock)
        self.heard: list[bytes] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Keep a packet, and answer it."""
        self.heard.append(data)
        super().datagram_received(data, addr)


@asynccontextmanager
async def tapped_ntp(source: Source) -> AsyncIterator[TappedNtp]:
    """Serve NTP on a free port."""
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: TappedNtp(source), local_addr=("127.0.0.1", 0)
    )
    with closing(transport):
        yield server


@asynccontextmanager
async def ear(path: Path) -> AsyncIterator[Ear]:
    """Listen on a unix socket for datagrams, as systemd does."""
    transport, listening = await asyncio.get_running_loop().create_datagram_endpoint(
        Ear, local_addr=str(path), family=socket.AF_UNIX
    )
    with closing(transport):
        yield listening
