"""The clock of whoever answers, where no certificate can be checked because of the host's own.

On a host whose clock is wrong by days, every certificate looks expired or not yet valid. Then one
public call is made that takes any certificate, and of its answer nothing but the header `Date` is
read. Nothing secret is in the call, and a rule decides what an unproven clock is worth.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from sonde_agent.probes.exchange.client import ExchangeSettings
from sonde_agent.probes.http import (
    EXPECTED,
    Fetched,
    Request,
    failure_of,
    fetch,
    unproven_tls,
)
from sonde_agent.stopwatch import Stopwatch
from sonde_core.readings import ExchangeTime, Failure, FailureReason, Kind, Reading, Subject

OUT_OF_TIME = frozenset(
    {FailureReason.CERTIFICATE_EXPIRED, FailureReason.CERTIFICATE_NOT_YET_VALID}
)
_MOST_BYTES = 64 * 1024
_WITHIN = timedelta(seconds=2)
_RESOLUTION = timedelta(seconds=1)
"""RFC 9110 section 5.6.7: whole seconds."""


async def date(settings: ExchangeSettings, endpoint: Subject, path: str) -> AsyncIterator[Reading]:
    """Ask once and return what the `Date` header says of the host's clock."""
    stopwatch = Stopwatch.start(settings.now)
    value: ExchangeTime | Failure
    try:
        async with settings.client(unproven_tls()) as client:
            request = Request("GET", settings.urls[endpoint] + path)
            fetched = await fetch(client, request, stopwatch, most=_MOST_BYTES, within=_WITHIN)
        value = _compared(fetched, stopwatch.began)
    except EXPECTED as error:
        value = failure_of(error, _WITHIN)
    yield Reading(
        kind=Kind.HTTP_DATE,
        subject=endpoint,
        time=stopwatch.began,
        elapsed=stopwatch.elapsed,
        value=value,
    )


def _compared(fetched: Fetched, began: datetime) -> ExchangeTime | Failure:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - few hosts ever need it

    try:
        told = parsedate_to_datetime(fetched.headers.get("date", ""))
        middle = began + (fetched.sent + fetched.answered) / 2
        return ExchangeTime(
            offset=middle - (told + _RESOLUTION / 2),
            round_trip=fetched.answered - fetched.sent + _RESOLUTION,
        )
    except (ValueError, TypeError, OverflowError):  # no date, or one without its zone
        return Failure(FailureReason.ANSWER, "the answer has no readable Date header")
