"""Hosts whose way to the exchange is good, slow, led astray or broken."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

from sonde_core.evidence import Evidence
from sonde_core.path import Certificate, Path, Resolution, RoundTrips, Trust
from sonde_core.readings import SIGNED_KINDS, USDM, FailureReason, Kind, Reading, Subject
from tests.core.hosts import MAIN, NOW, failed, host, ms, reading

_RESOLVER = Subject("resolver", "usdm")
_EDGES = ("52.84.150.10", "52.84.150.36", "13.35.18.7", "13.35.18.90")
"""Public addresses, as a network of many has them."""


def scout(reason: FailureReason) -> Reading:
    """Return what is read where no call comes through."""
    return failed(Kind.PUBLIC_CALL, USDM, reason, "detail")


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


_NAME = _named("198.51.100.20")
_SKIPPED = [failed(kind, MAIN, FailureReason.SKIPPED) for kind in SIGNED_KINDS]


WAY_CASES: dict[str, Evidence] = {
    "our own budget is spent": host(
        scout(FailureReason.WITHHELD), *_SKIPPED, without=[Kind.EXCHANGE_TIME, Kind.WEIGHT]
    ),
    **{
        f"path: {reason.value}": host(scout(reason))
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
        scout(FailureReason.TLS), more=[_shown("Acme Web Gateway", Trust.LOCAL)]
    ),
    "a certificate nobody vouches for": host(
        scout(FailureReason.TLS), more=[_shown("Acme Web Gateway", Trust.NOBODY)]
    ),
    "a certificate of another": host(
        scout(FailureReason.TLS), more=[_shown("Acme", Trust.NOBODY, "login.hotel.example")]
    ),
    "only a second name server knows": host(
        scout(FailureReason.DNS), more=[_second("198.51.100.20")]
    ),
    "no name server knows": host(scout(FailureReason.DNS), more=[_second()]),
    "a name that leads elsewhere": host(
        scout(FailureReason.CONNECTION), more=[_NAME, _second("198.51.100.99")]
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
            scout(reason), more=[_named(_EDGES[0]), _second(*_EDGES[2:]), _proven()]
        )
        for reason in (
            FailureReason.CONNECTION,
            FailureReason.TIMEOUT,
            FailureReason.TLS,
            FailureReason.CERTIFICATE_EXPIRED,
        )
    },
    "no better elsewhere": host(
        scout(FailureReason.TIMEOUT),
        more=[
            _named(_EDGES[0]),
            _second(*_EDGES[2:]),
            failed(Kind.CERTIFICATE, _RESOLVER, FailureReason.TIMEOUT, "no connection within 1 s"),
        ],
    ),
    "broken, and unknown to a second name server": host(
        scout(FailureReason.TIMEOUT), more=[_NAME, _second()]
    ),
    "broken, and nobody knows what the host's own told": host(
        scout(FailureReason.TIMEOUT), more=[_second("198.51.100.99")]
    ),
    "a way that is slow now and then": host(_lately(5_600)),
}
