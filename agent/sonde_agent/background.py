"""What the agent does beside answering."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

logger = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=60)

Job = Callable[[], Awaitable[None]]


@asynccontextmanager
async def beside(
    jobs: Mapping[str, Job], failures: Counter[str], first_pause: timedelta = _FIRST_PAUSE
) -> AsyncIterator[None]:
    """Run jobs for as long as the block lasts. A bug in one costs that one only, and only a pause.

    `failures` counts, by name, how often each had to be started again. Each further bug doubles
    the pause, up to a minute.
    """
    failures.update(dict.fromkeys(jobs, 0))
    tasks = [
        asyncio.create_task(_again_and_again(name, job, failures, first_pause))
        for name, job in jobs.items()
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again_and_again(name: str, job: Job, failures: Counter[str], pause: timedelta) -> None:
    while True:
        try:
            return await job()
        except Exception:
            failures[name] += 1
            logger.exception("Job failed", extra={"job": name, "seconds": pause.seconds})
        await asyncio.sleep(pause.total_seconds())
        pause = min(pause * 2, _LONGEST_PAUSE)
