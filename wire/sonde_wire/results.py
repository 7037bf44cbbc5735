"""Findings and host results to protobuf and back."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sonde.agent.v1 import reading_pb2
from sonde.support.v1 import diagnosis_pb2 as pb
from sonde.support.v1.support_service_pb2 import Change as ChangeMessage
from sonde_core.evidence import Contact, LastSeen
from sonde_core.findings import Confidence, Finding, Item, ItemValue, Severity, Verdict
from sonde_core.history import Change
from sonde_core.report import HostReport
from sonde_wire.advice import CONFIDENCES
from sonde_wire.numbers import numbers
from sonde_wire.readings import KINDS, decode_subject
from sonde_wire.times import from_duration, from_timestamp, to_duration, to_timestamp

_E = TypeVar("_E", bound=StrEnum)


_STATUSES = numbers("HOST_STATUS", Contact, pb.HostStatus)
_VERDICTS = numbers("VERDICT", Verdict, pb.Verdict)
SEVERITIES = numbers("SEVERITY", Severity, pb.Severity)


def _member(table: dict[_E, Any], number: int, otherwise: _E) -> _E:
    """Return the member of a number. A number from a newer service reads as `otherwise`."""
    return next((member for member, known in table.items() if known == number), otherwise)


def encode_result(report: HostReport, readings: Iterable[reading_pb2.Reading]) -> pb.HostResult:
    """Return the message for a report, with the readings as the agent sent them."""
    message = pb.HostResult(
        diagnosis=report.diagnosis,
        host=report.host,
        time=to_timestamp(report.time),
        status=_STATUSES[report.status],
        healthy=report.healthy,
        agent_version=report.agent_version,
        readings=readings,
        elapsed=to_duration(report.elapsed),
    )
    written: _Written = {}
    for finding in report.findings:
        _write_finding(finding, message.findings.add(), written)
    if report.last_seen:
        message.last_seen_time.FromDatetime(report.last_seen.time)
        message.last_healthy = report.last_seen.healthy
    return message


def decode_result(message: pb.HostResult) -> HostReport:
    """Return the report in a message."""
    last_seen = (
        LastSeen(time=from_timestamp(message.last_seen_time), healthy=message.last_healthy)
        if message.HasField("last_seen_time")
        else None
    )
    return HostReport(
        diagnosis=message.diagnosis,
        host=message.host,
        time=from_timestamp(message.time),
        status=_member(_STATUSES, message.status, Contact.UNREACHABLE),
        findings=tuple(decode_finding(finding) for finding in message.findings),
        agent_version=message.agent_version,
        last_seen=last_seen,
        elapsed=from_duration(message.elapsed),
    )


def encode_finding(finding: Finding) -> pb.Finding:
    """Return the message for a finding."""
    message = pb.Finding()
    _write_finding(finding, message, {})
    return message


def encode_item(item: Item) -> pb.EvidenceItem:
    """Return the message for one piece of evidence."""
    message = pb.EvidenceItem()
    _write_item(item, message)
    return message


# Written in place: a message that is built apart is copied into the one that holds it.
def _write_finding(finding: Finding, message: pb.Finding, written: "_Written") -> None:
    message.cause = finding.cause
    subject = message.subject
    subject.kind, subject.name = finding.subject
    message.verdict = _VERDICTS[finding.verdict]
    if finding.confidence:
        message.confidence = CONFIDENCES[finding.confidence]
    if finding.severity:
        message.severity = SEVERITIES[finding.severity]
    _write_items(finding.supporting, message.supporting, written)
    _write_items(finding.contradicting, message.contradicting, written)
    _write_items(finding.missing, message.missing, written)
    if finding.settle:
        _write_item(finding.settle, message.settle)


def decode_finding(message: pb.Finding) -> Finding:
    """Return the finding in a message."""
    verdict = _member(_VERDICTS, message.verdict, Verdict.UNKNOWN)
    found = verdict is Verdict.FOUND
    return Finding(
        cause=message.cause,
        subject=decode_subject(message.subject),
        verdict=verdict,
        confidence=_member(CONFIDENCES, message.confidence, Confidence.POSSIBLE) if found else None,
        severity=(
            _member(SEVERITIES, message.severity, Severity.WARNING) if message.severity else None
        ),
        supporting=decode_items(message.supporting),
        contradicting=decode_items(message.contradicting),
        missing=decode_items(message.missing),
        settle=_decode_item(message.settle) if message.HasField("settle") else None,
    )


def encode_change(change: Change, diagnosis: str) -> ChangeMessage:
    """Return the message for a change that a diagnosis saw."""
    message = ChangeMessage(time=to_timestamp(change.time), diagnosis=diagnosis)
    _write_item(change.item, message.item)
    return message


def decode_change(message: ChangeMessage) -> Change:
    """Return the change in a message."""
    return Change(from_timestamp(message.time), _decode_item(message.item))


_Written = dict[int, pb.EvidenceItem]
"""Items of one report that are written already: one may stand under several findings."""


def _write_items(items: Iterable[Item], messages: Any, written: _Written) -> None:
    for item in items:
        same = written.get(id(item))
        if same is None:
            written[id(item)] = message = messages.add()
            _write_item(item, message)
        else:
            messages.append(same)


def _write_item(item: Item, message: pb.EvidenceItem) -> None:
    message.id = item.id
    if item.values:
        values = message.values
        for name, value in item.values.items():
            _encode_value(value, values[name])
    if item.reading:
        kind, subject = item.reading
        reading = message.reading
        reading.kind = KINDS[kind]
        written = reading.subject
        written.kind, written.name = subject


def _encode_value(value: ItemValue, message: pb.EvidenceValue) -> None:
    match value:
        case str():
            message.text = value
        case int():
            message.number = value
        case datetime():
            message.time.FromDatetime(value)
        case tuple():
            message.list.texts.extend(value)


def decode_items(messages: Iterable[pb.EvidenceItem]) -> tuple[Item, ...]:
    """Return the pieces of evidence in messages."""
    return tuple(_decode_item(message) for message in messages)


def _decode_item(message: pb.EvidenceItem) -> Item:
    reading = None
    if message.HasField("reading"):
        kind = next((k for k, number in KINDS.items() if number == message.reading.kind), None)
        reading = (kind, decode_subject(message.reading.subject)) if kind else None
    values = {name: _decode_value(value) for name, value in message.values.items()}
    return Item(message.id, values, reading)


def _decode_value(message: pb.EvidenceValue) -> ItemValue:
    match message.WhichOneof("value"):
        case "number":
            return message.number
        case "time":
            return from_timestamp(message.time)
        case "list":
            return tuple(message.list.texts)
        case _:
            return message.text
