"""Draws out of a text what it says besides its cause: addresses, limits, symbols."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sonde_core.addresses import parse_address
from sonde_core.explainer.cleaning import Text
from sonde_core.explainer.explanation import Facts
from sonde_core.explainer.order import order_in, symbol_in
from sonde_core.explainer.signs import holds
from sonde_core.explainer.statuses import Status
from sonde_core.refusals import Surface

if TYPE_CHECKING:
    from sonde_core.readings import Address

REQUEST_IP = re.compile(r"(?:request ip:?|\bip ?\(|\bip:)\s{0,2}([0-9a-f.:]{3,45})", re.A)
LIMIT = re.compile(
    r"limit(?: of [a-z]{1,10} ?\([^)\n]{0,48}\)| of ip)? is[: ]{1,2}"
    r"(?P<limit>\d{1,9} [^.;\n\"'\\]{3,60})",
    re.A,
)
BANS = ("ban", "封", "解", "限制")
WAITING = frozenset({"aga", "ret", "wai", "ban", "ava"})
"""The first letters of words that a span may follow."""
FILTERS = ("filter", "notional", "_size", "_price", "_parts", "max_", "_delta")
ADDRESSES = ("request ip", "ip(", "ip (", "ip:")
FILTER = re.compile(
    r"filter failure:? ?([a-z_]{3,40})"
    r"|\b(lot_size|price_filter|min_notional|notional|market_lot_size|percent_price(?:_by_side)?|"
    r"iceberg_parts|max_position|max_num_[a-z_]{3,30}|trailing_delta|exchange_max_[a-z_]{3,30})\b",
    re.A,
)


def facts(text: Text, *, code: int | None, found: list[Status], surface: Surface | None) -> Facts:
    """Draw out what a text says."""
    lower = text.lower
    after, end = _pause(text)
    order = order_in(text)
    return Facts(
        code=code,
        http_status=found[0].value if found else None,
        surface=surface,
        request_ip=_request_ip(lower) if holds(lower, ADDRESSES) else None,
        banned_until=end,
        retry_after=after,
        limit=_limit(text) if "limit" in lower else None,
        symbol=symbol_in(text, order),
        filter=_filter(lower) if holds(lower, FILTERS) else None,
        order=order,
    )


def _pause(text: Text) -> tuple[timedelta | None, datetime | None]:
    """Return how long to stay away and until when, where a text has a word for that."""
    lower = text.lower
    banned = holds(lower, BANS)
    silent = "retry" not in lower and WAITING.isdisjoint(text.initials)
    if silent and not banned and lower.isascii():
        return None, None
    from sonde_core.explainer import moments  # noqa: PLC0415 - most texts do without: it takes long

    after, end = moments.pause(text)
    return after, (moments.ban_end(text) if banned else None) or end


def _request_ip(lower: str) -> "Address | None":
    for match in REQUEST_IP.finditer(lower):
        with suppress(ValueError):
            return parse_address(match[1].rstrip(".:"))
    return None


def _limit(text: Text) -> str | None:
    match = LIMIT.search(text.lower)
    return " ".join(text.plain[slice(*match.span("limit"))].split()) if match else None


def _filter(lower: str) -> str | None:
    match = FILTER.search(lower)
    return (match[1] or match[2]).upper() if match else None
