"""Readings to protobuf and back. What arrives is untrusted; what is unknown is newer, not wrong."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict
from google.protobuf.timestamp_pb2 import Timestamp

from sonde.agent.v1 import reading_pb2 as pb
from sonde_core import readings as core
from sonde_core.errors import SondeError

_E = TypeVar("_E", bound=StrEnum)

MAX_TEXT = 500
"""Characters of a foreign text that are carried."""


class ReadingUnreadableError(SondeError):
    """An agent sent a reading that makes no sense."""

    reason = "READING_UNREADABLE"


def _numbers(prefix: str, enum: type[_E], numbers: Any) -> dict[_E, int]:
    """Pair each core value with the contract's number of the same name."""
    return {member: numbers.Value(f"{prefix}_{member.name}") for member in enum}


def _reverse(table: dict[_E, Any]) -> dict[int, _E]:
    return {number: member for member, number in table.items()}


KINDS: dict[core.Kind, Any] = _numbers("READING_KIND", core.Kind, pb.ReadingKind)
_KINDS_BACK = _reverse(KINDS)
_REASONS: dict[core.FailureReason, Any] = _numbers(
    "FAILURE_REASON", core.FailureReason, pb.FailureReason
)
_REASONS_BACK = _reverse(_REASONS)
_BODIES: dict[core.BodyForm, Any] = _numbers("BODY_FORM", core.BodyForm, pb.BodyForm)
_BODIES_BACK = _reverse(_BODIES)
_CLOCKS: dict[core.SigningClock, Any] = _numbers(
    "SIGNING_CLOCK", core.SigningClock, pb.SigningClock
)
_CLOCKS_BACK = _reverse(_CLOCKS)
_KEY_TYPES: dict[core.KeyType, Any] = _numbers("KEY_TYPE", core.KeyType, pb.KeyType)
_KEY_TYPES_BACK = _reverse(_KEY_TYPES)


def to_timestamp(instant: datetime) -> Timestamp:
    """Return an aware datetime as a Timestamp."""
    message = Timestamp()
    message.FromDatetime(instant)
    return message


