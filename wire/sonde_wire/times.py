"""Instants and spans as the contract writes them, exact to the microsecond."""

from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_timestamp(instant: datetime) -> Timestamp:
    """Return an aware datetime as a Timestamp."""
    message = Timestamp()
    message.FromDatetime(instant)
    return message


def from_timestamp(message: Timestamp) -> datetime:
    """Return a Timestamp as an aware datetime, exact to the microsecond."""
    return _EPOCH + timedelta(0, message.seconds, message.nanos // 1000)


def to_duration(span: timedelta) -> Duration:
    """Return a timedelta as a Duration."""
    message = Duration()
    message.FromTimedelta(span)
    return message


def from_duration(message: Duration) -> timedelta:
    """Return a Duration as a timedelta, exact to the microsecond."""
    nanos = message.nanos
    # Truncation towards zero keeps the sign that seconds and nanos share.
    return timedelta(0, message.seconds, nanos // 1000 if nanos >= 0 else -(-nanos // 1000))


def optional_time(message: Any, field: str) -> datetime | None:
    """Return a field of a message that may be unset, as an aware datetime."""
    return from_timestamp(getattr(message, field)) if message.HasField(field) else None
