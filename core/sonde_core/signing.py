"""The text that a REST request's signature is made over, and where the signature goes.

One form fits every REST surface of the exchange:

* parameters are percent-encoded before they are signed (spot enforces it since 2026-01-15);
* what is signed is the query string and the body with nothing between them;
* the signature is the last parameter (futures demand it, the others allow it).

https://developers.binance.com/docs/binance-spot-api-docs/rest-api and
https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(instant: datetime) -> int:
    """Return an instant as the exchange counts time: whole milliseconds since 1970."""
    return (instant - _EPOCH) // _MILLISECOND


def encode(parameters: Iterable[tuple[str, str]]) -> str:
    """Return parameters as a query string, percent-encoded in UTF-8, in the order given."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters)


def payload(query: str, body: str = "") -> bytes:
    """Return the bytes to sign for an encoded query string and an encoded body."""
    return (query + body).encode("ascii")


def with_signature(query: str, signature: str) -> str:
    """Return a query string with its signature, which may be hex or base64, at the end."""
    return f"{query}&signature={quote(signature, safe='')}"
