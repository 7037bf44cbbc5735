"""What may stand between a host and the exchange: a proxy, and somebody who opens TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from urllib.parse import urlsplit

from tests.agent.servers import Respond

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Meddle = Callable[[bytes], bytes | Respond | None]
"""What a proxy does with a request in place of passing it on, if anything."""


@asynccontextmanager
async def interceptor(url: str, tls: ssl.SSLContext) -> AsyncIterator[str]:
    """Open TLS with a certificate of one's own and pass on what comes, unencrypted."""
    behind = urlsplit(url)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _pass_on(reader, writer, behind.hostname or "", behind.port or 0)

    async with _listening(serve, tls) as port:
        yield f"https://127.0.0.1:{port}"


@asynccontextmanager
async def tunnelling() -> AsyncIterator[tuple[str, list[str]]]:
    """Serve as an HTTP proxy that tunnels, and tell where it was asked to go."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        asked.append(target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        host, _, port = target.rpartition(":")
        await _pass_on(reader, writer, host, int(port))

    async with _listening(serve, None) as port:
        yield f"http://127.0.0.1:{port}", asked


@asynccontextmanager
async def meddling(meddle: Meddle) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve as an HTTP proxy that meddles, and tell what it was asked. One request a connection."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head)
        answer, target = meddle(head), head.split()[1].decode()
        if isinstance(answer, bytes):
            writer.write(answer)
            await writer.drain()
        elif answer:
            await answer(writer)
        elif head.startswith(b"CONNECT"):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            host, _, port = target.rpartition(":")
            await _pass_on(reader, writer, host, int(port))
        else:
            await _forward(head, target, writer)

    async with _listening(serve, None) as port:
        yield f"http://127.0.0.1:{port}", asked


async def _forward(head: bytes, url: str, writer: asyncio.StreamWriter) -> None:
    """Ask for what a request names, in the form that a server wants, and give its answer."""
    server = urlsplit(url)
    asked = head.replace(f"{server.scheme}://{server.netloc}".encode(), b"", 1)
    back, forth = await asyncio.open_connection(server.hostname, server.port)
    with closing(forth):
        forth.write(asked.removesuffix(b"\r\n") + b"Connection: close\r\n\r\n")
        await _copy(back, writer)


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
) -> None:
    back, forth = await asyncio.open_connection(host, port)
    await asyncio.gather(_copy(reader, forth), _copy(back, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
    finally:
        writer.close()


@asynccontextmanager
async def _listening(serve: Serve, tls: ssl.SSLContext | None) -> AsyncIterator[int]:
    served: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        served.add(task)
        with suppress(ConnectionError, EOFError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in served:
            task.cancel()
        await asyncio.gather(*served, return_exceptions=True)
