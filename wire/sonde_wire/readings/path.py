"""The way from a host to the exchange."""

from collections.abc import Callable
from typing import Any

from sonde.agent.v1 import reading_pb2 as pb
from sonde_core import readings as core
from sonde_core.path import Certificate, Path, Resolution, RoundTrips, Trust
from sonde_wire.numbers import members, numbers
from sonde_wire.readings.texts import MAX_TEXT, address
from sonde_wire.times import from_duration, from_timestamp, to_duration, to_timestamp

_TRUSTS = numbers("TRUST", Trust, pb.Trust)
_TRUSTS_BACK = members(_TRUSTS)
_MOST_NAMES = 16
_MOST_ADDRESSES = 64


def _encode_resolution(value: Resolution, message: pb.Reading) -> None:
    addresses = [str(each) for each in value.addresses[:_MOST_ADDRESSES]]
    message.resolution.CopyFrom(pb.Resolution(name=value.name[:MAX_TEXT], addresses=addresses))


def _decode_resolution(message: pb.Resolution) -> Resolution:
    return Resolution(
        name=message.name[:MAX_TEXT],
        addresses=tuple(address(each) for each in message.addresses[:_MOST_ADDRESSES]),
    )


def _encode_path(value: Path, message: pb.Reading) -> None:
    message.path.CopyFrom(
        pb.Path(
            host=value.host[:MAX_TEXT],
            peer=str(value.peer) if value.peer else "",
            proxied=value.proxied,
            connect=to_duration(value.connect),
            tls=None if value.tls is None else to_duration(value.tls),
            first_byte=to_duration(value.first_byte),
            round_trip=to_duration(value.round_trip),
        )
    )


def _decode_path(message: pb.Path) -> Path:
    return Path(
        host=message.host[:MAX_TEXT],
        peer=address(message.peer) if message.peer else None,
        proxied=message.proxied,
        connect=from_duration(message.connect),
        tls=from_duration(message.tls) if message.HasField("tls") else None,
        first_byte=from_duration(message.first_byte),
        round_trip=from_duration(message.round_trip),
    )


def _encode_certificate(value: Certificate, message: pb.Reading) -> None:
    message.certificate.CopyFrom(
        pb.Certificate(
            host=value.host[:MAX_TEXT],
            names=[each[:MAX_TEXT] for each in value.names[:_MOST_NAMES]],
            names_host=value.names_host,
            issuer=value.issuer[:MAX_TEXT],
            expire_time=to_timestamp(value.expires),
            trust=_TRUSTS[value.trust],
        )
    )


def _decode_certificate(message: pb.Certificate) -> Certificate:
    trust = _TRUSTS_BACK.get(message.trust)
    if trust is None:
        raise ValueError("who vouches for the certificate is not known")
    return Certificate(
        host=message.host[:MAX_TEXT],
        names=tuple(each[:MAX_TEXT] for each in message.names[:_MOST_NAMES]),
        names_host=message.names_host,
        issuer=message.issuer[:MAX_TEXT],
        expires=from_timestamp(message.expire_time),
        trust=trust,
    )


def _encode_round_trips(value: RoundTrips, message: pb.Reading) -> None:
    message.round_trips.CopyFrom(
        pb.RoundTrips(
            since=to_timestamp(value.since),
            count=value.count,
            median=to_duration(value.median),
            p95=to_duration(value.p95),
            p99=to_duration(value.p99),
            longest=to_duration(value.longest),
        )
    )


def _decode_round_trips(message: pb.RoundTrips) -> RoundTrips:
    return RoundTrips(
        since=from_timestamp(message.since),
        count=message.count,
        median=from_duration(message.median),
        p95=from_duration(message.p95),
        p99=from_duration(message.p99),
        longest=from_duration(message.longest),
    )


ENCODERS: dict[type, Callable[[Any, pb.Reading], None]] = {
    Resolution: _encode_resolution,
    Path: _encode_path,
    Certificate: _encode_certificate,
    RoundTrips: _encode_round_trips,
}

DECODERS: dict[str, Callable[[Any], core.Value]] = {
    "resolution": _decode_resolution,
    "path": _decode_path,
    "certificate": _decode_certificate,
    "round_trips": _decode_round_trips,
}
