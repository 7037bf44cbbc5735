"""An answer of the exchange on its way out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

JSON = "application/json;charset=UTF-8"


class Delivery(Enum):
    """How an answer reaches its caller."""

    WHOLE = "whole"
    ENDLESS = "endless"
    """The body goes on for as long as the caller reads."""
    DRIPPING = "dripping"
    """One byte of the body each second."""
    CUT_SHORT = "cut short"
    """The connection ends in the middle of the body."""
    OVERLONG = "overlong"
    """The body goes on beyond its Content-Length, which says half of it."""
    NONE = "none"
    """The connection ends without an answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer on its way out."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE
