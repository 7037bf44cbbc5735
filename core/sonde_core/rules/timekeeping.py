"""Decides whether something keeps the host's clock right, and whether somebody set it.

CLOCK_UNSYNCHRONIZED

| what came                                                      | verdict                    |
| -------------------------------------------------------------- | -------------------------- |
| a program keeps the clock, and fails: it says that it is not   | warning, confirmed         |
|   synchronised, no source answers, or its root distance is 1 s |                            |
| nothing works that keeps it, and at the measured drift the     | warning, confirmed, with a |
|   exchange refuses within 24 h                                 | forecast                   |
| whoever keeps it says that all is well, or does not answer,    | warning, likely, with a    |
|   and the clock runs away from the right time all the same     | forecast                   |
| no program was found, and the kernel says unsynchronised       | info, likely               |
| a program keeps the clock and does not fail; or none was       | clear                      |
|   found, and the kernel says that somebody does                |                            |
| neither program nor kernel told                                | unknown                    |

The drift is what the agent saw between its own calibrations, and counts where its bound leaves no
doubt about its direction. The kernel's frequency is no drift: it is the correction that stays in
force when the program that found it has gone. A clock that is off by less than its limit is refused
from 1 s ahead on, or once it is behind by recvWindow less a round trip.

CLOCK_STEPPED: the agent saw the clock being set by 100 ms or more within the last 24 h. Once is
info, because that is also how a wrong clock is mended; twice is a warning, because then something
keeps on setting it. What the agent saw for less than a minute is unknown.
"""

from collections.abc import Iterable
from datetime import timedelta

from sonde_core.clock import host_clock
from sonde_core.clock_limits import AHEAD
from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Item, ItemValue, Severity, Verdict, item
from sonde_core.readings import HOST, Failure, Kind
from sonde_core.rules.timestamps import recv_window, round_trip
from sonde_core.timekeeping import ClockDrift, ClockWatch, Keeper, KernelClock, Synchronizer

