"""The rules of refused symbols are told at once where they are known, and read where not."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from sonde_agent.background import beside
from sonde_agent.engine.symbols import RefusedSymbols
from sonde_core.errors import RequestInvalidError
from sonde_core.orders import SymbolRules
from sonde_core.readings import Failure, FailureReason, Kind, Reading, Subject

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
RULES = SymbolRules(status="TRADING")


class Exchange:
    """Tells the rules of BTCUSDT, and what it was asked."""

    def __init__(self) -> None:
        self.up = timedelta(hours=9)
        self.asked: list[tuple[str, str]] = []
        self.came = asyncio.Event()

    async def read(self, endpoint: str, symbol: str) -> Reading:
        self.asked.append((endpoint, symbol))
        self.came.set()
        if symbol == "a/b":
            raise RequestInvalidError("no symbol")
        value = RULES if symbol == "BTCUSDT" else Failure(FailureReason.ANSWER)
        return Reading(
            kind=Kind.SYMBOL_RULES, subject=Subject("symbol", symbol), time=NOON, value=value
        )

    async def was_asked(self) -> None:
        async with asyncio.timeout(10):
            await self.came.wait()
        self.came.clear()
        await asyncio.sleep(0)  # what it said is taken in


async def test_what_is_not_known_is_read_for_the_next_time() -> None:
    exchange = Exchange()
    symbols = RefusedSymbols(read=exchange.read, now=lambda: exchange.up)
    async with beside({"symbols": symbols.run}, Counter()):
        assert symbols.get("usdm", "BTCUSDT") is None
        assert symbols.get("usdm", "BTCUSDT") is None
        await exchange.was_asked()
        assert symbols.get("usdm", "BTCUSDT") == RULES
        exchange.up += timedelta(minutes=11)
        assert symbols.get("usdm", "BTCUSDT") == RULES
        await exchange.was_asked()

    assert exchange.asked == [("usdm", "BTCUSDT")] * 2


async def test_what_is_no_symbol_is_asked_once_a_minute_and_stops_nobody() -> None:
    exchange = Exchange()
    symbols = RefusedSymbols(read=exchange.read, now=lambda: exchange.up)
    async with beside({"symbols": symbols.run}, Counter()):
        for symbol in ("a/b", "NOSUCH", "a/b", "NOSUCH"):
            assert symbols.get("spot", symbol) is None
        symbols.get("spot", "BTCUSDT")
        while len(exchange.asked) < 3:
            await exchange.was_asked()
        assert symbols.get("spot", "BTCUSDT") == RULES

    assert exchange.asked == [("spot", "a/b"), ("spot", "NOSUCH"), ("spot", "BTCUSDT")]


async def test_a_flood_of_symbols_is_bounded() -> None:
    exchange = Exchange()
    symbols = RefusedSymbols(read=exchange.read, now=lambda: exchange.up)
    for number in range(1_000):
        symbols.get("spot", f"S{number}")
    async with beside({"symbols": symbols.run}, Counter()):
        await exchange.was_asked()

    assert len(exchange.asked) <= 64
