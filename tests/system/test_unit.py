"""The agent's systemd unit, as far as it can be judged without starting it."""

import asyncio
import ctypes
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde.agent.v1 import reading_pb2
from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import Source, serve_ntp
from sonde_lab.world import World
from sonde_wire.channels import open_channel
from tests.agent_home import AgentHome

UNIT = Path(__file__).parents[2] / "deploy" / "agent" / "sonde-agent.service"
MOST_EXPOSED = 1.5
CONFINED = (sys.executable, "-m", "tests.system.sandbox", str(UNIT))
ROOT = UNIT.parents[2]
LIMIT_S = 30


def analyzed(program: Path, *arguments: str) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_systemd_finds_nothing_wrong_with_the_unit(
    tmp_path: Path, needs: Callable[[str], Path]
) -> None:
    unit = tmp_path / UNIT.name
    installed = str(Path(sys.executable).with_name("sonde-agent"))
    unit.write_text(UNIT.read_text().replace("/usr/bin/sonde-agent", installed))

    assert analyzed(needs("systemd-analyze"), "verify", "--man=no", str(unit)) == ""


def test_little_of_the_host_is_exposed_to_the_agent(needs: Callable[[str], Path]) -> None:
    told = analyzed(needs("systemd-analyze"), "security", "--offline=true", "--no-pager", str(UNIT))

    level = re.search(r"exposure level.*?: (\d+\.\d)", told)
    assert level is not None
    assert float(level[1]) <= MOST_EXPOSED


def test_the_kernels_view_of_the_clock_stays_readable(needs: Callable[[str], Path]) -> None:
    """The filter's last word on adjtimex counts, and ProtectClock would take it back."""
    privileged = analyzed(needs("systemd-analyze"), "--no-pager", "syscall-filter", "@clock")
    filters = re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), flags=re.MULTILINE)

    assert {"adjtimex", "clock_adjtime"} <= set(privileged.split())
    assert {"adjtimex", "clock_adjtime"} <= set(filters[-1].split())
    assert "ProtectClock=yes" not in UNIT.read_text().splitlines()


def test_the_agent_may_know_which_start_of_the_host_this_is() -> None:
    """It stands in /proc/sys, which ProcSubset=pid takes away from a process."""
    assert "ProcSubset=pid" not in UNIT.read_text().splitlines()


def kernel_clock_is_readable() -> bool:
    """Tell whether it is outside of the filter: some containers forbid it too."""
    return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))) >= 0


async def test_the_agent_measures_under_the_filter(
    tmp_path: Path, needs: Callable[[str], Path]
) -> None:
    needs("systemd-analyze")
    home = AgentHome(tmp_path)
    async with serve_exchange(World()) as exchange, serve_ntp(Source()) as server:
        home.furnish(exchange=exchange.url, servers=[server.address])
        agent = str(Path(sys.executable).with_name("sonde-agent"))
        process = await asyncio.create_subprocess_exec(
            *CONFINED, *(agent, "run", "--config", str(home.config)), cwd=ROOT
        )
        try:
            async with open_channel(home.socket) as channel:
                call = rpc.AgentServiceStub(channel).CollectEvidence(
                    pb.CollectEvidenceRequest(single_response=True),
                    wait_for_ready=True,
                    timeout=LIMIT_S,
                )
                [message] = [message async for message in call]
        finally:
            process.terminate()
            await process.wait()

    failed = {
        reading_pb2.ReadingKind.Name(reading.kind)
        for reading in message.readings
        if reading.WhichOneof("value") == "failure"
    }
    measured = {reading_pb2.ReadingKind.Name(reading.kind) for reading in message.readings}
    assert process.returncode == 0
    assert {"READING_KIND_NTP", "READING_KIND_FUTURES_ORDER_TEST"} <= measured - failed
    assert ("READING_KIND_KERNEL_CLOCK" in failed) is not kernel_clock_is_readable()


def under_the_filter(script: str) -> subprocess.CompletedProcess[str]:
    """Run a program of Python's as the unit would confine it."""
    return subprocess.run(
        [*CONFINED, sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_under_the_filter_the_clock_can_be_read_and_not_set(needs: Callable[[str], Path]) -> None:
    # Minus one is no time: without the filter it would be invalid, and nothing be set.
    needs("systemd-analyze")
    script = (
        "import ctypes, time\n"
        "print(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)) >= 0)\n"
        "try: time.clock_settime(time.CLOCK_REALTIME, -1)\n"
        "except PermissionError: print('refused')\n"
    )

    done = under_the_filter(script)

    assert (done.stdout.split(), done.stderr) == ([str(kernel_clock_is_readable()), "refused"], "")


def test_under_the_filter_there_are_sockets_of_the_families_it_needs_alone(
    needs: Callable[[str], Path],
) -> None:
    needs("systemd-analyze")
    script = (
        "import errno, socket\n"
        "for family in (socket.AF_INET, socket.AF_UNIX, socket.AF_NETLINK):\n"
        "    try: socket.socket(family, socket.SOCK_DGRAM).close()\n"
        "    except OSError as error: print(family.name, error.errno == errno.EAFNOSUPPORT)\n"
    )

    done = under_the_filter(script)

    assert (done.stdout, done.stderr) == ("AF_NETLINK True\n", "")
