"""Time on the host: its own clock read once, then counted on by the monotonic one.

A clock that is stepped in the middle of a measurement does not spoil it this way.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

HostClock = Callable[[], datetime]


def host_clock() -> datetime:
    """Return what this host's clock says."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Counts from the instant that it was made at."""

    began: datetime
    """By the host's own clock."""
    _ticks: int = field(default_factory=time.perf_counter_ns, repr=False)

    @property
    def elapsed(self) -> timedelta:
        """The time since it was made, by the monotonic clock."""
        return timedelta(microseconds=(time.perf_counter_ns() - self._ticks) // 1_000)

    @property
    def now(self) -> datetime:
        """The present instant, as the host's clock tells it unless it is stepped."""
        return self.began + self.elapsed
