"""One request as the exchange sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from urllib.parse import parse_qsl

from sonde_lab.exchange.ledger import Ledger
from sonde_lab.world import Key, Surface, World

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Needs(Enum):
    """What an endpoint asks of a caller."""

    NOTHING = "nothing"
    READING = "reading"
    SPOT_TRADING = "spot trading"
    FUTURES_READING = "futures reading"
    FUTURES_TRADING = "futures trading"


Body = Callable[["Call"], object]
"""Makes the answer of one endpoint, which is sent as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method and path that the exchange answers."""

    method: str
    path: str
    surface: Surface
    body: Body
    weight: int = 1
    needs: Needs = Needs.NOTHING
    order: bool = False
    by_symbol: bool = False
    """The caller may, or must, name one symbol."""

    @property
    def signed(self) -> bool:
        """Whether the endpoint wants a key and a signature."""
        return self.needs is not Needs.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What arrived, undecoded: signatures are made over these very bytes."""

    method: str
    path: str
    query: bytes
    body: bytes
    api_key: str
    peer: str

    @property
    def parameters(self) -> Mapping[str, str]:
        """The parameters. Where the query and the body disagree, the query wins."""
        body, query = (
            dict(parse_qsl(part.decode("utf-8", "replace"), keep_blank_values=True))
            for part in (self.body, self.query)
        )
        return body | query


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request for a known endpoint, with everything that decides its answer."""

    request: Request
    parameters: Mapping[str, str]
    endpoint: Endpoint
    world: World
    ledger: Ledger
    now: datetime
    """The exchange's clock on this surface."""
    weight_used: int
    """The request weight used in this minute, this request included."""

    @property
    def peer(self) -> str:
        """The address that the exchange sees."""
        return self.request.peer

    @property
    def surface(self) -> Surface:
        """The product that the request is for."""
        return self.endpoint.surface

    @property
    def key(self) -> Key | None:
        """The key that the request names, if the exchange knows it."""
        return self.world.key(self.request.api_key, self.surface)

    @property
    def now_ms(self) -> int:
        """The exchange's clock on this surface, in whole milliseconds since the epoch."""
        return milliseconds(self.now)


def milliseconds(instant: datetime) -> int:
    """Return whole milliseconds since the epoch."""
    return (instant - EPOCH) // timedelta(milliseconds=1)
