"""An order as the engine has it, as the fields of OrderFacts."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from sonde_reporter.taking import Plain, taken

_NAMES: Mapping[str, str] = {
    "symbol": "symbol",
    "side": "side",
    "type": "type",
    "order_type": "type",
    "quantity": "quantity",
    "origQty": "quantity",
    "orig_qty": "quantity",
    "amount": "quantity",
    "price": "price",
    "stopPrice": "stopPrice",
    "stop_price": "stopPrice",
    "triggerPrice": "stopPrice",
    "reduceOnly": "reduceOnly",
    "reduce_only": "reduceOnly",
}
"""What clients and the exchange call each field."""
_KNOWN = tuple(_NAMES)
_NUMBERS = {"quantity", "price", "stopPrice"}
_WORD = re.compile(r"[A-Z0-9_.-]{1,40}")
_LARGEST = 40


def capture_order(order: object) -> dict[str, Plain]:
    """Take what is known of an order, which may change afterwards: a mapping or an object."""
    known: dict[str, Plain] = {}
    try:
        own = order if type(order) is dict else _fields(order)
        for name in _KNOWN:
            if name in own:
                value = own[name]
                # Nearly all are of these two, and need no other look.
                if type(value) is float or (type(value) is str and len(value) <= _LARGEST):
                    known[name] = value
                else:
                    known[name] = taken(value, _LARGEST + 1)
    except Exception:  # noqa: BLE001 - what an engine hands over may be anything
        return {}
    return known


def _fields(order: object) -> Mapping[str, object]:
    if isinstance(order, Mapping):
        return order
    return getattr(order, "__dict__", None) or _read(order)


def _read(order: object) -> dict[str, object]:
    return {} if order is None else {name: getattr(order, name, None) for name in _NAMES}


def describe_order(known: Mapping[str, Plain]) -> dict[str, object]:
    """Return an order's fields as the contract has them; what makes no sense is left out."""
    told = {
        _NAMES[name]: _value(_NAMES[name], value)
        for name, value in known.items()
        if name in _NAMES and value is not None
    }
    return {name: value for name, value in told.items() if value is not None}


def _value(field: str, value: Plain) -> str | bool | None:
    if field == "reduceOnly":
        return _flag(value)
    if field in _NUMBERS:
        return _number(value)
    text = str(value).upper()
    if field == "symbol":
        text = _symbol(text)
    return text if _WORD.fullmatch(text) else None


def _flag(value: Plain) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).lower())


def _symbol(text: str) -> str:
    """Return ccxt's "BTC/USDT:USDT" as the exchange's "BTCUSDT"."""
    pair, _, settled = text.partition(":")
    market = pair.replace("/", "")
    return f"{market}_PERP" if settled and pair.startswith(f"{settled}/") else market


def _number(value: Plain) -> str | None:
    text = str(value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if len(text) > _LARGEST:  # it was cut, and is another number
        return None
    # An exponent may stand for more digits than there is memory for.
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST:
        return None
    return f"{number:f}"
