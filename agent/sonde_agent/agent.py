"""The agent: what it can measure on this host, for whoever asks."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from sonde_agent.calibration import Timekeeping
from sonde_agent.engine.engines import Engines
from sonde_agent.probes import Probe
from sonde_agent.probes.exchange.client import ExchangeMemory, ExchangeSettings
from sonde_agent.probes.exchange.symbols import ENDPOINTS, is_symbol
from sonde_agent.runner import Readings, Running, measuring
from sonde_agent.stopwatch import HostClock
from sonde_core.errors import NotFoundError, RequestInvalidError
from sonde_core.readings import SIGNED_KINDS, Answer, Kind, Reading, Subject

LONGEST = timedelta(seconds=60)
DEFAULT = timedelta(seconds=12)
"""Enough for every probe to meet its own limits, one unreachable endpoint included."""


_LASTING = frozenset({"started", "memory", "engines", "running", "timekeeping"})


@dataclass(slots=True, kw_only=True, eq=False)
class Agent:
    """Runs probes on demand. It opens nothing until asked, and leaves nothing open."""

    version: str
    started: datetime
    probes: Mapping[str, Probe]
    """By name, in the order in which they are listed."""
    clocks: Mapping[str, Probe]
    """The probes that tell something about the clock."""
    egress: Mapping[str, Probe]
    """The probes that tell something about the outbound address."""
    path: Probe
    """Measures the way to the exchange, while nobody asks."""
    accounts: tuple[str, ...]
    signed_test: Callable[[str, Kind], Probe]
    """Makes the probe of one signed test, by account and kind."""
    symbol_rules: Callable[[Subject, str], Probe]
    """Makes the probe of one symbol's rules, by endpoint and symbol."""
    exchange: ExchangeSettings
    memory: ExchangeMemory
    engines: Engines
    """What the engines on this host last said of themselves."""
    timekeeping: Timekeeping
    now: HostClock
    running: Running = field(default_factory=Running)

    def become(self, other: "Agent") -> None:
        """Go on as another agent; what has begun ends as it began."""
        for each in fields(self):
            if each.name not in _LASTING:
                setattr(self, each.name, getattr(other, each.name))
        self.running.tally.orders.clear()

    def collecting(
        self, within: timedelta = DEFAULT, names: Iterable[str] = ()
    ) -> AbstractAsyncContextManager[Readings]:
        """Run probes, all by default, and give readings as they come.

        Raises `RequestInvalidError` where a probe does not exist.
        """
        return measuring(self._chosen(tuple(names)), within, self.now, self.running)

    async def collect(self, within: timedelta = DEFAULT) -> list[Reading]:
        """Run every probe and return all readings."""
        return await self._all(self.probes, within)

    async def read_clocks(self, within: timedelta = DEFAULT) -> list[Reading]:
        """Compare the host's clock with NTP servers and with the exchange."""
        return await self._all(self.clocks, within)

    async def read_egress(self, within: timedelta = DEFAULT) -> list[Reading]:
        """Ask which outbound addresses the host has."""
        return await self._all(self.egress, within)

    async def run_signed_test(
        self, account: str, kind: Kind, within: timedelta = DEFAULT
    ) -> list[Reading]:
        """Make one signed test and return its answer, or its two answers after -1021.

        Raises `NotFoundError` for an unknown account, `RequestInvalidError` for another kind.
        """
        if account not in self.accounts:
            known = ", ".join(self.accounts) or "none"
            raise NotFoundError(
                f"account {account[:64]!r} is not configured here; there is: {known}",
                account=account[:64],
            )
        if kind not in SIGNED_KINDS:
            tests = ", ".join(each.value for each in SIGNED_KINDS)
            raise RequestInvalidError(f"test: {kind.value} is not signed; choose one of {tests}")
        return await self._all({"signed test": self.signed_test(account, kind)}, within)

    async def read_symbol_rules(
        self, endpoint: str, symbol: str, within: timedelta = DEFAULT
    ) -> Reading:
        """Read what the exchange demands of orders for a symbol of an endpoint.

        Raises `RequestInvalidError` for an endpoint that is not asked, or what is no symbol.
        """
        if endpoint not in ENDPOINTS:
            raise RequestInvalidError(
                f"endpoint: {endpoint[:64]!r} will not do; choose from {', '.join(ENDPOINTS)}"
            )
        if not is_symbol(symbol):
            raise RequestInvalidError(
                f"symbol: {symbol[:64]!r} will not do; write it as the exchange does, as in BTCUSDT"
            )
        probe = self.symbol_rules(ENDPOINTS[endpoint], symbol)
        [reading] = await self._all({"symbol rules": probe}, within)
        return reading

    def closed_until(self, endpoint: str) -> datetime | None:
        """Return until when the exchange told this host to stay away from an endpoint."""
        self.memory.gate.recall()
        closure = self.memory.gate.closure(self._site(endpoint))
        return closure.until if closure else None

    def told_to_wait(self, endpoint: str, answer: Answer) -> None:
        """Keep what an engine was told by an endpoint that the agent does not ask itself.

        Of those that it asks it has the exchange's own word, and goes by nothing else.
        """
        if Subject("endpoint", endpoint) not in self.exchange.urls:
            self.memory.gate.note(self._site(endpoint), answer)

    def _site(self, endpoint: str) -> str:
        asked = Subject("endpoint", endpoint)
        if asked not in self.exchange.urls:
            return f"{endpoint}, as engines tell"
        return self.exchange.site(asked)

    async def _all(self, probes: Mapping[str, Probe], within: timedelta) -> list[Reading]:
        async with measuring(probes, within, self.now, self.running) as readings:
            return [reading async for reading in readings]

    def _chosen(self, names: tuple[str, ...]) -> Mapping[str, Probe]:
        for name in names:
            if name not in self.probes:
                known = ", ".join(self.probes)
                raise RequestInvalidError(
                    f"probes: there is no {name[:64]!r}; choose from {known}", probe=name[:64]
                )
        return {name: self.probes[name] for name in names} if names else self.probes
