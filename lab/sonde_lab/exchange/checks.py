"""What the exchange checks before it answers, in an order that a world can change.

The real order is not documented. So each check stands alone: one that cannot judge (the
signature of an unknown key, say) lets the request pass to the check whose business it is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_address

from sonde_lab.exchange import orders, refusals, signature
from sonde_lab.exchange.call import EPOCH, Call, Needs
from sonde_lab.exchange.faults import backend_fault
from sonde_lab.exchange.ledger import weight_limit
from sonde_lab.exchange.reply import Reply
from sonde_lab.world import Check, Key, Restriction, Surface, is_key_format

DEFAULT_WINDOW_MS = "5000"
WIDEST_WINDOW_MS = 60_000
AHEAD_LIMIT_MS = 1_000
MICROSECOND_DIGITS = 16


def first_refusal(call: Call) -> Reply | None:
    """Return the first check's refusal, if any check refuses."""
    for name in call.world.check_order:
        if call.endpoint.signed or name in PUBLIC:
            refusal = CHECKS[name](call)
            if refusal is not None:
                return refusal
    return None


def ban(call: Call) -> Reply | None:
    """Refuse an address until its ban ends."""
    until_ms = call.ledger.banned_until_ms(call.surface)
    if call.now_ms >= until_ms:
        return None
    reply = refusals.banned(call.surface, call.peer, until_ms)
    return _retry_after(call, reply, -((call.now_ms - until_ms) // 1000))


def weight(call: Call) -> Reply | None:
    """Refuse what is over the minute's request weight, and ban who does not stop."""
    limit = weight_limit(call.world.surface(call.surface).limits, call.surface)
    if call.weight_used <= limit:
        call.ledger.forgive(call.surface)
        return None
    if call.ledger.count_refusal(call.surface, call.now_ms):
        return ban(call)
    reply = refusals.over_limit(call.surface, call.peer, limit)
    return _retry_after(call, reply, 60 - call.now_ms // 1000 % 60)


def _retry_after(call: Call, reply: Reply, seconds: int) -> Reply:
    if not call.world.surface(call.surface).limits.retry_after:
        return reply
    return replace(reply, headers={"Retry-After": str(seconds)})


def parameters(call: Call) -> Reply | None:
    """Refuse a signed request without readable timing or without a signature."""
    if not re.fullmatch(r"\d{1,17}", call.parameters.get("timestamp", "").strip()):
        return refusals.missing_parameter("timestamp")
    if not call.parameters.get("signature"):
        return refusals.missing_parameter("signature")
    decimals = r"(\.\d{1,3})?" if call.surface is Surface.SPOT else ""
    window = call.parameters.get("recvWindow", DEFAULT_WINDOW_MS)
    if not re.fullmatch(rf"\d{{1,12}}{decimals}", window):
        return refusals.invalid_parameter("recvWindow")
    return refusals.window_too_wide() if Decimal(window) > WIDEST_WINDOW_MS else None


def key_format(call: Call) -> Reply | None:
    """Refuse what cannot be a key id."""
    return None if is_key_format(call.request.api_key) else refusals.key_format()


def key_known(call: Call) -> Reply | None:
    """Refuse a key that does not exist or no longer does."""
    if call.key is not None:
        return None
    if call.surface is Surface.SAPI and call.world.sapi_unknown_key_code == -2008:  # noqa: PLR2004
        return refusals.unknown_key()
    return refusals.rejected_key(call.surface, call.peer)


def ip(call: Call) -> Reply | None:
    """Refuse an address that is not on the key's list."""
    if call.key is None or not call.key.ip_list:
        return None
    if ip_address(call.peer) in {ip_address(address) for address in call.key.ip_list}:
        return None
    if call.surface in refusals.FUTURES and call.world.futures_ip_code == -1011:  # noqa: PLR2004
        return refusals.address_turned_away()
    return refusals.rejected_key(call.surface, call.peer)


def timestamp(call: Call) -> Reply | None:
    """Refuse a timestamp outside of the window, which is wide behind and narrow ahead.

    ``timestamp < serverTime + 1000 and serverTime - timestamp <= recvWindow``, as the exchange's
    REST pages have it. Spot also takes microseconds.
    """
    text = call.parameters.get("timestamp", "").strip()
    window = call.parameters.get("recvWindow", DEFAULT_WINDOW_MS)
    try:
        sent, window_ms = int(text), Decimal(window)
    except (ValueError, ArithmeticError):
        return None
    fine = call.surface is Surface.SPOT and len(text) >= MICROSECOND_DIGITS
    unit = timedelta(microseconds=1) if fine else timedelta(milliseconds=1)
    per_millisecond = 1000 if fine else 1
    server = (call.now - EPOCH) // unit
    if sent >= server + AHEAD_LIMIT_MS * per_millisecond:
        return refusals.too_early()
    return refusals.too_late() if server - sent > window_ms * per_millisecond else None


def signed_by_key(call: Call) -> Reply | None:
    """Refuse a signature that the named key did not make, or not as the REST interfaces want it.

    They want everything beyond ASCII percent-encoded before it is signed; futures want the
    signature at the end of the query or of the body.
    """
    if call.key is None:
        return None
    query, body = call.request.query, call.request.body
    signed = signature.payload(query, body)
    well_placed = call.surface not in refusals.FUTURES or signature.is_last(query, body)
    made_by_key = signature.matches(call.key, signed, call.parameters.get("signature", ""))
    return None if well_placed and signed.isascii() and made_by_key else refusals.signature()


def permission(call: Call) -> Reply | None:
    """Refuse what the key may not do, or its account."""
    if call.key is None:
        return None
    if _allowed(call.key, call):
        return _restricted(call, call.key.account.futures.restriction)
    if call.surface is Surface.SAPI and call.world.sapi_permission_code == -1002:  # noqa: PLR2004
        return refusals.unauthorized()
    return refusals.rejected_key(call.surface, call.peer)


def _restricted(call: Call, restriction: Restriction | None) -> Reply | None:
    """Refuse what a futures account may not do: orders, and where it is shut all else too."""
    if restriction is None or call.surface not in refusals.FUTURES:
        return None
    shut = restriction in {Restriction.INACTIVE, Restriction.KEYS_LOCKED}
    return refusals.restricted(restriction) if shut or call.endpoint.order else None


def _allowed(key: Key, call: Call) -> bool:
    match call.endpoint.needs:
        case Needs.SPOT_TRADING:
            return key.permissions.enable_spot_and_margin_trading
        case Needs.FUTURES_TRADING:
            return key.opens_futures
        case Needs.FUTURES_READING:
            return key.opens_futures and key.permissions.enable_reading
        case _:
            return key.permissions.enable_reading


PUBLIC = frozenset({Check.BAN, Check.WEIGHT, Check.ORDER, Check.BACKEND})
"""The checks that a request without a signature meets."""

CHECKS: Mapping[Check, Callable[[Call], Reply | None]] = {
    Check.BAN: ban,
    Check.WEIGHT: weight,
    Check.PARAMETERS: parameters,
    Check.KEY_FORMAT: key_format,
    Check.KEY_KNOWN: key_known,
    Check.IP: ip,
    Check.TIMESTAMP: timestamp,
    Check.SIGNATURE: signed_by_key,
    Check.PERMISSION: permission,
    Check.ORDER: orders.check,
    Check.BACKEND: backend_fault,
}
