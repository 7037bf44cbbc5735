"""What engines reported to a host's agent, for the axis of time: repeats become one entry.

| reports                                                            | become                     |
| ------------------------------------------------------------------ | -------------------------- |
| of health by one engine in one version that was not started anew   | one entry with their count |
| of the same refusal: surface, code, status, exception, message     | one entry with their count |
| either of them after a pause (ten minutes, or three heartbeats)    | another entry              |

The newest reports are looked at, so many of each kind, and become so many entries at most.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from sqlalchemy import Connection

from sonde.engine.v1.report_pb2 import FailureReport, HealthReport
from sonde_core.advice import Advice
from sonde_core.answer import answer
from sonde_core.explainer import explain
from sonde_core.findings import ItemValue, item
from sonde_core.history.engines import EngineReports
from sonde_core.words import Words
from sonde_service.store.reports import FAILURE, HEALTH, ReportsStore, StoredReport
from sonde_wire.reported import as_text
from sonde_wire.times import from_duration

_MOST_READ = {HEALTH: 5_000, FAILURE: 2_000}
_MOST_TOLD = 100
"""Of each kind."""
_PAUSE = timedelta(minutes=10)
_BEATS = 3
_JITTER = timedelta(seconds=2)
_UNNAMED = "engine"
_LONGEST = 64
_MOST_TEXT = 10_000
_MOST_SPAN = timedelta(days=36_500)


@dataclass(slots=True)
class _Group:
    """Reports that say the same, seen from the newest back."""

    report: FailureReport | HealthReport
    """The newest."""
    first: datetime
    last: datetime
    count: int = 1
    began: datetime | None = None
    """When the engine that said so last had been started."""
    pause: timedelta = _PAUSE

    def takes(self, time: datetime) -> bool:
        """Tell whether an earlier report belongs to it."""
        started_since = self.began is not None and time < self.began - _JITTER
        return self.first - time <= self.pause and not started_since


@dataclass(frozen=True, slots=True)
class Told:
    """What engines told within a span of time, newest first."""

    entries: Sequence[EngineReports]
    more: bool
    """There was more than is told here."""


def told_by_engines(
    host: str, since: datetime | None, before: datetime | None, transaction: Connection
) -> Told:
    """Return what a host's engines reported from an instant on and before another."""
    entries: list[EngineReports] = []
    more = False
    for kind, grouped in ((HEALTH, _health), (FAILURE, _failures)):
        most = _MOST_READ[kind]
        rows = ReportsStore(transaction).newest(host, kind, since, before, most + 1)
        groups = grouped(rows[:most])
        more = more or len(rows) > most or len(groups) > _MOST_TOLD
        say = _alive if kind == HEALTH else _refused
        entries += [say(group) for group in groups[:_MOST_TOLD]]
    return Told(sorted(entries, key=lambda each: each.last, reverse=True), more)


def _health(rows: Iterable[StoredReport]) -> list[_Group]:
    def read(row: StoredReport) -> tuple[Hashable, _Group]:
        report = HealthReport.FromString(row.report)
        uptime, beat = _span(report.uptime), _span(report.heartbeat_interval)
        group = _Group(report, row.time, row.time)
        group.began = row.time - uptime if uptime else None
        group.pause = max(_PAUSE, _BEATS * beat) if beat else _PAUSE
        return (report.engine, report.version), group

    return _grouped(rows, read)


def _failures(rows: Iterable[StoredReport]) -> list[_Group]:
    def read(row: StoredReport) -> tuple[Hashable, _Group]:
        report = FailureReport.FromString(row.report)
        said = report.message or report.text
        code = report.code if report.HasField("code") else None
        status = report.http_status if report.HasField("http_status") else None
        who = (report.engine, report.account, report.surface)
        return (*who, code, status, report.exception, said), _Group(report, row.time, row.time)

    return _grouped(rows, read)


def _grouped(
    rows: Iterable[StoredReport], read: Callable[[StoredReport], tuple[Hashable, _Group]]
) -> list[_Group]:
    """Put reports together, newest first."""
    groups: list[_Group] = []
    open_: dict[Hashable, _Group] = {}
    for row in rows:
        key, group = read(row)
        later = open_.get(key)
        if later and later.takes(row.time):
            later.first, later.count = row.time, later.count + 1
        else:
            open_[key] = group
            groups.append(group)
    return groups


def _alive(group: _Group) -> EngineReports:
    report = group.report
    assert isinstance(report, HealthReport)  # noqa: S101 - _health made it
    version = report.version[:_LONGEST]
    return _entry(group, "engine_alive", {"version": version} if version else {})


def _refused(group: _Group) -> EngineReports:
    """Say what the newest of the reports means. The host's agent may have known more."""
    report = group.report
    assert isinstance(report, FailureReport)  # noqa: S101 - _failures made it
    if _span(report.retry_after) is None:
        report.ClearField("retry_after")
    explained = explain(as_text(report)[:_MOST_TEXT])
    advice = answer(explained, Words(), group.last).advice
    values: dict[str, ItemValue] = {"cause": explained.cause}
    code = report.code if report.HasField("code") else explained.facts.code
    told = {"account": report.account, "surface": report.surface, "code": code}
    values |= {
        name: value[:_LONGEST] if isinstance(value, str) else value
        for name, value in told.items()
        if value
    }
    return _entry(group, "engine_refused", values, advice)


def _entry(
    group: _Group, id_: str, values: dict[str, ItemValue], advice: Advice | None = None
) -> EngineReports:
    engine = group.report.engine[:_LONGEST] or _UNNAMED
    times: dict[str, ItemValue] = {"times": group.count} if group.count > 1 else {}
    return EngineReports(
        engine=engine,
        first=group.first,
        last=group.last,
        count=group.count,
        item=item(id_, engine=engine, **values, **times),
        advice=advice,
    )


def _span(message: Duration) -> timedelta | None:
    """Return a span as an agent passes it on; None where it cannot be one."""
    with suppress(ValueError, OverflowError):
        span = from_duration(message)
        return span if timedelta() < span < _MOST_SPAN else None
    return None
