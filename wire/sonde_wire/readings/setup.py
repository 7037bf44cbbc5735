"""How a host is set up: its keys, the IP lists recorded for them, the agent's settings."""

from collections.abc import Callable
from typing import Any

from sonde.agent.v1 import reading_pb2 as pb
from sonde_core import readings as core
from sonde_wire.numbers import members, numbers
from sonde_wire.readings.texts import MAX_TEXT, network
from sonde_wire.times import from_duration, optional_time

_KEY_TYPES = numbers("KEY_TYPE", core.KeyType, pb.KeyType)
_KEY_TYPES_BACK = members(_KEY_TYPES)


def _encode_key(value: core.KeyFacts, message: pb.Reading) -> None:
    message.key.type = _KEY_TYPES[value.type]
    message.key.last4 = value.last4
    message.key.fingerprint = value.fingerprint


def _decode_key(message: pb.KeyFacts) -> core.KeyFacts:
    return core.KeyFacts(
        type=_KEY_TYPES_BACK.get(message.type, core.KeyType.HMAC),
        last4=message.last4[:4],
        fingerprint=message.fingerprint[:64],
    )


def _encode_whitelist(value: core.WhitelistRecord, message: pb.Reading) -> None:
    message.whitelist.CopyFrom(encode_whitelist(value))


def encode_whitelist(value: core.WhitelistRecord) -> pb.WhitelistRecord:
    """Return the message for a recorded IP list."""
    message = pb.WhitelistRecord(entries=[_written(entry) for entry in value.entries])
    message.recorded_by = value.recorded_by
    if value.recorded:
        message.record_time.FromDatetime(value.recorded)
    return message


def decode_whitelist(message: pb.WhitelistRecord) -> core.WhitelistRecord:
    """Return the recorded IP list in a message. Raises ValueError on what is no address."""
    return core.WhitelistRecord(
        entries=tuple(map(network, message.entries)),
        recorded=optional_time(message, "record_time"),
        recorded_by=message.recorded_by[:MAX_TEXT],
    )


def _written(entry: core.Network) -> str:
    """Write a single address as people do, without its prefix length."""
    single = entry.num_addresses == 1
    return str(entry.network_address) if single else str(entry)


def _encode_settings(value: core.AgentSettings, message: pb.Reading) -> None:
    message.settings.version = value.version
    if value.recv_window is not None:
        message.settings.recv_window.FromTimedelta(value.recv_window)
    message.settings.require.extend(sorted(value.require))
    message.settings.forbid.extend(sorted(value.forbid))
    message.settings.accounts.extend(value.accounts)
    message.settings.environment = value.environment


def _decode_settings(message: pb.AgentSettings) -> core.AgentSettings:
    return core.AgentSettings(
        version=message.version[:64],
        recv_window=(
            from_duration(message.recv_window) if message.HasField("recv_window") else None
        ),
        require=frozenset(message.require),
        forbid=frozenset(message.forbid),
        accounts=tuple(message.accounts),
        environment=message.environment[:64],
    )


ENCODERS: dict[type, Callable[[Any, pb.Reading], None]] = {
    core.KeyFacts: _encode_key,
    core.WhitelistRecord: _encode_whitelist,
    core.AgentSettings: _encode_settings,
}

DECODERS: dict[str, Callable[[Any], core.Value]] = {
    "key": _decode_key,
    "whitelist": decode_whitelist,
    "settings": _decode_settings,
}
