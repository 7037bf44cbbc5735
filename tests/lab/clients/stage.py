"""Plays worlds to clients, each of which runs in one process of its own for all of them."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sonde_lab.exchange import LoggedRequest, serve_exchange
from sonde_lab.world import EXAMPLE_API_KEY, EXAMPLE_SECRET, World
from tests.lab.clients.cases import Case, Outcome

ROOT = Path(__file__).parents[3]
CALLS = (
    "time",
    "exchangeInfo",
    "account",
    "order/test",
    "apiRestrictions",
    "futures time",
    "futures exchangeInfo",
    "futures account",
    "futures order/test",
)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A world and what a user of the client does in it."""

    world: World
    calls: tuple[str, ...] = CALLS
    api_key: str = EXAMPLE_API_KEY
    secret: str | None = EXAMPLE_SECRET
    private_key: str | None = None

    def at(self, url: str) -> Case:
        return Case(
            url=url,
            api_key=self.api_key,
            secret=self.secret,
            private_key=self.private_key,
            calls=self.calls,
        )


@dataclass(frozen=True)
class Played:
    """How a scene ended."""

    outcomes: Mapping[str, Outcome]
    requests: tuple[LoggedRequest, ...]


def play_to(
    clients: Sequence[str], scenes: Mapping[str, Scene]
) -> Mapping[str, Mapping[str, Played]]:
    """Play scenes to some of the clients of this package, all clients at the same time."""
    return asyncio.run(_play_to_all(clients, scenes))


async def _play_to_all(
    clients: Sequence[str], scenes: Mapping[str, Scene]
) -> Mapping[str, Mapping[str, Played]]:
    played = await asyncio.gather(*(_play_to(client, scenes) for client in clients))
    return dict(zip(clients, played, strict=True))


async def _play_to(client: str, scenes: Mapping[str, Scene]) -> Mapping[str, Played]:
    async with AsyncExitStack() as stack:
        exchanges = {
            name: await stack.enter_async_context(serve_exchange(scene.world))
            for name, scene in scenes.items()
        }
        cases = {name: scene.at(exchanges[name].url) for name, scene in scenes.items()}
        output = await _run(f"{__package__}.{client}", msgspec.json.encode(cases))
        outcomes = msgspec.json.decode(output, type=dict[str, dict[str, Outcome]])
        return {name: Played(outcomes[name], exchanges[name].requests) for name in scenes}


async def _run(module: str, told: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        # A proxy between the client and this machine would answer in place of the exchange.
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
    )
    output, errors = await process.communicate(told)
    assert process.returncode == 0, errors.decode()
    return output
