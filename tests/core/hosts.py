"""Evidence of hosts, healthy unless told otherwise."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

from sonde_core.evidence import Contact, Evidence, LastSeen, by_kind_and_subject
from sonde_core.memory import AccountMemory, ClosureMemory, Memory, Sighting
from sonde_core.readings import (
    HOST,
    SPOT,
    USDM,
    AgentSettings,
    Answer,
    EchoedAddress,
    EngineState,
    EngineWeight,
    ExchangeTime,
    Failure,
    FailureReason,
    KeyFacts,
    KeyPermissions,
    KeyType,
    Kind,
    NtpSample,
    OrderUse,
    OrderWindow,
    Reading,
    SigningClock,
    Subject,
    TradingFlags,
    Value,
    WeightUse,
    WhitelistRecord,
)

NOW = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
MAIN = Subject("account", "main")
HERE = "203.0.113.7"
REJECTED = "Invalid API-key, IP, or permissions for action."
FLAGS = frozenset(
    {"enableReading", "enableFutures", "enableWithdrawals", "enableSpotAndMarginTrading"}
)


def ms(count: float) -> timedelta:
    """Return milliseconds as a span."""
    return timedelta(milliseconds=count)


def reading(kind: Kind, subject: Subject, value: Value) -> Reading:
    """Return a reading taken now."""
    return Reading(kind=kind, subject=subject, time=NOW, value=value)


def ntp(offset_ms: float, bound_ms: float = 2, name: str = "a.example") -> Reading:
    """Return one NTP server's answer; its bound is half the delay."""
    sample = NtpSample(
        offset=ms(offset_ms),
        delay=ms(2 * bound_ms),
        root_delay=timedelta(),
        root_dispersion=timedelta(),
        stratum=2,
        reference_id="GPS",
        samples=4,
    )
    return reading(Kind.NTP, Subject("source", name), sample)


def exchange_time(offset_ms: float, bound_ms: float = 20, endpoint: Subject = USDM) -> Reading:
    """Return the exchange's own clock."""
    value = ExchangeTime(offset=ms(offset_ms), round_trip=ms(2 * bound_ms))
    return reading(Kind.EXCHANGE_TIME, endpoint, value)


def failed(kind: Kind, subject: Subject, reason: FailureReason, detail: str = "why") -> Reading:
    """Return a reading that could not be taken."""
    return reading(kind, subject, Failure(reason, detail))


def ok(kind: Kind, facts: KeyPermissions | TradingFlags | None = None) -> Reading:
    """Return a signed test that was carried out."""
    return reading(kind, MAIN, Answer(status=200, clock=SigningClock.HOST, facts=facts))


def refused(
    kind: Kind,
    code: int,
    message: str = "",
    *,
    status: int = 401,
    clock: SigningClock = SigningClock.HOST,
    request_ip: str = "",
) -> Reading:
    """Return a signed test that was refused."""
    seen = ip_address(request_ip) if request_ip else None
    answer = Answer(status=status, code=code, message=message, clock=clock, request_ip=seen)
    return reading(kind, MAIN, answer)


def permissions(
    *granted: str, withheld: Iterable[str] = (), ip_restricted: bool = True
) -> KeyPermissions:
    """Return what apiRestrictions says; all that is not granted is withheld."""
    on = frozenset(granted)
    return KeyPermissions(
        ip_restricted=ip_restricted, granted=on, withheld=(FLAGS - on) | frozenset(withheld)
    )


def whitelist(*entries: str) -> Reading:
    """Return the list that the agent's configuration records."""
    record = WhitelistRecord(
        entries=tuple(ip_network(entry) for entry in entries), recorded_by="agent configuration"
    )
    return reading(Kind.WHITELIST, MAIN, record)


def engine_told(*seconds_ago: float, weight: int, endpoint: str = "usdm") -> Reading:
    """Return an engine that told, each time, the same weight for the minute before."""
    told = [
        EngineWeight(endpoint=endpoint, time=NOW - timedelta(seconds=each), weight=weight)
        for each in seconds_ago
    ]
    state = EngineState(version="3.1", reported=told[0].time, weights=tuple(told))
    return reading(Kind.ENGINE, Subject("engine", "grid"), state)


