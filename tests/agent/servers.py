"""Servers on loopback that answer with exactly the bytes they are told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Respond = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(
    body: bytes, status: str = "200 OK", headers: str = "Content-Type: application/json\r\n"
) -> bytes:
    """Return a whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@dataclass
class RawServer:
    """Answers every request in the same way, or each in turn."""

    responses: list[bytes | Respond]
    heads: list[str] = field(default_factory=list)
    """The requests that came, without their bodies."""
    url: str = ""
    connections: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        try:
            while head := await _head(reader):
                self.heads.append(head)
                many = len(self.responses) > 1
                response = self.responses.pop(0) if many else self.responses[0]
                if isinstance(response, bytes):
                    writer.write(response)
                else:
                    await response(writer)
                await writer.drain()
                if response == b"":
                    return
        except ConnectionError:
            return
        finally:
            writer.close()


async def _head(reader: asyncio.StreamReader) -> str:
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return ""


@asynccontextmanager
async def serve_raw(
    *responses: bytes | Respond, tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawServer]:
    """Serve on a free port of 127.0.0.1. The last response is repeated; b"" hangs up."""
    raw = RawServer(list(responses))
    server = await asyncio.start_server(raw.serve, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    raw.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield raw
    finally:
        server.close()
        for connection in raw.connections:
            connection.cancel()
        await asyncio.gather(*raw.connections, return_exceptions=True)


async def silence(_: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    """Begin an answer whose headers do not end."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Filler: " + b"x" * 65536 + b"\r\n")
        await writer.drain()


async def endless_continues(writer: asyncio.StreamWriter) -> None:
    """Say forever that the answer is about to come."""
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0)


async def dripping(writer: asyncio.StreamWriter) -> None:
    """Answer one byte a second."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
    while True:
        writer.write(b"1")
        await asyncio.sleep(1)


async def endless(writer: asyncio.StreamWriter) -> None:
    """Answer without end."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()
