"""From an HTTP answer to named fields. The body itself goes no further than this module."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from sonde_agent.probes.http import Fetched
from sonde_agent.redaction import redact
from sonde_core.addresses import parse_address
from sonde_core.readings import (
    AccountStatus,
    Address,
    Answer,
    BodyForm,
    Facts,
    Failure,
    FailureReason,
    KeyPermissions,
    Kind,
    SigningClock,
    TradingFlags,
)

_LONGEST_TEXT = 500
_OK = 200
_FIRST_REFUSAL = 400
_EARLIEST_MS, _LATEST_MS = 1_000_000_000_000, 9_999_999_999_999
"""Years 2001 to 2286: thirteen digits."""

_ECHOED_IP = re.compile(r"request ip: ?([0-9A-Fa-f.:]{2,45})|\bIP\(([0-9A-Fa-f.:]{2,45})\)")
_BANNED_UNTIL = re.compile(r"banned until (\d{13})(?!\d)")
_PERMISSION = re.compile(r"(?:enable|permits)[A-Za-z]{1,60}")
_WEIGHT_HEADERS = ("x-mbx-used-weight-1m", "x-sapi-used-ip-weight-1m")
_ORDER_COUNT = re.compile(r"x-mbx-order-count-(\d{1,3})([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_MOST_WINDOWS = 8
_PLAIN_TEXTS = (
    "Service Unavailable.",
    "Unknown error, please check your request or try again later.",
    "Internal error; unable to process your request. Please try again.",
)
"""What the exchange is documented to say without JSON. No other text becomes a message."""


class _Refusal(msgspec.Struct):
    code: int | None = None
    msg: str = ""


class _ServerTime(msgspec.Struct, rename="camel"):
    server_time: int


class _Restrictions(msgspec.Struct, rename="camel"):
    ip_restrict: bool
    create_time: Any = None
    trading_authority_expiration_time: Any = None


class _Status(msgspec.Struct):
    data: str


class _Trading(msgspec.Struct, rename="camel"):
    can_trade: bool


def read(
    fetched: Fetched,
    kind: Kind,
    *,
    clock: SigningClock | None = None,
    timestamp: datetime | None = None,
) -> Answer | Failure:
    """Return what an answer says, or a failure where it cannot be the exchange's."""
    form = body_form(fetched)
    facts: Facts | None = None
    if fetched.status < _FIRST_REFUSAL:
        try:
            facts = _facts(fetched, kind, form)
        except (ValueError, RecursionError) as error:
            return Failure(FailureReason.ANSWER, str(error))
    refusal = _refusal(fetched.body, form)
    return Answer(
        status=fetched.status,
        code=refusal.code,
        message=redact(refusal.msg)[:_LONGEST_TEXT],
        body=form,
        latency=fetched.read - fetched.sent,
        clock=clock,
        timestamp=timestamp,
        used_weight=_used_weight(fetched.headers),
        retry_after=_seconds(fetched.headers.get("retry-after", "")),
        banned_until=_banned_until(refusal.msg),
        request_ip=_request_ip(refusal.msg),
        facts=facts,
    )


def body_form(fetched: Fetched) -> BodyForm:
    """Tell what a body is, by what is in it rather than by what it is called."""
    body = fetched.body.strip()
    if not body:
        return BodyForm.EMPTY
    if body[:1] in b"{[" and _is_json(body):
        return BodyForm.JSON
    return BodyForm.HTML if body[:1] == b"<" else BodyForm.TEXT


def server_time(fetched: Fetched) -> datetime:
    """Return the instant in an answer to `time`. Raises ValueError where there is none."""
    try:
        return _instant(msgspec.json.decode(fetched.body, type=_ServerTime).server_time)
    except RecursionError as error:
        raise ValueError("the answer is nested too deeply") from error


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (ValueError, RecursionError):
        return False
    return True


