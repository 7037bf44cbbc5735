"""The contract's requests, as proto3 JSON.

The agent refuses a report for one field that makes no sense, so that is left out here.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from sonde_reporter.capturing import MOST_FIELD, Captured, whole
from sonde_reporter.errors import describe
from sonde_reporter.orders import describe_order
from sonde_reporter.redaction import redact
from sonde_reporter.taking import Plain, taken

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]")
_MOST_NAME = 64
_MOST_WEIGHTS = 16
_MOST_WEIGHT = 2**31 - 1
_LONGEST_S = 36_500 * 86_400.0
_SHORTEST_INTERVAL_S, _LONGEST_INTERVAL_S = 1.0, 86_400.0


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
        report = {"time": _instant(self.time), **describe(self.error)}
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
    weights: Mapping[str, Plain]
    uptime: object
    interval: object
    last_order: object
    """These three may be anything: to look at them takes no caller's time."""

    def request(self) -> dict[str, object]:
        """Return a ReportHealthRequest."""
        report = {
            "time": _instant(self.time),
            "engine": self.who.engine or None,
            "version": redact(self.version, MOST_FIELD),
            "weights": [
                {"endpoint": endpoint, "weight": min(max(weight, 0), _MOST_WEIGHT)}
                for endpoint, told in self.weights.items()
                if (weight := whole(told)) is not None
            ],
            "uptime": _span(_seconds(self.uptime)),
            "heartbeatInterval": _span(_interval(self.interval)),
            "lastOrderTime": _instant_of(self.last_order),
        }
        return {"health": {name: value for name, value in report.items() if value is not None}}


LeftFailure = tuple[Who, float, Captured, Mapping[str, Plain]]
"""The fields of a Failure. To make one of those takes longer than to leave it."""
Report = Failure | Health


def method_of(report: Report) -> str:
    """Return what EngineService calls it to take a report."""
    return "ReportFailure" if isinstance(report, Failure) else "ReportHealth"


def name_of(text: str) -> str:
    """Return a name as the contract allows it: letters, digits, ".", "_" and "-"."""
    return _NOT_IN_A_NAME.sub("-", str(text)[:_MOST_NAME])


def weights_of(told: Mapping[str, int] | None) -> dict[str, Plain]:
    """Take weights, which may change afterwards, by the names of their endpoints."""
    known: dict[str, Plain] = {}
    try:
        for endpoint, weight in islice(told.items(), _MOST_WEIGHTS) if told else ():
            known[name_of(endpoint)] = taken(weight, MOST_FIELD)
    except Exception:  # noqa: BLE001, S110 - what an engine hands over may be anything
        pass
    return known


def _instant(seconds: float) -> str:
    instant = datetime.fromtimestamp(seconds, UTC)
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _instant_of(told: object) -> str | None:
    try:
        return _instant(told.timestamp()) if isinstance(told, datetime) else None
    except Exception:  # noqa: BLE001 - a time zone of somebody else's, a year there is none of
        return None


def _seconds(told: object) -> float | None:
    """Return a span, or a number of seconds, in seconds. None where it can be no span of time."""
    if told is None or isinstance(told, bool):
        return None
    try:
        seconds = told.total_seconds() if isinstance(told, timedelta) else float(told)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 - what an engine hands over may be anything
        return None
    return seconds if 0 <= seconds <= _LONGEST_S else None


def _interval(told: object) -> float | None:
    """Return how long an engine may say nothing, as the contract allows it. None: for ever."""
    seconds = _seconds(told)
    return min(max(seconds, _SHORTEST_INTERVAL_S), _LONGEST_INTERVAL_S) if seconds else None


def _span(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:.6f}s"
