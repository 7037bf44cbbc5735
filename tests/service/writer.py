"""Writes results until it is killed, and says of each batch when it is durable."""

import asyncio
import random
import sys
from collections.abc import Iterator
from functools import partial

from sqlalchemy import Connection

from sonde_service.store.diagnoses import DiagnosesStore
from sonde_service.store.store import Store
from tests.service.kept import NOON, result


async def write_for_ever(url: str, run: int) -> None:
    """Write batches of 1 to 20 results, each a diagnosis of its own; print each one's name."""
    with Store(url) as store:
        for name, size in _batches(run):
            await store.write(partial(_add, name, size))
            print(name, flush=True)  # noqa: T201 - the acknowledgement


def _add(name: str, size: int, transaction: Connection) -> None:
    batch = [
        result(1, f"host-{number}", diagnosis=name, readings=bytes(2_000)) for number in range(size)
    ]
    kept = DiagnosesStore(transaction)
    kept.begin(name, NOON, [one.host for one in batch])
    kept.add(batch, answered="diagnosed")


def _batches(run: int) -> Iterator[tuple[str, int]]:
    dice = random.Random(run)
    number = 0
    while True:
        yield f"{run}-{number}", dice.randint(1, 20)
        number += 1


if __name__ == "__main__":
    asyncio.run(write_for_ever(sys.argv[1], int(sys.argv[2])))
