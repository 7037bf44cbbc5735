"""Readings to protobuf and back. What arrives is untrusted; what is unknown is newer, not wrong.

Each module beside this one encodes and decodes one family of values.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from google.protobuf.json_format import MessageToDict

from sonde.agent.v1 import reading_pb2 as pb
from sonde_core import readings as core
from sonde_core.errors import SondeError
from sonde_wire.numbers import members, numbers
from sonde_wire.readings import answers, engines, measures, path, setup, symbols, timekeeping
from sonde_wire.readings.texts import MAX_TEXT
from sonde_wire.times import from_duration, from_timestamp, to_duration, to_timestamp

KINDS = numbers("READING_KIND", core.Kind, pb.ReadingKind)
_KINDS_BACK = members(KINDS)
_FAMILIES = (answers, engines, measures, path, setup, symbols, timekeeping)
_ENCODERS: dict[type, Callable[[Any, pb.Reading], None]] = {
    value: encoder for family in _FAMILIES for value, encoder in family.ENCODERS.items()
}
_DECODERS: dict[str, Callable[[Any], core.Value]] = {
    field: decoder for family in _FAMILIES for field, decoder in family.DECODERS.items()
}


class ReadingUnreadableError(SondeError):
    """An agent sent a reading that makes no sense."""

    reason = "READING_UNREADABLE"


def encode_subject(subject: core.Subject) -> pb.Subject:
    """Return the message for a subject."""
    return pb.Subject(kind=subject.kind, name=subject.name)


def decode_subject(message: pb.Subject) -> core.Subject:
    """Return the subject in a message."""
    return _subject(message.kind[:MAX_TEXT], message.name[:MAX_TEXT])


@lru_cache(maxsize=1024)
def _subject(kind: str, name: str) -> core.Subject:
    """Make each subject once: the hosts of a fleet are asked about the same few."""
    return core.Subject(kind, name)


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
