"""Reports as bytes to keep.

MessagePack, not the contract's messages: reports of a whole fleet are written at once, and building
a message in Python takes several times as long as all that was decided in it.
"""

from datetime import datetime, timedelta

import msgspec

from sonde_core.evidence import Contact, LastSeen
from sonde_core.findings import Confidence, Finding, Item, ItemValue, Severity, Verdict
from sonde_core.readings import Kind, Subject
from sonde_core.report import HostReport


class _Item(msgspec.Struct):
    id: str
    values: dict[str, object]
    reading: tuple[Kind, Subject] | None


class _Finding(msgspec.Struct):
    cause: str
    subject: Subject
    verdict: Verdict
    confidence: Confidence | None
    severity: Severity | None
    supporting: list[_Item]
    contradicting: list[_Item]
    missing: list[_Item]
    settle: _Item | None


class _Report(msgspec.Struct):
    diagnosis: str
    host: str
    time: datetime
    status: Contact
    findings: list[_Finding]
    agent_version: str
    last_seen: LastSeen | None
    elapsed: timedelta


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Report)
_ITEM_DECODER = msgspec.msgpack.Decoder(_Item)


def pack(report: HostReport) -> bytes:
    """Return a report as bytes."""
    return _ENCODER.encode(report)


def unpack(packed: bytes) -> HostReport:
    """Return the report in bytes that `pack` made."""
    report = _DECODER.decode(packed)
    return HostReport(
        diagnosis=report.diagnosis,
        host=report.host,
        time=report.time,
        status=report.status,
        findings=tuple(_finding(finding) for finding in report.findings),
        agent_version=report.agent_version,
        last_seen=report.last_seen,
        elapsed=report.elapsed,
    )


def pack_item(item: Item) -> bytes:
    """Return a piece of evidence as bytes."""
    return _ENCODER.encode(item)


def unpack_item(packed: bytes) -> Item:
    """Return the piece of evidence in bytes that `pack_item` made."""
    return _item(_ITEM_DECODER.decode(packed))


def _finding(packed: _Finding) -> Finding:
    return Finding(
        cause=packed.cause,
        subject=packed.subject,
        verdict=packed.verdict,
        confidence=packed.confidence,
        severity=packed.severity,
        supporting=_items(packed.supporting),
        contradicting=_items(packed.contradicting),
        missing=_items(packed.missing),
        settle=_item(packed.settle) if packed.settle else None,
    )


def _items(packed: list[_Item]) -> tuple[Item, ...]:
    return tuple(_item(item) for item in packed)


def _item(packed: _Item) -> Item:
    values = {name: _value(value) for name, value in packed.values.items()}
    return Item(packed.id, values, packed.reading)


def _value(packed: object) -> ItemValue:
    if isinstance(packed, list):
        return tuple(str(text) for text in packed)
    if isinstance(packed, str | int | datetime):
        return packed
    raise TypeError(f"a report holds a value of type {type(packed).__name__}")
