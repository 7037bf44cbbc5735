"""What it takes to report a failure and be told what to do, against a bare call with a commit."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc

from sonde.engine.v1.engine_service_pb2 import ReportFailureRequest, ReportFailureResponse
from sonde.engine.v1.order_pb2 import OrderFacts
from sonde.engine.v1.report_pb2 import FailureReport
from tests.benchmarks.keeper import METHOD
from tests.benchmarks.table import Row

LIMIT = 4.0
ROUNDS, CALLS = 10, 300
REPORT_FAILURE = "/sonde.engine.v1.EngineService/ReportFailure"
REQUEST = ReportFailureRequest(
    failure=FailureReport(
        engine="grid",
        account="main",
        exception="binance.exceptions.BinanceAPIException",
        code=-4164,
        message="Order's notional must be no smaller than 100 (unless you choose reduce only).",
        http_status=400,
        surface="usdm",
        order=OrderFacts(symbol="BTCUSDT", side="BUY", type="LIMIT", quantity="0.1", price="1"),
    )
)
CONFIG = '[agent]\nsocket = "{home}/agent.sock"\nstate_dir = "{home}"\n'
TIMEOUT_S = 30.0

Call = Callable[[], object]


def measure() -> Row:
    """Return the 99th percentiles over several rounds, floor and product in turn."""
    with _keeper() as bare, _agent() as report:
        for call in (bare, report):
            _times(call)  # the first ones fill caches
        floors, products = [], []
        for _ in range(ROUNDS):
            floors += _times(bare)
            products += _times(report)
    return Row(
        name="ReportFailure, 99th percentile",
        floor=_percentile(floors),
        product=_percentile(products),
        limit=LIMIT,
    )


def _times(call: Call) -> list[float]:
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def _percentile(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


@contextmanager
def _keeper() -> Iterator[Call]:
    with TemporaryDirectory() as home:
        address = f"{home}/keeper.sock"
        command = [sys.executable, "-m", "tests.benchmarks.keeper", address, f"{home}/kept.sqlite3"]
        with _running(command, address) as channel:
            keep = channel.unary_unary(
                METHOD, request_serializer=bytes, response_deserializer=bytes
            )
            payload = REQUEST.SerializeToString()
            yield lambda: keep(payload, timeout=TIMEOUT_S)


@contextmanager
def _agent() -> Iterator[Call]:
    with TemporaryDirectory() as home:
        config = Path(home, "agent.toml")
        config.write_text(CONFIG.format(home=home))
        program = Path(sys.executable).with_name("sonde-agent")
        command: list[str | Path] = [program, "run", "--config", config]
        with _running(command, f"{home}/engine.sock") as channel:
            report = channel.unary_unary(
                REPORT_FAILURE,
                request_serializer=ReportFailureRequest.SerializeToString,
                response_deserializer=ReportFailureResponse.FromString,
            )
            yield lambda: report(REQUEST, timeout=TIMEOUT_S)


@contextmanager
def _running(command: Sequence[str | Path], address: str) -> Iterator[grpc.Channel]:
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + TIMEOUT_S
            with socket.socket(socket.AF_UNIX) as probe:
                while probe.connect_ex(address):
                    assert time.monotonic() < deadline
                    time.sleep(0.002)
            with grpc.insecure_channel(f"unix:{address}") as channel:
                yield channel
        finally:
            process.kill()
