"""Looks at a test order, or at the symbol of a question. Nothing here can execute an order."""

from collections.abc import Mapping

from sonde_lab.exchange import refusals
from sonde_lab.exchange.call import Call
from sonde_lab.exchange.reply import Reply
from sonde_lab.exchange.symbols import SYMBOLS
from sonde_lab.world import Surface

ALWAYS = ("symbol", "side", "type")
BY_TYPE: Mapping[str, tuple[str, ...]] = {
    "LIMIT": ("timeInForce", "quantity", "price"),
    "MARKET": ("quantity",),
}


def check(call: Call) -> Reply | None:
    """Refuse an order with something missing, or for a symbol that is not traded."""
    symbol = call.parameters.get("symbol")
    if call.endpoint.by_symbol and symbol is not None and symbol not in SYMBOLS[call.surface]:
        return refusals.invalid_symbol()
    if not call.endpoint.order:
        return None
    order = call.parameters
    for name in (*ALWAYS, *BY_TYPE.get(order.get("type", ""), ())):
        if not order.get(name):
            return refusals.missing_parameter(name)
    if order["symbol"] not in SYMBOLS[call.surface]:
        return refusals.invalid_symbol()
    if order["side"] not in {"BUY", "SELL"}:
        return refusals.invalid_side()
    return _of_futures(call) if call.surface is Surface.USDM else None


def _of_futures(call: Call) -> Reply | None:
    """Refuse an order that does not suit the futures account."""
    if call.key is None:
        return None
    account = call.key.account.futures
    one_way = call.parameters.get("positionSide", "BOTH") == "BOTH"
    if one_way == account.dual_side_position:
        return refusals.position_side()
    return None if account.funded else refusals.margin()
