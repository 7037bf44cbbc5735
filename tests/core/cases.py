"""A host for every cause and every sentence: what the catalogue is tested with."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network

from sonde_core.evidence import Contact, Evidence, LastSeen
from sonde_core.readings import (
    HOST,
    SIGNED_KINDS,
    USDM,
    AccountStatus,
    AgentSettings,
    Answer,
    BodyForm,
    Closure,
    EchoedAddress,
    EngineState,
    ExchangeTime,
    FailureReason,
    Kind,
    Reading,
    SigningClock,
    Subject,
    TradingFlags,
    WeightUse,
    WhitelistRecord,
)
from tests.core.clock_cases import CLOCK_CASES
from tests.core.hosts import (
    GOOD_PERMISSIONS,
    HERE,
    MAIN,
    NOW,
    REJECTED,
    counted,
    engine_told,
    evidence,
    exchange_time,
    failed,
    host,
    ntp,
    ok,
    permissions,
    reading,
    refused,
    remembering,
    silent,
    whitelist,
)
from tests.core.way_cases import WAY_CASES, scout

SEEN = "203.0.113.9"
LATE_TEXT = "Timestamp for this request is outside of the recvWindow."
AHEAD_TEXT = "Timestamp for this request was 1000ms ahead of the server's time."
_SOURCE = Subject("source", "a.example")
_ECHO = Subject("echo", "one.example")


def _answered(status: int, code: int | None = None, body: BodyForm = BodyForm.JSON) -> Reading:
    return reading(Kind.PUBLIC_CALL, USDM, Answer(status=status, code=code, body=body))


def _everywhere(code: int, request_ip: str = "") -> list[Reading]:
    return [refused(kind, code, REJECTED, request_ip=request_ip) for kind in SIGNED_KINDS]


def _futures(request_ip: str) -> list[Reading]:
    kinds = (Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST)
    return [refused(kind, -2015, REJECTED, request_ip=request_ip) for kind in kinds]


def _closed(status: int) -> Reading:
    until = NOW + timedelta(minutes=4, seconds=12)
    return reading(Kind.GATE, USDM, Closure(status=status, until=until, since=NOW))


def _skewed(offset_ms: float) -> list[Reading]:
    sources = [ntp(offset_ms, name=name) for name in "abc"]
    return [*sources, exchange_time(offset_ms), exchange_time(offset_ms, endpoint=_SPOT)]


_MONTH = 30 * 86_400_000
_SPOT = Subject("endpoint", "spot")
_SEEN = LastSeen(time=NOW - timedelta(hours=6), healthy=True)
_ILL = LastSeen(time=NOW - timedelta(hours=6), healthy=False)
_DATED = WhitelistRecord(
    entries=(ip_network("198.51.100.7"),), recorded=NOW, recorded_by="li@support.example"
)


_ELSEWHERE = reading(Kind.ECHO_IPV4, _ECHO, EchoedAddress(ip_address(SEEN)))


def _unheard_for_minutes(minutes: int, *, listening: int) -> Reading:
    state = EngineState(
        version="3.1",
        reported=NOW - timedelta(minutes=minutes),
        heartbeat_interval=timedelta(seconds=10),
        silence=timedelta(minutes=minutes),
        listening=timedelta(minutes=listening),
    )
    return reading(Kind.ENGINE, Subject("engine", "grid"), state)


CASES: dict[str, Evidence] = {
    "healthy": host(),
    **CLOCK_CASES,
    "ahead": host(*_skewed(1_503), refused(Kind.API_RESTRICTIONS, -1021, AHEAD_TEXT, status=400)),
    "behind": host(*_skewed(-7_000)),
    "ahead by the exchange alone": host(
        failed(Kind.NTP, _SOURCE, FailureReason.TIMEOUT), *_skewed(1_503)[3:]
    ),
    "ahead by NTP alone": host(*_skewed(1_503)[:3], without=[Kind.EXCHANGE_TIME]),
    "NTP and exchange contradict": host(*_skewed(0)[:3], *_skewed(1_503)[3:]),
    "one liar": host(ntp(0, name="a"), ntp(1, name="b"), ntp(9_000, name="liar")),
    "no majority": host(ntp(0, name="a"), ntp(9_000, name="b")),
    "no clock at all": host(without=[Kind.NTP, Kind.EXCHANGE_TIME]),
    "a wide bound": evidence(exchange_time(990, bound_ms=200)),
    **WAY_CASES,
    "certificate expired, clock right": host(scout(FailureReason.CERTIFICATE_EXPIRED)),
    "certificate too new, clock unknown": host(
        scout(FailureReason.CERTIFICATE_NOT_YET_VALID), without=[Kind.NTP, Kind.EXCHANGE_TIME]
    ),
    "30 days ahead by NTP": evidence(
        *_skewed(_MONTH)[:3], scout(FailureReason.CERTIFICATE_EXPIRED)
    ),
    "29.9 days behind by a Date header": evidence(
        reading(
            Kind.HTTP_DATE,
            USDM,
            ExchangeTime(offset=-timedelta(days=29.9), round_trip=timedelta(seconds=1)),
        ),
        scout(FailureReason.CERTIFICATE_NOT_YET_VALID),
    ),
    "location": host(_answered(451, 0)),
    "banned": host(_closed(418), _answered(418, -1003)),
    "limited": host(_closed(429), _answered(429, -1003)),
    "firewall": host(_answered(403, body=BodyForm.HTML)),
    "foreign usage": host(reading(Kind.WEIGHT, USDM, WeightUse(used=2_310, own=12, limit=2_400))),
    "foreign usage beside an engine": host(
        reading(Kind.WEIGHT, USDM, WeightUse(used=1_400, own=12, limit=2_400)),
        more=[
            replace(
                reading(Kind.PAST_WEIGHT, USDM, WeightUse(used=1_500, own=4, limit=2_400)),
                time=NOW - timedelta(minutes=1),
            ),
            engine_told(3, 63, 123, weight=400),
        ],
    ),
    "an engine that uses much itself": host(
        reading(Kind.WEIGHT, USDM, WeightUse(used=2_310, own=12, limit=2_400)),
        more=[engine_told(3, 63, weight=2_200)],
    ),
    "few orders": host(counted(3, 300, timedelta(seconds=10))),
    "orders near the limit": host(counted(270, 300, timedelta(seconds=10))),
    "orders at the limit": host(counted(1_200, 1_200, timedelta(minutes=1))),
    "orders near the limit of hours": host(counted(9_000, 10_000, timedelta(hours=2))),
    "orders near the limit of a day": host(counted(150_000, 160_000, timedelta(days=1))),
    "exchange down": host(_answered(503)),
    "exchange overloaded": host(_answered(503, -1008)),
    "no key file": host(failed(Kind.KEY, MAIN, FailureReason.CREDENTIALS, "key.txt: empty")),
    "no account": evidence(reading(Kind.SETTINGS, HOST, AgentSettings(version="1"))),
    "wrong secret": host(*_everywhere(-1022)),
    "malformed key": host(*_everywhere(-2014)),
    "unknown key": host(*_everywhere(-2008)),
    "unauthorized": host(*_everywhere(-1002)),
    "not listed": host(*_everywhere(-2015, SEEN), more=[whitelist("198.51.100.7")]),
    "not listed, by a dated record": Evidence(
        now=NOW,
        readings=host(*_everywhere(-2015, SEEN)).readings,
        whitelists={"main": _DATED},
    ),
    "not listed, by echo": host(*_everywhere(-2015), more=[whitelist("198.51.100.7")]),
    "listed and refused": host(*_everywhere(-2015, SEEN), more=[whitelist(SEEN)]),
    "listed within a network": host(*_everywhere(-2015, SEEN), more=[whitelist("0.0.0.0/0")]),
    "no list recorded": host(*_everywhere(-2015, SEEN)),
    "only futures asked": host(
        *(
            failed(kind, MAIN, FailureReason.SKIPPED)
            for kind in (Kind.API_RESTRICTIONS, Kind.ACCOUNT_STATUS, Kind.SPOT_ACCOUNT)
        ),
        *_futures(HERE),
    ),
    "no list, no address": host(*_everywhere(-2015), without=[Kind.ECHO_IPV4], more=()),
    "two outbound addresses": host(_ELSEWHERE),
    "futures off": host(ok(Kind.API_RESTRICTIONS, permissions("enableReading")), *_futures(HERE)),
    "futures refused though on": host(*_futures(HERE)),
    "withdrawals on": host(
        ok(
            Kind.API_RESTRICTIONS,
            permissions("enableReading", "enableFutures", "enableWithdrawals"),
        )
    ),
    "no IP list": host(
        ok(
            Kind.API_RESTRICTIONS,
            permissions("enableReading", "enableFutures", ip_restricted=False),
        )
    ),
    "account restricted": host(
        reading(
            Kind.ACCOUNT_STATUS,
            MAIN,
            Answer(status=200, clock=SigningClock.HOST, facts=AccountStatus("Restricted")),
        )
    ),
    "account may not trade": host(ok(Kind.FUTURES_ACCOUNT, TradingFlags(can_trade=False))),
    "account cooling off": host(
        refused(
            Kind.FUTURES_ORDER_TEST, -4192, "Trade forbidden due to Cooling-off Period.", status=400
        )
    ),
    "spot may not trade": host(ok(Kind.SPOT_ACCOUNT, TradingFlags(can_trade=False))),
    "too many orders": host(
        refused(Kind.FUTURES_ORDER_TEST, -1015, "Too many new orders", status=429),
        counted(270, 300, timedelta(seconds=10)),
    ),
    "a test net's spot key on futures": host(
        reading(Kind.API_RESTRICTIONS, MAIN, Answer(status=404, body=BodyForm.HTML)),
        *_futures(HERE),
    ),
    "key made on a date, refused by futures": host(
        ok(Kind.API_RESTRICTIONS, replace(GOOD_PERMISSIONS, created=NOW - timedelta(days=400))),
        *_futures(HERE),
    ),
    "refused as too late by a right clock": host(
        refused(Kind.API_RESTRICTIONS, -1021, LATE_TEXT, status=400)
    ),
    "refused as too late, no clock": host(
        refused(Kind.API_RESTRICTIONS, -1021, LATE_TEXT, status=400),
        without=[Kind.NTP, Kind.EXCHANGE_TIME],
    ),
    "address keeps moving": remembering(
        host(), moved=[(timedelta(days=days), f"203.0.113.{days}") for days in (5, 4, 3, 2)]
    ),
    "accepted until the address changed": remembering(
        host(*_everywhere(-2015, SEEN), without=[Kind.ECHO_IPV4], more=[_ELSEWHERE]),
        accepted=timedelta(hours=6),
    ),
    "a ban that looks like a bad key": remembering(
        host(*_everywhere(-2015, HERE)), accepted=timedelta(hours=6), struck=timedelta(hours=5)
    ),
    "a known key is gone": remembering(host(*_everywhere(-2008)), accepted=timedelta(hours=6)),
    "another key than before": remembering(host(*_everywhere(-2008)), fingerprint="of another"),
    "futures worked before": remembering(
        host(*_futures(HERE)), futures_accepted=timedelta(hours=6)
    ),
    "reading off, account inactive": host(
        *_everywhere(-2015, HERE)[:-1],
        refused(Kind.FUTURES_ORDER_TEST, -4109, "This account is inactive.", status=400),
        more=[whitelist(HERE)],
    ),
    "account inactive": host(refused(Kind.FUTURES_ACCOUNT, -4109, "inactive", status=400)),
    "the engine fell silent": host(more=[_unheard_for_minutes(4, listening=9)]),
    "the agent began to listen after the engine fell silent": host(
        more=[_unheard_for_minutes(4, listening=0)]
    ),
    "nothing signed answered": host(
        *(failed(kind, MAIN, FailureReason.SKIPPED) for kind in SIGNED_KINDS)
    ),
    **{
        f"silent: {contact.value}": silent(contact, last_seen=seen)
        for contact, seen in (
            (Contact.UNREACHABLE, _SEEN),
            (Contact.TIMEOUT, _ILL),
            (Contact.REFUSED, None),
            (Contact.NOT_ENROLLED, None),
        )
    },
}
