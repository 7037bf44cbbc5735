"""What an engine sent, checked and bounded. Whatever is not known here is left out."""

import re
from datetime import datetime, timedelta
from functools import lru_cache

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from sonde.engine.v1.report_pb2 import EndpointWeight, FailureReport, HealthReport
from sonde_agent.engine.engines import Heartbeat
from sonde_agent.redaction import redact
from sonde_core.errors import RequestInvalidError
from sonde_wire.times import from_duration, from_timestamp, to_duration, to_timestamp

_NAME = re.compile(r"[A-Za-z0-9._-]{0,64}")
_MOST_TEXT = 4_000
_MOST_FIELD = 500
_MOST_ID = 64
_MOST_WEIGHTS = 16
_HEARTBEAT = (timedelta(seconds=1), timedelta(days=1))
_LONGEST = timedelta(days=36_500)

_redacted = lru_cache(maxsize=4)(redact)
"""For the one long text of a report, which mostly is the last one's."""


def clean_health(report: HealthReport) -> HealthReport:
    """Return a report of health with its texts bounded.

    Raises `RequestInvalidError`, naming the field, where it makes no sense.
    """
    if len(report.weights) > _MOST_WEIGHTS:
        raise RequestInvalidError(f"health.weights: at most {_MOST_WEIGHTS}")
    clean = HealthReport(
        engine=_name("health.engine", report.engine),
        version=redact(report.version)[:_MOST_FIELD],
        weights=[
            EndpointWeight(
                endpoint=_name("health.weights.endpoint", each.endpoint), weight=max(each.weight, 0)
            )
            for each in report.weights
        ],
    )
    if report.HasField("time"):
        clean.time.CopyFrom(_instant("health.time", report.time))
    if report.HasField("last_order_time"):
        clean.last_order_time.CopyFrom(_instant("health.last_order_time", report.last_order_time))
    if report.HasField("uptime"):
        clean.uptime.CopyFrom(_span("health.uptime", report.uptime))
    if report.HasField("heartbeat_interval"):
        interval = _span("health.heartbeat_interval", report.heartbeat_interval, *_HEARTBEAT)
        clean.heartbeat_interval.CopyFrom(interval)
    return clean


def heartbeat(report: HealthReport, received: datetime) -> Heartbeat:
    """Return what a clean report of health says."""
    has = report.HasField
    return Heartbeat(
        engine=report.engine or "engine",
        version=report.version,
        received=received,
        interval=from_duration(report.heartbeat_interval) if has("heartbeat_interval") else None,
        uptime=from_duration(report.uptime) if has("uptime") else None,
        last_order=from_timestamp(report.last_order_time) if has("last_order_time") else None,
        weights={each.endpoint: each.weight for each in report.weights},
    )


def clean_failure(report: FailureReport) -> FailureReport:
    """Return a report of a failure with its texts bounded and without secrets.

    Raises `RequestInvalidError`, naming the field, where it makes no sense.
    """
    clean = FailureReport(
        engine=_name("failure.engine", report.engine),
        account=_name("failure.account", report.account),
        text=_redacted(report.text)[:_MOST_TEXT],
        exception=redact(report.exception)[:_MOST_FIELD],
        code=report.code if report.HasField("code") else None,
        message=redact(report.message)[:_MOST_FIELD],
        http_status=report.http_status if report.HasField("http_status") else None,
        surface=_name("failure.surface", report.surface),
    )
    if report.HasField("time"):
        clean.time.CopyFrom(_instant("failure.time", report.time))
    if report.HasField("retry_after"):
        clean.retry_after.CopyFrom(_span("failure.retry_after", report.retry_after))
    if report.HasField("order"):
        for field, value in report.order.ListFields():
            known = redact(value)[:_MOST_FIELD] if isinstance(value, str) else value
            setattr(clean.order, field.name, known)
    return clean


def clean_id(text: str) -> str:
    """Return a report's id. Raises `RequestInvalidError` where it is too long."""
    if len(text) > _MOST_ID:
        raise RequestInvalidError(f"id: {len(text)} characters; at most {_MOST_ID}")
    return text


def _name(field: str, text: str) -> str:
    if not _NAME.fullmatch(text):
        raise RequestInvalidError(
            f'{field}: {text[:64]!r} will not do; write up to 64 letters, digits, ".", "_", "-"'
        )
    return redact(text)


def _instant(field: str, message: Timestamp) -> Timestamp:
    try:
        return to_timestamp(from_timestamp(message))
    except (ValueError, OverflowError) as error:
        raise RequestInvalidError(f"{field}: not an instant") from error


def _span(
    field: str, message: Duration, least: timedelta = timedelta(), most: timedelta = _LONGEST
) -> Duration:
    try:
        span = from_duration(message)
    except (ValueError, OverflowError) as error:
        raise RequestInvalidError(f"{field}: not a span") from error
    if not least <= span <= most:
        bounds = f"{least.total_seconds():.0f} s to {most.total_seconds():.0f} s"
        raise RequestInvalidError(f"{field}: must be {bounds}")
    return to_duration(span)
