"""Brings an answer to its caller: as HTTP has it, or as broken middleboxes do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from sonde_lab.exchange.reply import Delivery, Reply

DRIP = timedelta(seconds=1)
CHUNK = b" " * 65536


def deliver(reply: Reply, transport: asyncio.Transport) -> Response:
    """Return the HTTP response that brings a reply to its caller."""
    headers = {**reply.headers, "Content-Type": reply.content_type}
    match reply.delivery:
        case Delivery.WHOLE:
            return Response(reply.body, reply.status, headers)
        case Delivery.ENDLESS:
            return StreamingResponse(_endlessly(reply.body), reply.status, headers)
        case Delivery.DRIPPING:
            length = {"Content-Length": str(len(reply.body))}
            return StreamingResponse(_byte_by_byte(reply.body), reply.status, headers | length)
        case _:
            return _Broken(reply, headers, transport)


async def _endlessly(body: bytes) -> AsyncIterator[bytes]:
    """Yield a body in which white space goes on before the last character."""
    yield body[:-1]
    while True:
        yield CHUNK
        # A caller as fast as this would otherwise keep the loop to itself.
        await asyncio.sleep(0)


async def _byte_by_byte(body: bytes) -> AsyncIterator[bytes]:
    for byte in body:
        yield bytes((byte,))
        await asyncio.sleep(DRIP.total_seconds())


class _Broken(Response):
    """A response whose connection ends at the wrong place."""

    def __init__(self, reply: Reply, headers: dict[str, str], transport: asyncio.Transport) -> None:
        half = len(reply.body) // 2
        announced = half if reply.delivery is Delivery.OVERLONG else len(reply.body)
        super().__init__(None, reply.status, headers | {"Content-Length": str(announced)})
        self._delivery = reply.delivery
        self._halves = reply.body[:half], reply.body[half:]
        self._transport = transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send what is to be sent, close, and wait until the connection has ended."""
        first, second = self._halves
        if self._delivery is not Delivery.NONE:
            start = {"type": "http.response.start", "status": self.status_code}
            await send({**start, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": first, "more_body": True})
        if self._delivery is Delivery.OVERLONG:
            # Past the server, which would not send more than it announced.
            self._transport.write(second)
        self._transport.close()
        while (await receive())["type"] != "http.disconnect":
            pass