def from_timestamp(message: Timestamp) -> datetime:
    """Return a Timestamp as an aware datetime, exact to the microsecond."""
    return _EPOCH + timedelta(0, message.seconds, message.nanos // 1000)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_duration(span: timedelta) -> Duration:
    """Return a timedelta as a Duration."""
    message = Duration()
    message.FromTimedelta(span)
    return message


def from_duration(message: Duration) -> timedelta:
    """Return a Duration as a timedelta, exact to the microsecond."""
    # Truncation towards zero keeps the sign that seconds and nanos share.
    return timedelta(0, message.seconds, int(message.nanos / 1000))


def encode_subject(subject: core.Subject) -> pb.Subject:
    """Return the message for a subject."""
    return pb.Subject(kind=subject.kind, name=subject.name)


def decode_subject(message: pb.Subject) -> core.Subject:
    """Return the subject in a message."""
    return core.Subject(message.kind[:MAX_TEXT], message.name[:MAX_TEXT])


def encode(reading: core.Reading) -> pb.Reading:
    """Return the message for a reading."""
    message = pb.Reading(
        kind=KINDS[reading.kind],
        subject=encode_subject(reading.subject),
        time=to_timestamp(reading.time),
        elapsed=to_duration(reading.elapsed),
    )
    _ENCODERS[type(reading.value)](reading.value, message)
    return message


def decode(message: pb.Reading) -> core.Reading | None:
    """Return the reading in a message, or None where it is of a kind that is newer than this code.

    Raises `ReadingUnreadableError` where the message makes no sense.
    """
    kind = _KINDS_BACK.get(message.kind)
    field = message.WhichOneof("value")
    if kind is None or field is None:
        return None
    try:
        return core.Reading(
            kind=kind,
            subject=decode_subject(message.subject),
            time=from_timestamp(message.time),
            elapsed=from_duration(message.elapsed),
            value=_DECODERS[field](getattr(message, field)),
        )
    except (ValueError, OverflowError) as error:
        raise ReadingUnreadableError(
            f"{kind.value} of {message.subject.name!r}: {error}"
        ) from error


def to_json(message: pb.Reading) -> dict[str, Any]:
    """Return a reading in the contract's JSON form."""
    return MessageToDict(message, preserving_proto_field_name=True)


# -- one encoder per value ---------------------------------------------------------------------


def _encode_ntp(value: core.NtpSample, message: pb.Reading) -> None:
    message.ntp.CopyFrom(
        pb.NtpSample(
            offset=to_duration(value.offset),
            delay=to_duration(value.delay),
            root_delay=to_duration(value.root_delay),
            root_dispersion=to_duration(value.root_dispersion),
            stratum=value.stratum,
            reference_id=value.reference_id,
            samples=value.samples,
        )
    )


def _encode_exchange_time(value: core.ExchangeTime, message: pb.Reading) -> None:
    message.exchange_time.offset.FromTimedelta(value.offset)
    message.exchange_time.round_trip.FromTimedelta(value.round_trip)


def _encode_echo(value: core.EchoedAddress, message: pb.Reading) -> None:
    message.echo.address = str(value.address)


def _encode_answer(value: core.Answer, message: pb.Reading) -> None:
    answer = message.answer
    answer.status = value.status
    answer.message = value.message[:MAX_TEXT]
    answer.body = _BODIES[value.body]
    answer.latency.FromTimedelta(value.latency)
    if value.code is not None:
        answer.code = value.code
    if value.clock:
        answer.clock = _CLOCKS[value.clock]
    if value.timestamp:
        answer.timestamp.FromDatetime(value.timestamp)
    if value.used_weight is not None:
        answer.used_weight = value.used_weight
    if value.retry_after is not None:
        answer.retry_after.FromTimedelta(value.retry_after)
    if value.banned_until:
        answer.banned_until.FromDatetime(value.banned_until)
    if value.request_ip:
        answer.request_ip = str(value.request_ip)
    _encode_facts(value.facts, answer)


def _encode_facts(facts: core.Facts | None, answer: pb.Answer) -> None:
    match facts:
        case core.KeyPermissions():
            answer.permissions.ip_restricted = facts.ip_restricted
            answer.permissions.granted.extend(sorted(facts.granted))
            answer.permissions.withheld.extend(sorted(facts.withheld))
            if facts.created:
                answer.permissions.create_time.FromDatetime(facts.created)
            if facts.trading_expires:
                answer.permissions.trading_expire_time.FromDatetime(facts.trading_expires)
        case core.AccountStatus():
            answer.account_status.status = facts.status[:MAX_TEXT]
        case core.TradingFlags():
            answer.trading.can_trade = facts.can_trade
        case None:
            pass


def _encode_weight(value: core.WeightUse, message: pb.Reading) -> None:
    message.weight.used = value.used
    message.weight.own = value.own
    if value.limit is not None:
        message.weight.limit = value.limit


def _encode_closure(value: core.Closure, message: pb.Reading) -> None:
    message.closure.status = value.status
    message.closure.until.FromDatetime(value.until)
    message.closure.since.FromDatetime(value.since)


def _encode_key(value: core.KeyFacts, message: pb.Reading) -> None:
    message.key.type = _KEY_TYPES[value.type]
    message.key.last4 = value.last4
    message.key.fingerprint = value.fingerprint


def _encode_whitelist(value: core.WhitelistRecord, message: pb.Reading) -> None:
    message.whitelist.CopyFrom(encode_whitelist(value))


def encode_whitelist(value: core.WhitelistRecord) -> pb.WhitelistRecord:
    """Return the message for a recorded IP list."""
    message = pb.WhitelistRecord(entries=[_network(entry) for entry in value.entries])
    message.recorded_by = value.recorded_by
    if value.recorded:
        message.record_time.FromDatetime(value.recorded)
    return message


def _network(network: core.Network) -> str:
    """Write a single address as people do, without its prefix length."""
    single = network.num_addresses == 1
    return str(network.network_address) if single else str(network)


def _encode_settings(value: core.AgentSettings, message: pb.Reading) -> None:
    message.settings.version = value.version
    if value.recv_window is not None:
        message.settings.recv_window.FromTimedelta(value.recv_window)
    message.settings.require.extend(sorted(value.require))
    message.settings.forbid.extend(sorted(value.forbid))
    message.settings.accounts.extend(value.accounts)


def _encode_failure(value: core.Failure, message: pb.Reading) -> None:
    message.failure.reason = _REASONS[value.reason]
    message.failure.detail = value.detail[:MAX_TEXT]


_ENCODERS: dict[type, Callable[[Any, pb.Reading], None]] = {
    core.NtpSample: _encode_ntp,
    core.ExchangeTime: _encode_exchange_time,
    core.EchoedAddress: _encode_echo,
    core.Answer: _encode_answer,
    core.WeightUse: _encode_weight,
    core.Closure: _encode_closure,
    core.KeyFacts: _encode_key,
    core.WhitelistRecord: _encode_whitelist,
    core.AgentSettings: _encode_settings,
    core.Failure: _encode_failure,
}


# -- one decoder per value ---------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _address(text: str) -> core.Address:
    """Read an address. One host's readings name the same few again and again."""
    return ip_address(text)


def _decode_ntp(message: pb.NtpSample) -> core.NtpSample:
    return core.NtpSample(
        offset=from_duration(message.offset),
        delay=from_duration(message.delay),
        root_delay=from_duration(message.root_delay),
        root_dispersion=from_duration(message.root_dispersion),
        stratum=message.stratum,
        reference_id=message.reference_id[:MAX_TEXT],
        samples=message.samples,
    )


def _decode_exchange_time(message: pb.ExchangeTime) -> core.ExchangeTime:
    return core.ExchangeTime(
        offset=from_duration(message.offset), round_trip=from_duration(message.round_trip)
    )


def _decode_echo(message: pb.EchoedAddress) -> core.EchoedAddress:
    return core.EchoedAddress(_address(message.address))


def _decode_answer(message: pb.Answer) -> core.Answer:
    has = message.HasField
    return core.Answer(
        status=message.status,
        code=message.code if has("code") else None,
        message=message.message[:MAX_TEXT],
        body=_BODIES_BACK.get(message.body, core.BodyForm.TEXT),
        latency=from_duration(message.latency),
        clock=_CLOCKS_BACK.get(message.clock),
        timestamp=from_timestamp(message.timestamp) if has("timestamp") else None,
        used_weight=message.used_weight if has("used_weight") else None,
        retry_after=from_duration(message.retry_after) if has("retry_after") else None,
        banned_until=from_timestamp(message.banned_until) if has("banned_until") else None,
        request_ip=_address(message.request_ip) if message.request_ip else None,
        facts=_decode_facts(message),
    )


def _optional_time(message: Any, field: str) -> datetime | None:
    return from_timestamp(getattr(message, field)) if message.HasField(field) else None


def _decode_facts(message: pb.Answer) -> core.Facts | None:
    match message.WhichOneof("facts"):
        case "permissions":
            return core.KeyPermissions(
                ip_restricted=message.permissions.ip_restricted,
                granted=frozenset(message.permissions.granted),
                withheld=frozenset(message.permissions.withheld),
                created=_optional_time(message.permissions, "create_time"),
                trading_expires=_optional_time(message.permissions, "trading_expire_time"),
            )
        case "account_status":
            return core.AccountStatus(message.account_status.status[:MAX_TEXT])
        case "trading":
            return core.TradingFlags(message.trading.can_trade)
        case _:
            return None


def _decode_weight(message: pb.WeightUse) -> core.WeightUse:
    limit = message.limit if message.HasField("limit") else None
    return core.WeightUse(used=message.used, own=message.own, limit=limit)


def _decode_closure(message: pb.Closure) -> core.Closure:
    return core.Closure(
        status=message.status,
        until=from_timestamp(message.until),
        since=from_timestamp(message.since),
    )


def _decode_key(message: pb.KeyFacts) -> core.KeyFacts:
    return core.KeyFacts(
        type=_KEY_TYPES_BACK.get(message.type, core.KeyType.HMAC),
        last4=message.last4[:4],
        fingerprint=message.fingerprint[:64],
    )


def decode_whitelist(message: pb.WhitelistRecord) -> core.WhitelistRecord:
    """Return the recorded IP list in a message. Raises ValueError on what is no address."""
    return core.WhitelistRecord(
        entries=tuple(ip_network(entry) for entry in message.entries),
        recorded=_optional_time(message, "record_time"),
        recorded_by=message.recorded_by[:MAX_TEXT],
    )


def _decode_settings(message: pb.AgentSettings) -> core.AgentSettings:
    return core.AgentSettings(
        version=message.version[:64],
        recv_window=(
            from_duration(message.recv_window) if message.HasField("recv_window") else None
        ),
        require=frozenset(message.require),
        forbid=frozenset(message.forbid),
        accounts=tuple(message.accounts),
    )


def _decode_failure(message: pb.Failure) -> core.Failure:
    reason = _REASONS_BACK.get(message.reason, core.FailureReason.INTERNAL)
    return core.Failure(reason, message.detail[:MAX_TEXT])


_DECODERS: dict[str, Callable[[Any], core.Value]] = {
    "ntp": _decode_ntp,
    "exchange_time": _decode_exchange_time,
    "echo": _decode_echo,
    "answer": _decode_answer,
    "weight": _decode_weight,
    "closure": _decode_closure,
    "key": _decode_key,
    "whitelist": decode_whitelist,
    "settings": _decode_settings,
    "failure": _decode_failure,
}
