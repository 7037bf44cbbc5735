"""Decides whether the path to the exchange works.

Decided per endpoint, from the scout (the first public call) and then from the signed tests:

| what came                               | verdict                                             |
| --------------------------------------- | --------------------------------------------------- |
| the name did not resolve                | NETWORK_DNS                                         |
| refused, reset, unreachable             | NETWORK_CONNECTION                                  |
| the TLS handshake failed                | NETWORK_TLS                                         |
| the certificate is out of its time      | clock wrong by days: unknown, the clock is the cause |
|                                         | clock right: NETWORK_TLS; unknown: that, possible   |
| no answer in time                       | NETWORK_TIMEOUT                                     |
| an answer that is not the exchange's    | NETWORK_CONNECTION, likely: something is in between |
| HTTP 451                                | GEO_RESTRICTED                                      |
| any other answer                        | all of these are clear                              |
| nothing was sent                        | unknown                                             |

Confirmed where the scout itself failed; likely where only a signed test did. A broken path says
nothing about the key.
"""

from collections.abc import Iterable
from datetime import timedelta

from sonde_core.clock import host_clock
from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Item, Verdict, item
from sonde_core.readings import SPOT, USDM, Failure, FailureReason, Kind, Reading, Subject
from sonde_core.rules.answers import Answers, answers_of, calls_to

PATH_CAUSES = ("NETWORK_DNS", "NETWORK_CONNECTION", "NETWORK_TLS", "NETWORK_TIMEOUT")
CAUSES = (*PATH_CAUSES, "GEO_RESTRICTED")
RESTRICTED_LOCATION = 451
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
    for endpoint in (USDM, SPOT):
        calls = calls_to(evidence, endpoint)
        answers = answers_of(evidence, endpoint)
        found = [*_broken(evidence, calls, endpoint), *_restricted(answers, endpoint)]
        yield from found
        named = {finding.cause for finding in found}
        works = _works(answers, endpoint)
        for cause in CAUSES:
            if cause not in named:
                yield Finding(
                    cause=cause,
                    subject=endpoint,
                    verdict=Verdict.CLEAR if works else Verdict.UNKNOWN,
                    supporting=works,
                )


def _works(answers: Answers, endpoint: Subject) -> tuple[Item, ...]:
    """Say how long the quickest answer took; nothing where none came."""
    quickest = min(answers, key=lambda said: said[1].latency, default=None)
    if quickest is None:
        return ()
    reading, answer = quickest
    latency = round(answer.latency / timedelta(milliseconds=1))
    return (item("path_works", reading, endpoint=endpoint.name, latency_ms=latency),)


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
    scout = reading.kind is Kind.PUBLIC_CALL
    sure = scout and failure.reason is not FailureReason.ANSWER
    confidence = Confidence.CONFIRMED if sure else Confidence.LIKELY
    missing: tuple[Item, ...] = ()
    if failure.reason in _OUT_OF_ITS_TIME:
        clock = host_clock(evidence)
        if clock and clock.wrong_by_days:
            return None
        if clock is None:
            confidence, missing = Confidence.POSSIBLE, (item("clock_unknown"),)
    values = {"endpoint": endpoint.name, "detail": failure.detail}
    return Finding(
        cause=_CAUSE_OF[failure.reason],
        subject=endpoint,
        verdict=Verdict.FOUND,
        confidence=confidence,
        supporting=(item(f"path_{failure.reason.value}", reading, **values),),
        missing=missing,
    )


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
