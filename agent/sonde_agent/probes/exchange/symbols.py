"""What the exchange demands of orders for one symbol. Public calls only; nothing is signed.

The futures tell the rules of all symbols at once, in megabytes; the spot exchange tells those of
one. Rules seldom change, so they are kept for a while. The last price is asked for each time.
"""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from string import ascii_lowercase
from typing import Any
from urllib.parse import quote

import msgspec

from sonde_agent.probes import Step
from sonde_agent.probes.exchange.client import (
    MOST_INFO_BYTES,
    Call,
    ExchangeClient,
    ExchangeMemory,
    ExchangeSettings,
    Outcome,
    open_client,
)
from sonde_agent.probes.exchange.known_rules import Rules
from sonde_agent.stopwatch import Stopwatch
from sonde_core.orders import SymbolRules
from sonde_core.readings import SPOT, USDM, Answer, Failure, FailureReason, Kind, Reading, Subject

_INVALID_SYMBOL = -1121
_LONGEST_SYMBOL = 30
_LONGEST_STATUS = 40
_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True)
class _Paths:
    """Where an endpoint tells the rules and the last price, and what that weighs."""

    rules: str
    rules_weight: int
    price: str
    price_weight: int
    by_symbol: bool
    """The rules can be asked for one symbol."""


_PATHS = {
    USDM: _Paths("/fapi/v1/exchangeInfo", 1, "/fapi/v1/ticker/price", 1, by_symbol=False),
    SPOT: _Paths("/api/v3/exchangeInfo", 20, "/api/v3/ticker/price", 2, by_symbol=True),
}
ENDPOINTS = {endpoint.name: endpoint for endpoint in _PATHS}
"""The endpoints that can be asked, by name."""


def is_symbol(text: str) -> bool:
    """Tell whether a text can be a symbol, as the exchange spells them: 1 to 30 characters.

    Some are beyond ASCII, Chinese for example.
    """
    spelt = all(each == "_" or (each.isalnum() and each not in ascii_lowercase) for each in text)
    return spelt and 0 < len(text) <= _LONGEST_SYMBOL


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolProbe:
    """Reads the rules and the last price of one symbol."""

    settings: ExchangeSettings
    memory: ExchangeMemory
    endpoint: Subject
    symbol: str

    @property
    def subject(self) -> Subject:
        """What the reading is about, such as ``symbol:usdm/BTCUSDT``."""
        return Subject("symbol", f"{self.endpoint.name}/{self.symbol}")

    def steps(self) -> Sequence[Step]:
        """Return the one reading."""
        return [[(Kind.SYMBOL_RULES, self.subject)]]

    async def measure(self) -> AsyncIterator[Reading]:
        """Return the rules with the last price, where that could be had too."""
        stopwatch = Stopwatch.start(self.settings.now)
        async with open_client(self.settings, self.memory) as client:
            value = await self._rules(client)
            if isinstance(value, SymbolRules):
                value = replace(value, last_price=await self._last_price(client))
        yield Reading(
            kind=Kind.SYMBOL_RULES,
            subject=self.subject,
            time=stopwatch.began,
            elapsed=stopwatch.elapsed,
            value=value,
        )

    async def _rules(self, client: ExchangeClient) -> SymbolRules | Failure:
        call = self.rules_call()
        rules, site = self.memory.rules, self.settings.site(self.endpoint)
        known = rules.get(site, call.query, client.now())
        if known is None:
            told = _read_rules(await client.send(lambda: call), self.symbol)
            if isinstance(told, Failure):
                return told
            rules.note(site, call.query, client.now(), told)
            known = told
        return known.get(self.symbol) or _unknown(self.symbol)

    async def _last_price(self, client: ExchangeClient) -> Decimal | None:
        outcome = await client.send(self._price_call)
        if outcome.fetched is None or not isinstance(outcome.value, Answer) or not outcome.value.ok:
            return None
        try:
            told = msgspec.json.decode(outcome.fetched.body, type=_Price)
        except (ValueError, RecursionError):
            return None
        return _number(told.price) if told.symbol == self.symbol else None

    def rules_call(self) -> Call:
        """Return the call for the rules, unsent."""
        paths = _PATHS[self.endpoint]
        query = self._query if paths.by_symbol else ""
        return self._call(paths.rules, paths.rules_weight, query)

    def _price_call(self) -> Call:
        paths = _PATHS[self.endpoint]
        return self._call(paths.price, paths.price_weight, self._query)

    @property
    def _query(self) -> str:
        return f"symbol={quote(self.symbol, safe='')}"

    def _call(self, path: str, weight: int, query: str) -> Call:
        return Call(
            kind=Kind.SYMBOL_RULES,
            endpoint=self.endpoint,
            method="GET",
            path=path,
            query=query,
            weight=weight,
            most_bytes=MOST_INFO_BYTES,
        )


class _Price(msgspec.Struct):
    symbol: str
    price: Any


class _Symbol(msgspec.Struct):
    symbol: str
    status: str
    filters: list[dict[str, Any]] = []


class _ExchangeInfo(msgspec.Struct):
    symbols: list[_Symbol]


def _read_rules(outcome: Outcome, symbol: str) -> Rules | Failure:
    """Return the rules in an answer, or why there are none."""
    answer = outcome.value
    if isinstance(answer, Failure):
        return answer
    if answer.code == _INVALID_SYMBOL:
        return _unknown(symbol)
    if not answer.ok or outcome.fetched is None:
        code = "" if answer.code is None else f", code {answer.code}"
        return Failure(FailureReason.ANSWER, f"HTTP {answer.status}{code} came in place of rules")
    try:
        told = msgspec.json.decode(outcome.fetched.body, type=_ExchangeInfo).symbols
    except (ValueError, RecursionError):
        return Failure(FailureReason.ANSWER, "the answer lists no symbols")
    return {each.symbol: _symbol_rules(each) for each in told if is_symbol(each.symbol)}


def _unknown(symbol: str) -> Failure:
    return Failure(FailureReason.NO_SYMBOL, f"the exchange has no symbol {symbol}")


def _symbol_rules(told: _Symbol) -> SymbolRules:
    filters = {each.get("filterType"): each for each in told.filters}

    def number(name: str, key: str) -> Decimal | None:
        return _number(filters.get(name, {}).get(key))

    return SymbolRules(
        status=told.status[:_LONGEST_STATUS],
        tick_size=number("PRICE_FILTER", "tickSize"),
        min_price=number("PRICE_FILTER", "minPrice"),
        max_price=number("PRICE_FILTER", "maxPrice"),
        step_size=number("LOT_SIZE", "stepSize"),
        min_quantity=number("LOT_SIZE", "minQty"),
        max_quantity=number("LOT_SIZE", "maxQty"),
        market_step_size=number("MARKET_LOT_SIZE", "stepSize"),
        market_min_quantity=number("MARKET_LOT_SIZE", "minQty"),
        market_max_quantity=number("MARKET_LOT_SIZE", "maxQty"),
        # Futures and older spot symbols call it MIN_NOTIONAL, newer spot symbols NOTIONAL.
        min_notional=number("MIN_NOTIONAL", "notional")
        or number("MIN_NOTIONAL", "minNotional")
        or number("NOTIONAL", "minNotional"),
    )


def _number(text: object) -> Decimal | None:
    """Return a number above 0: the exchange writes 0 where a limit does not apply."""
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        return None
    return Decimal(text) or None
