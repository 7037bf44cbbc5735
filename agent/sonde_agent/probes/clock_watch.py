"""Watches for steps of the wall clock, against the clock that counts on from the host's start.

Slewing moves both alike, and so does a suspended host's sleep; only setting the clock moves one.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from sonde_agent.probes import Step
from sonde_agent.stopwatch import HostClock, host_clock
from sonde_core.readings import HOST, Kind, Reading
from sonde_core.timekeeping import ClockDrift, ClockStep, ClockWatch

_EVERY = timedelta(seconds=5)
_RESOLUTION = timedelta(milliseconds=1)
"""What two clocks that are read one after the other may seem to move by."""
_TRIES = 3
MOST_STEPS = 32
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def since_start() -> timedelta:
    """Return the time since the host's start, its sleep included."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return timedelta(microseconds=time.clock_gettime_ns(clock) // 1_000)


def _awake() -> timedelta:
    return timedelta(microseconds=time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000)


@cache
def this_start() -> str:
    """Return which start of the host this is.

    Where the system does not tell, another process may be of another start, so each has its own.
    """
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return secrets.token_hex(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The clocks of one host."""

    wall: HostClock = host_clock
    boottime: Callable[[], timedelta] = since_start
    """Since the host's start. Nobody can set it."""
    awake: Callable[[], timedelta] = _awake
    """The same without the time that the host slept."""
    boot: str = field(default_factory=this_start)
    """Which start of the host that is."""

    def gap(self) -> timedelta:
        """Return what the wall clock shows above the time since the start.

        Of three tries the closest counts: the process can lose the processor between two reads.
        """
        tries = []
        for _ in range(_TRIES):
            before, wall, after = self.boottime(), self.wall(), self.boottime()
            tries.append((after - before, wall - EPOCH - (before + after) / 2))
        return min(tries)[1]

    def shown(self, at: timedelta) -> datetime:
        """Return what the wall clock, as it is set now, shows at a time since the start."""
        gap = round(self.gap() / _RESOLUTION) * _RESOLUTION
        return EPOCH + gap + at

    def slept(self) -> timedelta:
        """Return how long the host slept since its start."""
        return self.boottime() - self.awake()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a watcher goes on from."""

    watch: ClockWatch
    gap: timedelta
    """What the wall clock showed above the time since the host's start, when it last looked."""
    slept: timedelta
    """How long the host had slept when the watch began."""


@dataclass(slots=True)
class ClockWatcher:
    """Looks every few seconds while the agent runs."""

    clocks: Clocks
    steps_seen: int = 0
    """All of them; the last few are remembered."""
    _watch: ClockWatch | None = None
    _gap: timedelta = timedelta()
    _slept: timedelta = timedelta()

    async def run(self) -> None:
        """Watch for as long as the agent runs."""
        while True:
            self.look()
            await asyncio.sleep(_EVERY.total_seconds())

    def look(self) -> None:
        """Compare the clocks with how they stood before."""
        gap, slept, now = self.clocks.gap(), self.clocks.slept(), self.clocks.wall()
        if self._watch is None:
            self._watch = ClockWatch(since=now)
            self._gap, self._slept = gap, slept
        size = gap - self._gap
        if abs(size) > _RESOLUTION:
            step = ClockStep(time=now, size=size)
            self._watch = replace(self._watch, steps=(*self._watch.steps, step)[-MOST_STEPS:])
            self._gap = gap
            self.steps_seen += 1
        asleep = slept - self._slept
        if asleep > self._watch.suspended + _RESOLUTION:
            self._watch = replace(self._watch, suspended=asleep)

    def seen(self) -> Seen | None:
        """Return all that another watcher needs to go on; None where nobody watches."""
        watch = self.watched()
        return Seen(watch, self._gap, self._slept) if watch else None

    def restore(self, seen: Seen) -> None:
        """Go on from what was seen before. What was set since then is seen as a step as well."""
        self._watch, self._gap, self._slept = seen.watch, seen.gap, seen.slept

    def watched(self) -> ClockWatch | None:
        """Return what happened until now; None where nobody watches."""
        if self._watch:
            self.look()
        return self._watch


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockHistoryProbe:
    """Tells what the running agent saw of the clock."""

    watched: Callable[[], ClockWatch | None]
    drift: Callable[[], ClockDrift | None]
    now: HostClock = host_clock

    def steps(self) -> Sequence[Step]:
        """Return nothing: an agent that just started has nothing to tell."""
        return ()

    async def measure(self) -> AsyncIterator[Reading]:
        """Return the steps of the clock and its drift, where they are known."""
        now = self.now()
        if watched := self.watched():
            yield Reading(kind=Kind.CLOCK_WATCH, subject=HOST, time=now, value=watched)
        if drift := self.drift():
            yield Reading(kind=Kind.CLOCK_DRIFT, subject=HOST, time=now, value=drift)
