"""A thread that never ends holds nobody up."""

import subprocess
import sys

SCRIPT = """
import asyncio, threading
from sonde_agent.threads import AbandonedThreads

async def main():
    loop = asyncio.get_running_loop()
    loop.set_default_executor(AbandonedThreads())
    print(await loop.run_in_executor(None, int, "7"))
    try:
        async with asyncio.timeout(0.05):
            await loop.run_in_executor(None, threading.Event().wait)
    except TimeoutError:
        print("gave up")
    try:
        await loop.run_in_executor(None, int, "seven")
    except ValueError:
        print("failed")

asyncio.run(main())
"""


def test_a_command_ends_although_a_thread_of_it_hangs() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=True
    )

    assert ended.stdout.split("\n")[:3] == ["7", "gave up", "failed"]
