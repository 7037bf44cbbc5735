"""Hosts that were different before: one for every kind of change."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from ipaddress import ip_address

from sonde_core.diagnose import diagnose
from sonde_core.evidence import Evidence
from sonde_core.findings import ItemValue, item
from sonde_core.history import Change, remember
from sonde_core.memory import Memory
from sonde_core.readings import (
    HOST,
    SIGNED_KINDS,
    USDM,
    AccountStatus,
    AgentSettings,
    Answer,
    Closure,
    EchoedAddress,
    FailureReason,
    KeyFacts,
    KeyType,
    Kind,
    Reading,
    Subject,
    TradingFlags,
)
from tests.core.hosts import (
    HERE,
    MAIN,
    NOW,
    REJECTED,
    exchange_time,
    failed,
    host,
    ms,
    ntp,
    ok,
    permissions,
    reading,
    refused,
)

ELSEWHERE = "198.51.100.7"
IPV6 = "2001:db8::7"
EARLIER = timedelta(hours=1)
SPOT = Subject("endpoint", "spot")
ONE, TWO = Subject("echo", "one.example"), Subject("echo", "two.example")

Values = dict[str, ItemValue]


def diagnosed(before: Memory | None, evidence: Evidence) -> tuple[Memory, tuple[Change, ...]]:
    """Return what a diagnosis changes; the host is asked at the evidence's instant."""
    return remember(before, evidence, diagnose(evidence), evidence.now)


def earlier(evidence: Evidence, by: timedelta = EARLIER) -> Evidence:
    """Return the same evidence of a diagnosis so much earlier."""
    readings = {
        key: tuple(replace(one, time=one.time - by) for one in group)
        for key, group in evidence.readings.items()
    }
    return replace(evidence, now=evidence.now - by, readings=readings)


def after(evidence: Evidence, **seconds: float) -> Evidence:
    """Return evidence whose readings of some kinds came so many seconds after the first one."""
    late = {Kind(kind): timedelta(seconds=count) for kind, count in seconds.items()}
    readings = {
        key: tuple(replace(one, time=one.time + late.get(key[0], ms(0))) for one in group)
        for key, group in evidence.readings.items()
    }
    return replace(evidence, readings=readings)


def echoes(address: str, *, family: Kind = Kind.ECHO_IPV4) -> list[Reading]:
    """Return what both echo services see."""
    return [reading(family, one, EchoedAddress(ip_address(address))) for one in (ONE, TWO)]


def key(last4: str, fingerprint: str) -> Reading:
    """Return a key on the host."""
    return reading(
        Kind.KEY, MAIN, KeyFacts(type=KeyType.HMAC, last4=last4, fingerprint=fingerprint)
    )


def rejected(code: int = -2015, request_ip: str = "") -> list[Reading]:
    """Return every signed test refused."""
    return [refused(kind, code, REJECTED, request_ip=request_ip) for kind in SIGNED_KINDS]


def skewed(offset_ms: float) -> list[Reading]:
    """Return a host's clock against every source."""
    sources = [ntp(offset_ms, name=name) for name in "abc"]
    return [*sources, exchange_time(offset_ms), exchange_time(offset_ms, endpoint=SPOT)]


def closed(status: int, minutes: float) -> Reading:
    """Return a closed gate."""
    closure = Closure(status=status, until=NOW + timedelta(minutes=minutes), since=NOW)
    return reading(Kind.GATE, USDM, closure)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Two diagnoses of a host, and what the second one shows to have changed."""

    first: Sequence[Reading] = ()
    second: Sequence[Reading] = ()
    changes: dict[str, Values] = field(default_factory=dict)
    """By the item's id, with the values that a sentence has."""


def _status(word: str) -> Reading:
    return reading(Kind.ACCOUNT_STATUS, MAIN, Answer(status=200, facts=AccountStatus(word)))


_NO_FUTURES = permissions("enableReading", "enableSpotAndMarginTrading")
_UNRESTRICTED = permissions(
    "enableReading", "enableFutures", "enableSpotAndMarginTrading", ip_restricted=False
)
_CALLS = ("apiRestrictions", "account/status", "accountConfig", "order/test", "spot account")
_FUTURES = (Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST)
_NO_IPV6 = [failed(Kind.ECHO_IPV6, one, FailureReason.NO_ADDRESS) for one in (ONE, TWO)]
_NO_NTP = failed(Kind.NTP, Subject("source", "a.example"), FailureReason.TIMEOUT)

