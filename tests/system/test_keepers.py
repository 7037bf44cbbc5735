"""ntpd and systemd-timesyncd as hosts have them, asked by the agent with their own tools.

systemd's daemons speak on a bus of their own. Only `systemctl`, which asks whoever started the
machine whether timesyncd runs, is stood in for.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from sonde_agent.probes.kernel_clock import read_kernel_clock
from sonde_agent.probes.synchronizer import SynchronizerProbe, Tools
from sonde_core.evidence import Evidence, by_kind_and_subject
from sonde_core.findings import Severity, Verdict
from sonde_core.readings import HOST, Kind
from sonde_core.rules import timekeeping
from sonde_core.timekeeping import Keeper, KernelClock, Synchronizer
from tests.core.clock_cases import kernel
from tests.core.hosts import NOW
from tests.system.keepers import Systemd, ntpd, serve_behind, timesyncd
from tests.system.namespaces import Hosts, two_hosts

BEHIND = timedelta(milliseconds=60)
NEAR = timedelta(milliseconds=30)
ABSENT = ("no-such-tool",)
TIMESYNCD_RUNS = ("printf", "active")
OUT_OF_BOUNDS = timedelta(seconds=16)
"""The error from which on the kernel calls its clock unsynchronised (NTP_PHASE_LIMIT)."""


def kernel_clock() -> KernelClock:
    value = kernel(synchronized=False).value
    assert isinstance(value, KernelClock)
    return value


async def asked(
    ntpq: Sequence[str] = ABSENT,
    systemctl: Sequence[str] = ABSENT,
    timedatectl: Sequence[str] = ABSENT,
) -> Evidence:
    tools = Tools(chronyc=ABSENT, systemctl=systemctl, timedatectl=timedatectl, ntpq=ntpq)
    probe = SynchronizerProbe(tools=tools, kernel=kernel_clock)
    readings = [reading async for reading in probe.measure()]
    return Evidence(now=NOW, readings=by_kind_and_subject(readings))


def told(evidence: Evidence) -> Synchronizer:
    value = evidence.value(Kind.SYNCHRONIZER, HOST, Synchronizer)
    assert value
    return value


@pytest.fixture
async def hosts(needs: Callable[[str], Path]) -> AsyncIterator[Hosts]:
    """Give a host whose clock is ahead of the server that it may follow, the left one."""
    needs("setpriv")
    with two_hosts(needs("ip")) as hosts:
        async with AsyncExitStack() as stack:
            await serve_behind(stack, hosts, BEHIND)
            yield hosts


@pytest.fixture
def ntp(needs: Callable[[str], Path]) -> tuple[Path, Path]:
    return needs("ntpd"), needs("ntpq")


@pytest.fixture
def systemd(needs: Callable[[str], Path]) -> Systemd:
    daemons = needs("systemd-timesyncd"), needs("systemd-timedated"), needs("dbus-daemon")
    return Systemd(*daemons, needs("timedatectl"))


async def test_an_ntpd_that_follows_a_server_keeps_the_clock(
    ntp: tuple[Path, Path], hosts: Hosts, tmp_path: Path
) -> None:
    async with ntpd(ntp, hosts, tmp_path, until="leap=00") as ntpq:
        evidence = await asked(ntpq=ntpq)

    found = told(evidence)
    assert (found.keeper, found.synchronized, found.source) == (
        Keeper.NTPD,
        True,
        hosts.left_address,
    )
    assert (found.stratum, found.sources, found.reachable) == (3, 1, 1)
    assert found.offset
    assert abs(found.offset - BEHIND) < NEAR
    assert found.root_distance
    assert timedelta() < found.root_distance < timedelta(seconds=5)
    [finding, _] = timekeeping.examine(evidence)
    assert finding.verdict is Verdict.CLEAR


async def test_an_ntpd_that_reaches_nobody_is_found_failing(
    ntp: tuple[Path, Path], hosts: Hosts, tmp_path: Path
) -> None:
    hosts.pull_cable()
    async with ntpd(ntp, hosts, tmp_path, until=hosts.left_address) as ntpq:
        evidence = await asked(ntpq=ntpq)

    found = told(evidence)
    assert (found.keeper, found.synchronized) == (Keeper.NTPD, False)
    assert (found.sources, found.reachable) == (1, 0)
    [finding, _] = timekeeping.examine(evidence)
    assert (finding.verdict, finding.severity) == (Verdict.FOUND, Severity.WARNING)


async def test_a_timesyncd_that_follows_a_server_is_read(
    systemd: Systemd, hosts: Hosts, tmp_path: Path
) -> None:
    async with timesyncd(systemd, hosts, tmp_path, until="NTPMessage") as timedatectl:
        found = told(await asked(systemctl=TIMESYNCD_RUNS, timedatectl=timedatectl))

    assert (found.keeper, found.source) == (Keeper.TIMESYNCD, hosts.left_address)
    assert (found.stratum, found.sources, found.reachable) == (2, 1, 1)
    assert found.root_distance
    assert timedelta() < found.root_distance < timedelta(seconds=1)
    # timedated asks the kernel, which is this machine's.
    assert found.synchronized is (read_kernel_clock().max_error < OUT_OF_BOUNDS)


async def test_a_timesyncd_that_reaches_nobody_has_heard_nothing(
    systemd: Systemd, hosts: Hosts, tmp_path: Path
) -> None:
    hosts.pull_cable()
    async with timesyncd(systemd, hosts, tmp_path, until="ServerName=1") as timedatectl:
        found = told(await asked(systemctl=TIMESYNCD_RUNS, timedatectl=timedatectl))

    assert (found.keeper, found.sources, found.reachable) == (Keeper.TIMESYNCD, 1, 0)
    assert (found.stratum, found.root_distance) == (None, None)
