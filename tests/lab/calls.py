"""A caller of the simulated exchange, and a clock that moves only when told to."""

import hashlib
import hmac
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx

from sonde_lab.exchange import Exchange, serve_exchange
from sonde_lab.world import EXAMPLE_API_KEY, EXAMPLE_SECRET, World

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
PEER = "203.0.113.9"
NO_TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Made once: each caller would load the authorities of this machine, for longer than it calls."""


@dataclass
class Clock:
    """Stands still."""

    instant: datetime = datetime(2026, 1, 2, 12, 0, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    @property
    def ms(self) -> int:
        return round(self.instant.timestamp() * 1000)

    def pass_by(self, **time: float) -> None:
        self.instant += timedelta(**time)


@dataclass
class Caller:
    """Sends requests as a client would, signed by hand."""

    exchange: Exchange
    clock: Clock
    http: httpx.AsyncClient
    api_key: str = EXAMPLE_API_KEY
    secret: str = EXAMPLE_SECRET

    async def raw(self, method: str, path: str, query: str = "", body: str = "") -> httpx.Response:
        """Send exactly this."""
        return await self.http.request(
            method,
            f"{path}?{query}" if query else path,
            content=body.encode(),
            headers={"X-MBX-APIKEY": self.api_key} if self.api_key else {},
        )

    def sign(self, payload: str) -> str:
        """Return the signature of a payload."""
        return hmac.new(self.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()

    async def get(self, path: str, **parameters: object) -> httpx.Response:
        """Send a signed GET."""
        query = self._payload(parameters)
        return await self.raw("GET", path, f"{query}&signature={self.sign(query)}")

    async def test_order(self, path: str, **parameters: object) -> httpx.Response:
        """Send a signed test order, parameters in the body."""
        body = self._payload(ORDER | parameters)
        return await self.raw("POST", path, body=f"{body}&signature={self.sign(body)}")

    async def public(self, path: str) -> httpx.Response:
        """Send an unsigned GET."""
        return await self.http.get(path)

    def _payload(self, parameters: dict[str, object]) -> str:
        sent: dict[str, object] = {"timestamp": self.clock.ms} | parameters
        return urlencode({name: value for name, value in sent.items() if value is not None})


@asynccontextmanager
async def calling(world: World | None = None) -> AsyncIterator[Caller]:
    """Serve a world whose clock stands still, and yield a caller of it."""
    clock = Clock()
    async with (
        serve_exchange(world or World(seen_ip=PEER), now=clock) as exchange,
        httpx.AsyncClient(base_url=exchange.url, trust_env=False, verify=NO_TRUST) as http,
    ):
        yield Caller(exchange, clock, http)


def refusal(response: httpx.Response) -> tuple[int, int, str]:
    """Return status, code and text of a refusal."""
    body = response.json()
    return response.status_code, body["code"], body["msg"]
