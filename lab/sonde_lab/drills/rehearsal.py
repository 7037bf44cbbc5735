"""Runs drills side by side: a world and a real agent for each, one real service for all."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from sonde_lab.drills.drill import Drill
from sonde_lab.drills.patient import Diagnosed, set_up
from sonde_lab.stage import Stage, ready, stage

SIDE_BY_SIDE = 8
"""How many hosts there are at once: each is a process."""


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
    drills: Iterable[Drill], home: Path, finished: Callable[[Result], None]
) -> Sequence[Result]:
    """Run drills and return their results, in the order of the drills.

    Leaving it by cancellation ends every process and every server that it started.

    Raises:
        UnavailableError: A process did not start.
    """
    free = asyncio.Semaphore(SIDE_BY_SIDE)
    async with stage(home) as here:
        await here.set_up_service()
        await ready([here.service])
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(_in_turn(free, here, f"h{number}", drill, finished))
                    for number, drill in enumerate(drills)
                ]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
    return [task.result() for task in tasks]


async def _in_turn(
    free: asyncio.Semaphore,
    here: Stage,
    directory: str,
    drill: Drill,
    finished: Callable[[Result], None],
) -> Result:
    async with free, AsyncExitStack() as stack:
        patient = await set_up(here, stack, directory, drill)
        result = Result(drill, tuple([each async for each in patient.diagnoses()]))
    finished(result)
    return result
