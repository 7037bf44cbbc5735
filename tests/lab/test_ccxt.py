"""The simulator, driven by the client library that most engines use."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ccxt  # type: ignore[import-untyped]
import pytest

from sonde_lab.exchange import serve_exchange
from sonde_lab.world import (
    EXAMPLE_API_KEY,
    EXAMPLE_SECRET,
    Answer,
    Fault,
    Key,
    Limits,
    Permissions,
    SurfaceState,
    World,
)
from tests.lab.calls import ORDER
from tests.lab.key_pairs import PrivateKey, ed25519_key, key_of, private_pem, rsa_key

Client = Any


@contextmanager
def client(
    kind: type[ccxt.binance], url: str, *, key: str = EXAMPLE_API_KEY, secret: str = EXAMPLE_SECRET
) -> Iterator[Client]:
    """Return a client whose every address is the simulator."""
    made: Client = kind(
        {
            "apiKey": key,
            "secret": secret,
            "enableRateLimit": False,
            "urls": {"api": _addresses(url)},
        }
    )
    try:
        yield made
    finally:
        made.session.close()


def _addresses(url: str) -> dict[str, str]:
    paths = {
        "public": "/api/v3",
        "private": "/api/v3",
        "v1": "/api/v1",
        "sapi": "/sapi/v1",
        "sapiV2": "/sapi/v2",
        "sapiV3": "/sapi/v3",
        "sapiV4": "/sapi/v4",
        "fapiPublic": "/fapi/v1",
        "fapiPublicV2": "/fapi/v2",
        "fapiPublicV3": "/fapi/v3",
        "fapiPrivate": "/fapi/v1",
        "fapiPrivateV2": "/fapi/v2",
        "fapiPrivateV3": "/fapi/v3",
        "dapiPublic": "/dapi/v1",
        "dapiPrivate": "/dapi/v1",
        "dapiPrivateV2": "/dapi/v2",
    }
    return {name: f"{url}{path}" for name, path in paths.items()}


@pytest.mark.parametrize(
    ("kind", "markets", "paths"),
    [
        (
            ccxt.binance,
            {"BTC/USDT", "ETH/USDT", "LTC/BTC", "BTC/USDT:USDT", "ETH/USDT:USDT", "BTC/USD:BTC"},
            {"/api/v3/exchangeInfo", "/fapi/v1/exchangeInfo", "/dapi/v1/exchangeInfo"},
        ),
        (ccxt.binanceusdm, {"BTC/USDT:USDT", "ETH/USDT:USDT"}, {"/fapi/v1/exchangeInfo"}),
    ],
    ids=["binance", "binanceusdm"],
)
async def test_markets_load_without_a_key(
    kind: type[ccxt.binance], markets: set[str], paths: set[str]
) -> None:
    async with serve_exchange(World()) as exchange:
        with client(kind, exchange.url, key="", secret="") as caller:
            loaded = await asyncio.to_thread(caller.load_markets)

    assert loaded.keys() == markets
    assert {each.path for each in exchange.requests} == paths


async def test_with_a_key_a_futures_client_asks_the_wallet_first() -> None:
    async with serve_exchange(World()) as exchange:
        with client(ccxt.binanceusdm, exchange.url) as caller:
            loaded = await asyncio.to_thread(caller.load_markets)

    assert loaded.keys() == {"BTC/USDT:USDT", "ETH/USDT:USDT"}
    assert [(each.path, each.signed, each.status) for each in exchange.requests] == [
        ("/sapi/v1/capital/config/getall", True, 200),
        ("/sapi/v1/margin/allPairs", True, 200),
        ("/fapi/v1/exchangeInfo", False, 200),
    ]


@pytest.mark.parametrize("kind", [ccxt.binance, ccxt.binanceusdm])
async def test_balances_are_read(kind: type[ccxt.binance]) -> None:
    async with serve_exchange(World()) as exchange:
        with client(kind, exchange.url) as caller:
            balance = await asyncio.to_thread(caller.fetch_balance)

    assert balance["USDT"]["total"] == 7391.42


async def test_prices_are_rounded_to_the_tick() -> None:
    async with serve_exchange(World()) as exchange:
        with client(ccxt.binanceusdm, exchange.url) as caller:
            await asyncio.to_thread(caller.load_markets)

            assert caller.price_to_precision("BTC/USDT:USDT", 12345.678) == "12345.7"


async def test_a_test_order_is_accepted() -> None:
    async with serve_exchange(World()) as exchange:
        with client(ccxt.binanceusdm, exchange.url) as caller:
            futures = await asyncio.to_thread(caller.fapiPrivatePostOrderTest, ORDER)
            spot = await asyncio.to_thread(caller.privatePostOrderTest, ORDER)

    assert (futures["symbol"], futures["status"], spot) == ("BTCUSDT", "NEW", {})


@pytest.mark.parametrize("private", [rsa_key(), ed25519_key()], ids=["rsa", "ed25519"])
async def test_key_pairs_are_accepted(private: PrivateKey) -> None:
    async with serve_exchange(World(keys=(key_of(private),))) as exchange:
        with client(ccxt.binanceusdm, exchange.url, secret=private_pem(private)) as caller:
            restrictions = await asyncio.to_thread(caller.sapiGetAccountApiRestrictions)
            balance = await asyncio.to_thread(caller.fetch_balance)
            order = await asyncio.to_thread(caller.fapiPrivatePostOrderTest, ORDER)
            spot = await asyncio.to_thread(caller.privatePostOrderTest, ORDER)

    assert (restrictions["enableFutures"], spot) == (True, {})
    assert (balance["USDT"]["total"], order["status"]) == (7391.42, "NEW")


async def test_restrictions_and_times_are_read() -> None:
    async with serve_exchange(World(keys=(Key(ip_list=("127.0.0.1",)),))) as exchange:
        with client(ccxt.binanceusdm, exchange.url) as caller:
            restrictions = await asyncio.to_thread(caller.sapiGetAccountApiRestrictions)
            status = await asyncio.to_thread(caller.fetch_status)
            server_time = await asyncio.to_thread(caller.fetch_time)

    assert (restrictions["ipRestrict"], restrictions["enableFutures"]) == (True, True)
    assert status["status"] == "ok"
    assert server_time > 1_700_000_000_000


def usdm(limits: Limits) -> World:
    return World(usdm=SurfaceState(limits=limits))


def faulty(answer: Answer) -> World:
    return World(faults=(Fault(answer=answer),))


REFUSALS = [
    pytest.param(
        World(keys=(Key(permissions=Permissions(enable_futures=False)),)),
        {},
        ccxt.AuthenticationError,
        "request ip: 127.0.0.1",
        id="-2015",
    ),
    pytest.param(World(), {"key": "short"}, ccxt.AuthenticationError, "-2014", id="-2014"),
    pytest.param(World(), {"secret": "no"}, ccxt.AuthenticationError, "-1022", id="-1022"),
    pytest.param(
        World(clock_offset_ms=-2000), {}, ccxt.InvalidNonce, "1000ms ahead", id="-1021 ahead"
    ),
    pytest.param(
        World(clock_offset_ms=30_000), {}, ccxt.InvalidNonce, "outside of", id="-1021 behind"
    ),
    pytest.param(usdm(Limits(weight_limit=0)), {}, ccxt.DDoSProtection, "429.*-1003", id="429"),
    pytest.param(
        usdm(Limits(banned_until_ms=4_000_000_000_000)),
        {},
        ccxt.DDoSProtection,
        "418.*-1003",
        id="418",
    ),
    pytest.param(faulty(Answer.WAF), {}, ccxt.ExchangeNotAvailable, "403", id="403"),
    pytest.param(
        faulty(Answer.RESTRICTED_LOCATION), {}, ccxt.ExchangeNotAvailable, "451", id="451"
    ),
    pytest.param(
        faulty(Answer.UNKNOWN_ERROR), {}, ccxt.ExchangeNotAvailable, "503", id="503 unknown"
    ),
    pytest.param(
        faulty(Answer.SERVICE_UNAVAILABLE), {}, ccxt.ExchangeNotAvailable, "503", id="503 text"
    ),
    pytest.param(faulty(Answer.INTERNAL_ERROR), {}, ccxt.OperationFailed, "-1001", id="503 -1001"),
    pytest.param(faulty(Answer.OVERLOADED), {}, ccxt.ExchangeError, "-1008", id="503 -1008"),
    pytest.param(faulty(Answer.BACKEND_TIMEOUT), {}, ccxt.RequestTimeout, "-1007", id="408"),
]


@pytest.mark.parametrize(("world", "credentials", "raised", "text"), REFUSALS)
async def test_each_refusal_raises_what_the_real_exchange_makes_it_raise(
    world: World, credentials: dict[str, str], raised: type[Exception], text: str
) -> None:
    async with serve_exchange(world) as exchange:
        with client(ccxt.binanceusdm, exchange.url, **credentials) as caller:
            error = await asyncio.to_thread(_error_of, caller.fapiPrivateV3GetAccount)

    # The class itself: its subclasses mean something else.
    assert type(error) is raised
    assert re.search(text, str(error), re.DOTALL)


def _error_of(call: Callable[[], object]) -> ccxt.BaseError:
    with pytest.raises(ccxt.BaseError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(
    ("world", "raised"),
    [
        pytest.param(World(keys=()), ccxt.ExchangeError, id="-2008"),
        pytest.param(
            World(
                keys=(Key(permissions=Permissions(enable_reading=False)),),
                sapi_permission_code=-1002,
            ),
            ccxt.AuthenticationError,
            id="-1002",
        ),
    ],
)
async def test_refusals_of_the_wallet_stop_a_futures_client_from_loading(
    world: World, raised: type[Exception]
) -> None:
    async with serve_exchange(world) as exchange:
        with client(ccxt.binanceusdm, exchange.url) as caller:
            error = await asyncio.to_thread(_error_of, caller.load_markets)

    assert type(error) is raised
    assert {each.path for each in exchange.requests} == {"/sapi/v1/capital/config/getall"}
