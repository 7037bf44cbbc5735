"""Orders as engines have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

import pytest

from sonde_reporter.orders import capture_order, describe_order


class Side(Enum):
    BUY = "buy"


@dataclass(frozen=True, slots=True)
class Intent:
    symbol: str
    side: Side
    order_type: str
    quantity: Decimal
    stop_price: float
    reduce_only: bool


@pytest.mark.parametrize(
    ("order", "told"),
    [
        pytest.param(
            {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "0.010"},
            {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "0.010"},
            id="as the exchange names it",
        ),
        pytest.param(
            {"symbol": "ETH/BTC", "amount": 1e-05, "price": 0.05, "reduceOnly": "true"},
            {"symbol": "ETHBTC", "quantity": "0.00001", "price": "0.05", "reduceOnly": True},
            id="as ccxt names it",
        ),
        pytest.param(
            {"symbol": "BTC/USD:BTC"}, {"symbol": "BTCUSD_PERP"}, id="ccxt's inverse contract"
        ),
        pytest.param(
            Intent("btcusdt", Side.BUY, "STOP_MARKET", Decimal("1E-3"), 61000.5, reduce_only=True),
            {
                "symbol": "BTCUSDT",
                "side": "BUY",
                "type": "STOP_MARKET",
                "quantity": "0.001",
                "stopPrice": "61000.5",
                "reduceOnly": True,
            },
            id="an engine's own class",
        ),
        pytest.param(
            {"symbol": "BTCUSDT", "apiKey": "k", "newClientOrderId": "mine", "signature": "s"},
            {"symbol": "BTCUSDT"},
            id="nothing but what is asked for",
        ),
        pytest.param(
            {"symbol": "B T", "price": "NaN", "quantity": "1e999999999", "stopPrice": []},
            {},
            id="nonsense",
        ),
        pytest.param({"symbol": None, "price": None}, {}, id="unset"),
        pytest.param(None, {}, id="none"),
        pytest.param(
            {f"f{n}": n for n in range(1000)} | {"side": "BUY"}, {"side": "BUY"}, id="big"
        ),
    ],
)
def test_an_order_is_told_in_the_contracts_terms(order: object, told: Mapping[str, object]) -> None:
    assert describe_order(capture_order(order)) == told


def test_an_order_that_changes_after_it_was_left_is_told_as_it_was() -> None:
    order = {"symbol": "BTCUSDT", "price": "1"}

    captured = capture_order(order)
    order["price"] = "2"

    assert describe_order(captured)["price"] == "1"
