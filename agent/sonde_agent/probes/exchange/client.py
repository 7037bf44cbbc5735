"""Calls to the exchange: gated, within a budget, bounded, repeated where that may help."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpcore

from sonde_agent.probes.exchange import answers
from sonde_agent.probes.exchange.gate import Gate
from sonde_agent.probes.exchange.known_rules import KnownRules
from sonde_agent.probes.exchange.round_trips import RoundTripLog
from sonde_agent.probes.exchange.weight import COUNTED, Budget, Limits, Windows, surface, use
from sonde_agent.probes.http import EXPECTED, Fetched, Request, failure_of, fetch, new_client
from sonde_agent.probes.name_server import NameServer
from sonde_agent.stopwatch import HostClock, Stopwatch
from sonde_core.readings import (
    Answer,
    Closure,
    Failure,
    FailureReason,
    Kind,
    SigningClock,
    Subject,
)

_MOST_BYTES = 256 * 1024
MOST_INFO_BYTES = 4 * 1024 * 1024
"""Of an answer about every symbol."""
_WITHIN = timedelta(seconds=4)
_SERVER_ERRORS = frozenset({500, 502, 503, 504})
_PASSING = frozenset({FailureReason.CONNECTION, FailureReason.TIMEOUT})
_PAUSES_S = (0.1, 0.2)
"""Before a call is sent anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, ready to be sent."""

    kind: Kind
    endpoint: Subject
    method: str
    path: str
    weight: int
    query: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    clock: SigningClock | None = None
    timestamp: datetime | None = None
    most_bytes: int = _MOST_BYTES
    """Of its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a call."""

    began: datetime
    elapsed: timedelta
    value: Answer | Failure
    fetched: Fetched | None = None
    """The raw answer, where one came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeSettings:
    """How this host reaches the exchange."""

    urls: Mapping[Subject, str]
    """Base URL of each endpoint, without a slash at the end; they are asked in this order."""
    tls: ssl.SSLContext
    proxy: str | None
    recv_window: timedelta
    now: HostClock
    local_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    """Trusts whom this host trusts, which may be more than the public does."""
    resolver: NameServer | None = None
    """A name server beside the host's own."""
    local_address: str | None = None
    """What requests leave from: the any-address of the engine's family, or None for either."""

    def site(self, endpoint: Subject) -> str:
        """Return what tells an endpoint of this exchange from that of another."""
        return f"{endpoint.name} {self.urls[endpoint]}"

    def client(self, tls: ssl.SSLContext) -> httpcore.AsyncConnectionPool:
        """Return a client that goes the engine's own way."""
        return new_client(tls=tls, proxy=self.proxy, local_address=self.local_address)

    def way(self, endpoint: Subject) -> str:
        """Return what tells this way to an endpoint from others."""
        return f"{self.site(endpoint)} {self.proxy or 'direct'} {self.local_address or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class ExchangeMemory:
    """What outlives one measurement: the exchange's word, what was spent, how long it took.

    It outlives a change of the configuration too: all but the budget, which is the agent's own, is
    kept by site, so that nothing is taken for the word of another exchange.
    """

    gate: Gate
    budget: Budget
    round_trips: RoundTripLog = field(default_factory=RoundTripLog)
    limits: Limits = field(default_factory=Limits)
    windows: Windows = field(default_factory=Windows)
    rules: KnownRules = field(default_factory=KnownRules)
    timestamp_refused: asyncio.Event = field(default_factory=asyncio.Event)
    """The exchange refused a timestamp: the clock is to be compared again."""


