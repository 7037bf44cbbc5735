"""An agent's end for an engine to talk to, in a process of its own.

Run as `python -m tests.benchmarks.listening DIRECTORY`; it serves until its input ends.
"""

import asyncio
import sys
from pathlib import Path

from tests.reporter.agents import listening


async def _serve(directory: Path) -> None:
    async with listening(directory) as agent:
        sys.stdout.write(f"{agent.path}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
