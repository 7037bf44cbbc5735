"""One abusive connection does not cost another client its calls."""

import asyncio
import sys
from pathlib import Path

import grpc.aio
import pytest

from sonde_wire.channels import is_serving, open_channel
from tests.wire.server import serving

RESETS = 20_000
METHOD = "/sonde.agent.v1.AgentService/GetClockStatus"


async def calls_until(stopped: asyncio.Event, address: str) -> list[bool]:
    """Ask one after another until told to stop, each with a deadline."""
    answers: list[bool] = []
    async with open_channel(address) as channel:
        while not stopped.is_set() or not answers:
            try:
                answers.append(await asyncio.wait_for(is_serving(channel), 30))
            except grpc.aio.AioRpcError as error:
                pytest.fail(f"call {len(answers)}: {error.code()} {error.details()}")
    return answers


@pytest.mark.parametrize("streams", [16, 100])
async def test_rapid_reset_does_not_fail_another_clients_calls(streams: int) -> None:
    async with serving("127.0.0.1:0", streams=streams) as address:
        stopped = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            others = [group.create_task(calls_until(stopped, address)) for _ in range(2)]
            # A process of its own: it must not wait for the server's event loop.
            attacker = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.wire.abuse", address, METHOD, str(RESETS)),
                cwd=Path(__file__).parents[2],
                stdout=asyncio.subprocess.PIPE,
            )
            worked_off, _ = await attacker.communicate()
            stopped.set()

    assert int(worked_off) == RESETS
    assert all(all(other.result()) for other in others)
