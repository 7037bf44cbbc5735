"""Run probes side by side under one deadline."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from sonde_agent.probes import Probe
from sonde_agent.stopwatch import HostClock, Stopwatch
from sonde_agent.tally import Tally
from sonde_core.readings import Failure, FailureReason, Kind, Reading, Subject

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Running:
    """How many probes run now and what came of them, over all calls."""

    probes: int = 0
    tally: Tally = field(default_factory=Tally)

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count a probe as running for as long as the block lasts."""
        self.probes += 1
        try:
            yield
        finally:
            self.probes -= 1


@dataclass(slots=True)
class Readings:
    """Readings as they come, one by one or whatever is there."""

    _waiting: list[Reading] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, reading: Reading) -> None:
        """Add a reading."""
        self._waiting.append(reading)
        self._came.set()

    def end(self) -> None:
        """Say that no more will come."""
        self._over.set()
        self._came.set()

    async def some(self) -> list[Reading]:
        """Return all that has come, at least one; none only at the end."""
        await self._came.wait()
        some, self._waiting = self._waiting, []
        if not self._over.is_set():
            self._came.clear()
        return some

    async def pause(self, span: timedelta) -> None:
        """Wait for a while, or until the end."""
        try:
            async with asyncio.timeout(span.total_seconds()):
                await self._over.wait()
        except TimeoutError:
            return

    def __aiter__(self) -> AsyncIterator[Reading]:
        return self._each()

    async def _each(self) -> AsyncIterator[Reading]:
        while some := await self.some():
            for reading in some:
                yield reading


@dataclass(slots=True)
class _Run:
    """One probe under way."""

    name: str
    probe: Probe
    readings: Readings
    stopwatch: Stopwatch
    tally: Tally
    delivered: set[tuple[Kind, Subject]] = field(default_factory=set)

    async def measure(self, deadline: timedelta) -> None:
        """Deliver what the probe reads, and a failure for whatever it does not."""
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                await self._deliver()
        except TimeoutError:
            seconds = deadline.total_seconds()
            self._give_up(Failure(FailureReason.DEADLINE, f"not measured within {seconds:g} s"))
        except Exception as error:
            # A bug in one probe must not cost what the others read.
            logger.exception("Probe failed", extra={"probe": self.name})
            self._give_up(Failure(FailureReason.INTERNAL, type(error).__name__))
        self.tally.probed(self.name, self.stopwatch.elapsed)

    async def _deliver(self) -> None:
        async for reading in self.probe.measure():
            self.delivered.add((reading.kind, reading.subject))
            self._put(reading)

    def _put(self, reading: Reading) -> None:
        self.tally.read(reading)
        self.readings.put(reading)

    def _give_up(self, failure: Failure) -> None:
        """Blame the first step that is not complete; what comes after it was never begun."""
        for step in self.probe.steps():
            lacking = [each for each in step if each not in self.delivered]
            for kind, subject in lacking:
                self._put(
                    Reading(
                        kind=kind,
                        subject=subject,
                        time=self.stopwatch.began,
                        elapsed=self.stopwatch.elapsed,
                        value=failure,
                    )
                )
            if lacking:
                failure = Failure(FailureReason.SKIPPED, "what came before it was not finished")


@asynccontextmanager
async def measuring(
    probes: Mapping[str, Probe], deadline: timedelta, now: HostClock, running: Running
) -> AsyncIterator[Readings]:
    """Run probes and give their readings. Leaving the block stops what still runs."""
    readings = Readings()
    runs = [
        _Run(name, probe, readings, Stopwatch.start(now), running.tally)
        for name, probe in probes.items()
    ]
    # Not a task group around the yield: that would wrap what the block raises.
    supervisor = asyncio.create_task(_supervise(runs, readings, deadline, running))
    try:
        yield readings
    finally:
        supervisor.cancel()
        await asyncio.wait([supervisor])


async def _supervise(
    runs: list[_Run], readings: Readings, deadline: timedelta, running: Running
) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for run in runs:
                group.create_task(_counted(run, deadline, running))
    finally:
        readings.end()


async def _counted(run: _Run, deadline: timedelta, running: Running) -> None:
    with running.one_more():
        await run.measure(deadline)
