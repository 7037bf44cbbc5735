"""What was found on a host, what changed and what engines told, on one axis of time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sonde_core.catalogue import Language
from sonde_core.evidence import Contact
from sonde_core.history import Change
from sonde_core.history.engines import EngineReports
from sonde_core.report import HostReport
from sonde_core.words import Words
from sonde_terminal.grid import Mark, Row, grid
from sonde_terminal.labels import LABELS
from sonde_terminal.lines import hang
from sonde_terminal.screen import Page
from sonde_terminal.text import Text

_NAME_LIMIT = 32
_REST_LIMIT = 300


@dataclass(frozen=True, slots=True)
class SeenChange:
    """What changed on a host, and the diagnosis that saw it."""

    diagnosis: str
    change: Change

    @property
    def time(self) -> datetime:
        """Return when it was first seen so."""
        return self.change.time


Entry = HostReport | SeenChange | EngineReports


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    """The words of one language that only a timeline needs."""

    time: str
    status: str
    what: str
    changed: str
    engine: str
    more: str
    """Said where engines reported more than is told."""
    statuses: Mapping[Contact, str]


_LABELS = {
    Language.EN: _Labels(
        time="TIME ({})",
        status="STATUS",
        what="FOUND",
        changed="changed",
        engine="engine",
        more="engines reported more in this time than is told here",
        statuses={status: status.value.replace("_", " ") for status in Contact},
    ),
    Language.ZH: _Labels(
        time="时间（{}）",
        status="状态",
        what="内容",
        changed="变化",
        engine="执行端",
        more="这段时间内执行端的报告未全部列出",
        statuses={
            Contact.DIAGNOSED: "已诊断",
            Contact.UNREACHABLE: "无法连接",
            Contact.TIMEOUT: "超时",
            Contact.REFUSED: "被拒绝",
            Contact.NOT_ENROLLED: "未登记",
        },
    ),
}


def newest_first(
    reports: Iterable[HostReport],
    changes: Iterable[SeenChange],
    engines: Iterable[EngineReports],
) -> list[Entry]:
    """Return all in one order. What a diagnosis saw came after it was asked for."""
    entries: list[Entry] = [*engines, *changes, *reports]
    return sorted(entries, key=lambda entry: entry.time, reverse=True)


def timeline(
    entries: Sequence[Entry], words: Words, page: Page, *, more: bool = False
) -> list[Text]:
    """Return a line per result, per change, and per thing that an engine reported."""
    labels = _LABELS[words.language]
    heads = (
        page.say(labels.time.format(words.zone)),
        labels.status,
        LABELS[words.language].diagnosis.upper(),
        labels.what,
    )
    lines = grid(heads, [_row(entry, words, page) for entry in entries], page)
    return [*lines, *hang(Text("   "), labels.more, page)] if more else lines


def _row(entry: Entry, words: Words, page: Page) -> Row:
    labels = _LABELS[words.language]
    diagnosis = "" if isinstance(entry, EngineReports) else entry.diagnosis
    if isinstance(entry, SeenChange):
        mark, head, rest = Mark.INFO, labels.changed, words.brief(entry.change.item)
    elif isinstance(entry, EngineReports):
        mark, head, rest = _mark_of_engine(entry, words), labels.engine, words.brief(entry.item)
    else:
        mark, head, rest = (
            Mark.of_host(entry.state),
            labels.statuses[entry.status],
            _found(entry, words),
        )
    return Row(
        mark,
        f"{words.local(entry.time):%Y-%m-%d %H:%M:%S}",
        head,
        (page.say(diagnosis, _NAME_LIMIT),),
        page.say(rest, _REST_LIMIT),
    )


def _mark_of_engine(reports: EngineReports, words: Words) -> Mark:
    """Return how bad it is that an engine was refused for a cause."""
    cause = words.cause(str(reports.item.values.get("cause", "")))
    return Mark.of(cause.severity) if cause else Mark.INFO


def _found(report: HostReport, words: Words) -> str:
    labels = LABELS[words.language]
    causes = dict.fromkeys(finding.cause for finding in report.found())
    return labels.comma.join(causes) or (labels.healthy if report.healthy else labels.unknown)
