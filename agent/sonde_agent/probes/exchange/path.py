"""The path probe: how each endpoint is reached, part by part, the way that the engine takes.

One connection is made to each endpoint and asked twice: the first answer tells what a new
connection costs, the second what a kept one does.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sonde_agent.probes import Probe, Step
from sonde_agent.probes.exchange.certificate import REFUSED, host_of, read, shown_to_this_host
from sonde_agent.probes.exchange.client import (
    Call,
    ExchangeClient,
    ExchangeMemory,
    ExchangeSettings,
    Outcome,
    open_client,
)
from sonde_agent.probes.exchange.round_trips import RoundTripLog
from sonde_agent.probes.http import Connection, Fetched
from sonde_agent.runner import Running, measuring
from sonde_core.path import Certificate, Path, Resolution, Trust
from sonde_core.readings import (
    SPOT,
    USDM,
    Answer,
    Failure,
    FailureReason,
    Kind,
    Reading,
    Subject,
    Value,
)

_EVERY = timedelta(minutes=1)
_WITHIN = timedelta(seconds=12)
_PINGS = {
    endpoint: Call(kind=Kind.PATH, endpoint=endpoint, method="GET", path=path, weight=1)
    for endpoint, path in ((USDM, "/fapi/v1/ping"), (SPOT, "/api/v3/ping"))
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PathProbe:
    """Measures the way to each endpoint."""

    settings: ExchangeSettings
    memory: ExchangeMemory
    round_trips: RoundTripLog = field(default_factory=RoundTripLog)
    local_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    """Trusts whom this host trusts."""

    def steps(self) -> Sequence[Step]:
        """Return a step for each endpoint."""
        return [[(Kind.PATH, endpoint)] for endpoint in _PINGS]

    async def measure(self) -> AsyncIterator[Reading]:
        """Return what is found on the way to each endpoint, and how long it took."""
        async with open_client(self.settings, self.memory) as client:
            for endpoint in _PINGS:
                async for reading in self._measure(client, endpoint):
                    yield reading

    async def _measure(self, client: ExchangeClient, endpoint: Subject) -> AsyncIterator[Reading]:
        first = await client.send_once(_PINGS[endpoint])
        for kind, value, took in self._found(first, endpoint):
            yield _reading(kind, endpoint, first.began, value, took)
        if isinstance(first.value, Failure) and first.value.reason in REFUSED:
            certificate = await shown_to_this_host(
                self.settings, endpoint, _PINGS[endpoint].path, self.local_tls
            )
            if certificate:
                yield _reading(Kind.CERTIFICATE, endpoint, first.began, certificate)
        path = await self._path(client, endpoint, first)
        yield _reading(Kind.PATH, endpoint, first.began, path, first.elapsed)
        if isinstance(path, Path):
            self.round_trips.note(endpoint, first.began, path.round_trip)
        told = self.round_trips.told(endpoint, client.now())
        if told:
            yield _reading(Kind.ROUND_TRIPS, endpoint, first.began, told)

    def _found(
        self, first: Outcome, endpoint: Subject
    ) -> list[tuple[Kind, Resolution | Certificate, timedelta]]:
        """Return what connecting told of names and certificates."""
        made = first.fetched.connection if first.fetched else None
        found: list[tuple[Kind, Resolution | Certificate, timedelta]] = []
        if made and made.name:
            resolution = Resolution(name=made.name, addresses=made.addresses)
            found.append((Kind.RESOLUTION, resolution, made.resolve))
        if made and made.certificate:
            host = host_of(self.settings, endpoint)
            certificate = read(made.certificate, host, Trust.PUBLIC)
            if certificate:
                found.append((Kind.CERTIFICATE, certificate, made.tls or timedelta()))
        return found

    async def _path(
        self, client: ExchangeClient, endpoint: Subject, first: Outcome
    ) -> Path | Failure:
        if not _answered(first):
            return _why(first)
        kept = await client.send_once(_PINGS[endpoint])
        if not _answered(kept) or not first.fetched or not kept.fetched:
            return _why(kept)
        made = first.fetched.connection
        if made is None:  # never: the client was new
            return Failure(FailureReason.INTERNAL, "no connection was made")
        return self._parts(endpoint, made, first.fetched, kept.fetched)

    def _parts(self, endpoint: Subject, made: Connection, first: Fetched, kept: Fetched) -> Path:
        return Path(
            host=host_of(self.settings, endpoint),
            peer=made.peer,
            proxied=self.settings.proxy is not None,
            connect=made.connect,
            tls=made.tls,
            first_byte=first.answered - first.sent,
            round_trip=kept.answered - kept.sent,
        )


def _answered(outcome: Outcome) -> bool:
    return isinstance(outcome.value, Answer) and outcome.value.ok


def _why(outcome: Outcome) -> Failure:
    """Return why an outcome tells nothing of the path's parts."""
    if isinstance(outcome.value, Answer):
        return Failure(FailureReason.ANSWER, f"HTTP {outcome.value.status}")
    return outcome.value


def _reading(
    kind: Kind, endpoint: Subject, time: datetime, value: Value, took: timedelta = timedelta()
) -> Reading:
    return Reading(kind=kind, subject=endpoint, time=time, elapsed=took, value=value)


async def watch(probe: Callable[[], Probe], now: Callable[[], datetime]) -> None:
    """Measure every minute for as long as the agent runs, so that the last hours are known."""
    while True:
        await asyncio.sleep(_EVERY.total_seconds())
        async with measuring({"path": probe()}, _WITHIN, now, Running()) as readings:
            async for _ in readings:
                pass
