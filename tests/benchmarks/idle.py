"""What an agent takes of a processor while nobody asks, against one that works all the time.

It is a whole agent as it is by default, and what counts is what the system booked on it. A minute
has all that it does by itself: the way to the exchange once, the clocks as often as right after a
start, which is twice to ten times as often as later on.
"""

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.processes import do_all, serving_agent
from tests.benchmarks.table import Row

LIMIT = 0.003


def measure(span: timedelta = timedelta(minutes=1)) -> Row:
    """Return what the agent took of a span of time that begins with its first answer."""
    took, cpu_s = asyncio.run(_idle(span))
    return Row(
        name=f"idle agent, CPU of {span / timedelta(minutes=1):g} min",
        floor=took,
        product=cpu_s,
        limit=LIMIT,
    )


async def _idle(span: timedelta) -> tuple[float, float]:
    with TemporaryDirectory() as home, TemporaryDirectory() as bytecode:
        async with serving_agent(Path(home), Path(bytecode)):
            await do_all(Path(home))  # what is compiled now is loaded below
        async with serving_agent(Path(home), Path(bytecode)) as agent:
            began, before = time.perf_counter(), agent.cpu_s
            await asyncio.sleep(span.total_seconds())
            return time.perf_counter() - began, agent.cpu_s - before
