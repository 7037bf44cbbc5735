"""The scout: the first public call to an endpoint, which also tells the exchange's time.

What it meets decides whether anything more is sent there.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sonde_agent.probes.exchange.answers import server_time
from sonde_agent.probes.exchange.client import Call, ExchangeClient, Outcome
from sonde_agent.probes.exchange.date import OUT_OF_TIME, date
from sonde_agent.probes.http import Connection
from sonde_agent.stopwatch import Stopwatch
from sonde_core.readings import (
    COINM,
    SPOT,
    USDM,
    Answer,
    ExchangeTime,
    Failure,
    FailureReason,
    Kind,
    Reading,
    Subject,
)

SCOUTS: Mapping[Subject, str] = {
    USDM: "/fapi/v1/time",
    SPOT: "/api/v3/time",
    COINM: "/dapi/v1/time",
}
"""The public call to each endpoint."""
KINDS = (Kind.PUBLIC_CALL, Kind.EXCHANGE_TIME)
TURNED_AWAY = frozenset({403, 418, 429, 451})
"""After these nothing more is sent."""
_RESOLUTION = timedelta(milliseconds=1)
"""The exchange cuts its time to whole milliseconds."""


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """How many orders an endpoint counted for an account, and when it was asked."""

    time: datetime
    by_span: Mapping[timedelta, int]


@dataclass(slots=True)
class Scouted:
    """What is known of the endpoints so far in one measurement."""

    outcomes: dict[Subject, Outcome] = field(default_factory=dict)
    """Of the public calls."""
    connections: dict[str, Connection] = field(default_factory=dict)
    """By base URL."""
    offsets: dict[Subject, timedelta] = field(default_factory=dict)
    """Host time minus exchange time, by the host's clock as it was when it was asked."""
    clocks: dict[Subject, Stopwatch] = field(default_factory=dict)
    """That clock, counted on: it may have been set since."""
    refusals: dict[Subject, str] = field(default_factory=dict)
    """Why nothing more is sent there."""
    used_weight: dict[Subject, int] = field(default_factory=dict)
    orders: dict[tuple[Subject, Subject], OrderCounts] = field(default_factory=dict)
    """By account and endpoint."""


async def scout(
    client: ExchangeClient, endpoint: Subject, so_far: Scouted
) -> AsyncIterator[Reading]:
    """Make the public call and return its answer, the exchange's time, and a closed gate."""
    so_far.clocks[endpoint] = Stopwatch.start(client.now)
    outcome = await client.send(
        lambda: Call(
            kind=Kind.PUBLIC_CALL, endpoint=endpoint, method="GET", path=SCOUTS[endpoint], weight=1
        )
    )
    so_far.outcomes[endpoint] = outcome
    yield reading(Kind.PUBLIC_CALL, endpoint, outcome)
    time = _time(outcome)
    if isinstance(time, ExchangeTime):
        so_far.offsets[endpoint] = time.offset
        client.memory.gate.compare(client.settings.site(endpoint), time.offset)
    else:
        so_far.refusals[endpoint] = f"the public call failed: {outcome_text(outcome.value)}"
    if isinstance(outcome.value, Answer) and outcome.value.used_weight is not None:
        so_far.used_weight[endpoint] = outcome.value.used_weight
    yield Reading(
        kind=Kind.EXCHANGE_TIME,
        subject=endpoint,
        time=outcome.began,
        elapsed=outcome.elapsed,
        value=time,
    )
    if isinstance(outcome.value, Failure) and outcome.value.reason in OUT_OF_TIME:
        async for told in date(client.settings, endpoint, SCOUTS[endpoint]):
            yield told
    async for closed in gate(client, endpoint):
        yield closed


async def gate(client: ExchangeClient, endpoint: Subject) -> AsyncIterator[Reading]:
    """Return a reading where the exchange has said to stay away from an endpoint."""
    closure = client.closure(endpoint)
    if closure:
        yield Reading(kind=Kind.GATE, subject=endpoint, time=client.now(), value=closure)


def reading(kind: Kind, subject: Subject, outcome: Outcome) -> Reading:
    """Return an outcome as a reading."""
    return Reading(
        kind=kind,
        subject=subject,
        time=outcome.began,
        elapsed=outcome.elapsed,
        value=outcome.value,
    )


def outcome_text(value: Answer | Failure) -> str:
    """Return in a few words what came of a call."""
    return f"HTTP {value.status}" if isinstance(value, Answer) else value.reason.value


def _time(outcome: Outcome) -> ExchangeTime | Failure:
    """Compare the clocks in the middle between request and answer."""
    fetched = outcome.fetched
    if fetched is None or not isinstance(outcome.value, Answer) or not outcome.value.ok:
        return Failure(FailureReason.SKIPPED, f"no time came: {outcome_text(outcome.value)}")
    try:
        told = server_time(fetched)
    except ValueError as error:  # how deep an answer may be nested depends on who asks
        return Failure(FailureReason.ANSWER, str(error))
    middle = outcome.began + (fetched.sent + fetched.answered) / 2
    return ExchangeTime(
        offset=middle - (told + _RESOLUTION / 2),
        # Half of it is to bound the error, so what the exchange cut off belongs to it.
        round_trip=fetched.answered - fetched.sent + _RESOLUTION,
    )
