"""The synchroniser probe: which program keeps this host's clock right, and how it fares.

It asks whichever runs with that program's own tool, and changes nothing. Tools are run without a
shell, with a bound on time and output, and found in the system's directories only.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from sonde_agent.probes import Step
from sonde_agent.probes.kernel_clock import read_kernel_clock
from sonde_agent.probes.tool_output import of_chrony, of_ntpd, of_timesyncd
from sonde_agent.stopwatch import HostClock, Stopwatch, host_clock
from sonde_core.readings import HOST, Failure, FailureReason, Kind, Reading
from sonde_core.timekeeping import Keeper, KernelClock, Synchronizer

_PLACES = os.pathsep.join(("/usr/bin", "/usr/sbin", "/bin", "/sbin"))
_WITHIN = timedelta(seconds=2)
_MOST_BYTES = 64 * 1024
_ENVIRONMENT = {"LC_ALL": "C", "PATH": _PLACES, "TZ": "UTC"}

_UNITS = {
    "chronyd": ("chrony.service", "chronyd.service"),
    "ntpd": ("ntp.service", "ntpsec.service", "ntpd.service"),
}
"""What distributions call them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """How each program's tool is called."""

    chronyc: Sequence[str] = ("chronyc",)
    systemctl: Sequence[str] = ("systemctl",)
    timedatectl: Sequence[str] = ("timedatectl",)
    ntpq: Sequence[str] = ("ntpq",)


@dataclass(frozen=True, slots=True, kw_only=True)
class SynchronizerProbe:
    """Asks chrony, systemd-timesyncd and ntpd, and the kernel."""

    tools: Tools = field(default_factory=Tools)
    kernel: Callable[[], KernelClock] = read_kernel_clock
    now: HostClock = host_clock

    def steps(self) -> Sequence[Step]:
        """Return one step: the kernel answers at once."""
        return ([(Kind.KERNEL_CLOCK, HOST), (Kind.SYNCHRONIZER, HOST)],)

    async def measure(self) -> AsyncIterator[Reading]:
        """Return the kernel's view and then the program's."""
        yield self._kernel()
        stopwatch = Stopwatch.start(self.now)
        value = await self._synchronizer()
        yield Reading(
            kind=Kind.SYNCHRONIZER,
            subject=HOST,
            time=stopwatch.began,
            elapsed=stopwatch.elapsed,
            value=value,
        )

    def _kernel(self) -> Reading:
        value: KernelClock | Failure
        began = self.now()
        try:
            value = self.kernel()
        except OSError as error:  # a sandbox may forbid even to look
            value = Failure(FailureReason.CONNECTION, error.strerror or "adjtimex failed")
        return Reading(kind=Kind.KERNEL_CLOCK, subject=HOST, time=began, value=value)

    async def _synchronizer(self) -> Synchronizer | Failure:
        """Return what the first that runs says. One that is stuck is not taken for absent."""
        stuck = ""
        for name, ask in (
            ("chronyd", self._chrony),
            ("systemd-timesyncd", self._timesyncd),
            ("ntpd", self._ntpd),
        ):
            try:
                told = await ask()
            except TimeoutError:
                stuck = name
                continue
            if told:
                return told
        if stuck:
            seconds = _WITHIN.total_seconds()
            return Failure(FailureReason.TIMEOUT, f"{stuck} did not answer within {seconds:g} s")
        if closed := await self._closed():
            return Failure(
                FailureReason.CONNECTION, f"{closed} runs, and does not answer this user"
            )
        return Synchronizer(keeper=Keeper.NONE)

    async def _closed(self) -> str:
        """Return which program runs that would not answer. Its own tool says the same of none."""
        show = (*self.tools.systemctl, "show", "--property=ActiveState", "--value")
        with suppress(TimeoutError):
            for name, units in _UNITS.items():
                if "active" in (await _output(*show, *units)).split():
                    return name
        return ""

    async def _chrony(self) -> Synchronizer | None:
        tracking = await _output(*self.tools.chronyc, "-n", "-c", "tracking")
        if not tracking:
            return None
        return of_chrony(tracking, await _output(*self.tools.chronyc, "-n", "-c", "sources"))

    async def _timesyncd(self) -> Synchronizer | None:
        unit = ("show", "--property=ActiveState", "--value", "systemd-timesyncd.service")
        # Asking the daemon itself would start one that is enabled and stopped.
        if (await _output(*self.tools.systemctl, *unit)).strip() != "active":
            return None
        told = await _output(*self.tools.timedatectl, "show-timesync", "--all")
        state = await _output(*self.tools.timedatectl, "show")
        return of_timesyncd(told, state)

    async def _ntpd(self) -> Synchronizer | None:
        return of_ntpd(await _output(*self.tools.ntpq, "-n", "-c", "rv", "-c", "peers"))


async def _output(program: str, *words: str) -> str:
    """Return what a tool prints; nothing where there is none, or it fails.

    Raises `TimeoutError`.
    """
    path = shutil.which(program, path=_PLACES)
    if path is None:
        return ""
    try:
        process = await asyncio.create_subprocess_exec(
            path,
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_ENVIRONMENT,
        )
    except OSError:  # not for this user, or not a program
        return ""
    try:
        async with asyncio.timeout(_WITHIN.total_seconds()):
            printed = await _bounded(process)
            ended = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return printed.decode("utf-8", "replace") if ended == 0 else ""


async def _bounded(process: asyncio.subprocess.Process) -> bytes:
    """Read until the end. Whoever prints more than any tool does is cut off."""
    printed = b""
    while process.stdout and (more := await process.stdout.read(_MOST_BYTES)):
        printed += more
        if len(printed) > _MOST_BYTES:
            process.kill()
            break
    return printed[:_MOST_BYTES]
