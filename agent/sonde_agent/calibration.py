"""Compares the host's clock at the start and every few minutes, and knows in between how it is off.

While it proves stable, fewer questions are asked, less often. The exchange is asked until its round
trip is known, and now and then afterwards; where NTP servers cannot tell, or contradicted it when
it was asked last; and after it refused a timestamp.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sonde_agent.probes import Probe
from sonde_agent.probes.clock_watch import Clocks, ClockWatcher
from sonde_agent.runner import Running, measuring
from sonde_core.calibration import Calibration, Mark, calibration, drift
from sonde_core.clock import HostClock, host_clock, ntp_estimate
from sonde_core.evidence import Evidence, by_kind_and_subject
from sonde_core.readings import ExchangeTime, Kind
from sonde_core.timekeeping import ClockDrift

logger = logging.getLogger(__name__)

_WITHIN = timedelta(seconds=12)
_SHORTEST = timedelta(minutes=2)
_LONGEST = timedelta(minutes=10)
_AT_LEAST = timedelta(seconds=10)
"""Refusals come in bursts, and one comparison answers them all. Until the first one: again."""
_MOST_MARKS = 48
_EXCHANGE_EVERY = 6


@dataclass(frozen=True, slots=True)
class NtpProbes:
    """The same servers, asked thoroughly or sparingly."""

    thorough: Probe
    sparing: Probe


@dataclass(slots=True, kw_only=True)
class Calibrator:
    """Keeps the calibration of one host."""

    ntp: NtpProbes
    exchange: Probe
    """Asks the exchange for its time."""
    lately: Callable[[], timedelta]
    """How long a slow round trip to the exchange took in the last hours; nothing if unknown."""
    clocks: Clocks
    refused: asyncio.Event = field(default_factory=asyncio.Event)
    """The exchange refused a timestamp."""
    _marks: list[Mark] = field(default_factory=list)
    _round_trip: timedelta | None = None
    _slow: timedelta = timedelta()
    _interval: timedelta = _SHORTEST
    _count: int = 0
    _lost: bool = False
    _contradicted: bool = False
    """NTP servers and the exchange cannot both be right; without the exchange NTP would win."""

    def current(self) -> Calibration | None:
        """Return how far the clock is off now; None until it could be compared once."""
        at, gap = self.clocks.boottime(), self.clocks.gap()
        return calibration(
            self._marks, at=at, gap=gap, round_trip=self._round_trip, lately=self._slow
        )

    def drift(self) -> ClockDrift | None:
        """Return how fast the clock runs, once it was compared twice."""
        return drift(self._marks)

    @property
    def marks(self) -> list[Mark]:
        """When the clock was compared lately, and with what result."""
        return list(self._marks)

    def restore(self, marks: Sequence[Mark]) -> None:
        """Go on from comparisons that were made before, since the same start of the host."""
        self._marks = list(marks[-_MOST_MARKS:])

    def timestamp_refused(self) -> None:
        """Compare again at once: the exchange refused a timestamp."""
        self.refused.set()

    async def run(self) -> None:
        """Compare for as long as the agent runs."""
        while True:
            refused = self.refused.is_set()
            self.refused.clear()
            await self.calibrate(thorough=refused)
            await asyncio.sleep(_AT_LEAST.total_seconds())
            if self._marks:
                await self._wait(self._interval - _AT_LEAST)

    async def calibrate(self, *, thorough: bool = False) -> None:
        """Compare once. What cannot be compared leaves the last comparison standing."""
        stable = self._interval > _SHORTEST and not thorough
        probes: dict[str, Probe] = {"clock": self.ntp.sparing if stable else self.ntp.thorough}
        self._count += 1
        due = self._round_trip is None or self._count % _EXCHANGE_EVERY == 0
        if due or thorough or self._contradicted:
            probes["exchange"] = self.exchange
        evidence = await self._measure(probes)
        if ntp_estimate(evidence) is None and "exchange" not in probes:
            evidence = await self._measure({"exchange": self.exchange})
        known = host_clock(evidence)
        times = evidence.values(Kind.EXCHANGE_TIME, ExchangeTime)
        # Of the slower endpoint: the engine may ask either.
        self._round_trip = max((time.round_trip for _, time in times), default=self._round_trip)
        self._slow = self.lately()
        self._note(known)

    async def _measure(self, probes: Mapping[str, Probe]) -> Evidence:
        async with measuring(probes, _WITHIN, self.clocks.wall, Running()) as readings:
            told = [reading async for reading in readings]
        return Evidence(now=self.clocks.wall(), readings=by_kind_and_subject(told))

    def _note(self, known: HostClock | None) -> None:
        """Keep a mark, and ask less often while each confirms the one before."""
        if known is None or not (known.ntp or known.exchange):
            self._interval = _SHORTEST
            if not self._lost:
                logger.warning("The clock could not be compared")
            self._lost = True
            return
        self._lost = False
        if known.ntp and known.exchange:
            self._contradicted = not known.agreed
        expected = self.current()
        best = known.best
        off = abs(best.offset - expected.offset) if expected else None
        confirmed = expected is not None and off is not None and off <= best.bound + expected.bound
        self._interval = min(self._interval * 2, _LONGEST) if confirmed else _SHORTEST
        if expected and not confirmed:
            # The rate changed: what was seen before says nothing about it.
            self._marks.clear()
        mark = Mark(at=self.clocks.boottime(), gap=self.clocks.gap(), estimate=best)
        self._marks = [*self._marks, mark][-_MOST_MARKS:]

    async def _wait(self, span: timedelta) -> None:
        try:
            async with asyncio.timeout(span.total_seconds()):
                await self.refused.wait()
        except TimeoutError:
            return


@dataclass(frozen=True, slots=True)
class Timekeeping:
    """What goes on about the clock while the agent runs."""

    watcher: ClockWatcher
    calibrator: Calibrator