@dataclass(frozen=True, slots=True)
class ExchangeClient:
    """Sends calls one at a time."""

    settings: ExchangeSettings
    memory: ExchangeMemory
    http: httpcore.AsyncConnectionPool

    def now(self) -> datetime:
        """Return what the host's clock says."""
        return self.settings.now()

    def closure(self, endpoint: Subject) -> Closure | None:
        """Return why nothing may be sent to an endpoint, if so."""
        return self.memory.gate.closure(self.settings.site(endpoint))

    async def send(self, make: Callable[[], Call]) -> Outcome:
        """Send a call and return what came of it.

        A GET whose connection failed, that timed out, or that met a passing error of the server is
        sent anew, at most twice and within 4 s. Each time the call is made afresh, because a
        signature ages.
        """
        stopwatch = Stopwatch.start(self.now)
        for pause_s in _PAUSES_S:
            call = make()
            outcome = await self.send_once(call)
            if not _may_pass(call, outcome) or stopwatch.elapsed >= _WITHIN:
                return outcome
            await asyncio.sleep(pause_s)
        return await self.send_once(make())

    async def send_once(self, call: Call) -> Outcome:
        """Send a call a single time: how the path is now, repeated or not."""
        stopwatch = Stopwatch.start(self.now)
        fetched = None
        value: Answer | Failure | None = self._withheld(call)
        if value is None:
            try:
                fetched = await self._fetch(call, stopwatch)
                value = answers.read(fetched, call.kind, clock=call.clock, timestamp=call.timestamp)
            except EXPECTED as error:
                value = failure_of(error, _WITHIN)
        self._note(call, value, stopwatch.now)
        return Outcome(
            began=stopwatch.began, elapsed=stopwatch.elapsed, value=value, fetched=fetched
        )

    async def learn_limit(self, call: Call) -> int | None:
        """Return an endpoint's weight limit, making the call for it at most once an hour."""
        limits, stopwatch = self.memory.limits, Stopwatch.start(self.now)
        site = self.settings.site(call.endpoint)
        if limits.due(site, stopwatch.began) and self._withheld(call) is None:
            limits.ask(site, stopwatch.began)
            with suppress(*EXPECTED):
                fetched = await self._fetch(call, stopwatch)
                self._note(call, answers.read(fetched, call.kind), stopwatch.now)
                limits.note(site, fetched)
        return limits.get(site)

    def _note(self, call: Call, value: Answer | Failure, now: datetime) -> None:
        if not isinstance(value, Answer):
            return
        site = self.settings.site(call.endpoint)
        self.memory.gate.note(site, value)
        counted = surface(call.path)
        if value.used_weight is not None and counted in COUNTED:
            own = self.memory.budget.own(counted, now)
            limit = self.memory.limits.get(site)
            self.memory.windows.note(site, now, use(value.used_weight, own, limit))

    def _withheld(self, call: Call) -> Failure | None:
        """Return why a call must not be sent, or count it as sent."""
        closure = self.closure(call.endpoint)
        if closure:
            until = f"{closure.until:%Y-%m-%d %H:%M:%S} UTC"
            return Failure(FailureReason.WITHHELD, f"HTTP {closure.status}: closed until {until}")
        if not self.memory.budget.spend(call.path, call.weight, self.now()):
            return Failure(FailureReason.WITHHELD, "the agent's own weight budget is spent")
        return None

    async def _fetch(self, call: Call, stopwatch: Stopwatch) -> Fetched:
        url = self.settings.urls[call.endpoint] + call.path
        request = Request(
            call.method, f"{url}?{call.query}" if call.query else url, headers=call.headers
        )
        return await fetch(self.http, request, stopwatch, most=call.most_bytes, within=_WITHIN)


def _may_pass(call: Call, outcome: Outcome) -> bool:
    if call.method != "GET":
        return False
    match outcome.value:
        case Failure(reason):
            return reason in _PASSING
        case Answer(status=status):
            return status in _SERVER_ERRORS


@asynccontextmanager
async def open_client(
    settings: ExchangeSettings, memory: ExchangeMemory
) -> AsyncIterator[ExchangeClient]:
    """Open connections of their own for one measurement: it tests the whole path anew."""
    memory.gate.recall()
    async with settings.client(settings.tls) as http:
        yield ExchangeClient(settings, memory, http)
