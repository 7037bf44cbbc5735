"""Orders in which the exchange may check a signed request. The real one is not documented.

A verdict that holds under one of them only is a guess about the exchange.
"""

from dataclasses import dataclass

from sonde_lab.world import Check

_FIRST = (Check.BAN, Check.WEIGHT, Check.PARAMETERS)
_LAST = (Check.ORDER, Check.BACKEND)


@dataclass(frozen=True, slots=True)
class Order:
    """An order that is plausible, and what it is called."""

    name: str
    checks: tuple[Check, ...]


def _order(name: str, *checks: Check) -> Order:
    return Order(name, (*_FIRST, *checks, *_LAST))


USUAL = Order("usual", tuple(Check))
ORDERS = (
    USUAL,
    _order(
        "time first",
        Check.TIMESTAMP,
        Check.KEY_FORMAT,
        Check.KEY_KNOWN,
        Check.IP,
        Check.SIGNATURE,
        Check.PERMISSION,
    ),
    _order(
        "signature before address",
        Check.KEY_FORMAT,
        Check.KEY_KNOWN,
        Check.SIGNATURE,
        Check.TIMESTAMP,
        Check.IP,
        Check.PERMISSION,
    ),
    _order(
        "permission before time",
        Check.KEY_FORMAT,
        Check.KEY_KNOWN,
        Check.IP,
        Check.PERMISSION,
        Check.TIMESTAMP,
        Check.SIGNATURE,
    ),
    _order(
        "address last",
        Check.KEY_FORMAT,
        Check.KEY_KNOWN,
        Check.TIMESTAMP,
        Check.SIGNATURE,
        Check.PERMISSION,
        Check.IP,
    ),
)
