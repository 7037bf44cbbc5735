"""Decides whether the host's clock is right enough for the exchange.

The exchange takes a request when ``timestamp < serverTime + 1000`` and
``serverTime - timestamp <= recvWindow``. So the two directions are different faults:

| offset (host minus reference)                    | verdict                          |
| ------------------------------------------------ | -------------------------------- |
| ahead by 1 s or more                             | CLOCK_AHEAD, failure             |
| behind by more than recvWindow less a round trip | CLOCK_BEHIND, failure            |
| behind by more than 1 s                          | CLOCK_BEHIND, warning            |
| the bound straddles a limit                      | unknown, unless a refusal tells  |
| right, and yet refused as ahead                  | unknown                          |
| nobody could tell, and refused as ahead          | CLOCK_AHEAD, likely              |
| otherwise                                        | clear                            |

Refused as too late by a clock that is right, or that nobody could tell: `delay` decides.

Which reference: where NTP and exchange can both be true, the tighter of the two; where they
contradict each other, the exchange, because it is the one that refuses; else whoever answered.
Where neither did, the `Date` header of whoever answers in the exchange's place tells a clock that
is wrong by days: then every certificate looks expired or not yet valid.

Confirmed where NTP and exchange agree, where the exchange refused for this reason, or where NTP
says so and a certificate was refused for its time; else likely.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sonde_core.clock import Estimate, HostClock, host_clock, of_sample
from sonde_core.clock_limits import AHEAD, BEHIND_WARNING
from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Item, Severity, Verdict, item
from sonde_core.readings import (
    HOST,
    Answer,
    ExchangeTime,
    Failure,
    FailureReason,
    Kind,
    NtpSample,
    Reading,
)
from sonde_core.records import record
from sonde_core.rules.timestamps import (
    recv_window,
    refusals,
    refused,
    right,
    round_trip,
    says_ahead,
    to_ms,
    to_ms_up,
)

CAUSES = ("CLOCK_AHEAD", "CLOCK_BEHIND")
_DAY = timedelta(days=1)


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide CLOCK_AHEAD and CLOCK_BEHIND."""
    clock = host_clock(evidence)
    if clock is None:
        missing = tuple(_missing(evidence, ntp=None))
        yield _told_ahead(evidence, missing)
        yield Finding(cause="CLOCK_BEHIND", subject=HOST, verdict=Verdict.UNKNOWN, missing=missing)
        return
    told = _Told(
        clock=clock,
        good=tuple(_good(clock)),
        against=tuple(_contradicting(evidence, clock)),
        missing=tuple(_missing(evidence, clock.ntp)),
    )
    yield _ahead(evidence, told)
    yield _behind(evidence, told)


