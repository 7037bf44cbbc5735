"""Runs drills side by side: worlds and real agents, and one real service for all."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sonde_lab.drills.drill import Drill
from sonde_lab.drills.patient import Diagnosed, set_up
from sonde_lab.stage import Stage, ready, stage

SIDE_BY_SIDE = 8
"""How many hosts there are at once: each is a process."""
MOST_ON_ONE_HOST = 8
"""How many drills one host takes."""


@dataclass(frozen=True, slots=True)
class Result:
    """A drill and every diagnosis in it."""

    drill: Drill
    diagnosed: tuple[Diagnosed, ...]

    @property
    def right(self) -> bool:
        """Whether every diagnosis was right."""
        return not any(each.complaints for each in self.diagnosed)


async def rehearse(
    drills: Sequence[Drill], home: Path, finished: Callable[[Result], None]
) -> Sequence[Result]:
    """Run drills and return their results, in the order of the drills.

    Leaving it by cancellation ends every process and every server that it started.

    Raises:
        UnavailableError: A process did not start.
    """
    results: dict[str, Result] = {}

    def note(result: Result) -> None:
        results[result.drill.name] = result
        finished(result)

    async with stage(home) as here:
        try:
            async with asyncio.TaskGroup() as group:
                hosts = _Hosts(here, group.create_task(_serve(here)), note)
                for number, some in enumerate(shared_out(drills)):
                    group.create_task(hosts.take(f"h{number}", some))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
    return [results[drill.name] for drill in drills]


def shared_out(drills: Sequence[Drill]) -> list[list[Drill]]:
    """Return which drills one host takes, one after another.

    Starting an agent takes as long as ten diagnoses. So those drills share a host that need the
    same configuration and leave nothing behind in the agent.
    """
    alike: dict[object, list[Drill]] = {}
    for drill in drills:
        alike.setdefault(drill.name if drill.needs_own_agent else drill.shape, []).append(drill)
    # The long ones first, so that none of them is what everybody waits for in the end.
    parts = [part for some in alike.values() for part in _parts(some)]
    return sorted(parts, key=len, reverse=True)


def _parts(drills: Sequence[Drill]) -> list[list[Drill]]:
    hosts = -(-len(drills) // MOST_ON_ONE_HOST)
    return [list(drills[number::hosts]) for number in range(hosts)]


async def _serve(here: Stage) -> None:
    await here.set_up_service()
    await ready([here.service])


@dataclass(frozen=True, slots=True)
class _Hosts:
    """Where drills are run, so many at once."""

    here: Stage
    service: Awaitable[None]
    """Over when it serves."""
    note: Callable[[Result], None]
    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SIDE_BY_SIDE))

    async def take(self, directory: str, drills: Sequence[Drill]) -> None:
        """Run drills on one host, one after another."""
        async with self.free, AsyncExitStack() as stack:
            patient = await set_up(self.here, stack, directory, drills[0])
            await self.service
            for drill in drills:
                self.note(Result(drill, tuple([each async for each in patient.diagnoses(drill)])))
