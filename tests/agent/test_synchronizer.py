"""Which program keeps the clock, by what its own tool prints."""

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sonde_agent.probes.kernel_clock import of_timex, read_kernel_clock
from sonde_agent.probes.synchronizer import SynchronizerProbe, Tools
from sonde_agent.probes.tool_output import of_chrony, of_ntpd, of_timesyncd
from sonde_core.readings import HOST, Failure, FailureReason, Kind, Reading
from sonde_core.timekeeping import Keeper, KernelClock, Synchronizer
from tests.core.hosts import ms

KERNEL = KernelClock(
    synchronized=True,
    offset=timedelta(),
    correction=ms(36),
    max_error=ms(20),
    estimated_error=ms(1),
)
TRACKING = (
    "C6336401,198.51.100.1,3,1735732800.250000000,-0.150000000,-0.000000211,0.000000940,"
    "0.163,-0.007,0.530,0.030000000,0.004000000,64.2,Normal\n"
)
SOURCES = (
    "^,*,198.51.100.1,2,6,377,21,-0.000000394,-0.000000605,0.015\n"
    "^,?,198.51.100.2,0,6,0,4294967295,0.000000000,0.000000000,0.000000000\n"
)
SHOW_TIMESYNC = """\
LinkNTPServers=
SystemNTPServers=
FallbackNTPServers=ntp.example
ServerName=ntp.example
ServerAddress=198.51.100.1
RootDistanceMaxUSec=5s
PollIntervalUSec=34min 8s
NTPMessage={ Leap=0, Version=4, Mode=4, Stratum=2, Precision=-24, RootDelay=15.076ms, \
RootDispersion=1.5ms, Reference=C6336401, OriginateTimestamp=Sun 2030-01-06 13:10:39 UTC, \
Ignored=no, PacketCount=7, Jitter=2.1ms }
Frequency=-211336
"""
NTPQ = """\
associd=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,
version="ntpd 4.2.8p15@1.3728-o Wed Sep 23", processor="x86_64",
system="Linux/6.1.0", leap=00, stratum=3, precision=-24, rootdelay=30.250,
rootdisp=12.500, refid=198.51.100.1,
reftime=e7a0c1f8.1b2d3c4d, clock=e7a0c2aa.9f, peer=31502, tc=6, mintc=3,
offset=-0.347, frequency=-12.345, sys_jitter=0.1, clk_jitter=0.2
     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
*198.51.100.1    192.0.2.8        2 u   34   64  377   12.345   -0.347   0.123
 198.51.100.2    .INIT.          16 u    -   64    0    0.000    0.000   0.000
"""


def test_chrony_is_read_and_its_sign_turned_round() -> None:
    assert of_chrony(TRACKING, SOURCES) == Synchronizer(
        keeper=Keeper.CHRONY,
        synchronized=True,
        source="198.51.100.1",
        stratum=3,
        offset=ms(150),
        root_distance=ms(19),
        updated=datetime(2025, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC),
        sources=2,
        reachable=1,
    )


def test_timesyncd_is_read() -> None:
    told = of_timesyncd(SHOW_TIMESYNC, "Timezone=Etc/UTC\nNTP=yes\nNTPSynchronized=yes\n")

    assert told == Synchronizer(
        keeper=Keeper.TIMESYNCD,
        synchronized=True,
        source="ntp.example",
        stratum=2,
        root_distance=ms(9.038),
        sources=1,
        reachable=1,
    )


def test_a_timesyncd_that_heard_nobody_reaches_nobody() -> None:
    told = of_timesyncd("ServerName=ntp.example\n", "NTPSynchronized=no\n")

    assert (told.synchronized, told.sources, told.reachable) == (False, 1, 0)


def test_ntpd_is_read_and_its_sign_turned_round() -> None:
    assert of_ntpd(NTPQ) == Synchronizer(
        keeper=Keeper.NTPD,
        synchronized=True,
        source="198.51.100.1",
        stratum=3,
        offset=ms(0.347),
        root_distance=ms(27.625),
        sources=2,
        reachable=1,
    )


def test_an_ntpd_with_the_leap_alarm_is_not_synchronised() -> None:
    told = of_ntpd('leap=11, stratum=16, rootdelay=0.000, rootdisp=1.5, refid=INIT, offset="x"')

    assert told
    assert (told.synchronized, told.offset, told.reachable) == (False, None, 0)


@pytest.mark.parametrize(
    "text",
    ["", "506 Cannot talk to daemon", ",,,,,,,,,,,,,", "nan," * 14, "9" * 4_000, "=,=" * 99, "\0"],
)
def test_nonsense_is_not_believed(text: str) -> None:
    chrony, ntpd = of_chrony(text, text), of_ntpd(text)

    assert ntpd is None
    assert chrony is None or (chrony.offset, chrony.root_distance) == (None, None)
    assert of_timesyncd(text, text).root_distance is None


Host = Callable[..., SynchronizerProbe]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """Make a host on which tools print what is given, or end as a program does that is not told."""

    def make(**tools: str) -> SynchronizerProbe:
        paths = {}
        for name in ("chronyc", "systemctl", "timedatectl", "ntpq"):
            file = tmp_path / name
            file.write_text(f"#!/bin/sh\n{tools.get(name, 'exit 1')}\n")
            file.chmod(0o755)
            paths[name] = (str(file),)
        return SynchronizerProbe(tools=Tools(**paths), kernel=lambda: KERNEL)

    return make