@record(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is told of the clock, in whichever direction it may be wrong."""

    clock: HostClock
    good: tuple[Item, ...]
    against: tuple[Item, ...]
    missing: tuple[Item, ...]


def _told_ahead(evidence: Evidence, missing: tuple[Item, ...]) -> Finding:
    """Nobody could tell the time: believe the exchange that it is ahead, where it says so."""
    told = tuple(_refused(reading) for reading in refusals(evidence) if says_ahead(reading))
    return Finding(
        cause="CLOCK_AHEAD",
        subject=HOST,
        verdict=Verdict.FOUND if told else Verdict.UNKNOWN,
        confidence=Confidence.LIKELY if told else None,
        supporting=told,
        missing=missing,
    )


def _ahead(evidence: Evidence, told: _Told) -> Finding:
    too_early = [r for r in refusals(evidence) if says_ahead(r)]
    least, most = told.clock.best.least, told.clock.best.most
    return _finding(
        "CLOCK_AHEAD",
        told,
        [*too_early, *_certificates(evidence, FailureReason.CERTIFICATE_EXPIRED)],
        found=least >= AHEAD or (most >= AHEAD and bool(too_early)),
        clear=most < AHEAD,
    )


def _behind(evidence: Evidence, told: _Told) -> Finding:
    too_late = [r for r in refusals(evidence) if not says_ahead(r)]
    least_behind, most_behind = -told.clock.best.most, -told.clock.best.least
    # A short recvWindow on a long way is not the clock's fault.
    limit = max(recv_window(evidence) - round_trip(evidence), BEHIND_WARNING)
    fails = least_behind > limit or (most_behind > limit and bool(too_late))
    return _finding(
        "CLOCK_BEHIND",
        told,
        [*too_late, *_certificates(evidence, FailureReason.CERTIFICATE_NOT_YET_VALID)],
        found=fails or least_behind > BEHIND_WARNING,
        clear=most_behind <= BEHIND_WARNING,
        severity=Severity.FAILURE if fails else Severity.WARNING,
    )


def _finding(
    cause: str,
    told: _Told,
    refusing: list[Reading],
    *,
    found: bool,
    clear: bool,
    severity: Severity | None = None,
) -> Finding:
    clock = told.clock
    if found:
        # A `Date` header proves nothing by itself: whoever is in between may have written it.
        sure = clock.agreed or (refusing and (clock.ntp or clock.exchange))
        return Finding(
            cause=cause,
            subject=HOST,
            verdict=Verdict.FOUND,
            confidence=Confidence.CONFIRMED if sure else Confidence.LIKELY,
            severity=severity,
            supporting=(_offset(clock), *(_refused(r) for r in refusing)),
            contradicting=told.against,
            missing=told.missing,
        )
    if clear:
        unexplained = tuple(
            _refused(r) for r in refusing if isinstance(r.value, Answer) and says_ahead(r)
        )
        return Finding(
            cause=cause,
            subject=HOST,
            verdict=Verdict.UNKNOWN if unexplained else Verdict.CLEAR,
            supporting=(*unexplained, _offset(clock)) if unexplained else told.good,
            contradicting=told.against,
            missing=told.missing,
        )
    return Finding(
        cause=cause,
        subject=HOST,
        verdict=Verdict.UNKNOWN,
        supporting=(_offset(clock),),
        contradicting=told.against,
        missing=(item("clock_bound_too_wide", bound_ms=to_ms(clock.best.bound)), *told.missing),
        settle=item("settle_clock"),
    )


def _offset(clock: HostClock) -> Item:
    """Say the offset and who stands behind it."""
    values = {"offset_ms": to_ms(clock.best.offset), "bound_ms": to_ms_up(clock.best.bound)}
    if clock.ntp and (clock.agreed or not clock.exchange):
        values["agreeing"] = len(clock.ntp.agreeing)
        values["total"] = len(clock.ntp.agreeing) + len(clock.ntp.disagreeing)
    if clock.agreed:
        return item("clock_offset_agreed", **values)
    if not clock.ntp and not clock.exchange:
        return item("clock_offset_date", days=round(abs(clock.best.offset) / _DAY), **values)
    return item("clock_offset_exchange" if clock.exchange else "clock_offset_ntp", **values)


def _good(clock: HostClock) -> Iterator[Item]:
    """Say the offset first, then whose word it is."""
    yield right(clock)
    if clock.ntp:
        agreeing = len(clock.ntp.agreeing)
        total = agreeing + len(clock.ntp.disagreeing)
        yield item("clock_ntp_agree", agreeing=agreeing, total=total)
    if clock.exchange:
        told = clock.exchange
        yield item(
            "clock_exchange_says",
            exchange_offset_ms=to_ms(told.offset),
            exchange_bound_ms=to_ms_up(told.bound),
        )


def _contradicting(evidence: Evidence, clock: HostClock) -> Iterable[Item]:
    if clock.ntp and clock.exchange and not clock.agreed:
        yield item(
            "clock_ntp_contradicts",
            offset_ms=to_ms(clock.ntp.offset),
            bound_ms=to_ms_up(clock.ntp.bound),
        )
    if clock.ntp and clock.ntp.disagreeing:
        yield item("clock_sources_disagree", sources=clock.ntp.disagreeing)
    if clock.exchange and clock.ntp is None:
        sources = tuple(
            reading.subject.name
            for reading, sample in evidence.values(Kind.NTP, NtpSample)
            if not of_sample(sample).overlaps(clock.exchange)
        )
        if sources:
            yield item("clock_sources_contradict_exchange", sources=sources)


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


def _certificates(evidence: Evidence, reason: FailureReason) -> list[Reading]:
    """Return the public calls that met a certificate out of its time, in one direction."""
    return [
        reading
        for reading, failure in evidence.values(Kind.PUBLIC_CALL, Failure)
        if failure.reason is reason
    ]


def _refused(reading: Reading) -> Item:
    if isinstance(reading.value, Answer):
        return refused(reading, reading.value)
    return item("certificate_refused", reading, endpoint=reading.subject.name)
