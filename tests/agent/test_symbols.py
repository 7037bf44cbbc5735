"""What the exchange demands of orders for one symbol, against a simulated exchange."""

import json
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from decimal import Decimal

import pytest

from sonde_agent.probes.exchange.client import ExchangeMemory
from sonde_agent.probes.exchange.gate import Gate
from sonde_agent.probes.exchange.known_rules import KEPT
from sonde_agent.probes.exchange.symbols import SymbolProbe, is_symbol
from sonde_agent.probes.exchange.weight import Budget
from sonde_agent.stopwatch import host_clock
from sonde_core.orders import SymbolRules
from sonde_core.readings import SPOT, USDM, Failure, FailureReason, Kind, Reading, Subject
from sonde_lab.exchange import Exchange
from sonde_lab.world import Answer as Hostile
from sonde_lab.world import Fault, Limits, Place, SurfaceState, World
from tests.agent.exchange_host import Host
from tests.agent.servers import RawServer, answer, serve_raw

UNUSABLE, WITHHELD = FailureReason.ANSWER, FailureReason.WITHHELD
RULES, PRICE = "/fapi/v1/exchangeInfo", "/fapi/v1/ticker/price"


class Asker:
    """Asks about symbols from one host, with what its agent remembers."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.ahead = timedelta()

    def probe(self, symbol: str, endpoint: Subject = USDM) -> SymbolProbe:
        return SymbolProbe(
            settings=self.host.settings,
            memory=self.host.memory,
            endpoint=endpoint,
            symbol=symbol,
        )

    async def reading(self, symbol: str, endpoint: Subject = USDM) -> Reading:
        [reading] = [each async for each in self.probe(symbol, endpoint).measure()]
        return reading

    async def rules(self, symbol: str, endpoint: Subject = USDM) -> SymbolRules:
        value = (await self.reading(symbol, endpoint)).value
        assert isinstance(value, SymbolRules)
        return value

    async def failure(self, symbol: str, endpoint: Subject = USDM) -> Failure:
        value = (await self.reading(symbol, endpoint)).value
        assert isinstance(value, Failure)
        return value


@pytest.fixture
def asker(host: Host) -> Asker:
    return Asker(host)


def paths(exchange: Exchange) -> list[str]:
    return [request.path for request in exchange.requests]


async def test_futures_rules_come_with_the_last_price(asker: Asker) -> None:
    reading = await asker.reading("ETHUSDT")

    assert (reading.kind, str(reading.subject)) == (Kind.SYMBOL_RULES, "symbol:usdm/ETHUSDT")
    assert reading.value == SymbolRules(
        status="TRADING",
        tick_size=Decimal("0.10"),
        min_price=Decimal("0.10"),
        max_price=Decimal(1000000),
        step_size=Decimal("0.001"),
        min_quantity=Decimal("0.001"),
        max_quantity=Decimal(1000),
        market_step_size=Decimal("0.001"),
        market_min_quantity=Decimal("0.001"),
        market_max_quantity=Decimal(1000),
        min_notional=Decimal(5),
        last_price=Decimal("3120.00"),
    )


async def test_spot_rules_are_asked_for_one_symbol(exchange: Exchange, asker: Asker) -> None:
    rules = await asker.rules("LTCBTC", SPOT)

    assert (rules.min_notional, rules.last_price) == (Decimal(5), Decimal("0.001310"))
    assert [(request.path, request.parameters) for request in exchange.requests] == [
        ("/api/v3/exchangeInfo", ("symbol",)),
        ("/api/v3/ticker/price", ("symbol",)),
    ]


async def test_nothing_is_signed_and_no_key_is_shown(exchange: Exchange, asker: Asker) -> None:
    await asker.rules("ETHUSDT")
    await asker.rules("ETHUSDT", SPOT)

    assert {(each.signed, each.api_key_last4) for each in exchange.requests} == {(False, "")}


async def test_futures_rules_are_kept_for_every_symbol_and_the_price_is_not(
    exchange: Exchange, asker: Asker
) -> None:
    for symbol in ("BTCUSDT", "ETHUSDT", "BTCUSDT"):
        await asker.rules(symbol)

    assert paths(exchange) == [RULES, PRICE, PRICE, PRICE]


async def test_spot_rules_are_kept_for_each_symbol(exchange: Exchange, asker: Asker) -> None:
    for symbol in ("BTCUSDT", "LTCBTC", "BTCUSDT"):
        await asker.rules(symbol, SPOT)

    assert paths(exchange).count("/api/v3/exchangeInfo") == 2


def test_what_was_told_is_forgotten_after_ten_minutes(asker: Asker) -> None:
    call, now = asker.probe("BTCUSDT").rules_call(), host_clock()
    known = asker.host.memory.rules
    known.note("usdm", call.query, now, {})

    assert known.get("usdm", call.query, now + KEPT - timedelta(seconds=1)) == {}
    assert known.get("usdm", call.query, now + KEPT) is None
    assert known.get("usdm", call.query, now - KEPT) is None


def test_of_too_many_symbols_the_first_are_forgotten(asker: Asker) -> None:
    now, known = host_clock(), asker.host.memory.rules
    calls = [asker.probe(f"A{number}", SPOT).rules_call() for number in range(65)]
    for call in calls:
        known.note("usdm", call.query, now, {})

    assert [call.query for call in calls if known.get("usdm", call.query, now) is None] == [
        "symbol=A0"
    ]


@pytest.mark.parametrize("endpoint", [USDM, SPOT])
async def test_an_unknown_symbol_is_a_failure_that_names_it(
    asker: Asker, endpoint: Subject
) -> None:
    assert await asker.failure("NOSUCHUSDT", endpoint) == Failure(
        FailureReason.NO_SYMBOL, "the exchange has no symbol NOSUCHUSDT"
    )


async def test_a_symbol_beyond_ascii_is_percent_encoded() -> None:
    symbol = {"symbol": "币安人生USDT", "status": "TRADING"}
    rules = answer(json.dumps({"symbols": [symbol]}).encode())
    price = answer(json.dumps({"symbol": "币安人生USDT", "price": "0.25"}).encode())
    async with serve_raw(rules, price) as server:
        told = await Asker(Host(server.url, server.url)).rules("币安人生USDT")

    assert told == SymbolRules(status="TRADING", last_price=Decimal("0.25"))
    assert "symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT HTTP" in server.heads[1]


async def test_a_ban_is_obeyed_and_noted(exchange: Exchange, asker: Asker) -> None:
    until_ms = round((host_clock() + timedelta(minutes=5)).timestamp() * 1000)
    exchange.world = World(usdm=SurfaceState(limits=Limits(banned_until_ms=until_ms)))

    first, second = await asker.failure("BTCUSDT"), await asker.failure("BTCUSDT")

    assert first == Failure(UNUSABLE, "HTTP 418, code -1003 came in place of rules")
    assert second.reason is WITHHELD
    assert paths(exchange) == [RULES]


async def test_rules_that_are_kept_are_told_during_a_ban_without_a_price(
    exchange: Exchange, asker: Asker
) -> None:
    await asker.rules("BTCUSDT")
    until_ms = round((host_clock() + timedelta(minutes=5)).timestamp() * 1000)
    exchange.world = World(usdm=SurfaceState(limits=Limits(banned_until_ms=until_ms)))

    rules = await asker.rules("BTCUSDT")

    assert (rules.min_notional, rules.last_price) == (Decimal(5), None)
    assert paths(exchange) == [PRICE]


async def test_the_agents_own_budget_holds(exchange: Exchange, asker: Asker) -> None:
    asker.host.memory = ExchangeMemory(Gate(), Budget(21))

    first = await asker.rules("BTCUSDT", SPOT)
    second = await asker.failure("LTCBTC", SPOT)

    assert first.last_price is None
    assert second == Failure(WITHHELD, "the agent's own weight budget is spent")
    assert paths(exchange) == ["/api/v3/exchangeInfo"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonde_agent.probes.exchange.client._WITHIN", timedelta(milliseconds=300))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("hostile", Hostile)
async def test_whatever_comes_in_place_of_the_rules_is_a_failure(
    exchange: Exchange, asker: Asker, hostile: Hostile
) -> None:
    exchange.world = World(faults=(Fault(path=RULES, answer=hostile),))

    reading = await asker.reading("BTCUSDT")

    # A number out of its range is beside the point: what is read comes as text.
    harmless = hostile is Hostile.LARGEST_NUMBER
    assert isinstance(reading.value, SymbolRules if harmless else Failure)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("hostile", [each for each in Hostile if each.place is Place.WAY_BACK])
async def test_whatever_comes_in_place_of_the_price_costs_only_the_price(
    exchange: Exchange, asker: Asker, hostile: Hostile
) -> None:
    exchange.world = World(faults=(Fault(path=PRICE, answer=hostile),))

    rules = await asker.rules("BTCUSDT")

    assert rules.min_notional == Decimal(5)


async def test_an_answer_that_is_too_long_is_not_read_to_its_end() -> None:
    async with serve_raw(answer(b" " * (4 * 1024 * 1024 + 1))) as server:
        failure = await Asker(Host(server.url, server.url)).failure("BTCUSDT")

    assert failure == Failure(UNUSABLE, "the answer is longer than 4194304 bytes")


async def test_all_the_symbols_of_the_exchange_fit() -> None:
    symbols = [symbol(f"COIN{number}USDT", padding="x" * 2000) for number in range(1000)]
    async with serving_symbols(*symbols) as server:
        rules = await Asker(Host(server.url, server.url)).rules("COIN999USDT")

    assert rules.step_size == Decimal("0.001")


def symbol(name: str, step: object = "0.001", padding: str = "") -> dict[str, object]:
    lot = {"filterType": "LOT_SIZE", "stepSize": step}
    return {"symbol": name, "status": "TRADING", "filters": [lot], "padding": padding}


def serving_symbols(*symbols: dict[str, object]) -> AbstractAsyncContextManager[RawServer]:
    info = answer(json.dumps({"symbols": symbols}).encode())
    price = answer(json.dumps({"symbol": "BTCUSDT", "price": "64250.1"}).encode())
    return serve_raw(info, price)


@pytest.mark.parametrize(
    "number",
    ["", "NaN", "-1", "1e400", "1" * 400, "0.00000000", "١", 0.001, None, [], {}, "1" * 21],
    ids=repr,
)
async def test_what_is_no_number_above_zero_is_not_a_limit(number: object) -> None:
    async with serving_symbols(symbol("BTCUSDT", number)) as server:
        rules = await Asker(Host(server.url, server.url)).rules("BTCUSDT")

    assert (rules.step_size, rules.last_price) == (None, Decimal("64250.1"))


async def test_the_price_of_another_symbol_is_not_taken() -> None:
    async with serving_symbols(symbol("ETHUSDT")) as server:
        rules = await Asker(Host(server.url, server.url)).rules("ETHUSDT")

    assert rules.last_price is None


@pytest.mark.parametrize(
    "text", ["BTCUSDT", "BTCUSD_PERP", "1000SHIBUSDC", "币安人生USDT", "A" * 30]
)
def test_symbols_are_known_by_their_form(text: str) -> None:
    assert is_symbol(text)


@pytest.mark.parametrize(
    "text", ["", "btcusdt", "BTC/USDT", "A&signature=1", "A\n", "A B", "\x85", "A" * 31, "A\x00"]
)
def test_anything_else_is_no_symbol(text: str) -> None:
    assert not is_symbol(text)
