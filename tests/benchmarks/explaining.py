"""What `sonde explain` takes: to start, and to read a text.

A start is measured against importing the library of the other commands, a text against counting its
words.
"""

import json
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sonde_core.explainer import explain
from tests.benchmarks.table import Row
from tests.core.explainer.test_published import AHEAD, WRAPPINGS
from tests.core.explainer.test_root import CHAIN
from tests.core.explainer.test_unpublished import CLOUDFRONT, OF_MACHINES

ROUNDS = 10
LIMIT = 2.0
TEXT = '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}'

TEXTS = (
    *(wrapping % AHEAD for wrapping in WRAPPINGS.values()),
    *(text for text, _ in OF_MACHINES),
    *(CHAIN, CLOUDFRONT),
)
READINGS = 100
READING_LIMIT = 14.0
"""The budget is 100 µs. On cores of servers of these years the floor takes 4 to 7 µs, and it is to
be held on the slower ones: 100 / 7.
"""
WORD = re.compile(r"\w+")


def measure() -> list[Row]:
    """Return what a start takes and what a text does."""
    return [_start(), _reading()]


def _start() -> Row:
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


def _reading() -> Row:
    """Return the median over the texts of the best time of each: others work here too."""
    sent = [json.dumps(text) for text in TEXTS]
    floors, products = [], []
    for _ in range(READINGS):
        floors.append([_took_s(_counted, text) for text in sent])
        products.append([_took_s(explain, text) for text in TEXTS])
    return Row(
        name="explaining a text in a process that runs",
        floor=_middle(floors) * 1e6,
        product=_middle(products) * 1e6,
        limit=READING_LIMIT,
        unit="µs",
    )


def _counted(sent: str) -> dict[str, int]:
    """Do the least that looks at every word: take a text out of JSON and count its words."""
    counts: dict[str, int] = {}
    for word in WORD.findall(json.loads(sent).lower()):
        counts[word] = counts.get(word, 0) + 1
    return counts


def _took_s(read: Callable[[str], object], text: str) -> float:
    start = time.perf_counter()
    read(text)
    return time.perf_counter() - start


def _middle(rounds: Sequence[Sequence[float]]) -> float:
    best: list[float] = [min(times) for times in zip(*rounds, strict=True)]
    return statistics.median(best)