CAUSES = ("CLOCK_UNSYNCHRONIZED", "CLOCK_STEPPED")
_MS = timedelta(milliseconds=1)
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_FAR = timedelta(seconds=1)
"""A root distance from which on a reference cannot keep a clock within the exchange's limit."""
_NOTABLE = timedelta(milliseconds=100)


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide CLOCK_UNSYNCHRONIZED and CLOCK_STEPPED."""
    yield _unsynchronized(evidence)
    yield _stepped(evidence)


def _unsynchronized(evidence: Evidence) -> Finding:
    keeper = evidence.value(Kind.SYNCHRONIZER, HOST, Synchronizer)
    kernel = evidence.value(Kind.KERNEL_CLOCK, HOST, KernelClock)
    forecast, kept = list(_forecast(evidence)), _is_kept(keeper, kernel)
    if forecast and (kept or keeper is None) and _runs_away(evidence):
        return _running_away(keeper, kernel, forecast)
    if kept:
        return _verdict("CLOCK_UNSYNCHRONIZED", Verdict.CLEAR, _good(keeper, kernel))
    if keeper is None:
        return _untold(evidence)
    failing = list(_failures(keeper)) if keeper.keeper is not Keeper.NONE else []
    warns = failing or forecast
    return Finding(
        cause="CLOCK_UNSYNCHRONIZED",
        subject=HOST,
        verdict=Verdict.FOUND,
        confidence=Confidence.CONFIRMED if warns else Confidence.LIKELY,
        severity=Severity.WARNING if warns else None,
        supporting=(*forecast, *(failing or [item("no_synchronizer")])),
    )


def _is_kept(keeper: Synchronizer | None, kernel: KernelClock | None) -> bool:
    """Tell whether a program keeps the clock without failing, or the kernel says that one does."""
    if keeper is not None and keeper.keeper is not Keeper.NONE:
        return not list(_failures(keeper))
    return bool(kernel and kernel.synchronized)


def _running_away(
    keeper: Synchronizer | None, kernel: KernelClock | None, forecast: list[Item]
) -> Finding:
    """Believe what was measured, and say what whoever keeps the clock says against it."""
    return Finding(
        cause="CLOCK_UNSYNCHRONIZED",
        subject=HOST,
        verdict=Verdict.FOUND,
        confidence=Confidence.LIKELY,
        severity=Severity.WARNING,
        supporting=tuple(forecast),
        contradicting=(_good(keeper, kernel),) if _is_kept(keeper, kernel) else (),
    )


def _runs_away(evidence: Evidence) -> bool:
    """Tell whether the clock is off to the side to which it drifts: not on its way back."""
    clock = host_clock(evidence)
    drift = evidence.value(Kind.CLOCK_DRIFT, HOST, ClockDrift)
    if clock is None or drift is None:
        return False
    gains = drift.per_hour > timedelta()
    return clock.best.offset > clock.best.bound if gains else clock.best.offset < -clock.best.bound


def _untold(evidence: Evidence) -> Finding:
    reading = evidence.last(Kind.SYNCHRONIZER, HOST)
    why = reading.value.detail if reading and isinstance(reading.value, Failure) else ""
    missing = item("synchronizer_silent", reading, why=why) if why else item("synchronizer_untold")
    return Finding(
        cause="CLOCK_UNSYNCHRONIZED", subject=HOST, verdict=Verdict.UNKNOWN, missing=(missing,)
    )


def _failures(keeper: Synchronizer) -> Iterable[Item]:
    """Say in what a program that runs fails, by its own word."""
    name = keeper.keeper.value
    if keeper.sources is not None and not keeper.reachable:
        yield item("synchronizer_unreached", program=name, sources=keeper.sources)
    if keeper.synchronized is False:
        yield item("synchronizer_not_synchronized", program=name)
    elif keeper.root_distance is not None and keeper.root_distance >= _FAR:
        yield item("synchronizer_far", program=name, distance_ms=round(keeper.root_distance / _MS))


def _good(keeper: Synchronizer | None, kernel: KernelClock | None) -> Item:
    if keeper is None or keeper.keeper is Keeper.NONE:
        return item("kernel_synchronized", error_ms=round(kernel.max_error / _MS) if kernel else 0)
    known: dict[str, ItemValue] = {"source": keeper.source} if keeper.source else {}
    return item("synchronizer_good", program=keeper.keeper.value, **known)


def _forecast(evidence: Evidence) -> Iterable[Item]:
    """Say when the exchange will refuse, where that is within a day and not already so."""
    clock = host_clock(evidence)
    drift = evidence.value(Kind.CLOCK_DRIFT, HOST, ClockDrift)
    if clock is None or drift is None or abs(drift.per_hour) <= drift.bound:
        return
    gains = drift.per_hour > timedelta()
    behind = recv_window(evidence) - round_trip(evidence)
    left = AHEAD - clock.best.offset if gains else behind + clock.best.offset
    after = _HOUR * (left / abs(drift.per_hour))
    if timedelta() < after <= _DAY:
        short = {"minutes": round(after / _MINUTE)} if after < 2 * _HOUR else {}
        yield item(
            "clock_drift_forecast",
            evidence.last(Kind.CLOCK_DRIFT, HOST),
            hours=round(after / _HOUR),
            per_hour_ms=round(drift.per_hour / _MS),
            offset_ms=round(clock.best.offset / _MS),
            **short,
        )


def _stepped(evidence: Evidence) -> Finding:
    reading = evidence.last(Kind.CLOCK_WATCH, HOST)
    if reading is None or not isinstance(reading.value, ClockWatch):
        return _verdict("CLOCK_STEPPED", Verdict.UNKNOWN)
    watch, now = reading.value, reading.time
    steps = [s for s in watch.steps if abs(s.size) >= _NOTABLE and now - s.time <= _DAY]
    if not steps:
        seen = now - watch.since >= _MINUTE
        return _verdict("CLOCK_STEPPED", Verdict.CLEAR if seen else Verdict.UNKNOWN)
    return Finding(
        cause="CLOCK_STEPPED",
        subject=HOST,
        verdict=Verdict.FOUND,
        confidence=Confidence.CONFIRMED,
        severity=Severity.WARNING if len(steps) > 1 else None,
        supporting=tuple(
            item("clock_stepped", reading, at=step.time, by_ms=round(step.size / _MS))
            for step in steps[-3:]
        ),
    )


def _verdict(cause: str, verdict: Verdict, *supporting: Item) -> Finding:
    return Finding(cause=cause, subject=HOST, verdict=verdict, supporting=supporting)
