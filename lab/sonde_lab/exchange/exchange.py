"""The simulated exchange itself: a request in, a reply out. No sockets."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime

import msgspec

from sonde_lab.exchange import refusals
from sonde_lab.exchange.call import Call, Endpoint, Request
from sonde_lab.exchange.checks import first_refusal
from sonde_lab.exchange.endpoints import ENDPOINTS, surface_of
from sonde_lab.exchange.faults import delay, edge_fault, way_back
from sonde_lab.exchange.ledger import ORDER_LIMITS, Ledger, OrderLimit
from sonde_lab.exchange.reply import Reply
from sonde_lab.world import Surface, World

LOG_LENGTH = 1000
OK = 200


class LoggedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a request was, without values, signature or whole key."""

    method: str
    path: str
    parameters: tuple[str, ...]
    """Names from query and body, ``signature`` left out."""
    signed: bool
    api_key_last4: str
    status: int | None
    """Null where the caller went before there was an answer."""


class Exchange:
    """A stand-in for the exchange that lives in a world.

    Setting ``world`` starts anew: counters, bans, faults used and the log of requests.
    """

    def __init__(self, world: World, *, url: str, now: Callable[[], datetime]) -> None:
        self.url = url
        """Where it answers, without a slash at the end."""
        self._now = now
        self.world = world

    @property
    def world(self) -> World:
        """What the exchange is like."""
        return self._world

    @world.setter
    def world(self, world: World) -> None:
        self._world = world
        self._ledger = Ledger(world)
        self._log: deque[LoggedRequest] = deque(maxlen=LOG_LENGTH)

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """The latest requests, oldest first, since the world was set."""
        return tuple(self._log)

    async def answer(self, request: Request) -> Reply:
        """Answer a request, and remember it, also where the caller goes before the answer."""
        parameters = request.parameters
        status: int | None = None
        try:
            reply = await self._reply(request, parameters)
            status = reply.status
        finally:
            self._log.append(_logged(request, parameters, status))
        return reply

    async def _reply(self, request: Request, parameters: Mapping[str, str]) -> Reply:
        surface = surface_of(request.path)
        if surface is None:
            return refusals.unknown_path(surface, request.method, request.path)
        await asyncio.sleep(delay(self._world, surface, request.path).total_seconds())
        now = self._now() + self._world.clock_offset(surface)
        edge = edge_fault(self._world, self._ledger, surface, request.path)
        offered = self._world.surface(surface).offered
        endpoint = ENDPOINTS.get((request.method, request.path)) if offered else None
        if edge is not None:
            reply = refusals.fault(edge, surface, request.path, 0)
        elif endpoint is None:
            reply = refusals.unknown_path(surface, request.method, request.path)
        else:
            reply = self._counted(request, parameters, endpoint, now)
        date = {"Date": format_datetime(now, usegmt=True)}
        dated = replace(reply, headers={**date, **reply.headers})
        return way_back(dated, self._world, self._ledger, surface, request.path)

    def _counted(
        self, request: Request, parameters: Mapping[str, str], endpoint: Endpoint, now: datetime
    ) -> Reply:
        surface, path, weight = endpoint.surface, endpoint.path, endpoint.weight
        call = Call(
            request=request,
            parameters=parameters,
            endpoint=endpoint,
            world=self._world,
            ledger=self._ledger,
            now=now,
            weight_used=self._ledger.use_weight(surface, path, weight, now),
        )
        reply = first_refusal(call) or self._accept(call)
        return replace(reply, headers={**weight_headers(call), **reply.headers})

    def _accept(self, call: Call) -> Reply:
        body = msgspec.json.encode(call.endpoint.body(call))
        if not call.endpoint.order:
            return Reply(OK, body)
        limits = ORDER_LIMITS[call.surface]
        for each in limits:
            if self._orders(call, each) >= each.limit:
                return refusals.too_many_orders(each)
        counts = {
            f"x-mbx-order-count-{each.number}{each.interval[0].lower()}": str(
                self._orders(call, each, more=1)
            )
            for each in limits
        }
        return Reply(OK, body, headers=counts)

    def _orders(self, call: Call, limit: OrderLimit, more: int = 0) -> int:
        """Count more orders and return how many there are within a limit's span."""
        key = call.request.api_key
        return self._ledger.count_orders(key, call.surface, more, limit.span, call.now)


def _logged(request: Request, parameters: Mapping[str, str], status: int | None) -> LoggedRequest:
    return LoggedRequest(
        method=request.method,
        path=request.path,
        parameters=tuple(name for name in parameters if name != "signature"),
        signed="signature" in parameters,
        api_key_last4=request.api_key[-4:],
        status=status,
    )


def weight_headers(call: Call) -> Mapping[str, str]:
    """Return the headers that say how much request weight is used, refused requests included."""
    used = str(call.weight_used)
    if call.surface is Surface.SAPI:
        return {"x-sapi-used-ip-weight-1m": used}
    return {"x-mbx-used-weight": used, "x-mbx-used-weight-1m": used}
