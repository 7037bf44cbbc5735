"""Decides whether the path to the exchange works.

Decided per endpoint, from the scout (the first public call) and then from the signed tests:

| what came                               | verdict                                             |
| --------------------------------------- | --------------------------------------------------- |
| the name did not resolve                | NETWORK_DNS                                         |
| the name led astray: see `naming`       | NETWORK_DNS                                         |
| refused, reset, unreachable             | NETWORK_CONNECTION                                  |
| the TLS handshake failed                | NETWORK_TLS, with the name of whoever answered      |
| the certificate is out of its time      | clock wrong by days: unknown, the clock is the cause |
|                                         | clock right: NETWORK_TLS; unknown: that, possible   |
| no answer in time                       | NETWORK_TIMEOUT                                     |
| an answer that is not the exchange's    | NETWORK_CONNECTION, likely: something is in between |
| HTTP 451                                | GEO_RESTRICTED                                      |
| any other answer                        | all of these are clear                              |
| nothing was sent                        | unknown; where the agent had spent its own budget,  |
|                                         | that is said                                        |

Confirmed where the scout itself failed; likely where only a signed test did. A broken path says
nothing about the key.
"""

from collections.abc import Iterable
from datetime import timedelta

from sonde_core.clock import host_clock
from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Item, ItemValue, Verdict, item
from sonde_core.path import Certificate, Path, Trust
from sonde_core.readings import Failure, FailureReason, Kind, Reading, Subject
from sonde_core.rules import naming
from sonde_core.rules.answers import Answers, answers_of, calls_to, endpoints, kept_back

PATH_CAUSES = ("NETWORK_DNS", "NETWORK_CONNECTION", "NETWORK_TLS", "NETWORK_TIMEOUT")
CAUSES = (*PATH_CAUSES, "GEO_RESTRICTED")
RESTRICTED_LOCATION = 451
_MS = timedelta(milliseconds=1)
_OUT_OF_ITS_TIME = frozenset(
    {FailureReason.CERTIFICATE_EXPIRED, FailureReason.CERTIFICATE_NOT_YET_VALID}
)

