"""An order that was refused, and what the exchange demands of orders for its symbol."""

import re
from dataclasses import dataclass
from decimal import Decimal

COIN_MARGINED = re.compile(r"USD_(?:PERP|\d{6})")
"""How contracts are called whose quantity counts contracts, not an asset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is known of an order, in the exchange's own terms. All of it may be unknown."""

    symbol: str | None = None
    """As the exchange spells it, such as BTCUSDT."""
    side: str | None = None
    """BUY or SELL."""
    type: str | None = None
    """LIMIT, MARKET, STOP_MARKET, …"""
    quantity: Decimal | None = None
    """In the base asset."""
    price: Decimal | None = None
    """In the quote asset. None for a market order."""
    stop_price: Decimal | None = None
    reduce_only: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRules:
    """What the exchange demands of orders for one symbol, from its live ``exchangeInfo``.

    A number that is None is not published for the symbol.
    """

    status: str
    """TRADING where orders are taken."""
    tick_size: Decimal | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    step_size: Decimal | None = None
    """For limit orders (LOT_SIZE)."""
    min_quantity: Decimal | None = None
    max_quantity: Decimal | None = None
    market_step_size: Decimal | None = None
    """For market orders (MARKET_LOT_SIZE)."""
    market_min_quantity: Decimal | None = None
    market_max_quantity: Decimal | None = None
    min_notional: Decimal | None = None
    """Least quantity × price."""
    last_price: Decimal | None = None
    """What the symbol traded at when the rules were read."""
