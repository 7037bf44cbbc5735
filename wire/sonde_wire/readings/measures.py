"""What is measured around the exchange, and that something could not be measured."""

from collections.abc import Callable
from typing import Any

from sonde.agent.v1 import reading_pb2 as pb
from sonde_core import readings as core
from sonde_wire.numbers import members, numbers
from sonde_wire.readings.texts import MAX_TEXT, address
from sonde_wire.times import from_duration, to_duration

_REASONS = numbers("FAILURE_REASON", core.FailureReason, pb.FailureReason)
_REASONS_BACK = members(_REASONS)


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


def _encode_exchange_time(value: core.ExchangeTime, message: pb.Reading) -> None:
    message.exchange_time.offset.FromTimedelta(value.offset)
    message.exchange_time.round_trip.FromTimedelta(value.round_trip)


def _decode_exchange_time(message: pb.ExchangeTime) -> core.ExchangeTime:
    return core.ExchangeTime(
        offset=from_duration(message.offset), round_trip=from_duration(message.round_trip)
    )


def _encode_echo(value: core.EchoedAddress, message: pb.Reading) -> None:
    message.echo.address = str(value.address)


def _decode_echo(message: pb.EchoedAddress) -> core.EchoedAddress:
    return core.EchoedAddress(address(message.address))


def _encode_failure(value: core.Failure, message: pb.Reading) -> None:
    message.failure.reason = _REASONS[value.reason]
    message.failure.detail = value.detail[:MAX_TEXT]


def _decode_failure(message: pb.Failure) -> core.Failure:
    reason = _REASONS_BACK.get(message.reason, core.FailureReason.INTERNAL)
    return core.Failure(reason, message.detail[:MAX_TEXT])


ENCODERS: dict[type, Callable[[Any, pb.Reading], None]] = {
    core.NtpSample: _encode_ntp,
    core.ExchangeTime: _encode_exchange_time,
    core.EchoedAddress: _encode_echo,
    core.Failure: _encode_failure,
}

DECODERS: dict[str, Callable[[Any], core.Value]] = {
    "ntp": _decode_ntp,
    "exchange_time": _decode_exchange_time,
    "echo": _decode_echo,
    "failure": _decode_failure,
}
