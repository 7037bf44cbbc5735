"""The live limits of the symbol in a refusal, read by the agent of the host that it comes from."""

from datetime import timedelta

from sonde.agent.v1.reading_pb2 import Reading
from sonde_core.explainer import Explanation
from sonde_core.findings import Item, item
from sonde_core.listing import endpoints_listing
from sonde_core.order_numbers import ABOUT_ORDERS, numbers_of
from sonde_core.orders import SymbolRules
from sonde_core.readings import Failure, FailureReason
from sonde_service.hosts import Host
from sonde_service.links import AgentLink, LinkError
from sonde_wire.readings import ReadingUnreadableError, decode

_ASKED = frozenset({"usdm", "spot"})
"""Where agents ask for symbols."""


async def live_numbers(
    link: AgentLink, host: Host, explanation: Explanation, text: str, limit: timedelta
) -> tuple[Item, ...]:
    """Return what an order's numbers say beside the live limits of its symbol.

    Limits that cannot be read cost no more than themselves, and one item says why.
    """
    symbol = explanation.facts.symbol
    if symbol is None or explanation.cause not in ABOUT_ORDERS:
        return numbers_of(explanation, text)
    endpoint, *others = endpoints_listing(explanation, text)
    if endpoint not in _ASKED:
        return numbers_of(explanation, text)
    read = await _read(link, host, endpoint, symbol, limit)
    if isinstance(read, SymbolRules):
        return numbers_of(explanation, text, read)
    if read is None and not others:
        return (item("symbol_absent", symbol=symbol, endpoint=endpoint),)
    why = read or f"the exchange has no symbol {symbol}"
    unread = item("symbol_rules_unread", symbol=symbol, host=host.name, why=why)
    return (*numbers_of(explanation, text), unread)


async def _read(
    link: AgentLink, host: Host, endpoint: str, symbol: str, limit: timedelta
) -> SymbolRules | str | None:
    """Return the rules, or why they are not read; None where the exchange has no such symbol."""
    try:
        return _decoded((await link.symbol_rules(host, endpoint, symbol, limit)).reading)
    except LinkError as error:
        return error.detail
    except ReadingUnreadableError:
        return "its agent sent what makes no sense"


def _decoded(message: Reading) -> SymbolRules | str | None:
    reading = decode(message)
    match reading.value if reading else None:
        case SymbolRules() as rules:
            return rules
        case Failure(FailureReason.NO_SYMBOL):
            return None
        case Failure(reason, detail):
            return detail or reason.value
        case _:
            return "its agent sent something else"
