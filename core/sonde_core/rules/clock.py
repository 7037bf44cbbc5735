"""Decides whether the host's clock is right enough for the exchange.

The exchange takes a request when ``timestamp < serverTime + 1000`` and
``serverTime - timestamp <= recvWindow``. So the two directions are different faults:

| offset (host minus reference)                    | verdict                          |
| ------------------------------------------------ | -------------------------------- |
| ahead by 1 s or more                             | CLOCK_AHEAD, failure             |
| behind by more than recvWindow less a round trip | CLOCK_BEHIND, failure            |
| behind by more than 1 s                          | CLOCK_BEHIND, warning            |
| the bound straddles a limit                      | unknown, unless a refusal tells  |
| right, and yet the exchange refused the time     | unknown: something else delays   |
| otherwise                                        | clear                            |

Which reference: where NTP and exchange can both be true, the tighter of the two; where they
contradict each other, the exchange, because it is the one that refuses; else whoever answered.
Where neither did, the `Date` header of whoever answers in the exchange's place tells a clock that
is wrong by days: then every certificate looks expired or not yet valid.

Confirmed where NTP and exchange agree, where the exchange refused for this reason, or where NTP
says so and a certificate was refused for its time; else likely.
"""

from collections.abc import Iterable
from datetime import timedelta

from sonde_core.clock import Estimate, HostClock, host_clock
from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Item, Severity, Verdict, item
from sonde_core.readings import (
    HOST,
    SIGNED_KINDS,
    AgentSettings,
    Answer,
    ExchangeTime,
    Failure,
    FailureReason,
    Kind,
    Reading,
    SigningClock,
)

