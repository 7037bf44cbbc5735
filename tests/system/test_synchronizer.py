"""What keeps the clock, asked of a chronyd that runs, with the tool that hosts really have."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from sonde_agent.probes.synchronizer import SynchronizerProbe, Tools
from sonde_core.evidence import Evidence, by_kind_and_subject
from sonde_core.findings import Severity, Verdict
from sonde_core.readings import HOST, Kind, Reading
from sonde_core.rules import timekeeping
from sonde_core.timekeeping import Keeper, KernelClock, Synchronizer
from sonde_lab.ntp import Behaviour, Source, serve_ntp
from tests.core.clock_cases import kernel
from tests.core.hosts import NOW
from tests.system.chrony import follow_chrony

AHEAD = timedelta(milliseconds=250)


def unsynchronised() -> KernelClock:
    value = kernel(synchronized=False).value
    assert isinstance(value, KernelClock)
    return value


async def read(chronyc: Path, port: int) -> Evidence:
    probe = SynchronizerProbe(
        tools=Tools(
            chronyc=(str(chronyc), "-h", "127.0.0.1", "-p", str(port)),
            systemctl=("no-such-tool",),
            timedatectl=("no-such-tool",),
            ntpq=("no-such-tool",),
        ),
        kernel=unsynchronised,
    )
    readings: list[Reading] = [reading async for reading in probe.measure()]
    return Evidence(now=NOW, readings=by_kind_and_subject(readings))


@pytest.fixture
def programs(needs: Callable[[str], Path]) -> tuple[Path, Path]:
    return needs("chronyd"), needs("chronyc")


async def test_a_chronyd_that_follows_a_server_keeps_the_clock(
    programs: tuple[Path, Path], tmp_path: Path
) -> None:
    chronyd, chronyc = programs
    async with (
        serve_ntp(Source(offset=-AHEAD)) as server,
        follow_chrony(chronyd, chronyc, tmp_path, server.address) as port,
    ):
        evidence = await read(chronyc, port)

    told = evidence.value(Kind.SYNCHRONIZER, HOST, Synchronizer)
    assert told
    assert (told.keeper, told.synchronized, told.reachable) == (Keeper.CHRONY, True, 1)
    assert told.source == "127.0.0.1"
    # The lab's server puts the host ahead; chronyd may look at this clock and not touch it.
    assert told.offset
    assert abs(told.offset - AHEAD) < timedelta(milliseconds=50)
    [finding, _] = timekeeping.examine(evidence)
    assert finding.verdict is Verdict.CLEAR


async def test_a_chronyd_that_reaches_nobody_is_found_failing(
    programs: tuple[Path, Path], tmp_path: Path
) -> None:
    chronyd, chronyc = programs
    async with (
        serve_ntp(Source(behaviour=Behaviour.SILENT)) as server,
        follow_chrony(chronyd, chronyc, tmp_path, server.address, synchronized=False) as port,
    ):
        evidence = await read(chronyc, port)

    [finding, _] = timekeeping.examine(evidence)
    assert (finding.verdict, finding.severity) == (Verdict.FOUND, Severity.WARNING)
    assert [item.id for item in finding.supporting] == [
        "synchronizer_unreached",
        "synchronizer_not_synchronized",
    ]


async def test_where_no_chronyd_answers_nobody_keeps_the_clock(
    programs: tuple[Path, Path],
) -> None:
    evidence = await read(programs[1], port=9)

    assert evidence.value(Kind.SYNCHRONIZER, HOST, Synchronizer) == Synchronizer(keeper=Keeper.NONE)
