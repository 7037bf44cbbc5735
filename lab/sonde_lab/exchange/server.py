"""Serves a simulated exchange on a socket."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

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
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Exchange]:
    """Serve an exchange in the running event loop. Port 0 takes a free one.

    The clock of the world is ``now`` plus the world's offset. With ``tls``, which holds the
    certificate to show, it speaks HTTPS. At the end connections are cut, answered or not.

    Raises:
        OSError: The address cannot be listened on.
    """
    with _listen(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        scheme = "https" if tls else "http"
        url = f"{scheme}://{shown}:{listener.getsockname()[1]}"
        exchange = Exchange(world, url=url, now=now)
        config, state = _config(exchange), ServerState()
        server = await asyncio.get_running_loop().create_server(
            lambda: _Connection(config, state, {}), sock=listener, ssl=tls
        )
        try:
            yield exchange
        finally:
            server.close()
            await _cut(state)


class _Connection(H11Protocol):
    """Shows its transport to the application, which can then break the rules of HTTP."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state["transport"] = transport


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


def _config(exchange: Exchange) -> uvicorn.Config:
    """Return what a connection has to know.

    ``uvicorn.Server`` itself stays out of it: it would take over the process's signals, which
    belong to whoever runs the loop, and it sleeps for 100 ms before it ends.
    """
    config = uvicorn.Config(
        build_app(exchange),
        http=_Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        # A caller is where its connection comes from, whatever its headers say.
        proxy_headers=False,
        # The lab tells the time of its world, not of this machine.
        date_header=False,
        server_header=False,
    )
    config.load()
    return config


async def _cut(state: ServerState) -> None:
    """Cut every connection and wait until whoever was answering has noticed."""
    for connection in tuple(state.connections):
        connection.transport.abort()
    await asyncio.gather(*state.tasks)
    # A transport closes its socket one turn of the loop after it was told to.
    await asyncio.sleep(0)
