"""Keeps reports in one process after another, each killed at some moment.

Forking is quick where importing is not: so many kills take seconds.
"""

import asyncio
import os
import random
import signal
import sys
import time
from itertools import count
from pathlib import Path

from sonde_agent.engine.spool import Spool
from tests.agent.engine.reports import report

_SIDE_BY_SIDE = 4
_MOST = 1 << 16
_ROOM = 1 << 40
"""For all of them: what a full spool drops is another test's matter."""


def kill_many(path: Path, kills: int) -> None:
    """Print the place and the content of each report that was acknowledged."""
    for run in range(kills):
        sys.stdout.write(_acknowledged(path, run, random.Random(run)))


def _acknowledged(path: Path, run: int, dice: random.Random) -> str:
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        os.close(reader)
        asyncio.run(_write_for_ever(path, run, writer))
    os.close(writer)
    said = os.read(reader, _MOST)
    time.sleep(dice.uniform(0, 0.02))  # not for anything to happen: to kill at any moment
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    while more := os.read(reader, _MOST):
        said += more
    os.close(reader)
    return said.decode().rpartition("\n")[0] + "\n"


async def _write_for_ever(path: Path, run: int, told: int) -> None:
    spool, numbers = Spool(path, _ROOM), count()

    async def some() -> None:
        for number in numbers:
            payload = f"{run}-{number}"
            _, sequence = await spool.keep(report(payload.encode()))
            os.write(told, f"{sequence} {payload}\n".encode())

    await asyncio.gather(*(some() for _ in range(_SIDE_BY_SIDE)))


if __name__ == "__main__":
    kill_many(Path(sys.argv[1]), int(sys.argv[2]))
