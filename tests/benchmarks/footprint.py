"""What an idle agent takes of a host's memory and how long it starts, against a bare server."""

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import grpc
from grpc_health.v1 import health_pb2

from sonde_agent.server import SERVICE
from tests.benchmarks.table import Row

ROUNDS = 5
MEMORY_LIMIT = 1.45
START_LIMIT = 2.0
CONFIG = '[agent]\nsocket = "{socket}"\nstate_dir = "{home}"\n'
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Footprint:
    """One process that served one call and is idle again."""

    ready_s: float
    """From its start to its first answer."""
    resident_mib: float


def measure() -> list[Row]:
    """Return the medians of several rounds, floor and product in turn."""
    floors, products = [], []
    for _ in range(ROUNDS):
        floors.append(_bare())
        products.append(_agent())
    return [
        Row(
            name="idle agent, resident memory",
            floor=statistics.median(each.resident_mib for each in floors),
            product=statistics.median(each.resident_mib for each in products),
            limit=MEMORY_LIMIT,
            unit="MiB",
        ),
        Row(
            name="agent, start to SERVING",
            floor=statistics.median(each.ready_s for each in floors),
            product=statistics.median(each.ready_s for each in products),
            limit=START_LIMIT,
        ),
    ]


def _bare() -> Footprint:
    with TemporaryDirectory() as home:
        address = f"{home}/bare.sock"
        return _footprint([sys.executable, "-m", "tests.benchmarks.bare", address], address)


def _agent() -> Footprint:
    with TemporaryDirectory() as home:
        address = f"{home}/agent.sock"
        config = Path(home, "agent.toml")
        config.write_text(CONFIG.format(socket=address, home=home))
        program = Path(sys.executable).with_name("sonde-agent")
        return _footprint([str(program), "run", "--config", str(config)], address)


def _footprint(command: Sequence[str], address: str) -> Footprint:
    start = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _ask_health(address)
            ready = time.perf_counter() - start
            return Footprint(ready, _resident_mib(process.pid))
        finally:
            process.kill()


def _ask_health(address: str) -> None:
    """Ask until the server answers: SERVING, or that it does not know the question."""
    _wait_until_listening(address)
    with grpc.insecure_channel(f"unix:{address}") as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = check(health_pb2.HealthCheckRequest(service=SERVICE), timeout=TIMEOUT_S)
        except grpc.RpcError as unknown:
            if cast(grpc.Call, unknown).code() is not grpc.StatusCode.UNIMPLEMENTED:
                raise
        else:
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


def _wait_until_listening(address: str) -> None:
    """Return as soon as somebody listens. A channel that found nobody would pause for a second."""
    deadline = time.monotonic() + TIMEOUT_S
    with socket.socket(socket.AF_UNIX) as probe:
        while probe.connect_ex(address):
            assert time.monotonic() < deadline
            time.sleep(0.002)


def _resident_mib(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(rollup.partition("\nRss:")[2].split()[0]) / 1024
