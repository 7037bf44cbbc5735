"""What the agent does beside answering."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

logger = logging.getLogger(__name__)


@asynccontextmanager
async def beside(*jobs: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run jobs for as long as the block lasts. A bug in one costs that one only."""
    tasks = [asyncio.create_task(_logged(job)) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _logged(job: Coroutine[None, None, None]) -> None:
    try:
        await job
    except Exception:
        logger.exception("Job ended")
