"""What the explainer says of a text."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sonde_core.findings import Confidence
from sonde_core.orders import Order
from sonde_core.refusals import Refusal, Surface

if TYPE_CHECKING:  # readings have many kinds of values, and a text needs none of them
    from sonde_core.readings import Address

LONGEST_PAUSE = timedelta(days=4)
"""Bans last 3 days at most: what is further away is no end of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a text says besides its cause. Whatever it does not say is None."""

    code: int | None = None
    """The exchange's own error code, such as -2015."""
    http_status: int | None = None
    surface: Surface | None = None
    request_ip: "Address | None" = None
    """The address that the exchange says it saw."""
    banned_until: datetime | None = None
    """UTC."""
    retry_after: timedelta | None = None
    """How long to stay away."""
    limit: str | None = None
    """The limit that was named, such as ``2400 requests per minute``."""
    symbol: str | None = None
    """As the exchange spells it, such as BTCUSDT."""
    filter: str | None = None
    """The filter that an order failed, such as LOT_SIZE."""
    order: Order | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The cause that a text points to, how surely, and what else it can be."""

    cause: str
    confidence: Confidence
    alternatives: tuple[str, ...] = ()
    """At most 4, best first."""
    facts: Facts = Facts()
    refusal: Refusal | None = None
    """The published error that decided. None where something else did."""
    readings: tuple[Refusal, ...] = ()
    """What else the same code is published for, as far as that has a title of its own."""
    words: str = ""
    """What the text says that decided: the published message, else the line that speaks of it."""

    @property
    def exact(self) -> bool:
        """Whether the text holds the published message, and nothing that speaks against it."""
        refusal = self.refusal
        if refusal is None or not self.words:
            return False
        return set(self.alternatives) <= {*refusal.also}
