"""Reads the order that a text is about: from query strings, JSON, printed dictionaries and logs."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from sonde_core.explainer.cleaning import Text, lowered
from sonde_core.explainer.signs import holds
from sonde_core.orders import Order

NAMES = {
    "symbol": "symbol", "pair": "symbol", "market": "symbol", "instrument": "symbol",
    "side": "side", "type": "type", "ordertype": "type", "order_type": "type",
    "quantity": "quantity", "origqty": "quantity", "qty": "quantity", "amount": "quantity",
    "size": "quantity", "price": "price", "rate": "price", "limit_price": "price",
    "stopprice": "stop_price", "stop_price": "stop_price", "triggerprice": "stop_price",
    "reduceonly": "reduce_only", "reduce_only": "reduce_only",
    "数量": "quantity", "价格": "price", "交易对": "symbol", "方向": "side",
}  # fmt: skip
PAIR = re.compile(
    r"(?<![a-z_])(" + "|".join(sorted(NAMES, key=len, reverse=True)) + r")[\"'`]?"
    r"(?:\s{0,2}(?:=>|[:=])\s{0,2}|\s)(?:decimal\()?[\"'`<]{0,2}([a-z0-9][\w./:-]{0,31})"
)
"""A name, and its value behind an equals sign, a colon or a blank."""
AT = ("at rate", "at price", "@")
AT_RATE = re.compile(
    r"(?:\b(buy|sell|long|short)\s)?(?:of\s)?(\d{1,12}(?:\.\d{1,18})?)(?:\s[A-Z]{2,10}(?:/[A-Z]{2,6})?)?"
    r"\s?(?:at rate|at price|@)\s{0,2}\$?(\d{1,12}(?:\.\d{1,18})?)",
    re.I,
)
SYMBOL = re.compile(
    r"(?<![A-Za-z0-9_])([A-Z0-9]{1,15})(?:[/_-]?)"
    r"(USDT|USDC|BUSD|FDUSD|TUSD|USD1|BTC|ETH|BNB|EUR|TRY|USD)"
    r"(_PERP|_\d{6})?(?::[A-Z]{3,5})?(?![A-Za-z0-9_])"
)
ASSETS = ("USD", "BTC", "ETH", "BNB", "EUR", "TRY")
"""One of them stands in every symbol."""
SIDES = {
    "buy": "BUY",
    "sell": "SELL",
    "long": "BUY",
    "short": "SELL",
    "买入": "BUY",
    "卖出": "SELL",
}
TYPES = frozenset(
    {
        "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
        "TRAILING_STOP_MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT", "LIMIT_MAKER",
    }
)  # fmt: skip
HINTS = ("qty", "uantity", "mount", "rice", "size", "Qty", " @ ", " rate ", "数量", "价格")
LARGEST = Decimal(10) ** 15


def order_in(text: Text) -> Order | None:
    """Return the order, None where no quantity and no price of any kind is told."""
    told = [*text.parameters, text.plain]
    if not holds("\n".join(told), HINTS):
        return None
    values = dict(_last_first(told))
    quantity, price = _number(values.get("quantity")), _number(values.get("price"))
    stop_price = _number(values.get("stop_price"))
    side = SIDES.get(values.get("side", "").lower())
    match = AT_RATE.search(text.plain) if quantity is None and holds(text.lower, AT) else None
    if match:
        quantity, price = _number(match[2]), _number(match[3])
        side = side or SIDES.get((match[1] or "").lower())
    if quantity is None and price is None and stop_price is None:
        return None
    kind = values.get("type", "").upper()
    return Order(
        symbol=_spelled(values.get("symbol", "")),
        side=side,
        type=kind if kind in TYPES else None,
        quantity=quantity,
        price=price,
        stop_price=stop_price,
        reduce_only=_flag(values),
    )


def symbol_in(text: Text, order: Order | None) -> str | None:
    """Return the symbol that a text names."""
    if order and order.symbol:
        return order.symbol
    for part in (*text.parameters, text.plain):
        for name, value in _pairs(part) if "ymbol" in part or "air" in part else ():
            symbol = _spelled(value) if name == "symbol" else None
            if symbol:
                return symbol
    bare = SYMBOL.search(text.plain) if holds(text.plain, ASSETS) else None
    return _spelled(bare[0]) if bare else None


def _last_first(told: list[str]) -> Iterator[tuple[str, str]]:
    """Yield names and values; of a name that is told twice the first in the text comes last."""
    pairs = [pair for part in told for pair in _pairs(part)]
    return reversed([pair for pair in pairs if _sensible(*pair)])


def _pairs(part: str) -> Iterator[tuple[str, str]]:
    # To look for letters of one case is much faster.
    for match in PAIR.finditer(lowered(part)):
        yield NAMES[match[1]], part[match.start(2) : match.end(2)]


def _sensible(name: str, value: str) -> bool:
    """Leave out what only looks like a value, such as a variable's name in a traceback."""
    if name in {"quantity", "price", "stop_price"}:
        return _number(value) is not None
    if name == "side":
        return value.lower() in SIDES
    if name == "type":
        return value.upper() in TYPES
    return name != "symbol" or _spelled(value) is not None


def _number(value: str | None) -> Decimal | None:
    if not value or not value[0].isdigit():
        return None
    try:
        number = Decimal(value.rstrip(".:/-"))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number <= LARGEST else None


def _flag(values: Mapping[str, str]) -> bool | None:
    return {"true": True, "false": False}.get(values.get("reduce_only", "").lower())


def _spelled(value: str) -> str | None:
    """Return a symbol as the exchange spells it: without slash and settlement asset."""
    match = SYMBOL.fullmatch(value.upper())
    return match[1] + match[2] + (match[3] or "") if match else None
