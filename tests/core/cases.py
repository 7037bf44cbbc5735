"""A host for every cause and every sentence: what the catalogue is tested with."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network

from sonde_core.evidence import Contact, Evidence, LastSeen
from sonde_core.path import Certificate, Path, Resolution, RoundTrips, Trust
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
    ms,
    ntp,
    ok,
    permissions,
    reading,
    refused,
    remembering,
    silent,
    whitelist,
)

SEEN = "203.0.113.9"
LATE_TEXT = "Timestamp for this request is outside of the recvWindow."
AHEAD_TEXT = "Timestamp for this request was 1000ms ahead of the server's time."
_SOURCE = Subject("source", "a.example")
_ECHO = Subject("echo", "one.example")


def _scout(reason: FailureReason) -> Reading:
    return failed(Kind.PUBLIC_CALL, USDM, reason, "detail")


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


def _shown(issuer: str, trust: Trust, name: str = "fapi.binance.com") -> Reading:
    value = Certificate(
        host="fapi.binance.com",
        names=(name,),
        names_host=name == "fapi.binance.com",
        issuer=issuer,
        expires=NOW + timedelta(days=200),
        trust=trust,
    )
    return reading(Kind.CERTIFICATE, USDM, value)


def _way(tls: timedelta | None) -> Reading:
    value = Path(
        host="fapi.binance.com",
        peer=ip_address("198.51.100.20"),
        proxied=tls is None,
        connect=ms(9),
        tls=tls,
        first_byte=ms(31),
        round_trip=ms(19),
    )
    return reading(Kind.PATH, USDM, value)


def _lately(p95_ms: float) -> Reading:
    value = RoundTrips(
        since=NOW - timedelta(hours=6),
        count=360,
        median=ms(p95_ms / 4),
        p95=ms(p95_ms),
        p99=ms(p95_ms * 2),
        longest=ms(p95_ms * 3),
    )
    return reading(Kind.ROUND_TRIPS, USDM, value)


def _second(*addresses: str) -> Reading:
    told = tuple(ip_address(each) for each in addresses)
    value = Resolution(name="fapi.binance.com", addresses=told)
    return reading(Kind.RESOLUTION, _RESOLVER, value)


def _named(*addresses: str) -> Reading:
    told = tuple(ip_address(each) for each in addresses)
    value = Resolution(name="fapi.binance.com", addresses=told)
    return reading(Kind.RESOLUTION, USDM, value)


def _proven() -> Reading:
    return replace(_shown("DigiCert Inc", Trust.PUBLIC), subject=_RESOLVER)


_RESOLVER = Subject("resolver", "usdm")
_NAME = _named("198.51.100.20")
_EDGES = ("52.84.150.10", "52.84.150.36", "13.35.18.7", "13.35.18.90")
"""Public addresses, as a network of many has them."""
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
    **{
        f"path: {reason.value}": host(_scout(reason))
        for reason in (
            FailureReason.DNS,
            FailureReason.CONNECTION,
            FailureReason.TLS,
            FailureReason.TIMEOUT,
            FailureReason.ANSWER,
        )
    },
    "path measured": host(
        more=[_NAME, _way(ms(12)), _shown("DigiCert Inc", Trust.PUBLIC), _lately(40)]
    ),
    "path measured, without TLS": host(_way(None)),
    "a proxy opens TLS": host(
        _scout(FailureReason.TLS), more=[_shown("Acme Web Gateway", Trust.LOCAL)]
    ),
    "a certificate nobody vouches for": host(
        _scout(FailureReason.TLS), more=[_shown("Acme Web Gateway", Trust.NOBODY)]
    ),
    "a certificate of another": host(
        _scout(FailureReason.TLS), more=[_shown("Acme", Trust.NOBODY, "login.hotel.example")]
    ),
    "only a second name server knows": host(
        _scout(FailureReason.DNS), more=[_second("198.51.100.20")]
    ),
    "no name server knows": host(_scout(FailureReason.DNS), more=[_second()]),
    "a name that leads elsewhere": host(
        _scout(FailureReason.CONNECTION), more=[_NAME, _second("198.51.100.99")]
    ),
    "two name servers that agree": host(
        more=[_NAME, _second("198.51.100.20", "198.51.100.99"), _way(ms(12))]
    ),
    "two edges of one network": host(
        more=[_named(*_EDGES[:2]), _second(*_EDGES[2:]), _shown("DigiCert Inc", Trust.PUBLIC)]
    ),
    "a second name server that knows nothing": host(more=[_named(*_EDGES[:2]), _second()]),
    "a second name server that lies": host(more=[_named(*_EDGES[:2]), _second("10.0.0.9")]),
    "a second name server that is silent": host(
        more=[_NAME, failed(Kind.RESOLUTION, _RESOLVER, FailureReason.TIMEOUT, "no answer")]
    ),
    "a relay in the network": host(
        more=[
            _named("198.18.0.5"),
            _second(*_EDGES),
            _shown("DigiCert Inc", Trust.PUBLIC),
        ]
    ),
    **{
        f"led astray: {reason.value}": host(
            _scout(reason), more=[_named(_EDGES[0]), _second(*_EDGES[2:]), _proven()]
        )
        for reason in (
            FailureReason.CONNECTION,
            FailureReason.TIMEOUT,
            FailureReason.TLS,
            FailureReason.CERTIFICATE_EXPIRED,
        )
    },
    "no better elsewhere": host(
        _scout(FailureReason.TIMEOUT),
        more=[
            _named(_EDGES[0]),
            _second(*_EDGES[2:]),
            failed(Kind.CERTIFICATE, _RESOLVER, FailureReason.TIMEOUT, "no connection within 1 s"),
        ],
    ),
    "broken, and unknown to a second name server": host(
        _scout(FailureReason.TIMEOUT), more=[_NAME, _second()]
    ),
    "broken, and nobody knows what the host's own told": host(
        _scout(FailureReason.TIMEOUT), more=[_second("198.51.100.99")]
    ),
    "a way that is slow now and then": host(_lately(5_600)),
    "certificate expired, clock right": host(_scout(FailureReason.CERTIFICATE_EXPIRED)),
    "certificate too new, clock unknown": host(
        _scout(FailureReason.CERTIFICATE_NOT_YET_VALID), without=[Kind.NTP, Kind.EXCHANGE_TIME]
    ),
    "30 days ahead by NTP": evidence(
        *_skewed(_MONTH)[:3], _scout(FailureReason.CERTIFICATE_EXPIRED)
    ),
    "29.9 days behind by a Date header": evidence(
        reading(
            Kind.HTTP_DATE,
            USDM,
            ExchangeTime(offset=-timedelta(days=29.9), round_trip=timedelta(seconds=1)),
        ),
        _scout(FailureReason.CERTIFICATE_NOT_YET_VALID),
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
