"""Decides what a refused timestamp means where the host's clock is not to blame, or not known.

"Outside of the recvWindow" has two causes, a late clock and a slow way, and the text does not tell
them apart. The exchange takes a request while ``serverTime - timestamp <= recvWindow``.

| what came                                              | verdict                            |
| ------------------------------------------------------ | ---------------------------------- |
| -1021 "outside", the clock not late, and that request  | RECV_WINDOW_LATENCY, confirmed     |
|   took longer than recvWindow leaves                   |                                    |
| -1021 "outside", the clock is not late                 | RECV_WINDOW_LATENCY, likely        |
| -1021 "outside", nobody could tell the time            | CLOCK_SKEW, likely                 |
| not refused, but round trip and lateness together      | RECV_WINDOW_LATENCY, likely, as a  |
|   exceed recvWindow, now or for 1 of 20 of the last    | warning                            |
|   hours                                                |                                    |
| the clock is late                                      | clear: the clock explains it       |
| no signed call was answered                            | unknown                            |
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from sonde_core.clock import HostClock, host_clock
from sonde_core.clock_limits import BEHIND_WARNING
from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Item, Severity, Verdict, item
from sonde_core.path import RoundTrips
from sonde_core.readings import HOST, SIGNED_KINDS, Answer, Kind, Reading
from sonde_core.rules.timestamps import (
    recv_window,
    refusals,
    refused,
    right,
    round_trip,
    says_ahead,
)

CAUSES = ("RECV_WINDOW_LATENCY", "CLOCK_SKEW")
_MS = timedelta(milliseconds=1)
_ENOUGH = 20
"""Round trips, of which one in twenty can be told."""


_Late = list[tuple[Reading, Answer]]


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide RECV_WINDOW_LATENCY and CLOCK_SKEW for the host."""
    late = [
        (reading, reading.value)
        for reading in refusals(evidence)
        if isinstance(reading.value, Answer) and not says_ahead(reading)
    ]
    clock = host_clock(evidence)
    yield _latency(evidence, clock, late)
    yield _skew(evidence, clock, late)


def _latency(evidence: Evidence, clock: HostClock | None, late: _Late) -> Finding:
    cause = "RECV_WINDOW_LATENCY"
    if clock is None:
        return _not_found(cause, evidence, late)
    if clock.best.least < -BEHIND_WARNING:
        return _not_found(cause, evidence, [])
    window, behind = recv_window(evidence), -clock.best.offset
    if late:
        took = max(answer.latency for _, answer in late)
        sure = Confidence.CONFIRMED if took + behind > window else Confidence.LIKELY
        way = (_took(window, took), _refusal(late), right(clock), *_lately(evidence))
        return _found(cause, sure, *way)
    usual = max((trips.p95 for _, trips in _round_trips(evidence)), default=timedelta())
    slow = max(round_trip(evidence), usual)
    if slow + behind <= window:
        return _not_found(cause, evidence, [])
    way = (_took(window, slow), right(clock), *_lately(evidence), item("not_refused_yet"))
    return replace(_found(cause, Confidence.LIKELY, *way), severity=Severity.WARNING)


def _round_trips(evidence: Evidence) -> list[tuple[Reading, RoundTrips]]:
    """Return the round trips of the last hours, of endpoints where there were enough."""
    known = evidence.values(Kind.ROUND_TRIPS, RoundTrips)
    return [(reading, trips) for reading, trips in known if trips.count >= _ENOUGH]


def _lately(evidence: Evidence) -> list[Item]:
    """Say what the way was like over the last hours."""
    return [
        item(
            "round_trips_lately",
            reading,
            endpoint=reading.subject.name,
            since=trips.since,
            median_ms=round(trips.median / _MS),
            p95_ms=round(trips.p95 / _MS),
            longest_ms=round(trips.longest / _MS),
        )
        for reading, trips in _round_trips(evidence)
    ]


def _skew(evidence: Evidence, clock: HostClock | None, late: _Late) -> Finding:
    if clock or not late:
        return _not_found("CLOCK_SKEW", evidence, [])
    return replace(
        _found("CLOCK_SKEW", Confidence.LIKELY, _refusal(late)),
        missing=(item("exchange_time_unknown"),),
        settle=item("settle_clock"),
    )


def _took(window: timedelta, took: timedelta) -> Item:
    return item("request_took", took_ms=round(took / _MS), window_ms=round(window / _MS))


def _refusal(late: _Late) -> Item:
    return refused(*late[0])


def _found(cause: str, confidence: Confidence, *supporting: Item) -> Finding:
    return Finding(
        cause=cause,
        subject=HOST,
        verdict=Verdict.FOUND,
        confidence=confidence,
        supporting=supporting,
    )


def _not_found(cause: str, evidence: Evidence, unexplained: _Late) -> Finding:
    answered = any(True for kind in SIGNED_KINDS for _ in evidence.values(kind, Answer))
    clear = answered and not unexplained
    return Finding(
        cause=cause,
        subject=HOST,
        verdict=Verdict.CLEAR if clear else Verdict.UNKNOWN,
        supporting=(_refusal(unexplained),) if unexplained else (),
    )