HISTORIES = {
    "nothing": History(),
    "address": History(
        second=echoes(ELSEWHERE),
        changes={"address_changed": {"before": (HERE,), "after": (ELSEWHERE,)}},
    ),
    "address by one way of two": History(
        second=echoes(ELSEWHERE)[:1],
        changes={"address_changed": {"before": (HERE,), "after": (ELSEWHERE, HERE)}},
    ),
    "address that the exchange sees": History(
        first=rejected(request_ip=HERE),
        second=rejected(request_ip=ELSEWHERE),
        changes={"address_changed": {"before": (HERE,), "after": (ELSEWHERE, HERE)}},
    ),
    "another IPv6 address too": History(
        first=_NO_IPV6,
        second=echoes(IPV6, family=Kind.ECHO_IPV6),
        changes={"address_appeared": {"address": (IPV6,)}},
    ),
    "IPv6 switched off": History(
        first=echoes(IPV6, family=Kind.ECHO_IPV6),
        second=_NO_IPV6,
        changes={"address_gone": {"address": (IPV6,)}},
    ),
    "key": History(
        second=[key("Xy9z", "f" * 16)],
        changes={
            "key_changed": {
                "account": "main",
                "before": "Ab3d",
                "after": "Xy9z",
                "fingerprint_before": "0123456789abcdef",
                "fingerprint_after": "f" * 16,
            }
        },
    ),
    "permission off": History(
        second=[ok(Kind.API_RESTRICTIONS, _NO_FUTURES)],
        changes={"permission_taken": {"account": "main", "permissions": ("enableFutures",)}},
    ),
    "permission on": History(
        first=[ok(Kind.API_RESTRICTIONS, _NO_FUTURES)],
        changes={"permission_given": {"account": "main", "permissions": ("enableFutures",)}},
    ),
    "IP restriction off": History(
        second=[ok(Kind.API_RESTRICTIONS, _UNRESTRICTED)],
        changes={"ip_restriction_removed": {"account": "main"}},
    ),
    "IP restriction on": History(
        first=[ok(Kind.API_RESTRICTIONS, _UNRESTRICTED)],
        changes={"ip_restriction_added": {"account": "main"}},
    ),
    "account status": History(
        first=[_status("Normal")],
        second=[_status("Locked")],
        changes={
            "account_status_changed": {"account": "main", "before": "Normal", "after": "Locked"}
        },
    ),
    "trading off": History(
        second=[ok(Kind.FUTURES_ACCOUNT, TradingFlags(can_trade=False))],
        changes={"trading_stopped": {"account": "main", "call": "accountConfig"}},
    ),
    "trading on": History(
        first=[ok(Kind.SPOT_ACCOUNT, TradingFlags(can_trade=False))],
        changes={"trading_allowed": {"account": "main", "call": "spot account"}},
    ),
    "refused": History(
        second=rejected(),
        changes={
            "refused_first": {
                "account": "main",
                "code": -2015,
                "message": REJECTED,
                "calls": _CALLS,
            }
        },
    ),
    "refused by futures alone": History(
        second=[refused(kind, -2015, REJECTED) for kind in _FUTURES],
        changes={
            "refused_first": {
                "account": "main",
                "code": -2015,
                "message": REJECTED,
                "calls": ("accountConfig", "order/test"),
            }
        },
    ),
    "refused by another code": History(
        first=rejected(),
        second=rejected(-1022),
        changes={
            "refused_first": {
                "account": "main",
                "code": -1022,
                "message": REJECTED,
                "calls": _CALLS,
            }
        },
    ),
    "accepted again": History(
        first=rejected(), changes={"accepted_again": {"account": "main", "calls": _CALLS}}
    ),
    "clock ahead": History(
        second=skewed(1_500), changes={"clock_turned_ahead": {"offset_ms": 1_500}}
    ),
    "clock behind": History(
        second=skewed(-7_000), changes={"clock_turned_behind": {"offset_ms": -7_000}}
    ),
    "clock right again": History(
        first=skewed(1_500), changes={"clock_turned_right": {"offset_ms": 2}}
    ),
    "NTP silent": History(second=[_NO_NTP], changes={"clock_source_exchange": {}}),
    "NTP back": History(first=[_NO_NTP], changes={"clock_source_ntp": {}}),
    "agent version": History(
        second=[reading(Kind.SETTINGS, HOST, AgentSettings(version="1.1"))],
        changes={"agent_version_changed": {"before": "1.0", "after": "1.1"}},
    ),
    "environment": History(
        first=[reading(Kind.SETTINGS, HOST, AgentSettings(version="1.0", environment="testnet"))],
        second=[
            reading(Kind.SETTINGS, HOST, AgentSettings(version="1.0", environment="production"))
        ],
        changes={"environment_changed": {"before": "testnet", "after": "production"}},
    ),
    "ban": History(
        second=[closed(418, 4)],
        changes={"ban_began": {"endpoint": "usdm", "until": NOW + timedelta(minutes=4)}},
    ),
    "pause": History(
        second=[closed(429, 1)],
        changes={"limit_began": {"endpoint": "usdm", "until": NOW + timedelta(minutes=1)}},
    ),
}


def changes_of(history: History) -> tuple[Change, ...]:
    """Return what the second diagnosis of a history shows to have changed."""
    memory, none = diagnosed(None, earlier(host(*history.first)))
    assert none == ()
    return diagnosed(memory, host(*history.second))[1]


CHANGES = [change.item for history in HISTORIES.values() for change in changes_of(history)]
"""Everything that is said of changes."""
_TOLD: dict[str, ItemValue] = {"code": -2015, "version": "3.1", "times": 3}
ENGINES = [
    item(id_, engine="grid", cause="IP_NOT_WHITELISTED", **{each: _TOLD[each] for each in known})
    for id_, also in (("engine_refused", "code"), ("engine_alive", "version"))
    for known in ((also, "times"), (also,), ("times",), ())
]
"""Everything that is said of what engines told."""
