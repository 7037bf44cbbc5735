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
GROUPED = r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,18})?(?![\d,])"
"""A number as people write it: 3,120.50."""
AMOUNT = rf"(?:{GROUPED}|\d{{1,12}}(?:\.\d{{1,18}})?)"
PAIR = re.compile(
    r"(?<![a-z_])(" + "|".join(sorted(NAMES, key=len, reverse=True)) + r")[\"'`]?"
    r"(?:\s{0,2}(?:=>|[:=])\s{0,2}|\s|(?<=[\u4e00-\u9fff])[为是]?\s?(?=\d))"
    r"(?:decimal\()?[\"'`<]{0,2}"
    rf"({GROUPED}|[a-z0-9][\w./:-]{{0,31}})"
)
"""A name, and its value behind an equals sign, a colon or a blank; in Chinese behind nothing."""
AT = ("at rate", "at price", "@")
AT_RATE = re.compile(
    rf"(?:\b(?P<side>buy|sell|long|short)\s)?(?:of\s)?(?P<quantity>{AMOUNT})"
    r"(?:\s[A-Z]{2,10}(?:/[A-Z]{2,6})?)?"
    rf"\s?(?:at rate|at price|@)\s{{0,2}}\$?(?P<price>{AMOUNT})",
    re.I,
)
SUBMITTED = re.compile(
    r"\b(?P<side>buy|sell) (?P<type>[A-Z_]{5,12}) order to \S{1,40} "
    rf"for (?P<quantity>{AMOUNT}) (?P<symbol>[A-Z0-9]{{1,15}}-[A-Z0-9]{{2,6}})"
    rf"(?: (?P<price>{AMOUNT}))?",
    re.I,
)
"""An order in the words of market makers' bots: side, type, quantity, market and price."""
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
HINTS = (
    "數量",
    "價格",
    " order to ",
    "qty",
    "uantity",
    "mount",
    "rice",
    "size",
    "Qty",
    " @ ",
    " rate ",
    "数量",
    "价格",
)
LARGEST = Decimal(10) ** 15


def order_in(text: Text) -> Order | None:
    """Return the order, None where no quantity and no price of any kind is told."""
    told = [*text.parameters, text.plain]
    if not holds("\n".join(told), HINTS):
        return None
    values = dict(_last_first(told))
    if "quantity" not in values:
        values |= _submitted(text)
    if "price" not in values or "quantity" not in values:
        values |= _at_rate(text, values)
    quantity, price = _number(values.get("quantity")), _number(values.get("price"))
    stop_price = _number(values.get("stop_price"))
    if quantity is None and price is None and stop_price is None:
        return None
    kind = values.get("type", "").upper()
    return Order(
        symbol=_spelled(values.get("symbol", "")),
        side=SIDES.get(values.get("side", "").lower()),
        type=kind if kind in TYPES else None,
        quantity=quantity,
        price=price,
        stop_price=stop_price,
        reduce_only=_flag(values),
    )


def _submitted(text: Text) -> dict[str, str]:
    match = SUBMITTED.search(text.plain) if " order to " in text.lower else None
    return {name: value for name, value in match.groupdict().items() if value} if match else {}


def _at_rate(text: Text, values: Mapping[str, str]) -> dict[str, str]:
    """Return what stands around an `@`, unless it is about another quantity than is told."""
    match = AT_RATE.search(text.plain) if holds(text.lower, AT) else None
    if match is None or _number(values.get("quantity", match["quantity"])) != _number(
        match["quantity"]
    ):
        return {}
    told = {name: value for name, value in match.groupdict().items() if value}
    return told | {"side": values.get("side", told.get("side", ""))}


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
        number = Decimal(value.rstrip(".:/-").replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number <= LARGEST else None


def _flag(values: Mapping[str, str]) -> bool | None:
    return {"true": True, "false": False}.get(values.get("reduce_only", "").lower())


def _spelled(value: str) -> str | None:
    """Return a symbol as the exchange spells it: without slash and settlement asset."""
    match = SYMBOL.fullmatch(value.upper())
    return match[1] + match[2] + (match[3] or "") if match else None
