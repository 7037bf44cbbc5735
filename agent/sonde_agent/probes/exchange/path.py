"""How each endpoint is reached, part by part, the way that the engine takes.

The scout's connection tells what a new one costs. It is asked once more, to tell what a kept one
does.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sonde_agent.probes import Step
from sonde_agent.probes.exchange.certificate import REFUSED, host_of, proven
from sonde_agent.probes.exchange.client import (
    Call,
    ExchangeClient,
    ExchangeMemory,
    ExchangeSettings,
    Outcome,
    open_client,
)
from sonde_agent.probes.exchange.scout import (
    TURNED_AWAY,
    Scouted,
    gate,
    outcome_text,
    scout,
)
from sonde_agent.probes.exchange.second_resolver import second_opinion
from sonde_agent.probes.http import Connection
from sonde_core.path import Certificate, Path, Resolution
from sonde_core.readings import (
    COINM,
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

_PINGS = {
    endpoint: Call(kind=Kind.PATH, endpoint=endpoint, method="GET", path=path, weight=1)
    for endpoint, path in (
        (USDM, "/fapi/v1/ping"),
        (SPOT, "/api/v3/ping"),
        (COINM, "/dapi/v1/ping"),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PathProbe:
    """Measures the way to each endpoint."""

    settings: ExchangeSettings
    memory: ExchangeMemory

    def steps(self) -> Sequence[Step]:
        """Return a step for each endpoint."""
        return [[(Kind.PATH, endpoint)] for endpoint in self.settings.urls]

    async def measure(self) -> AsyncIterator[Reading]:
        """Return what is found on the way to each endpoint, and how long it took."""
        so_far = Scouted()
        async with open_client(self.settings, self.memory) as client:
            for endpoint in self.settings.urls:
                async for _ in scout(client, endpoint, so_far):
                    pass
                async for reading in way(client, endpoint, so_far):
                    yield reading


async def way(client: ExchangeClient, endpoint: Subject, so_far: Scouted) -> AsyncIterator[Reading]:
    """Return what the scout found on its way, and how long each part of it takes."""
    first, settings = so_far.outcomes[endpoint], client.settings
    made = _made(settings.urls[endpoint], so_far, first)
    for kind, value, took in _found(made, host_of(settings, endpoint)):
        yield _reading(kind, endpoint, first.began, value, took)
    if isinstance(first.value, Failure) and first.value.reason in REFUSED:
        from sonde_agent.probes.exchange import unproven  # noqa: PLC0415 - it takes megabytes

        certificate = await unproven.shown_to_this_host(settings, endpoint)
        if certificate:
            yield _reading(Kind.CERTIFICATE, endpoint, first.began, certificate)
    async for opinion in second_opinion(settings, endpoint, first.value):
        yield opinion
    path = await _path(client, endpoint, so_far, made)
    yield _reading(Kind.PATH, endpoint, first.began, path, first.elapsed)
    log = client.memory.round_trips
    if isinstance(path, Path):
        log.note(settings.way(endpoint), path.round_trip)
    told = log.told(settings.way(endpoint), client.now())
    if told:
        yield _reading(Kind.ROUND_TRIPS, endpoint, first.began, told)
    if _answered(first):
        async for closed in gate(client, endpoint):
            yield closed


def _made(url: str, so_far: Scouted, first: Outcome) -> Connection | None:
    """Return the scout's connection, which another endpoint of the same URL may have made."""
    if first.fetched and first.fetched.connection:
        so_far.connections[url] = first.fetched.connection
    return so_far.connections.get(url) if first.fetched else None


def _found(
    made: Connection | None, host: str
) -> list[tuple[Kind, Resolution | Certificate, timedelta]]:
    """Return what connecting told of names and certificates."""
    found: list[tuple[Kind, Resolution | Certificate, timedelta]] = []
    if made and made.name:
        resolution = Resolution(name=made.name, addresses=made.addresses)
        found.append((Kind.RESOLUTION, resolution, made.resolve))
    if made and made.certificate:
        certificate = proven(made.certificate, host)
        found.append((Kind.CERTIFICATE, certificate, made.tls or timedelta()))
    return found


async def _path(
    client: ExchangeClient, endpoint: Subject, so_far: Scouted, made: Connection | None
) -> Path | Failure:
    first = so_far.outcomes[endpoint]
    if first.fetched is None or made is None or not _answered(first):
        told = outcome_text(first.value)
        return Failure(FailureReason.SKIPPED, f"the public call failed: {told}")
    kept = await client.send_once(_PINGS[endpoint])
    if isinstance(kept.value, Answer):
        _note(kept.value, endpoint, so_far)
    if kept.fetched is None or not _answered(kept):
        return _why(kept)
    return Path(
        host=host_of(client.settings, endpoint),
        peer=made.peer,
        proxied=client.settings.proxy is not None,
        connect=made.connect,
        tls=made.tls,
        first_byte=first.fetched.answered - first.fetched.sent,
        round_trip=kept.fetched.answered - kept.fetched.sent,
    )


def _note(answer: Answer, endpoint: Subject, so_far: Scouted) -> None:
    """Remember what the second call tells about those after it."""
    if answer.used_weight is not None:
        so_far.used_weight[endpoint] = answer.used_weight
    if answer.status in TURNED_AWAY:
        so_far.refusals[endpoint] = f"the call before it failed: {outcome_text(answer)}"


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
