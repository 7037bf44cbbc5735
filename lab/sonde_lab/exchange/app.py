"""The exchange as an ASGI application, with the lab's own routes under ``/_sonde``."""

import asyncio
from collections.abc import Coroutine

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sonde_core.errors import ConfigInvalidError
from sonde_lab.exchange.call import Request
from sonde_lab.exchange.delivery import deliver
from sonde_lab.exchange.endpoints import surface_of
from sonde_lab.exchange.exchange import Exchange
from sonde_lab.exchange.reply import Reply
from sonde_lab.world import Surface, World

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]
LOOPBACK = "127.0.0.1"


def build_app(exchange: Exchange) -> Starlette:
    """Return the application that serves an exchange."""
    control = _Control(exchange)

    async def answer(http: HttpRequest) -> Response:
        request = Request(
            method=http.method,
            path=http.scope["path"],
            query=http.scope["query_string"],
            body=await http.body(),
            api_key=http.headers.get("X-MBX-APIKEY", ""),
            peer=seen_address(exchange.world, http, surface_of(http.scope["path"])),
        )
        reply = await _while_connected(http, exchange.answer(request))
        # Nobody is left to read what is answered to a caller who has gone.
        return Response() if reply is None else deliver(reply, http.state.transport)

    return Starlette(
        routes=[
            Route("/_sonde/world", control.read_world, methods=["GET"]),
            Route("/_sonde/world", control.replace_world, methods=["PUT"]),
            Route("/_sonde/requests", control.requests, methods=["GET"]),
            Route("/_sonde/ip", control.ip, methods=["GET"]),
            Route("/_sonde/ip.json", control.ip_json, methods=["GET"]),
            Route("/{path:path}", answer, methods=METHODS),
        ]
    )


def seen_address(world: World, http: HttpRequest, surface: Surface | None) -> str:
    """Return the address that a surface of the exchange says it sees."""
    seen = world.surface(surface).seen_ip if surface else None
    return seen or world.seen_ip or (http.client.host if http.client else LOOPBACK)


async def _while_connected(http: HttpRequest, work: Coroutine[None, None, Reply]) -> Reply | None:
    """Return what the work returns, or None where the caller goes first."""
    answering = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(http.receive())
    await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
    leaving.cancel()
    if answering.done():
        return answering.result()
    answering.cancel()
    await asyncio.wait({answering})
    return None


class _Control:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def read_world(self, _http: HttpRequest) -> Response:
        return _json(self._exchange.world)

    async def replace_world(self, http: HttpRequest) -> Response:
        try:
            self._exchange.world = World.from_json(await http.body())
        except ConfigInvalidError as error:
            return PlainTextResponse(f"{error}\n", 400)
        return _json(self._exchange.world)

    async def requests(self, _http: HttpRequest) -> Response:
        return _json(self._exchange.requests)

    async def ip(self, http: HttpRequest) -> Response:
        return PlainTextResponse(f"{self._echoed(http, 0)}\n")

    async def ip_json(self, http: HttpRequest) -> Response:
        return _json({"ip": self._echoed(http, -1)})

    def _echoed(self, http: HttpRequest, which: int) -> str:
        world = self._exchange.world
        return world.echo_ips[which] if world.echo_ips else seen_address(world, http, None)


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
