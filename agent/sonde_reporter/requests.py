"""The contract's requests, as proto3 JSON."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sonde_reporter.capturing import MOST_FIELD, Captured, whole
from sonde_reporter.errors import describe
from sonde_reporter.orders import describe_order
from sonde_reporter.redaction import redact
from sonde_reporter.taking import Plain

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]")
_MOST_NAME = 64
MOST_WEIGHTS = 16
_MOST_WEIGHT = 2**31 - 1


class Who(NamedTuple):
    """Who reports."""

    engine: str
    account: str


class Failure(NamedTuple):
    """A refusal, as it was handed over."""

    who: Who
    time: float
    """Seconds since 1970."""
    error: Captured
    order: Mapping[str, Plain]

    def request(self) -> dict[str, object]:
        """Return a ReportFailureRequest."""
        report = {"time": _instant(datetime.fromtimestamp(self.time, UTC)), **describe(self.error)}
        if self.who.engine:
            report["engine"] = self.who.engine
        if self.who.account:
            report["account"] = self.who.account
        if order := describe_order(self.order):
            report["order"] = order
        return {"failure": report}


class Health(NamedTuple):
    """What an engine says of itself, as it was handed over."""

    who: Who
    time: float
    """Seconds since 1970."""
    version: str
    uptime: timedelta | None
    weights: Mapping[str, Plain]
    last_order: datetime | None
    interval: timedelta | None

    def request(self) -> dict[str, object]:
        """Return a ReportHealthRequest."""
        report: dict[str, object] = {
            "time": _instant(datetime.fromtimestamp(self.time, UTC)),
            "version": redact(self.version, MOST_FIELD),
            "weights": [
                {"endpoint": endpoint, "weight": min(max(weight, 0), _MOST_WEIGHT)}
                for endpoint, told in self.weights.items()
                if (weight := whole(told)) is not None
            ],
        }
        if self.who.engine:
            report["engine"] = self.who.engine
        if self.uptime is not None:
            report["uptime"] = _span(self.uptime)
        if self.interval is not None:
            report["heartbeatInterval"] = _span(self.interval)
        if self.last_order is not None:
            report["lastOrderTime"] = _instant(self.last_order.astimezone(UTC))
        return {"health": report}


LeftFailure = tuple[Who, float, Captured, Mapping[str, Plain]]
"""The fields of a Failure. To make one of those takes longer than to leave it."""
Report = Failure | Health


def method_of(report: Report) -> str:
    """Return what EngineService calls it to take a report."""
    return "ReportFailure" if isinstance(report, Failure) else "ReportHealth"


def name_of(text: str) -> str:
    """Return a name as the contract allows it: letters, digits, ".", "_" and "-"."""
    return _NOT_IN_A_NAME.sub("-", str(text)[:_MOST_NAME])


def _instant(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _span(span: timedelta) -> str:
    return f"{span.total_seconds():.6f}s"
