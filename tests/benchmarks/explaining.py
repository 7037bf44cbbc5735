"""What it takes to start `sonde explain`, against importing the library of the other commands."""

import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.table import Row

ROUNDS = 10
LIMIT = 2.0
TEXT = '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}'


def measure() -> Row:
    """Return the medians of several rounds, floor and product in turn."""
    floor = [sys.executable, "-c", "import typer"]
    product = [str(Path(sys.executable).with_name("sonde")), "explain", TEXT]
    floors, products = zip(*((_cpu_s(floor), _cpu_s(product)) for _ in range(ROUNDS)), strict=True)
    return Row(
        name="explaining a text, CPU from start to end",
        floor=statistics.median(floors),
        product=statistics.median(products),
        limit=LIMIT,
    )


def _cpu_s(command: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