def _refusal(body: bytes, form: BodyForm) -> _Refusal:
    if form is BodyForm.TEXT:
        text = body.strip()[:_LONGEST_TEXT].decode("utf-8", "replace")
        known = next((known for known in _PLAIN_TEXTS if text.startswith(known)), "")
        return _Refusal(msg=known)
    if form is not BodyForm.JSON:
        return _Refusal()
    try:
        refusal = msgspec.json.decode(body, type=_Refusal)
    except (ValueError, RecursionError):
        return _Refusal()
    in_range = refusal.code is not None and abs(refusal.code) < 1 << 31
    return refusal if in_range else _Refusal(msg=refusal.msg)


def _facts(fetched: Fetched, kind: Kind, form: BodyForm) -> Facts | None:
    """Return what a success says. Raises ValueError where it is not one of the exchange's."""
    if fetched.status != _OK:
        raise ValueError(f"HTTP {fetched.status} came, which the exchange does not send")
    if form is not BodyForm.JSON:
        raise ValueError(f"{form.value} came where JSON is due")
    find = _FACTS.get(kind)
    try:
        return find(fetched) if find else None
    except msgspec.MsgspecError as error:
        raise ValueError(f"the answer lacks what it must have: {error}") from None


def _permissions(fetched: Fetched) -> KeyPermissions:
    known = msgspec.json.decode(fetched.body, type=_Restrictions)
    flags = {
        name: value
        for name, value in msgspec.json.decode(fetched.body, type=dict[str, Any]).items()
        if isinstance(value, bool) and _PERMISSION.fullmatch(name)
    }
    return KeyPermissions(
        ip_restricted=known.ip_restrict,
        granted=frozenset(name for name, on in flags.items() if on),
        withheld=frozenset(name for name, on in flags.items() if not on),
        created=_optional_instant(known.create_time),
        trading_expires=_optional_instant(known.trading_authority_expiration_time),
    )


def _status(fetched: Fetched) -> AccountStatus:
    status = msgspec.json.decode(fetched.body, type=_Status).data
    return AccountStatus(redact(status)[:_LONGEST_TEXT])


def _trading(fetched: Fetched) -> TradingFlags:
    return TradingFlags(msgspec.json.decode(fetched.body, type=_Trading).can_trade)


def _time(fetched: Fetched) -> None:
    server_time(fetched)


_FACTS: Mapping[Kind, Callable[[Fetched], Facts | None]] = {
    Kind.PUBLIC_CALL: _time,
    Kind.API_RESTRICTIONS: _permissions,
    Kind.ACCOUNT_STATUS: _status,
    Kind.FUTURES_ACCOUNT: _trading,
    Kind.SPOT_ACCOUNT: _trading,
}


def _instant(milliseconds: int) -> datetime:
    if not _EARLIEST_MS <= milliseconds <= _LATEST_MS:
        raise ValueError(f"{str(milliseconds)[:20]} is no instant in milliseconds")
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)


def _optional_instant(value: object) -> datetime | None:
    if isinstance(value, int) and _EARLIEST_MS <= value <= _LATEST_MS:
        return _instant(value)
    return None


def _banned_until(message: str) -> datetime | None:
    found = _BANNED_UNTIL.search(message)
    return _optional_instant(int(found[1])) if found else None


def _request_ip(message: str) -> Address | None:
    found = _ECHOED_IP.search(message)
    if not found:
        return None
    try:
        return parse_address((found[1] or found[2]).rstrip("."))
    except ValueError:
        return None


def _used_weight(headers: Mapping[str, str]) -> int | None:
    return next(
        (w for name in _WEIGHT_HEADERS if (w := _count(headers.get(name, ""))) is not None), None
    )


def order_counts(fetched: Fetched) -> dict[timedelta, int]:
    """Return how many orders of the account are counted, by the span that they are counted in.

    Only what takes orders tells, and it need not where it refuses.
    """
    told = {
        timedelta(**{_UNITS[named[2]]: int(named[1])}): count
        for name, text in fetched.headers.items()
        if (named := _ORDER_COUNT.fullmatch(name)) and (count := _count(text)) is not None
    }
    return dict(sorted(told.items())[:_MOST_WINDOWS])


def _count(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


def _seconds(text: str) -> timedelta | None:
    count = _count(text)
    return None if count is None else timedelta(seconds=count)
