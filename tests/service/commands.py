"""The command `sonde-service`, in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sonde_service.server import SERVICE

COMMAND = (sys.executable, "-c", "from sonde_service.commands import main; main()")


def sonde_service(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environ,
    )


@contextmanager
def running(config: Path, socket: Path) -> Iterator[tuple[subprocess.Popen[str], grpc.Channel]]:
    """Run the service and wait until it says that it serves."""
    with (
        subprocess.Popen(
            [*COMMAND, "run", "--config", config], stderr=subprocess.PIPE, text=True
        ) as process,
        grpc.insecure_channel(f"unix:{socket}") as channel,
    ):
        try:
            _wait_until_serving(channel)
            yield process, channel
        finally:
            process.kill()


def _wait_until_serving(channel: grpc.Channel) -> None:
    stub = health_pb2_grpc.HealthStub(channel)
    check = stub.Check  # pyright: ignore[reportAttributeAccessIssue] - missing in its stub
    request = health_pb2.HealthCheckRequest(service=SERVICE)
    deadline = time.monotonic() + 30
    while True:
        try:
            assert check(request, wait_for_ready=True, timeout=30).status == 1
        except grpc.RpcError as error:
            # Whoever connects while the socket changes hands may lose that connection.
            if error.code() is not grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline:
                raise
        else:
            return
