"""What an agent takes of a host's memory and how long it starts, against a bare server.

Its memory counts once it has done all that it does on a host. The bare server has done nothing.
"""

import asyncio
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.processes import do_all, serving, serving_agent
from tests.benchmarks.table import Row

ROUNDS = 5
MEMORY_LIMIT = 1.4
MOST_MIB = 70e6 / (1 << 20)
START_LIMIT = 6.5
"""0.8 s on a machine that starts the bare server in 0.12 s."""


def measure() -> list[Row]:
    """Return the medians of several rounds, floor and product in turn."""
    with TemporaryDirectory() as bytecode:
        rounds = [asyncio.run(_round(Path(bytecode))) for _ in range(ROUNDS + 1)]
    # The first one compiles what the others load.
    bare_mib, agent_mib, bare_s, agent_s = map(statistics.median, zip(*rounds[1:], strict=True))
    return [
        Row(
            name="agent that did all it does, resident memory",
            floor=bare_mib,
            product=agent_mib,
            limit=min(MEMORY_LIMIT, MOST_MIB / bare_mib),
            unit="MiB",
        ),
        Row(name="agent, start to SERVING", floor=bare_s, product=agent_s, limit=START_LIMIT),
    ]


async def _round(bytecode: Path) -> tuple[float, float, float, float]:
    with TemporaryDirectory() as home:
        address = f"{home}/bare.sock"
        command = [sys.executable, "-m", "tests.benchmarks.bare", address]
        async with serving(command, address, bytecode) as bare:
            bare_mib = bare.resident_mib
        async with serving_agent(Path(home), bytecode) as agent:
            await do_all(Path(home))
            return bare_mib, agent.resident_mib, bare.ready_s, agent.ready_s
