"""What an agent takes of a host's memory and how long it starts, against a bare server.

Its memory counts once it has done all that it does on a host. The bare server has done nothing. A
key pair needs the library that signs with one: beside an agent that has a pair, the bare server has
loaded that library too.
"""

import asyncio
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.benchmarks.processes import do_all, serving, serving_agent
from tests.benchmarks.table import Row
from tests.lab.key_pairs import PrivateKey, ed25519_key, rsa_key

ROUNDS = 5
MEMORY_LIMIT = 1.4
MOST_MIB = 70e6 / (1 << 20)
LIBRARIES = ("cryptography", "httpx")
FOR_A_PAIR = "cryptography.hazmat.primitives.serialization"
START_LIMIT = 6.5
"""0.8 s on a machine that starts the bare server in 0.12 s."""


class _Footprint(NamedTuple):
    """Of the bare server and of the agent."""

    bare_mib: float
    agent_mib: float
    bare_s: float
    agent_s: float


def measure() -> list[Row]:
    """Return the medians of several rounds, floor and product in turn."""
    with TemporaryDirectory() as bytecode:
        hmac, rsa, ed25519 = (
            _footprint(Path(bytecode), private) for private in (None, rsa_key(4096), ed25519_key())
        )
    return [
        _memory("HMAC", hmac),
        _memory("RSA", rsa),
        _memory("Ed25519", ed25519),
        Row(
            name="agent, start to SERVING",
            floor=hmac.bare_s,
            product=hmac.agent_s,
            limit=START_LIMIT,
        ),
    ]


def _memory(kind: str, found: _Footprint) -> Row:
    return Row(
        name=f"agent that did all it does, {kind} key, resident memory",
        floor=found.bare_mib,
        product=found.agent_mib,
        limit=min(MEMORY_LIMIT, MOST_MIB / found.bare_mib),
        unit="MiB",
    )


def _footprint(bytecode: Path, private: PrivateKey | None) -> _Footprint:
    rounds = [asyncio.run(_round(bytecode, private)) for _ in range(ROUNDS + 1)]
    # The first one compiles what the others load.
    return _Footprint(*map(statistics.median, zip(*rounds[1:], strict=True)))


async def _round(bytecode: Path, private: PrivateKey | None) -> _Footprint:
    with TemporaryDirectory() as home:
        address = f"{home}/bare.sock"
        modules = (*LIBRARIES, FOR_A_PAIR) if private else LIBRARIES
        command = [sys.executable, "-m", "tests.benchmarks.bare", address, *modules]
        async with serving(command, address, bytecode) as bare:
            bare_mib = bare.resident_mib
        async with serving_agent(Path(home), bytecode, private) as agent:
            await do_all(Path(home))
            return _Footprint(bare_mib, agent.resident_mib, bare.ready_s, agent.ready_s)