def counted(used: int, limit: int | None, span: timedelta, endpoint: str = "usdm") -> Reading:
    """Return how many orders the exchange counts for the account within a span."""
    window = OrderWindow(span=span, used=used, limit=limit)
    return reading(Kind.ORDERS, MAIN, OrderUse(endpoint=endpoint, windows=(window,)))


GOOD_PERMISSIONS = permissions("enableReading", "enableFutures", "enableSpotAndMarginTrading")


def healthy() -> list[Reading]:
    """Return all that is read on a host where nothing is wrong."""
    return [
        reading(Kind.SETTINGS, HOST, AgentSettings(version="1.0")),
        *(ntp(2, name=f"{name}.example") for name in "abc"),
        exchange_time(3),
        exchange_time(1, endpoint=SPOT),
        reading(Kind.ECHO_IPV4, Subject("echo", "one.example"), EchoedAddress(ip_address(HERE))),
        reading(Kind.ECHO_IPV4, Subject("echo", "two.example"), EchoedAddress(ip_address(HERE))),
        reading(Kind.PUBLIC_CALL, USDM, Answer(status=200)),
        reading(Kind.PUBLIC_CALL, SPOT, Answer(status=200)),
        reading(
            Kind.KEY,
            MAIN,
            KeyFacts(type=KeyType.HMAC, last4="Ab3d", fingerprint=FINGERPRINT),
        ),
        ok(Kind.API_RESTRICTIONS, GOOD_PERMISSIONS),
        ok(Kind.ACCOUNT_STATUS),
        ok(Kind.FUTURES_ACCOUNT, TradingFlags(can_trade=True)),
        ok(Kind.FUTURES_ORDER_TEST),
        ok(Kind.SPOT_ACCOUNT, TradingFlags(can_trade=True)),
        reading(Kind.WEIGHT, USDM, WeightUse(used=40, own=12, limit=2_400)),
    ]


def host(*changes: Reading, without: Iterable[Kind] = (), more: Iterable[Reading] = ()) -> Evidence:
    """Return a healthy host's evidence with some readings replaced, removed and added.

    A change replaces every healthy reading of its kind and subject; of NTP, of its kind.
    """
    changed = {_place(change) for change in changes}
    gone = set(without)
    kept = [r for r in healthy() if _place(r) not in changed and r.kind not in gone]
    return evidence(*kept, *changes, *more)


def _place(reading_: Reading) -> object:
    return reading_.kind if reading_.kind is Kind.NTP else (reading_.kind, reading_.subject)


def evidence(*readings: Reading) -> Evidence:
    """Return evidence of just these readings."""
    return Evidence(now=NOW, readings=by_kind_and_subject(readings))


FINGERPRINT = "0123456789abcdef"
"""Of the key on the host."""


def remembering(
    present: Evidence,
    *,
    accepted: timedelta | None = None,
    accepted_from: str = HERE,
    futures_accepted: timedelta | None = None,
    fingerprint: str = FINGERPRINT,
    moved: Sequence[tuple[timedelta, str]] = (),
    struck: timedelta | None = None,
) -> Evidence:
    """Return evidence with a past. Spans say how long ago; `struck` is when a ban ended."""
    account = AccountMemory(
        fingerprint=fingerprint,
        last4="Ab3d" if fingerprint == FINGERPRINT else "0ld1",
        accepted=NOW - accepted if accepted else None,
        accepted_from=(accepted_from,),
        futures_accepted=NOW - futures_accepted if futures_accepted else None,
    )
    closed = (
        ClosureMemory(endpoint="usdm", status=418, since=NOW - struck * 2, until=NOW - struck)
        if struck
        else None
    )
    memory = Memory(
        time=NOW - ms(60_000),
        sightings=tuple(Sighting(time=NOW - ago, addresses=(seen,)) for ago, seen in moved),
        observers={f"ipv4 {name}.example": seen for _, seen in moved for name in ("one", "two")},
        accounts={"main": account},
        closures=(closed,) if closed else (),
    )
    return replace(present, memory=memory)


def silent(contact: Contact, *, last_seen: LastSeen | None = None) -> Evidence:
    """Return what is known of a host whose agent did not answer."""
    return Evidence(
        now=NOW, contact=contact, contact_detail="connection refused", last_seen=last_seen
    )
