"""Serves a simulated exchange on a socket."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import uvicorn

from sonde_lab.exchange.app import build_app
from sonde_lab.exchange.exchange import Exchange
from sonde_lab.world import World


def machine_clock() -> datetime:
    """Return what this machine's clock says."""
    return datetime.now(UTC)


@asynccontextmanager
async def serve_exchange(
    world: World,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    now: Callable[[], datetime] = machine_clock,
) -> AsyncIterator[Exchange]:
    """Serve an exchange in the running event loop. Port 0 takes a free one.

    The clock of the world is ``now`` plus the world's offset.

    Raises:
        OSError: The address cannot be listened on.
    """
    with _listen(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        exchange = Exchange(world, url=f"http://{shown}:{listener.getsockname()[1]}", now=now)
        server = _server(exchange)
        await server.startup(sockets=[listener])
        try:
            yield exchange
        finally:
            await server.shutdown()


def _listen(host: str, port: int) -> socket.socket:
    """Return a bound socket.

    The protocol is named, because asyncio turns off Nagle's algorithm only where it is, and
    40 ms on each answer would look like a slow exchange.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _server(exchange: Exchange) -> uvicorn.Server:
    config = uvicorn.Config(
        build_app(exchange),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        # The lab tells the time of its world, not of this machine.
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    config.load()
    server = uvicorn.Server(config)
    # ``serve`` would take over the process's signals, which belong to whoever runs the loop.
    server.lifespan = config.lifespan_class(config)
    return server
