"""What it takes an engine to hand over a refusal, against writing one line to its log.

A refusal comes every millisecond: a busy engine's worst, and slow enough for caches to grow cold.
The floor is the one way of the standard library's to log that waits for no disk: a QueueHandler.
"""

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import QueueHandler
from queue import Empty, SimpleQueue
from statistics import median
from tempfile import TemporaryDirectory
from typing import Never

import requests

from sonde_reporter import Reporter
from tests.benchmarks.table import Row

LIMIT = 0.8
"""An engine is to lose less than 20 µs. On an idle core the line takes 25: after a sleep of a
millisecond the processor finds its caches cold, and both take several times what a loop would show.
"""
SPACING_S = 0.001
TIMES = 500
ROUNDS = 9
REFUSED = RuntimeError(
    "binanceusdm GET https://fapi.binance.com/fapi/v1/order?signature=0123456789abcdef 400 "
    'Bad Request {"code":-2019,"msg":"Margin is insufficient."}'
)
REFUSAL = '{"code":-2019,"msg":"Margin is insufficient."}'
LONG = "<p>Too many requests.</p>" * 400
ORDER = {
    "symbol": "BTC/USDT:USDT",
    "side": "buy",
    "type": "limit",
    "amount": 0.01,
    "price": 61234.5,
}


def measure() -> list[Row]:
    """Return a row for an error that is nothing but a text, and two for all that ccxt leaves."""
    with TemporaryDirectory() as directory, _agent(directory) as path:
        reporter = Reporter(engine="grid", socket=path)
        return [
            _row("handing a refusal over every ms, 99th percentile", reporter, REFUSED),
            _row("the same by ccxt", reporter, _by_ccxt(400, REFUSAL)),
            _row("the same by ccxt, with a long answer", reporter, _by_ccxt(429, LONG)),
        ]


def _row(name: str, reporter: Reporter, error: Exception) -> Row:
    """Return the middle of several rounds, floor and product in turn: others work here too."""
    written: SimpleQueue[object] = SimpleQueue()
    log = logging.getLogger("engine")
    log.propagate, log.handlers = False, [QueueHandler(written)]
    floors, products = [], []
    for _ in range(ROUNDS):
        floors.append(_p99(lambda: log.error("order %s refused: %s", ORDER, error)))
        _empty(written)
        products.append(_p99(lambda: reporter.failure(error, ORDER)))
        reporter.flush(10)
    return Row(
        name=name,
        floor=median(floors) * 1e6,
        product=median(products) * 1e6,
        limit=LIMIT,
        unit="µs",
    )


def _by_ccxt(status: int, answer: str) -> Exception:
    """Return an error as ccxt raises it: beside the HTTP client's, which has the response."""
    response = requests.Response()
    response.status_code = status
    response.url = "https://fapi.binance.com/fapi/v1/order?signature=0123456789abcdef"
    response.headers.update({f"X-Header-{number}": "value" for number in range(20)})
    try:
        try:
            response.raise_for_status()
        except requests.HTTPError:
            _raise_for(f"binanceusdm {answer}")
    except RuntimeError as error:
        return error
    raise AssertionError


def _raise_for(text: str) -> Never:
    raise RuntimeError(text)


@contextmanager
def _agent(directory: str) -> Iterator[str]:
    command = (sys.executable, "-m", "tests.benchmarks.listening", directory)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin, "it is a pipe"
        assert process.stdout, "it is a pipe"
        yield process.stdout.readline().strip()
        process.stdin.close()


def _p99(hand_over: Callable[[], None]) -> float:
    took = []
    for _ in range(TIMES):
        time.sleep(SPACING_S)
        start = time.perf_counter()
        hand_over()
        took.append(time.perf_counter() - start)
    return sorted(took)[TIMES * 99 // 100]


def _empty(queue: SimpleQueue[object]) -> None:
    while True:
        try:
            queue.get_nowait()
        except Empty:
            return
