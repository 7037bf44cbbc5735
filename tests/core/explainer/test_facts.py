"""What a text says besides its cause."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address

import pytest

from sonde_core.explainer import explain
from sonde_core.orders import Order

BAN = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Invalid API-key, IP, or permissions for action, request ip: 192.0.2.17", "192.0.2.17"),
        ("Way too many requests; IP(198.51.100.4) banned until 1700000000000.", "198.51.100.4"),
        ("permissions for action, request ip: 2001:db8::7", "2001:db8::7"),
        (
            "'msg': 'Invalid API-key, IP, or permissions for action, request ip: 192.0.2.1'",
            "192.0.2.1",
        ),
    ],
)
def test_the_address_that_the_exchange_saw(text: str, address: str) -> None:
    assert explain(text).facts.request_ip == ip_address(address)


@pytest.mark.parametrize("text", ["request ip: xx.xx.xx.x", "request ip: 999.1.1.1", "IP(?)"])
def test_a_masked_address_is_none(text: str) -> None:
    assert explain(text).facts.request_ip is None


@pytest.mark.parametrize(
    "until",
    [
        "1700000000000",
        "1700000000",
        "1700000000000000",
        "2023-11-14 22:13:20",
        "2023-11-14T22:13:20Z",
        "2023-11-15 06:13:20 +08:00",
        "2023-11-14T17:13:20-0500",
        "2023-11-14 22:13:20.000 UTC",
    ],
)
def test_the_end_of_a_ban_in_any_notation(until: str) -> None:
    assert explain(f"Way too many requests; IP banned until {until}.").facts.banned_until == BAN


def test_a_websocket_answer_names_the_end_of_a_ban_as_an_instant() -> None:
    text = (
        '{"status":418,"error":{"code":-1003,"data":{"serverTime":1,"retryAfter":1700000000000}}}'
    )
    facts = explain(text).facts
    assert facts.banned_until == BAN
    assert facts.retry_after is None
    assert facts.http_status == 418


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("HTTP 429\nRetry-After: 12", timedelta(seconds=12)),
        ("headers={'retry-after': '90', 'server': 'nginx'}", timedelta(seconds=90)),
        ("banned for 5 minutes", timedelta(minutes=5)),
        ("please try again in 2 hours", timedelta(hours=2)),
        ("retry after 1500 ms", timedelta(milliseconds=1500)),
        ("被限流，请在 3 分钟后重试；重试 3 分钟", timedelta(minutes=3)),
    ],
)
def test_how_long_to_stay_away(text: str, span: timedelta) -> None:
    assert explain(text).facts.retry_after == span


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        (
            "Too many requests; current limit is 2400 requests per minute. Please",
            "2400 requests per minute",
        ),
        ("current limit of IP(192.0.2.3) is 2400 requests per minute.", "2400 requests per minute"),
        (
            "Too many new orders; current limit is 50 orders per 10 SECOND.",
            "50 orders per 10 SECOND",
        ),
        (
            "current limit is 6000 request weight per 1 MINUTE. Please",
            "6000 request weight per 1 MINUTE",
        ),
    ],
)
def test_the_limit_that_was_named(text: str, limit: str) -> None:
    assert explain(text).facts.limit == limit


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("Could not create limit sell order on market BTC/USDT:USDT.", "BTCUSDT"),
        (
            "POST https://fapi.binance.com/fapi/v1/order?symbol=ETHUSDC&side=BUY&quantity=1",
            "ETHUSDC",
        ),
        ('{"symbol":"SOLUSDT","msg":"x"}', "SOLUSDT"),
        ("BTCUSD_PERP: margin", "BTCUSD_PERP"),
        ("nothing traded here", None),
    ],
)
def test_the_symbol(text: str, symbol: str | None) -> None:
    assert explain(text).facts.symbol == symbol


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Filter failure: MARKET_LOT_SIZE", "MARKET_LOT_SIZE"),
        ("Filter failure: NOTIONAL.", "NOTIONAL"),
        (
            "The counterparty's best price does not meet the PERCENT_PRICE filter limit",
            "PERCENT_PRICE",
        ),
        ("ccxt InvalidOrder: min_notional", "MIN_NOTIONAL"),
    ],
)
def test_the_filter(text: str, name: str) -> None:
    assert explain(text).facts.filter == name


ORDERS = {
    "a query": "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.0012&price=3120&reduceOnly=false",
    "JSON": (
        '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","quantity":"0.0012","price":3120,'
        '"reduceOnly":false}'
    ),
    "a dictionary": (
        "{'symbol': 'BTC/USDT', 'side': 'buy', 'type': 'limit', 'qty': 0.0012, 'price': '3120',"
        " 'reduceOnly': False}"
    ),
    "an address": (
        "https://fapi.binance.com/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.0012"
        "&price=3120&reduceOnly=false&timestamp=1&signature=ab"
    ),
}


@pytest.mark.parametrize("text", ORDERS.values(), ids=ORDERS)
def test_the_order(text: str) -> None:
    assert explain(text).facts.order == Order(
        symbol="BTCUSDT",
        side="BUY",
        type="LIMIT",
        quantity=Decimal("0.0012"),
        price=Decimal(3120),
        reduce_only=False,
    )


def test_the_order_of_a_log_in_words() -> None:
    order = explain("Tried to sell amount 0.25 at rate 1893.5. on market ETH/USDT").facts.order
    assert order is not None
    assert (order.quantity, order.price) == (Decimal("0.25"), Decimal("1893.5"))


@pytest.mark.parametrize(
    ("text", "quantity", "price"),
    [
        (
            "submitting sell LIMIT order to Binance_perpetual for 0.03 BNB-USDT 612.40",
            "0.03",
            "612.4",
        ),
        ("submitting buy MARKET order to Binance for 1.5 SOL-USDT", "1.5", None),
        ("数量0.03 价格612", "0.03", "612"),
        ("数量为0.03，价格是1,612.5", "0.03", "1612.5"),
        ("數量：0.03 價格：612", "0.03", "612"),
        ("qty 0.03 @ 612", "0.03", "612"),
        ("qty 0.03 @ 1,612.40", "0.03", "1612.40"),
        ("quantity: 1,200 price: 3,120.50", "1200", "3120.50"),
        ("price: 12,345,678", None, "12345678"),
        ('{"quantity":1,"price":300}', "1", "300"),
        ("qty 0.03, earlier 5 @ 612", "0.03", None),
    ],
)
def test_numbers_as_programs_and_people_write_them(
    text: str, quantity: str | None, price: str | None
) -> None:
    order = explain(text).facts.order
    assert order is not None
    assert order.quantity == (Decimal(quantity) if quantity else None)
    assert order.price == (Decimal(price) if price else None)


def test_code_in_a_traceback_is_no_order() -> None:
    assert (
        explain("  order = client.new_order(symbol=symbol, quantity=quantity, price=p)").facts.order
        is None
    )


def test_a_code_is_none_where_the_text_names_none() -> None:
    assert explain("read timed out").facts.code is None


def test_a_message_without_its_code_names_no_code() -> None:
    for text in ("Leverage 125 is not valid", "Order would immediately trigger."):
        assert explain(text).facts.code is None
