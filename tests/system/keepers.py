"""Real keepers of the clock on a host of its own, none of which may touch this machine's clock.

A keeper runs on the right one of two hosts and follows a simulated server on the left one. It is
denied the capability that setting a clock takes.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sonde_lab.stage import command, end
from tests.system.namespaces import Hosts

PATIENCE_S = 40
"""ntpd believes nobody before it has asked for ten seconds."""
_LOOK_EVERY_S = 0.2
_POWERLESS = ("setpriv", "--bounding-set=-sys_time", "--inh-caps=-sys_time")
_NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
_NTPD = """\
restrict 127.0.0.1
restrict ::1
tos minsane 1 minclock 1
server {server} iburst minpoll 0 maxpoll 4
"""
_TIMESYNCD = "[Time]\nNTP={server}\nFallbackNTP=\n"
_BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>{address}</listen>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_type="*"/><allow receive_type="*"/>
  </policy>
</busconfig>
"""
_BOOTED = 'mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec "$@"'
"""systemd's tools speak only where they think that it started the machine."""
_UNITS_UNKNOWN = ("env", "SYSTEMD_TIMEDATED_NTP_SERVICES=")
"""timedated asks the manager of units for each keeper that it knows, and here is no manager."""
_CONFIGURED = 'mount --bind "$0" /etc/systemd/timesyncd.conf && exec "$@"'


async def _start(stack: AsyncExitStack, *words: str | Path) -> None:
    """Start a program that ends with the stack."""
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    stack.push_async_callback(end, process)


async def _start_until_it_speaks(stack: AsyncExitStack, *words: str | Path) -> None:
    """Start a program that prints a line as soon as it listens."""
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    stack.push_async_callback(end, process)
    assert process.stdout
    async with asyncio.timeout(PATIENCE_S):
        assert await process.stdout.readline()


async def _until(wanted: str, *tool: str) -> None:
    """Ask a tool until it prints something."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            asking = await asyncio.create_subprocess_exec(
                *tool, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
            )
            printed, _ = await asking.communicate()
            if wanted in printed.decode():
                return
            await asyncio.sleep(_LOOK_EVERY_S)


async def serve_behind(stack: AsyncExitStack, hosts: Hosts, behind: timedelta) -> None:
    """Serve NTP on the left host, by a clock that is behind."""
    milliseconds = behind / timedelta(milliseconds=1)
    words = command("sonde-lab", "ntp", "--host", hosts.left_address, "--port=123")
    on_left = (*hosts.on(hosts.left), *words, f"--offset-ms=-{milliseconds:g}")
    await _start_until_it_speaks(stack, *on_left)


@asynccontextmanager
async def ntpd(
    programs: tuple[Path, Path], hosts: Hosts, home: Path, until: str
) -> AsyncIterator[tuple[str, ...]]:
    """Run ntpd until its tool, ntpq, prints something, and give how the tool is called."""
    program, tool = programs
    config = home / "ntp.conf"
    config.write_text(_NTPD.format(server=hosts.left_address))
    called = (*hosts.on(hosts.right), str(tool))
    async with AsyncExitStack() as stack:
        files = ("-c", config, "-l", home / "ntpd.log", "-p", home / "ntpd.pid")
        await _start(stack, *_POWERLESS, *hosts.on(hosts.right), program, "-n", *files)
        await _until(until, *called, "-n", "-c", "rv", "-c", "peers")
        yield called


@dataclass(frozen=True, slots=True)
class Systemd:
    """What keeps and tells the time where systemd does: two daemons, their bus, and the tool."""

    timesyncd: Path
    timedated: Path
    bus: Path
    timedatectl: Path


@asynccontextmanager
async def timesyncd(
    programs: Systemd, hosts: Hosts, home: Path, until: str
) -> AsyncIterator[tuple[str, ...]]:
    """Run systemd's daemons likewise, on a bus of their own, as nobody, who may set nothing."""
    config, bus_config = home / "timesyncd.conf", home / "bus.conf"
    address = f"unix:abstract=sonde-{hosts.right}"
    config.write_text(_TIMESYNCD.format(server=hosts.left_address))
    bus_config.write_text(_BUS.format(address=address))
    on_the_bus = (*hosts.on(hosts.right), "env", f"DBUS_SYSTEM_BUS_ADDRESS={address}")
    booted = ("unshare", "--mount", "sh", "-c", _BOOTED, "sh")
    called = (*on_the_bus, *booted, str(programs.timedatectl))
    configured = ("unshare", "--mount", "sh", "-c", _CONFIGURED, config)
    async with AsyncExitStack() as stack:
        options = (f"--config-file={bus_config}", "--nofork", "--nopidfile", "--print-address")
        await _start_until_it_speaks(stack, *hosts.on(hosts.right), programs.bus, *options)
        await _start(stack, *on_the_bus, *configured, *_NOBODY, programs.timesyncd)
        await _start(stack, *on_the_bus, *_UNITS_UNKNOWN, *_NOBODY, programs.timedated)
        await _until(until, *called, "show-timesync", "--all")
        await _until("NTPSynchronized", *called, "show")
        yield called
