"""The service and the hosts of a play as real processes, and their end."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import grpc.aio

from sonde_core.errors import UnavailableError
from sonde_lab.host import Around, Setup, write_files
from sonde_wire.channels import is_serving, open_channel

READY_WITHIN = timedelta(seconds=60)
END_WITHIN = timedelta(seconds=5)
_LOOK_EVERY = timedelta(milliseconds=50)

SERVICE = """\
[service]
socket = "{home}/service.sock"
state_dir = "{home}"
"""


@dataclass(frozen=True, slots=True)
class Agent:
    """A real agent on a host of the play."""

    home: Path
    process: Process

    @property
    def address(self) -> str:
        """Where it serves."""
        return f"unix:{self.home}/agent.sock"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a play plays."""

    home: Path
    stack: AsyncExitStack

    @property
    def service(self) -> str:
        """Return the service's address."""
        return f"unix:{self.home}/service.sock"

    async def set_up_service(self) -> None:
        """Start the service on an embedded database of its own."""
        config = self.home / "service.toml"
        config.write_text(SERVICE.format(home=self.home), "utf-8")
        migrated = await self._start("sonde-service", "migrate", "--config", str(config))
        if await migrated.wait():
            raise UnavailableError(f"no database could be made: {self.log.read_text('utf-8')}")
        await self._start("sonde-service", "run", "--config", str(config))

    async def set_up_host(self, name: str, setup: Setup, around: Around, **variables: str) -> Agent:
        """Start a real agent with its files in a directory of that name."""
        home = self.home / name
        home.mkdir(mode=0o700)
        config = str(write_files(home, setup, around))
        return Agent(home, await self._start("sonde-agent", "run", "--config", config, **variables))

    @property
    def log(self) -> Path:
        """Return what every process of the stage writes to."""
        return self.home / "log.txt"

    async def _start(self, *words: str, **variables: str) -> Process:
        log = self.stack.enter_context(self.log.open("ab"))
        process = await asyncio.create_subprocess_exec(
            *command(*words),
            stdout=log,
            stderr=log,
            stdin=asyncio.subprocess.DEVNULL,
            env={**os.environ, **variables},
        )
        self.stack.push_async_callback(end, process)
        return process


@asynccontextmanager
async def stage(home: Path) -> AsyncIterator[Stage]:
    """Set up a stage in a directory. Leaving it ends every process that was started on it."""
    async with AsyncExitStack() as stack:
        yield Stage(home, stack)


async def ready(addresses: Sequence[str]) -> None:
    """Wait until every server says SERVING. Raises `UnavailableError`, naming one that does not."""
    for address in addresses:
        try:
            async with asyncio.timeout(READY_WITHIN.total_seconds()):
                await _ready(address)
        except (TimeoutError, grpc.aio.AioRpcError) as error:
            raise UnavailableError(f"{address} did not start within {READY_WITHIN}") from error


async def _ready(address: str) -> None:
    # A channel that finds no socket waits ever longer before it looks again.
    while not os.path.exists(address.removeprefix("unix:")):  # noqa: ASYNC110, ASYNC240 - nothing tells when it appears
        await asyncio.sleep(_LOOK_EVERY.total_seconds())
    async with open_channel(address) as channel:
        await is_serving(channel, wait=True)


def end_on_signals() -> None:
    """Let Ctrl-C and SIGTERM cancel the current task, so that what it started ends with it."""
    task = asyncio.current_task()
    if task:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


async def end(process: Process) -> None:
    """Ask a process to end, and make it end where it does not."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(END_WITHIN.total_seconds()):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def command(name: str, *words: str) -> list[str]:
    """Return one of this installation's commands with its words."""
    return [str(Path(sys.executable).with_name(name)), *words]


async def run(words: Sequence[str], **variables: str) -> int:
    """Run a command on this terminal and return its exit code."""
    process = await asyncio.create_subprocess_exec(*words, env={**os.environ, **variables})
    try:
        return await process.wait()
    finally:
        await end(process)
