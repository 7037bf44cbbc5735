"""What the engines on this host last said of themselves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sonde_agent.probes import Step
from sonde_agent.stopwatch import HostClock, Stopwatch
from sonde_core.readings import EngineState, Kind, Reading, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineProbe:
    """Reports each engine that has ever reported."""

    states: Callable[[datetime], Mapping[str, EngineState]]
    """By engine, as of an instant. Reads a file."""
    now: HostClock

    def steps(self) -> Sequence[Step]:
        """Return nothing: which engines there are is not known before."""
        return ()

    async def measure(self) -> AsyncIterator[Reading]:
        """Return the latest state of each engine."""
        stopwatch = Stopwatch.start(self.now)
        states = await asyncio.to_thread(self.states, stopwatch.began)
        for name, state in sorted(states.items()):
            yield Reading(
                kind=Kind.ENGINE,
                subject=Subject("engine", name),
                time=stopwatch.began,
                elapsed=stopwatch.elapsed,
                value=state,
            )
