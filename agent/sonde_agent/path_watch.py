"""Measures the way to the exchange every minute, so that the last hours are known."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from sonde_agent.probes import Probe
from sonde_agent.runner import Running, measuring
from sonde_agent.stopwatch import HostClock

_EVERY = timedelta(minutes=1)
_LATE = timedelta(seconds=50)
_WITHIN = timedelta(seconds=12)


async def watch(probe: Callable[[], Probe], now: HostClock) -> None:
    """Measure for as long as the agent runs."""
    while True:
        await asyncio.sleep(_until_late(now()).total_seconds())
        await look(probe(), now)


async def look(probe: Probe, now: HostClock) -> None:
    """Measure once, for what is remembered of it."""
    async with measuring({"path": probe}, _WITHIN, now, Running()) as readings:
        async for _ in readings:
            pass


def _until_late(now: datetime) -> timedelta:
    """Return how long it is until late in a minute, when the exchange has counted most of it."""
    into = timedelta(seconds=now.second, microseconds=now.microsecond)
    return _LATE - into if into < _LATE else _LATE - into + _EVERY
