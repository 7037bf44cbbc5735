"""The exchange probe: scouts, then the signed tests of each account, then what it all weighed."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sonde_agent.probes import Step
from sonde_agent.probes.exchange.client import (
    MOST_INFO_BYTES,
    Call,
    ExchangeClient,
    ExchangeMemory,
    ExchangeSettings,
    open_client,
)
from sonde_agent.probes.exchange.path import way
from sonde_agent.probes.exchange.scout import KINDS, Scouted, scout
from sonde_agent.probes.exchange.signed import LoadKey, SignedTests
from sonde_agent.probes.exchange.weight import order_use, surface, use
from sonde_core.readings import (
    COINM,
    ENDPOINT_OF,
    SIGNED_KINDS,
    SPOT,
    USDM,
    Failure,
    FailureReason,
    Kind,
    Reading,
    Subject,
    WeightUse,
)


def _info(endpoint: Subject, path: str, weight: int, query: str = "") -> Call:
    return Call(
        kind=Kind.WEIGHT,
        endpoint=endpoint,
        method="GET",
        path=path,
        query=query,
        weight=weight,
        most_bytes=MOST_INFO_BYTES,
    )


_INFO = {
    USDM: _info(USDM, "/fapi/v1/exchangeInfo", 1),
    # One symbol instead of megabytes on all.
    SPOT: _info(SPOT, "/api/v3/exchangeInfo", 20, "symbol=BTCUSDT"),
    COINM: _info(COINM, "/dapi/v1/exchangeInfo", 1),
}
"""Where each endpoint tells its limits. Asked once an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeProbe:
    """Makes every call of a diagnosis, one at a time."""

    settings: ExchangeSettings
    memory: ExchangeMemory
    accounts: Mapping[str, LoadKey] = field(default_factory=dict)

    def steps(self) -> Sequence[Step]:
        """Return each call as a step of its own, in the order in which they are made."""
        endpoints = self.settings.urls
        scouts = [(kind, endpoint) for endpoint in endpoints for kind in (*KINDS, Kind.PATH)]
        tests = [
            (kind, Subject("account", name))
            for name in self.accounts
            for kind in (Kind.KEY, *SIGNED_KINDS)
        ]
        weights = [(Kind.WEIGHT, endpoint) for endpoint in endpoints]
        return [[each] for each in (*scouts, *tests, *weights)]

    async def measure(self) -> AsyncIterator[Reading]:
        """Return every answer as it comes."""
        so_far = Scouted()
        async with open_client(self.settings, self.memory) as client:
            for endpoint in self.settings.urls:
                async for reading in scout(client, endpoint, so_far):
                    yield reading
                async for reading in way(client, endpoint, so_far):
                    yield reading
            for name, load in self.accounts.items():
                tests = SignedTests(client, so_far, Subject("account", name), load)
                async for reading in tests.run(SIGNED_KINDS):
                    yield reading
            for endpoint in self.settings.urls:
                site = self.settings.site(endpoint)
                for time, use_ in self.memory.windows.past(site, client.now()):
                    yield Reading(kind=Kind.PAST_WEIGHT, subject=endpoint, time=time, value=use_)
                yield await _weight(client, endpoint, so_far)
            for reading in _orders(client, so_far):
                yield reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoutProbe:
    """Makes the public calls only."""

    settings: ExchangeSettings
    memory: ExchangeMemory

    def steps(self) -> Sequence[Step]:
        """Return each call as a step of its own."""
        return [[(kind, endpoint)] for endpoint in self.settings.urls for kind in KINDS]

    def lately(self) -> timedelta:
        """Return how long a slow round trip took in the last hours; nothing if unknown."""
        return self.memory.round_trips.slow(map(self.settings.way, self.settings.urls))

    async def measure(self) -> AsyncIterator[Reading]:
        """Return what each endpoint answers, and its time."""
        async with open_client(self.settings, self.memory) as client:
            for endpoint in self.settings.urls:
                async for reading in scout(client, endpoint, Scouted()):
                    yield reading


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedTestProbe:
    """Makes one signed test, after the public call that it builds on."""

    settings: ExchangeSettings
    memory: ExchangeMemory
    account: Subject
    load: LoadKey
    kind: Kind

    def steps(self) -> Sequence[Step]:
        """Return the one test."""
        return [[(self.kind, self.account)]]

    async def measure(self) -> AsyncIterator[Reading]:
        """Return the test's answers, and the key's failure where there is one."""
        so_far = Scouted()
        async with open_client(self.settings, self.memory) as client:
            async for _ in scout(client, ENDPOINT_OF[self.kind], so_far):
                pass
            tests = SignedTests(client, so_far, self.account, self.load)
            async for reading in tests.run([self.kind]):
                if reading.kind is self.kind:
                    yield reading


async def _weight(client: ExchangeClient, endpoint: Subject, so_far: Scouted) -> Reading:
    began = client.now()
    used = so_far.used_weight.get(endpoint)
    value: WeightUse | Failure
    if used is None:
        value = Failure(FailureReason.SKIPPED, "no answer said how much weight is used")
    else:
        info = _INFO[endpoint]
        own = client.memory.budget.own(surface(info.path), began)
        refused = endpoint in so_far.refusals
        known = client.memory.limits.get(client.settings.site(endpoint))
        limit = known if refused else await client.learn_limit(info)
        value = use(used, own, limit)
    return Reading(kind=Kind.WEIGHT, subject=endpoint, time=began, value=value)


def _orders(client: ExchangeClient, so_far: Scouted) -> Iterator[Reading]:
    """Return what is counted of each account's orders, where anything told."""
    for (account, endpoint), told in so_far.orders.items():
        allowed = client.memory.limits.orders(client.settings.site(endpoint))
        value = order_use(endpoint, told.by_span, allowed)
        yield Reading(kind=Kind.ORDERS, subject=account, time=told.time, value=value)