def prints(**by_word: str) -> str:
    """Return a script that prints a text if one of its words is a certain one."""
    cases = [
        f"*' {word.replace('_', '-')} '*) cat <<'END'\n{text}END\n;;"
        for word, text in by_word.items()
    ]
    return 'case " $* " in\n' + "\n".join(cases) + "\n*) exit 1;;\nesac"


async def read(probe: SynchronizerProbe) -> Synchronizer | Failure:
    readings = {reading.kind: reading async for reading in probe.measure()}
    assert set(readings) == {kind for step in probe.steps() for kind, _ in step}
    assert readings[Kind.KERNEL_CLOCK].value == KERNEL
    value = readings[Kind.SYNCHRONIZER].value
    assert isinstance(value, Synchronizer | Failure)
    return value


async def test_chrony_is_asked_with_its_own_tool(host: Host) -> None:
    told = await read(host(chronyc=prints(tracking=TRACKING, sources=SOURCES)))

    assert told == of_chrony(TRACKING, SOURCES)


async def test_timesyncd_is_asked_where_its_unit_is_active(host: Host) -> None:
    timedatectl = prints(show_timesync=SHOW_TIMESYNC, show="NTPSynchronized=yes\n")

    told = await read(host(systemctl="echo active", timedatectl=timedatectl))

    assert isinstance(told, Synchronizer)
    assert (told.keeper, told.synchronized) == (Keeper.TIMESYNCD, True)


async def test_a_timesyncd_that_does_not_run_is_not_started_by_asking(
    host: Host, tmp_path: Path
) -> None:
    touched = tmp_path / "touched"

    told = await read(host(systemctl="echo inactive", timedatectl=f"touch {touched}"))

    assert told == Synchronizer(keeper=Keeper.NONE)
    assert not touched.exists()


async def test_ntpd_is_asked_where_neither_of_the_others_runs(host: Host) -> None:
    assert await read(host(ntpq=f"cat <<'END'\n{NTPQ}END")) == of_ntpd(NTPQ)


async def test_an_ntpd_that_does_not_answer_is_none(host: Host) -> None:
    refused = "echo 'ntpq: read: Connection refused' >&2"  # it ends with 0

    assert await read(host(ntpq=refused)) == Synchronizer(keeper=Keeper.NONE)


@pytest.mark.parametrize(
    ("unit", "program"), [("chrony.service", "chronyd"), ("ntpsec.service", "ntpd")]
)
async def test_a_program_that_runs_and_does_not_answer_is_not_taken_for_absent(
    host: Host, unit: str, program: str
) -> None:
    refused = "echo '506 Cannot talk to daemon'; exit 1"
    shown = f'case " $* " in *" {unit} "*) echo active;; esac; echo; echo inactive'

    told = await read(host(chronyc=refused, systemctl=shown))

    why = f"{program} runs, and does not answer this user"
    assert told == Failure(FailureReason.CONNECTION, why)


async def test_a_tool_that_hangs_is_a_timeout_and_not_an_absent_program(host: Host) -> None:
    told = await read(host(chronyc="exec sleep 60"))

    assert told == Failure(FailureReason.TIMEOUT, "chronyd did not answer within 2 s")


async def test_a_tool_that_never_stops_printing_is_cut_off(host: Host) -> None:
    assert await read(host(chronyc="exec yes")) == Synchronizer(keeper=Keeper.NONE)


async def test_a_kernel_that_may_not_be_read_costs_its_own_reading_only(host: Host) -> None:
    def forbidden() -> KernelClock:
        raise PermissionError(1, "Operation not permitted")

    probe = SynchronizerProbe(tools=host().tools, kernel=forbidden)

    kernel, synchronizer = [reading async for reading in probe.measure()]
    assert isinstance(kernel, Reading)
    assert kernel.value == Failure(FailureReason.CONNECTION, "Operation not permitted")
    assert (synchronizer.kind, synchronizer.subject) == (Kind.SYNCHRONIZER, HOST)


TIMEX = "@I4li6l"
"""modes, offset, freq, maxerror, esterror, status, and what is not used."""


@pytest.mark.parametrize(
    ("offset", "status", "left", "synchronized"),
    [
        pytest.param(1_500_000, 0x2001, ms(-1.5), True, id="nanoseconds, still to be added"),
        pytest.param(-1_500, 0x0001, ms(1.5), True, id="microseconds, still to be taken off"),
        pytest.param(0, 0x0040, ms(0), False, id="nobody keeps it"),
    ],
)
def test_the_kernels_words_are_read(
    *, offset: int, status: int, left: timedelta, synchronized: bool
) -> None:
    frequency = -12 << 16  # ppm, in 65536ths
    raw = struct.pack(TIMEX, 0, offset, frequency, 16_000, 250, status, 2, 1, 0, 0, 0, 10_000)

    assert of_timex(raw) == KernelClock(
        synchronized=synchronized,
        offset=left,
        correction=ms(-43.2),
        max_error=ms(16),
        estimated_error=ms(0.25),
    )


def test_the_kernel_of_this_machine_is_read_and_its_bounds_are_sane() -> None:
    told = read_kernel_clock()

    assert timedelta() <= told.estimated_error <= timedelta(seconds=60)
    assert timedelta() <= told.max_error <= timedelta(seconds=60)
    assert abs(told.correction) <= ms(3_600 * 0.5)  # the kernel allows 500 ppm