_CAUSE_OF = {
    FailureReason.DNS: "NETWORK_DNS",
    FailureReason.CONNECTION: "NETWORK_CONNECTION",
    FailureReason.TLS: "NETWORK_TLS",
    FailureReason.CERTIFICATE_EXPIRED: "NETWORK_TLS",
    FailureReason.CERTIFICATE_NOT_YET_VALID: "NETWORK_TLS",
    FailureReason.TIMEOUT: "NETWORK_TIMEOUT",
    FailureReason.ANSWER: "NETWORK_CONNECTION",
}


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide the causes that lie on the way to each endpoint."""
    for endpoint in endpoints(evidence):
        calls = calls_to(evidence, endpoint)
        answers = answers_of(evidence, endpoint)
        found = [*_broken(evidence, calls, endpoint), *_restricted(answers, endpoint)]
        works = _works(evidence, answers, endpoint)
        if works:
            found += naming.by_a_relay(evidence, endpoint)
        yield from found
        named = {finding.cause for finding in found}
        for cause in CAUSES:
            if cause not in named:
                more = _ALSO[cause](evidence, endpoint) if works and cause in _ALSO else ()
                yield Finding(
                    cause=cause,
                    subject=endpoint,
                    verdict=Verdict.CLEAR if works else Verdict.UNKNOWN,
                    supporting=(*works, *more),
                    missing=() if works else kept_back(evidence, endpoint),
                )


def _vouched(evidence: Evidence, endpoint: Subject) -> tuple[Item, ...]:
    """Say who issued the endpoint's certificate, where the public's authorities vouch for it."""
    reading = evidence.last(Kind.CERTIFICATE, endpoint)
    shown = reading.value if reading else None
    if not isinstance(shown, Certificate) or shown.trust is not Trust.PUBLIC:
        return ()
    return (
        item("tls_vouched", reading, host=shown.host, issuer=shown.issuer, expires=shown.expires),
    )


_ALSO = {"NETWORK_TLS": _vouched, "NETWORK_DNS": naming.beside_a_good_way}
"""What else speaks against a cause where the way works."""


def _works(evidence: Evidence, answers: Answers, endpoint: Subject) -> tuple[Item, ...]:
    """Say how long an answer takes; nothing where none came."""
    quickest = min(answers, key=lambda said: said[1].latency, default=None)
    if quickest is None:
        return ()
    measured = evidence.last(Kind.PATH, endpoint)
    if measured and isinstance(measured.value, Path):
        return (_parts(evidence, measured, measured.value, endpoint),)
    reading, answer = quickest
    latency = round(answer.latency / _MS)
    return (item("path_works", reading, endpoint=endpoint.name, latency_ms=latency),)


def _parts(evidence: Evidence, reading: Reading, path: Path, endpoint: Subject) -> Item:
    """Say what each part of the way took."""
    parts: dict[str, ItemValue] = {
        "endpoint": endpoint.name,
        "host": path.host,
        "round_trip_ms": round(path.round_trip / _MS),
        "connect_ms": round(path.connect / _MS),
        "first_byte_ms": round(path.first_byte / _MS),
    }
    if path.tls is not None:
        parts["tls_ms"] = round(path.tls / _MS)
    resolved = evidence.last(Kind.RESOLUTION, endpoint)
    if resolved:
        parts["resolve_ms"] = round(resolved.elapsed / _MS)
    return item("path_parts", reading, **parts)


def _broken(evidence: Evidence, calls: Iterable[Reading], endpoint: Subject) -> Iterable[Finding]:
    """Name the first call that failed on its way: what came after it builds on it."""
    for reading in calls:
        if isinstance(reading.value, Failure) and reading.value.reason in _CAUSE_OF:
            finding = _broken_by(evidence, reading, reading.value, endpoint)
            return [finding] if finding else []
    return []


def _broken_by(
    evidence: Evidence, reading: Reading, failure: Failure, endpoint: Subject
) -> Finding | None:
    clock = host_clock(evidence)
    if failure.reason in _OUT_OF_ITS_TIME and clock and clock.wrong_by_days:
        return None
    cause = _CAUSE_OF[failure.reason]
    shown = _shown(evidence, endpoint) if cause == "NETWORK_TLS" else ()
    scout = reading.kind is Kind.PUBLIC_CALL
    confidence = _sure(failure, scout=scout, clock=clock is not None)
    beside = naming.beside_a_fault(evidence, endpoint, failure)
    if scout and (astray := naming.led_astray(evidence, endpoint)):
        cause, confidence, beside = "NETWORK_DNS", Confidence.LIKELY, (astray,)
    values = {"endpoint": endpoint.name, "detail": failure.detail}
    return Finding(
        cause=cause,
        subject=endpoint,
        verdict=Verdict.FOUND,
        confidence=confidence,
        supporting=(item(f"path_{failure.reason.value}", reading, **values), *shown, *beside),
        missing=(item("clock_unknown"),) if confidence is Confidence.POSSIBLE else (),
    )


def _sure(failure: Failure, *, scout: bool, clock: bool) -> Confidence:
    """Return how sure the cause of a broken call is. Dates say nothing where the clock may lie."""
    if failure.reason in _OUT_OF_ITS_TIME and not clock:
        return Confidence.POSSIBLE
    sure = scout and failure.reason is not FailureReason.ANSWER
    return Confidence.CONFIRMED if sure else Confidence.LIKELY


def _shown(evidence: Evidence, endpoint: Subject) -> tuple[Item, ...]:
    """Name whoever showed the certificate that was refused."""
    reading = evidence.last(Kind.CERTIFICATE, endpoint)
    shown = reading.value if reading else None
    if not isinstance(shown, Certificate) or shown.trust is Trust.PUBLIC:
        return ()
    if not shown.names_host:
        id_ = "tls_other_name"
    elif shown.trust is Trust.LOCAL:
        id_ = "tls_intercepted"
    else:
        id_ = "tls_unknown_issuer"
    values: dict[str, ItemValue] = {
        "host": shown.host,
        "names": shown.names or ("?",),
        "issuer": shown.issuer,
        "expires": shown.expires,
    }
    return (item(id_, reading, **values),)


def _restricted(answers: Answers, endpoint: Subject) -> Iterable[Finding]:
    for reading, answer in answers:
        if answer.status == RESTRICTED_LOCATION:
            yield Finding(
                cause="GEO_RESTRICTED",
                subject=endpoint,
                verdict=Verdict.FOUND,
                confidence=Confidence.CONFIRMED,
                supporting=(item("location_refused", reading, endpoint=endpoint.name),),
            )
            return
