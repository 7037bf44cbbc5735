"""Draws out of a text what it says besides its cause: addresses, times, limits, symbols."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
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
BANNED = re.compile(
    r"(?:banned|ban|封禁|封锁|解封|限制)[^\d\n]{0,40}+"
    r"(?:(?P<epoch>\d{10,16})(?!\d)"
    r"|(?P<stamp>\d{4}-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)"
    r"\s?(?P<zone>z|utc|gmt|[+-]\d\d:?\d\d)?)",
    re.A,
)
RETRY_AFTER = re.compile(
    r"retry[-_ ]?after[\"']?[^\w\n]{0,8}(?P<value>\d{1,16})(?:\.\d{1,3})?"
    r"\s?(?P<unit>ms|msec|milliseconds|m|min|minutes?)?\b",
    re.A,
)
WAITING = frozenset({"aga", "ret", "wai", "ban", "ava"})
"""The first letters of words that a span may follow."""
AGAIN = re.compile(
    r"(?:again|retry|wait|banned|ban|available|解封|重试)[^\d\n.]{0,32}+(?P<value>\d{1,6})\s?"
    r"(?P<unit>ms|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d|"
    r"毫秒|秒|分钟|小时|天)(?![a-z])",
    re.A,
)
LIMIT = re.compile(
    r"limit(?: of [a-z]{1,10} ?\([^)\n]{0,48}\)| of ip)? is[: ]{1,2}"
    r"(?P<limit>\d{1,9} [^.;\n\"'\\]{3,60})",
    re.A,
)
FILTERS = ("filter", "notional", "_size", "_price", "_parts", "max_", "_delta")
ADDRESSES = ("request ip", "ip(", "ip (", "ip:")
FILTER = re.compile(
    r"filter failure:? ?([a-z_]{3,40})"
    r"|\b(lot_size|price_filter|min_notional|notional|market_lot_size|percent_price(?:_by_side)?|"
    r"iceberg_parts|max_position|max_num_[a-z_]{3,30}|trailing_delta|exchange_max_[a-z_]{3,30})\b",
    re.A,
)
UNITS = {
    "ms": timedelta(milliseconds=1), "mil": timedelta(milliseconds=1),
    "毫秒": timedelta(milliseconds=1),
    "s": timedelta(seconds=1), "秒": timedelta(seconds=1),
    "m": timedelta(minutes=1), "分": timedelta(minutes=1),
    "h": timedelta(hours=1), "小": timedelta(hours=1),
    "d": timedelta(days=1), "天": timedelta(days=1),
}  # fmt: skip
MILLISECONDS = 100_000_000_000
"""An epoch from here on is told in milliseconds, a thousand times that in microseconds."""


def facts(text: Text, *, code: int | None, found: list[Status], surface: Surface | None) -> Facts:
    """Draw out what a text says."""
    lower = text.lower
    until = _banned_until(lower) if "ban" in lower or "封" in lower else None
    after, epoch = _retry_after(text)
    order = order_in(text)
    return Facts(
        code=code,
        http_status=found[0].value if found else None,
        surface=surface,
        request_ip=_request_ip(lower) if holds(lower, ADDRESSES) else None,
        banned_until=until or epoch,
        retry_after=after,
        limit=_limit(text) if "limit" in lower else None,
        symbol=symbol_in(text, order),
        filter=_filter(lower) if holds(lower, FILTERS) else None,
        order=order,
    )


def _request_ip(lower: str) -> "Address | None":
    for match in REQUEST_IP.finditer(lower):
        with suppress(ValueError):
            return parse_address(match[1].rstrip(".:"))
    return None


def _banned_until(lower: str) -> datetime | None:
    match = BANNED.search(lower)
    if match is None:
        return None
    return _epoch(int(match["epoch"])) if match["epoch"] else _stamp(match["stamp"], match["zone"])


def _epoch(value: int) -> datetime | None:
    """Read seconds, milliseconds or microseconds since 1970."""
    while value >= MILLISECONDS:
        value //= 1000
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(value, UTC)
    return None


def _stamp(stamp: str, zone: str | None) -> datetime | None:
    """Read a written instant. One without a zone is taken for UTC, as the exchange writes it."""
    with suppress(ValueError, OverflowError):
        instant = datetime.fromisoformat(stamp.replace(" ", "t").upper())
        return instant.replace(tzinfo=_zone(zone or "")).astimezone(UTC)
    return None


def _zone(zone: str) -> timezone:
    digits = zone.replace(":", "")
    if digits[:1] not in {"+", "-"}:
        return UTC
    ahead = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
    return timezone(-ahead if digits[0] == "-" else ahead)


def _retry_after(text: Text) -> tuple[timedelta | None, datetime | None]:
    """Return how long to stay away, or until when: WebSocket answers name an instant."""
    lower = text.lower
    match = RETRY_AFTER.search(lower) if "retry" in lower else None
    if match:
        value = int(match["value"])
        if value >= MILLISECONDS // 100:
            return None, _epoch(value)
        return _span(value, match["unit"] or "s"), None
    may = not lower.isascii() or not WAITING.isdisjoint(text.initials)
    match = AGAIN.search(lower) if may else None
    return (_span(int(match["value"]), match["unit"]), None) if match else (None, None)


def _span(value: int, unit: str) -> timedelta | None:
    one = next(span for name, span in UNITS.items() if unit.startswith(name))
    with suppress(OverflowError):
        return value * one
    return None


def _limit(text: Text) -> str | None:
    match = LIMIT.search(text.lower)
    return " ".join(text.plain[slice(*match.span("limit"))].split()) if match else None


def _filter(lower: str) -> str | None:
    match = FILTER.search(lower)
    return (match[1] or match[2]).upper() if match else None
