"""What a host's clock was compared with lately: how far it is off now, and how fast it drifts.

A mark is one comparison. Its instant is by the clock that counts from the host's start on and that
nobody can set; what the wall clock shows above that is the mark's gap. Setting the wall clock
moves offset and gap alike, so their difference tells the drift across steps, and a mark stays good
after one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sonde_core.clock import Estimate
from sonde_core.timekeeping import ClockDrift

_PPM = 1e-6
_WANDER = 15 * _PPM
"""How much a good clock's rate may change (RFC 5905 section 7.2, PHI)."""
_UNKNOWN_RATE = 100 * _PPM
"""How fast a clock may run of which nothing is known yet."""
_HOUR = timedelta(hours=1)
_STEP = timedelta(milliseconds=100)
_LEAST_WINDOW, _MOST_WINDOW = timedelta(seconds=1), timedelta(seconds=60)
_WAYS = 3
"""How many round trips a request may take at a bad moment."""
_UNKNOWN_WAY = timedelta(seconds=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The host's clock was compared."""

    at: timedelta
    """Since the host's start."""
    gap: timedelta
    """What the wall clock showed above that."""
    estimate: Estimate

    @property
    def unset(self) -> timedelta:
        """The offset as it would be, had nobody ever set the clock."""
        return self.estimate.offset - self.gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How far the host's clock is off, as of now."""

    offset: timedelta
    """Host time minus true time: positive when the host is ahead."""
    bound: timedelta
    age: timedelta
    """Since it was compared."""
    sources: tuple[str, ...]
    recv_window: timedelta
    """One that holds with this offset and the round trip to the exchange, 1 to 60 s."""

    @property
    def estimate(self) -> Estimate:
        """What it says of the clock, for rules."""
        return Estimate(offset=self.offset, bound=self.bound, agreeing=self.sources)


def drift(marks: Sequence[Mark]) -> ClockDrift | None:
    """Return how fast the clock runs, by the first and the last of two or more marks."""
    if len(marks) < 2:  # noqa: PLR2004 - a rate takes two
        return None
    first, last = marks[0], marks[-1]
    over = last.at - first.at
    if over <= timedelta():
        return None
    return ClockDrift(
        per_hour=(last.unset - first.unset) * (_HOUR / over),
        bound=(last.estimate.bound + first.estimate.bound) * (_HOUR / over),
        over=over,
        calibrations=len(marks),
    )


def calibration(
    marks: Sequence[Mark],
    *,
    at: timedelta,
    gap: timedelta,
    round_trip: timedelta | None,
    lately: timedelta = timedelta(),
) -> Calibration | None:
    """Return what the last mark says now. Steps since then are in the gap."""
    if not marks:
        return None
    last, rate = marks[-1], drift(marks)
    age = at - last.at
    offset, per_second = last.unset + gap, _UNKNOWN_RATE
    if rate and rate.bound < _UNKNOWN_RATE * _HOUR:
        offset += rate.per_hour * (age / _HOUR)
        per_second = rate.bound / _HOUR + _WANDER
    bound = last.estimate.bound + age * per_second
    return Calibration(
        offset=offset,
        bound=bound,
        age=age,
        sources=last.estimate.agreeing,
        recv_window=recv_window(offset, bound, round_trip, lately),
    )


def recv_window(
    offset: timedelta,
    bound: timedelta,
    round_trip: timedelta | None,
    lately: timedelta = timedelta(),
) -> timedelta:
    """Return a window that a request by the host's own time fits in, in whole tenths of a second.

    It has room for several round trips as the last one was, and for a slow one of the last hours. A
    clock that is ahead needs none: a larger window would not help it.
    """
    behind = max(-offset, timedelta())
    way = _UNKNOWN_WAY if round_trip is None else _WAYS * round_trip
    needed = -(-(behind + bound + max(way, lately)) // _STEP) * _STEP
    return min(max(needed, _LEAST_WINDOW), _MOST_WINDOW)
