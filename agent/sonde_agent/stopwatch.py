"""Time on the host: its own clock read once, then counted on by the monotonic one.

A clock that is stepped in the middle of a measurement does not spoil it this way.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

HostClock = Callable[[], datetime]

_TRIES = 3


def host_clock() -> datetime:
    """Return what this host's clock says."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Counts from the instant that it was started at."""

    began: datetime
    """By the host's own clock."""
    _ticks: int = field(repr=False)

    @classmethod
    def start(cls, clock: HostClock) -> "Stopwatch":
        """Read both clocks at the same instant.

        Of three tries the closest counts: the process can lose the processor between two reads.
        """
        tries = []
        for _ in range(_TRIES):
            before, began, after = time.perf_counter_ns(), clock(), time.perf_counter_ns()
            tries.append((after - before, began, (before + after) // 2))
        _, began, ticks = min(tries)
        return cls(began, ticks)

    @property
    def elapsed(self) -> timedelta:
        """The time since the start, by the monotonic clock."""
        return timedelta(microseconds=(time.perf_counter_ns() - self._ticks) // 1_000)

    @property
    def now(self) -> datetime:
        """The present instant, as the host's clock tells it unless it is stepped."""
        return self.began + self.elapsed
