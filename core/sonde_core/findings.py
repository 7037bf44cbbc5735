"""What a rule says about one cause, and what that rests on."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sonde_core.records import record

if TYPE_CHECKING:  # what only explains a text does without the many kinds of readings
    from sonde_core.readings import Kind, Reading, Subject


class Verdict(StrEnum):
    """What a rule can say about a cause."""

    FOUND = "found"
    CLEAR = "clear"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure a found cause is."""

    CONFIRMED = "confirmed"
    """The evidence forces it."""
    LIKELY = "likely"
    """The evidence points to it, and another cause is not excluded."""
    POSSIBLE = "possible"
    """One of several readings of the evidence."""


class Severity(StrEnum):
    """How bad a found cause is."""

    FAILURE = "failure"
    """The exchange refuses."""
    WARNING = "warning"
    """It works today and should be mended."""
    INFO = "info"


class HostState(StrEnum):
    """What all that was found comes to on one host."""

    HEALTHY = "healthy"
    FAILING = "failing"
    WARNING = "warning"
    UNCLEAR = "unclear"
    """Nothing wrong was found, only because something that matters could not be told."""
    SILENT = "silent"
    """Its agent gave no answer."""


ItemValue = str | int | datetime | tuple[str, ...]


@record(frozen=True, slots=True)
class Item:
    """One piece of evidence. The catalogue holds its sentence in each language."""

    id: str
    values: Mapping[str, ItemValue] = field(default_factory=dict)
    reading: "tuple[Kind, Subject] | None" = None
    """What it rests on. None where it rests on a record or on an absence."""


def item(id_: str, reading: "Reading | None" = None, /, **values: ItemValue) -> Item:
    """Return a piece of evidence that rests on a reading."""
    return Item(id_, values, (reading.kind, reading.subject) if reading else None)


@record(frozen=True, slots=True, kw_only=True)
class Finding:
    """One verdict on one cause. Its identity is (cause, subject)."""

    cause: str
    subject: "Subject"
    verdict: Verdict
    confidence: Confidence | None = None
    """Set exactly where the verdict is ``found``."""
    severity: Severity | None = None
    """None means the severity that the catalogue gives the cause."""
    supporting: tuple[Item, ...] = ()
    contradicting: tuple[Item, ...] = ()
    missing: tuple[Item, ...] = ()
    settle: Item | None = None
    """The one check that would settle it."""
