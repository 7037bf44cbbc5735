"""What was measured and seen in the last hours, kept for the agent that starts next.

A command that is typed on the host while the agent runs knows it from here too.

Instants are by the clock that counts from the host's start, so setting the wall clock changes none.
A kept file is of use while the host has not started anew: then what the wall clock shows above that
count is about what it was. After a new start it is more by all the time that the host had run
before. Where somebody set the clock far in between, nobody can tell, and all of it is forgotten.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec

from sonde_agent.calibration import Timekeeping
from sonde_agent.probes.clock_watch import MOST_STEPS, Clocks, Seen
from sonde_agent.probes.exchange.round_trips import RoundTrip, RoundTripLog
from sonde_agent.state_file import StateFile
from sonde_core.calibration import Mark

logger = logging.getLogger(__name__)

FILE = "last-hours.json"
_MOST_BYTES = 512 * 1024
_EVERY = timedelta(minutes=5)
_ALIKE = timedelta(minutes=1)
"""What slewing, and a small step, may do to the clock while no agent runs."""
_FRESH = timedelta(hours=1)
"""An older rate says little: something may have begun to steer the clock since."""
_LONGEST = timedelta(minutes=1)
_CENTURY = timedelta(days=36_525)


class _Kept(msgspec.Struct, frozen=True):
    at: timedelta
    """Since the host's start."""
    gap: timedelta
    """What the wall clock showed above that."""
    marks: list[Mark]
    round_trips: dict[str, list[RoundTrip]]
    clock: Seen | None = None
    """What was seen of the clock."""


@dataclass(frozen=True, slots=True)
class LastHours:
    """Keeps the round trips to the exchange, the comparisons of the clock, and its steps."""

    file: StateFile[_Kept]
    round_trips: RoundTripLog
    timekeeping: Timekeeping

    @classmethod
    def within(
        cls, directory: Path, round_trips: RoundTripLog, timekeeping: Timekeeping
    ) -> "LastHours":
        """Return those that are kept in a directory."""
        file = StateFile(directory / FILE, _Kept, most_bytes=_MOST_BYTES, called="measurements")
        return cls(file, round_trips, timekeeping)

    @property
    def _clocks(self) -> Clocks:
        return self.timekeeping.calibrator.clocks

    def restore(self) -> None:
        """Go on from what is kept, where that is still true."""
        kept = self.file.read()
        if kept is None:
            return
        if not _possible(kept):
            self.file.ignored(ValueError("numbers that cannot be"))
            return
        at, gap = self._clocks.boottime(), self._clocks.gap()
        if at < kept.at or abs(gap - kept.gap) > min(_ALIKE, kept.at / 2):
            logger.info("The host started anew or its clock was set: measuring anew")
            return
        self.round_trips.restore(kept.round_trips)
        if kept.clock:
            self.timekeeping.watcher.restore(kept.clock)
        if kept.marks and at - kept.marks[-1].at < _FRESH:
            self.timekeeping.calibrator.restore(kept.marks)

    def keep(self) -> None:
        """Write down what is known now."""
        self.file.write(
            _Kept(
                at=self._clocks.boottime(),
                gap=self._clocks.gap(),
                marks=self.timekeeping.calibrator.marks,
                round_trips=self.round_trips.all(),
                clock=self.timekeeping.watcher.seen(),
            )
        )

    async def run(self) -> None:
        """Keep it every few minutes, and when the agent ends."""
        try:
            while True:
                await asyncio.sleep(_EVERY.total_seconds())
                self.keep()
        finally:
            self.keep()


def _possible(kept: _Kept) -> bool:
    """Tell whether numbers are such as an agent writes."""
    zero = timedelta()
    instants = [mark.at for mark in kept.marks]
    trips = [each for seen in kept.round_trips.values() for each in seen]
    spans = [kept.gap, *(s for m in kept.marks for s in (m.gap, m.estimate.offset))]
    return (
        all(zero <= each <= kept.at < _CENTURY for each in (*instants, *(at for at, _ in trips)))
        and instants == sorted(instants)
        and all(zero <= took <= _LONGEST for _, took in trips)
        and all(-_CENTURY < each < _CENTURY for each in spans)
        and all(zero <= mark.estimate.bound < _CENTURY for mark in kept.marks)
        and (kept.clock is None or _could_be_seen(kept.clock))
    )


def _could_be_seen(clock: Seen) -> bool:
    watch = clock.watch
    spans = [clock.gap, clock.slept, watch.suspended, *(step.size for step in watch.steps)]
    return (
        len(watch.steps) <= MOST_STEPS
        and all(each.tzinfo for each in (watch.since, *(step.time for step in watch.steps)))
        and all(-_CENTURY < each < _CENTURY for each in spans)
    )
