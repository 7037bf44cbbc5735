"""Orders that were refused, the rules of their symbol, and all that their numbers can say."""

from dataclasses import replace
from decimal import Decimal

from sonde_core.findings import Item
from sonde_core.order_numbers import order_numbers
from sonde_core.orders import Order, SymbolRules

FILTER = "FILTER_VIOLATION"
ETH = SymbolRules(
    status="TRADING",
    tick_size=Decimal("0.10"),
    min_price=Decimal("0.10"),
    max_price=Decimal(1000000),
    step_size=Decimal("0.001"),
    min_quantity=Decimal("0.001"),
    max_quantity=Decimal(1000),
    market_step_size=Decimal("0.01"),
    market_min_quantity=Decimal("0.01"),
    market_max_quantity=Decimal(50),
    min_notional=Decimal(5),
    last_price=Decimal("3120.00"),
)
GOOD = Order(symbol="ETHUSDT", type="LIMIT", quantity=Decimal("0.01"), price=Decimal(3120))


def like(
    *,
    quantity: str = "0.01",
    price: str | None = "3120",
    stop_price: str | None = None,
    type: str = "LIMIT",
    reduce_only: bool | None = None,
) -> Order:
    """Return the good order with other values."""
    return replace(
        GOOD,
        quantity=Decimal(quantity),
        price=Decimal(price) if price else None,
        stop_price=Decimal(stop_price) if stop_price else None,
        type=type,
        reduce_only=reduce_only,
    )


def _each() -> list[Item]:
    coarse = replace(ETH, step_size=Decimal(10), min_quantity=Decimal(10), tick_size=Decimal("2.5"))
    cases = [
        (FILTER, like(quantity="0.0012"), ETH),
        (FILTER, like(quantity="0.0012"), SymbolRules(status="TRADING", min_notional=Decimal(5))),
        (FILTER, like(quantity="0.001", price=None), replace(ETH, min_notional=Decimal(20))),
        (FILTER, like(quantity="1001.1111", price="2000000.07", stop_price="2000000.07"), ETH),
        (FILTER, like(quantity="0.0001", price="0.01", stop_price="0.01"), ETH),
        (FILTER, replace(like(quantity="0.0125", price="1.11"), symbol=None), ETH),
        (FILTER, like(quantity="15", price="3121", stop_price="3121"), coarse),
        (FILTER, like(quantity="5", price="1", stop_price="1"), coarse),
        (FILTER, Order(symbol="ETHUSDT"), ETH),
        (FILTER, Order(symbol="ETHUSDT"), replace(ETH, last_price=None)),
        (FILTER, Order(symbol="ETHUSDT"), replace(ETH, min_notional=None)),
        (FILTER, Order(), ETH),
        ("MARGIN_INSUFFICIENT", GOOD, None),
        ("MARGIN_INSUFFICIENT", like(price=None), ETH),
        ("WOULD_IMMEDIATELY_TRIGGER", like(stop_price="3150"), ETH),
        ("ORDER_NOT_FOUND", GOOD, replace(ETH, status="BREAK")),
        ("ORDER_NOT_FOUND", Order(), replace(ETH, status="BREAK")),
    ]
    unread = Item("symbol_rules_unread", {"symbol": "ETHUSDT", "host": "sgp-01", "why": "timeout"})
    absent = Item("symbol_absent", {"symbol": "ETHUSDT", "endpoint": "spot"})
    far = [
        *order_numbers(FILTER, like(price="4000"), ETH, far=True),
        *order_numbers(FILTER, like(price="2000"), ETH, far=True),
    ]
    return [unread, absent, *far, *(item for case in cases for item in order_numbers(*case))]


NUMBERS = _each()
"""Items of each kind, with each set of values that the core makes."""
