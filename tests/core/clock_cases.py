"""Hosts whose clock something keeps, or nothing, or too many."""

from datetime import timedelta

from sonde_core.evidence import Evidence
from sonde_core.readings import HOST, FailureReason, Kind, Reading
from sonde_core.timekeeping import (
    ClockDrift,
    ClockStep,
    ClockWatch,
    Keeper,
    KernelClock,
    Synchronizer,
)
from tests.core.hosts import NOW, exchange_time, failed, host, ms, ntp, reading

NOBODY = reading(Kind.SYNCHRONIZER, HOST, Synchronizer(keeper=Keeper.NONE))


def keeps(
    keeper: Keeper = Keeper.CHRONY,
    *,
    synchronized: bool = True,
    reachable: int = 3,
    distance: timedelta = timedelta(milliseconds=20),
    source: str = "198.51.100.1",
) -> Reading:
    """Return what a program that keeps the clock says."""
    value = Synchronizer(
        keeper=keeper,
        synchronized=synchronized,
        source=source,
        stratum=3,
        offset=ms(0.2),
        root_distance=distance,
        updated=NOW,
        sources=3,
        reachable=reachable,
    )
    return reading(Kind.SYNCHRONIZER, HOST, value)


def kernel(*, synchronized: bool) -> Reading:
    """Return the kernel's own view."""
    value = KernelClock(
        synchronized=synchronized,
        offset=timedelta(),
        correction=ms(-43),
        max_error=ms(120),
        estimated_error=ms(1),
    )
    return reading(Kind.KERNEL_CLOCK, HOST, value)


def drifts(per_hour_ms: float, bound_ms: float = 2) -> Reading:
    """Return how fast the clock was seen to run."""
    value = ClockDrift(
        per_hour=ms(per_hour_ms), bound=ms(bound_ms), over=timedelta(hours=2), calibrations=24
    )
    return reading(Kind.CLOCK_DRIFT, HOST, value)


def off(by_ms: float) -> list[Reading]:
    """Return a clock that is off by so much, as NTP and the exchange see it."""
    return [*(ntp(by_ms, name=name) for name in "abc"), exchange_time(by_ms)]


def set_by(*by_ms: float, hours_ago: float = 1, watched: float = 30) -> Reading:
    """Return how often the clock was set, and by how much."""
    steps = tuple(ClockStep(time=NOW - timedelta(hours=hours_ago), size=ms(by)) for by in by_ms)
    value = ClockWatch(since=NOW - timedelta(hours=watched), steps=steps)
    return reading(Kind.CLOCK_WATCH, HOST, value)


CLOCK_CASES: dict[str, Evidence] = {
    "chrony keeps the clock": host(keeps(), kernel(synchronized=True), set_by()),
    "timesyncd follows nobody it names": host(keeps(Keeper.TIMESYNCD, source="")),
    "somebody outside keeps the clock": host(NOBODY, kernel(synchronized=True)),
    "nobody keeps the clock": host(NOBODY, kernel(synchronized=False)),
    "refused in five hours": host(*off(710), NOBODY, drifts(58)),
    "refused within the hour": host(*off(-4_200), NOBODY, drifts(-900)),
    "chrony reaches nobody": host(
        keeps(synchronized=False, reachable=0), kernel(synchronized=False), drifts(58)
    ),
    "ntpd is far from its reference": host(keeps(Keeper.NTPD, distance=ms(1_600))),
    "chrony does not answer": host(
        failed(Kind.SYNCHRONIZER, HOST, FailureReason.TIMEOUT, "chronyd did not answer within 2 s")
    ),
    "the clock was mended": host(keeps(), set_by(-1_503)),
    "the clock is set again and again": host(keeps(), set_by(2_000, -2_000, 2_000, -2_000)),
}
