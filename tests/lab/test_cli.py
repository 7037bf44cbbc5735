import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import ntplib
import pytest

from sonde_lab.world import World

COMMAND = (sys.executable, "-c", "from sonde_lab.cli import main; main()")


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a simulator and yield it with its first line."""
    with subprocess.Popen(
        (*COMMAND, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().rstrip("\n")
        finally:
            process.kill()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*COMMAND, *arguments), capture_output=True, text=True, check=False, timeout=30
    )


@pytest.mark.parametrize(
    ("stop", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["SIGTERM", "Ctrl-C"]
)
def test_an_exchange_says_where_it_is_and_ends_cleanly(stop: signal.Signals, code: int) -> None:
    with running("exchange", "--port", "0") as (process, url):
        response = httpx.get(f"{url}/fapi/v1/ping", trust_env=False)
        process.send_signal(stop)
        rest, errors = process.communicate(timeout=30)

    assert response.text == "{}"
    assert (process.returncode, rest, errors) == (code, "", "")


def test_an_exchange_reads_its_world_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_bytes(World(seen_ip="203.0.113.9").to_json())

    with running("exchange", "--port", "0", "--world", str(file)) as (_, url):
        seen = httpx.get(f"{url}/_sonde/ip", trust_env=False).text

    assert seen == "203.0.113.9\n"


def test_an_ntp_server_says_where_it_is_and_ends_cleanly() -> None:
    arguments = ("--behaviour", "kiss-rate", "--offset-ms", "-1500", "--stratum", "3")
    with running("ntp", "--port", "0", *arguments) as (process, address):
        host, port = address.split(":")
        stats = ntplib.NTPClient().request(host, version=4, port=port, timeout=5)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)

    assert (host, stats.stratum) == ("127.0.0.1", 0)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    ("command", "kind"), [("exchange", socket.SOCK_STREAM), ("ntp", socket.SOCK_DGRAM)]
)
def test_a_port_in_use_is_one_clear_line(command: str, kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]

        ended = run(command, "--port", str(port))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"sonde-lab: 127.0.0.1:{port} is in use. Take another port, or 0 for a free one.\n"
    )


def test_an_address_of_another_machine_is_one_clear_line() -> None:
    ended = run("exchange", "--port", "0", "--host", "192.0.2.1")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert (
        ended.stderr
        == "sonde-lab: Cannot listen on 192.0.2.1:0: Cannot assign requested address.\n"
    )


def test_a_world_that_is_wrong_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_text('{"clock_offset": 1}')

    ended = run("exchange", "--port", "0", "--world", str(file))

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "sonde-lab: World: Object contains unknown field `clock_offset`. See docs/world.md.\n"
    )
