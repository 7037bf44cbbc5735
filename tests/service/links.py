"""Links with behaviour, in place of agents."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from sonde.agent.v1.agent_service_pb2 import CollectEvidenceResponse, GetSymbolRulesResponse
from sonde_core.evidence import Contact
from sonde_core.orders import SymbolRules
from sonde_core.readings import Kind, Reading, Subject
from sonde_service.hosts import Host
from sonde_service.links import LinkError
from sonde_wire.readings import encode
from tests.core.hosts import NOW, healthy

Answers = AsyncGenerator[CollectEvidenceResponse, None]


def message(readings: Sequence[Reading]) -> CollectEvidenceResponse:
    """Return readings as an agent sends them."""
    return CollectEvidenceResponse(readings=[encode(reading) for reading in readings])


async def fine() -> Answers:
    """Answer in two messages."""
    readings = healthy()
    yield message(readings[:5])
    yield message(readings[5:])


async def silent() -> Answers:
    """Never answer."""
    await asyncio.Event().wait()
    yield CollectEvidenceResponse()


async def stalls() -> Answers:
    """Send something and then nothing."""
    yield message(healthy()[:5])
    raise LinkError(Contact.TIMEOUT, "no complete answer within 1 s")


async def refuses() -> Answers:
    """Know nobody."""
    raise LinkError(Contact.REFUSED, "UNAUTHENTICATED: who are you?")
    yield CollectEvidenceResponse()


async def unreachable() -> Answers:
    """Be away."""
    raise LinkError(Contact.UNREACHABLE, "connection refused")
    yield CollectEvidenceResponse()


async def explodes() -> Answers:
    """Have a bug."""
    yield message(healthy()[:5])
    raise ZeroDivisionError


async def babbles() -> Answers:
    """Send one reading that makes no sense among good ones."""
    nonsense = message(healthy())
    for reading in nonsense.readings:
        if reading.HasField("echo"):
            reading.echo.address = "not an address"
    yield nonsense


@dataclass
class FakeLink:
    """Behaves as told, by the host's name without its number: "fine-3" is fine."""

    asked: list[str] = field(default_factory=list)
    at_once: set[bool] = field(default_factory=set)
    tells: Sequence[Reading] = field(default_factory=healthy)
    """What hosts called "tells" say."""
    running: int = 0
    most: int = 0
    """How many were asked at the same time, at most."""
    _change: asyncio.Event = field(default_factory=asyncio.Event)

    async def until_running(self, number: int) -> None:
        """Wait until exactly so many calls run."""
        while self.running != number:
            self._change.clear()
            await self._change.wait()

    async def collect(self, host: Host, limit: timedelta, *, at_once: bool) -> Answers:
        """Do what the host's name says."""
        del limit
        self.asked.append(host.name)
        self.at_once.add(at_once)
        self.running += 1
        self._change.set()
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(0)
            behaviour = host.name.rstrip("-0123456789")
            if behaviour == "tells":
                yield message(self.tells)
                return
            async for part in _BEHAVIOURS[behaviour]():
                yield part
        finally:
            self.running -= 1
            self._change.set()

    async def symbol_rules(
        self, host: Host, endpoint: str, symbol: str, limit: timedelta
    ) -> GetSymbolRulesResponse:
        """Tell the rules of a symbol where the host's name says "fine"; be away elsewhere."""
        del limit
        self.asked.append(f"{host.name} {endpoint}/{symbol}")
        if not host.name.startswith("fine"):
            raise LinkError(Contact.UNREACHABLE, "connection refused")
        return GetSymbolRulesResponse(reading=encode(rules_of(f"{endpoint}/{symbol}")))


def rules_of(name: str) -> Reading:
    """Return what an agent reads of a symbol."""
    return Reading(
        kind=Kind.SYMBOL_RULES,
        subject=Subject("symbol", name),
        time=NOW,
        value=SymbolRules(
            status="TRADING",
            tick_size=Decimal("0.1"),
            step_size=Decimal("0.001"),
            min_quantity=Decimal("0.001"),
            min_notional=Decimal(5),
            last_price=Decimal(3120),
        ),
    )


_BEHAVIOURS: dict[str, Callable[[], Answers]] = {
    behaviour.__name__: behaviour
    for behaviour in (fine, silent, stalls, refuses, unreachable, explodes, babbles)
}
