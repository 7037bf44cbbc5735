"""What the exchange counts and allows, and what of the request weight is this agent's.

The exchange counts weight by the whole minute, /api, /sapi, /fapi and /dapi each for itself. The
agent shares these limits with the engine, so it keeps within a budget of its own, and the commands
that are typed beside it within the same one. Orders are counted per account; the agent places none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta

import msgspec

from sonde_agent.probes.exchange.spending import Others, SpendingFile
from sonde_agent.probes.http import Fetched
from sonde_core.readings import COINM, SPOT, USDM, OrderUse, OrderWindow, Subject, WeightUse

COUNTED: Mapping[str, Subject] = {"fapi": USDM, "api": SPOT, "dapi": COINM}
"""Which endpoint's limit a path's first part counts against; /sapi has limits of its own."""
_BETWEEN_QUESTIONS = timedelta(hours=1)
_MINUTE_S = 60
_SPANS = {
    "SECOND": timedelta(seconds=1),
    "MINUTE": timedelta(minutes=1),
    "HOUR": timedelta(hours=1),
    "DAY": timedelta(days=1),
}
_MOST_SPANS = 1_000
_Known = dict[timedelta, int]
"""Limits by the span of time that they hold for."""
_MINUTES = 3
"""As many as engines are remembered for."""


class _Limit(msgspec.Struct, rename="camel"):
    rate_limit_type: str
    interval: str
    interval_num: int
    limit: int


class _ExchangeInfo(msgspec.Struct, rename="camel"):
    rate_limits: list[_Limit]


def surface(path: str) -> str:
    """Return the first part of a path: "api", "sapi", "fapi" or "dapi"."""
    return path.split("/")[1]


class Budget:
    """Counts what this agent, and whoever shares its file, spends in the present minute."""

    def __init__(self, per_minute: int, file: SpendingFile | None = None) -> None:
        self._per_minute = per_minute
        self._minute = 0
        self._spent: Counter[str] = Counter()
        self._file = file

    def allow(self, per_minute: int) -> None:
        """Set another limit. What was spent in this minute stays spent."""
        self._per_minute = per_minute

    def spend(self, path: str, weight: int, now: datetime) -> bool:
        """Count a request, or return False where it would go beyond the budget."""
        self._turn(now)
        with self._file.alone() if self._file else nullcontext():
            others = self._others()
            if (self._spent + others.spent(self._minute)).total() + weight > self._per_minute:
                return False
            self._spent[surface(path)] += weight
            if self._file:
                self._file.keep(self._minute, self._spent, others)
        return True

    def own(self, counted: str, now: datetime) -> int:
        """Return what was spent on a surface in this minute."""
        self._turn(now)
        return (self._spent + self._others().spent(self._minute))[counted]

    def _others(self) -> Others:
        return self._file.others() if self._file else Others()

    def _turn(self, now: datetime) -> None:
        minute = _minute(now)
        if minute != self._minute:
            self._minute = minute
            self._spent.clear()


class Windows:
    """What the exchange last counted in each of the last minutes."""

    def __init__(self) -> None:
        self._told: dict[str, dict[int, tuple[datetime, WeightUse]]] = {}

    def note(self, site: str, now: datetime, use: WeightUse) -> None:
        """Keep what an answer tells of this minute."""
        told = self._told.setdefault(site, {})
        told[_minute(now)] = now, use
        for minute in [each for each in told if not 0 <= _minute(now) - each <= _MINUTES]:
            del told[minute]

    def last(self, site: str) -> WeightUse | None:
        """Return the last word of all; None where an endpoint said nothing yet."""
        told = self._told.get(site)
        return told[max(told)][1] if told else None

    def past(self, site: str, now: datetime) -> list[tuple[datetime, WeightUse]]:
        """Return the last word of each minute before this one, oldest first."""
        told = self._told.get(site, {})
        return [told[each] for each in sorted(told) if 0 < _minute(now) - each <= _MINUTES]


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // _MINUTE_S


class Limits:
    """The exchange's live limits, asked for once an hour."""

    def __init__(self) -> None:
        self._weights: dict[str, int] = {}
        self._orders: dict[str, _Known] = {}
        self._asked: dict[str, datetime] = {}

    def get(self, site: str) -> int | None:
        """Return a site's weight limit per minute, where it is known."""
        return self._weights.get(site)

    def orders(self, site: str) -> Mapping[timedelta, int]:
        """Return how many orders a site takes of an account, by span of time."""
        return self._orders.get(site, {})

    def due(self, site: str, now: datetime) -> bool:
        """Tell whether to ask again. A question that failed is not repeated earlier."""
        asked = self._asked.get(site)
        return asked is None or abs(now - asked) >= _BETWEEN_QUESTIONS

    def ask(self, site: str, now: datetime) -> None:
        """Remember that `exchangeInfo` is being asked."""
        self._asked[site] = now

    def note(self, site: str, fetched: Fetched) -> None:
        """Keep what an answer to `exchangeInfo` says. Anything else changes nothing."""
        limits = _limits(fetched.body)
        weight = _of(limits, "REQUEST_WEIGHT").get(_SPANS["MINUTE"])
        if weight:
            self._weights[site] = weight
        orders = _of(limits, "ORDERS")
        if orders:
            self._orders[site] = orders


def _limits(body: bytes) -> list[_Limit]:
    try:
        # Only this field is built: the symbols, megabytes of them, are skipped over.
        return msgspec.json.decode(body, type=_ExchangeInfo).rate_limits
    except (ValueError, RecursionError):
        return []


def _of(limits: Iterable[_Limit], type_: str) -> _Known:
    return {
        _SPANS[each.interval] * each.interval_num: each.limit
        for each in limits
        if each.rate_limit_type == type_
        and each.interval in _SPANS
        and 0 < each.interval_num < _MOST_SPANS
        and 0 < each.limit < 1 << 31
    }


def use(used: int, own: int, limit: int | None) -> WeightUse:
    """Return a reading's value. What the agent spent is part of what the exchange counted."""
    return WeightUse(used=used, own=min(own, used), limit=limit)


def order_use(
    endpoint: Subject, counts: Mapping[timedelta, int], limits: Mapping[timedelta, int]
) -> OrderUse:
    """Return a reading's value: what is counted beside what is allowed."""
    return OrderUse(
        endpoint=endpoint.name,
        windows=tuple(
            OrderWindow(span=span, used=used, limit=limits.get(span))
            for span, used in counts.items()
        ),
    )