CAUSES = ("CLOCK_AHEAD", "CLOCK_BEHIND")
AHEAD = timedelta(seconds=1)
BEHIND_WARNING = timedelta(seconds=1)
RECV_WINDOW = timedelta(milliseconds=5_000)
"""What the exchange assumes where a request does not say, and what engines use unless known."""
TIMESTAMP_REJECTED = -1021
_AHEAD_TEXT = "ahead of the server"
_MS = timedelta(milliseconds=1)
_DAY = timedelta(days=1)


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide CLOCK_AHEAD and CLOCK_BEHIND."""
    clock = host_clock(evidence)
    if clock is None:
        missing = tuple(_missing(evidence, ntp=None))
        for cause in ("CLOCK_AHEAD", "CLOCK_BEHIND"):
            yield Finding(cause=cause, subject=HOST, verdict=Verdict.UNKNOWN, missing=missing)
        return
    yield _ahead(evidence, clock)
    yield _behind(evidence, clock)


def _ahead(evidence: Evidence, clock: HostClock) -> Finding:
    refusals = [r for r in _refusals(evidence) if _says_ahead(r)]
    found = clock.best.least >= AHEAD or (clock.best.most >= AHEAD and bool(refusals))
    return _finding(
        "CLOCK_AHEAD",
        evidence,
        clock,
        [*refusals, *_certificates(evidence, FailureReason.CERTIFICATE_EXPIRED)],
        found=found,
        clear=clock.best.most < AHEAD,
    )


def _behind(evidence: Evidence, clock: HostClock) -> Finding:
    refusals = [r for r in _refusals(evidence) if not _says_ahead(r)]
    least_behind, most_behind = -clock.best.most, -clock.best.least
    # A short recvWindow on a long way is not the clock's fault.
    limit = max(_recv_window(evidence) - _round_trip(evidence), BEHIND_WARNING)
    fails = least_behind > limit or (most_behind > limit and bool(refusals))
    return _finding(
        "CLOCK_BEHIND",
        evidence,
        clock,
        [*refusals, *_certificates(evidence, FailureReason.CERTIFICATE_NOT_YET_VALID)],
        found=fails or least_behind > BEHIND_WARNING,
        clear=most_behind <= BEHIND_WARNING,
        severity=Severity.FAILURE if fails else Severity.WARNING,
    )


def _finding(
    cause: str,
    evidence: Evidence,
    clock: HostClock,
    refusals: list[Reading],
    *,
    found: bool,
    clear: bool,
    severity: Severity | None = None,
) -> Finding:
    missing = tuple(_missing(evidence, clock.ntp))
    against = tuple(_contradicting(clock))
    if found:
        # A `Date` header proves nothing by itself: whoever is in between may have written it.
        sure = clock.agreed or (refusals and (clock.ntp or clock.exchange))
        return Finding(
            cause=cause,
            subject=HOST,
            verdict=Verdict.FOUND,
            confidence=Confidence.CONFIRMED if sure else Confidence.LIKELY,
            severity=severity,
            supporting=(_offset(clock), *(_refused(r) for r in refusals)),
            contradicting=against,
            missing=missing,
        )
    if clear:
        unexplained = tuple(_refused(r) for r in refusals if isinstance(r.value, Answer))
        return Finding(
            cause=cause,
            subject=HOST,
            verdict=Verdict.UNKNOWN if unexplained else Verdict.CLEAR,
            supporting=(*unexplained, _offset(clock) if unexplained else _good(clock)),
            contradicting=against,
            missing=missing,
        )
    return Finding(
        cause=cause,
        subject=HOST,
        verdict=Verdict.UNKNOWN,
        supporting=(_offset(clock),),
        contradicting=against,
        missing=(item("clock_bound_too_wide", bound_ms=_ms(clock.best.bound)), *missing),
        settle=item("settle_clock"),
    )


def _offset(clock: HostClock) -> Item:
    """Say the offset and who stands behind it."""
    values = {"offset_ms": _ms(clock.best.offset), "bound_ms": _ms_up(clock.best.bound)}
    if clock.ntp and (clock.agreed or not clock.exchange):
        values["agreeing"] = len(clock.ntp.agreeing)
        values["total"] = len(clock.ntp.agreeing) + len(clock.ntp.disagreeing)
    if clock.agreed:
        return item("clock_offset_agreed", **values)
    if not clock.ntp and not clock.exchange:
        return item("clock_offset_date", days=round(abs(clock.best.offset) / _DAY), **values)
    return item("clock_offset_exchange" if clock.exchange else "clock_offset_ntp", **values)


def _good(clock: HostClock) -> Item:
    return item("clock_good", offset_ms=_ms(clock.best.offset), bound_ms=_ms_up(clock.best.bound))


def _contradicting(clock: HostClock) -> Iterable[Item]:
    if clock.ntp and clock.exchange and not clock.agreed:
        yield item(
            "clock_ntp_contradicts",
            offset_ms=_ms(clock.ntp.offset),
            bound_ms=_ms_up(clock.ntp.bound),
        )
    if clock.ntp and clock.ntp.disagreeing:
        yield item("clock_sources_disagree", sources=clock.ntp.disagreeing)


def _missing(evidence: Evidence, ntp: Estimate | None) -> Iterable[Item]:
    if ntp is None:
        silent = tuple(
            f"{reading.subject.name} ({reading.value.reason.value})"
            for reading in evidence.of(Kind.NTP)
            if isinstance(reading.value, Failure)
        )
        answered = any(True for r in evidence.of(Kind.NTP) if not isinstance(r.value, Failure))
        if answered:
            yield item("ntp_no_majority")
        elif silent:
            yield item("ntp_silent", sources=silent)
        else:
            yield item("ntp_not_asked")
    if not any(True for _ in evidence.values(Kind.EXCHANGE_TIME, ExchangeTime)):
        yield item("exchange_time_unknown")


def _refusals(evidence: Evidence) -> list[Reading]:
    """Return the signed tests that were refused for their timestamp, by the host's own clock."""
    return [
        reading
        for kind in SIGNED_KINDS
        for reading, answer in evidence.values(kind, Answer)
        if answer.code == TIMESTAMP_REJECTED and answer.clock is SigningClock.HOST
    ]


def _certificates(evidence: Evidence, reason: FailureReason) -> list[Reading]:
    """Return the public calls that met a certificate out of its time, in one direction."""
    return [
        reading
        for reading, failure in evidence.values(Kind.PUBLIC_CALL, Failure)
        if failure.reason is reason
    ]


def _says_ahead(reading: Reading) -> bool:
    return isinstance(reading.value, Answer) and _AHEAD_TEXT in reading.value.message


def _refused(reading: Reading) -> Item:
    if isinstance(reading.value, Answer):
        message = reading.value.message
        return item("timestamp_refused", reading, code=TIMESTAMP_REJECTED, message=message)
    return item("certificate_refused", reading, endpoint=reading.subject.name)


def _recv_window(evidence: Evidence) -> timedelta:
    settings = evidence.value(Kind.SETTINGS, HOST, AgentSettings)
    return (settings and settings.recv_window) or RECV_WINDOW


def _round_trip(evidence: Evidence) -> timedelta:
    times = [time.round_trip for _, time in evidence.values(Kind.EXCHANGE_TIME, ExchangeTime)]
    return min(times, default=timedelta())


def _ms(span: timedelta) -> int:
    return round(span / _MS)


def _ms_up(span: timedelta) -> int:
    """Round a bound up: what is shown must still hold."""
    return -int(-span // _MS)
