"""What the exchange demands of orders for one symbol."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from sonde.agent.v1 import reading_pb2 as pb
from sonde_core import readings as core
from sonde_core.orders import SymbolRules
from sonde_wire.readings.texts import MAX_TEXT

_NUMBERS = (
    "tick_size",
    "min_price",
    "max_price",
    "step_size",
    "min_quantity",
    "max_quantity",
    "market_step_size",
    "market_min_quantity",
    "market_max_quantity",
    "min_notional",
    "last_price",
)
"""Each has the same name in the contract."""
_LONGEST_NUMBER = 40
_MOST_DIGITS = 30
"""On either side of the point: far more than the exchange writes, and nothing that fills a page."""


def _encode_symbol_rules(value: SymbolRules, message: pb.Reading) -> None:
    message.symbol_rules.status = value.status[:MAX_TEXT]
    for name in _NUMBERS:
        number: Decimal | None = getattr(value, name)
        if number is not None:
            setattr(message.symbol_rules, name, f"{number:f}")


def _decode_symbol_rules(message: pb.SymbolRules) -> SymbolRules:
    return SymbolRules(
        status=message.status[:MAX_TEXT],
        **{name: _number(getattr(message, name)) for name in _NUMBERS},
    )


def _number(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        number = Decimal(text[:_LONGEST_NUMBER])
    except InvalidOperation as error:
        raise ValueError("no decimal number") from error
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError("no number of a price or a quantity")
    return number


ENCODERS: dict[type, Callable[[Any, pb.Reading], None]] = {SymbolRules: _encode_symbol_rules}

DECODERS: dict[str, Callable[[Any], core.Value]] = {"symbol_rules": _decode_symbol_rules}
