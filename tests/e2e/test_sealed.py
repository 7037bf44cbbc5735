"""What is in the agent's memory stays there."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sonde_wire.channels import is_serving, open_channel
from tests.agent_home import AgentHome
from tests.commands import Command, Ended, ended

UNIT = Path(__file__).parents[2] / "deploy" / "agent" / "sonde-agent.service"
NOBODY = "127.0.0.1:9"


@pytest.fixture
def ordinary(needs: Callable[[str], Path]) -> tuple[str, ...]:
    """Return what makes a process as powerless as an ordinary user's, where tests run as root."""
    if os.geteuid():
        return ()
    return (str(needs("setpriv")), "--bounding-set=-all", "--inh-caps=-all")


async def peek(process: asyncio.subprocess.Process, ordinary: tuple[str, ...]) -> Ended:
    """Look into a process from another of the same user."""
    return await ended(
        await asyncio.create_subprocess_exec(
            *(*ordinary, "cat", f"/proc/{process.pid}/environ"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    )


@pytest.fixture
async def agent(
    tmp_path: Path, ordinary: tuple[str, ...]
) -> AsyncIterator[asyncio.subprocess.Process]:
    home = AgentHome(tmp_path)
    home.furnish(exchange=f"http://{NOBODY}", servers=[NOBODY], timeout="50ms")
    program = str(Path(sys.executable).with_name("sonde-agent"))
    process = await asyncio.create_subprocess_exec(
        *(*ordinary, program, "run", "--config", str(home.config)), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr
    while b"Serving" not in (line := await process.stderr.readline()):
        assert line, "it ended"
    # From then on it ends by itself when it is told to.
    async with open_channel(home.socket) as channel:
        await is_serving(channel, wait=True)
    yield process
    process.terminate()
    await process.communicate()
    assert process.returncode == 0


async def test_another_process_of_the_same_user_cannot_look_into_it(
    agent: asyncio.subprocess.Process, ordinary: tuple[str, ...]
) -> None:
    open_one = await asyncio.create_subprocess_exec(
        *(*ordinary, sys.executable, "-c", "print(flush=True); input()"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert open_one.stdout
    await open_one.stdout.readline()

    seen, sealed = await peek(open_one, ordinary), await peek(agent, ordinary)
    await open_one.communicate(b"\n")

    assert (seen.code, seen.err) == (0, "")
    assert (sealed.code, sealed.out) == (1, "")
    assert "Permission denied" in sealed.err


async def test_it_leaves_no_core(agent: asyncio.subprocess.Process) -> None:
    limits = await asyncio.to_thread(Path(f"/proc/{agent.pid}/limits").read_text)

    assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE)


def test_the_unit_allows_no_core_either() -> None:
    assert "LimitCORE=0" in UNIT.read_text().splitlines()


async def test_commands_for_people_are_sealed_alike() -> None:
    script = (
        "import ctypes, sys; sys.argv[1:] = ['--version']\n"
        "from sonde_agent.cli import main\n"
        "try: main()\n"
        "finally: print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))\n"
    )

    done = await Command("python")("-c", script)

    assert done.out.split()[-1] == "0"
