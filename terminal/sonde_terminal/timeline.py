"""What was found on a host and what changed on it, on one axis of time, newest first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sonde_core.catalogue import Language
from sonde_core.evidence import Contact
from sonde_core.history import Change
from sonde_core.report import HostReport
from sonde_core.words import Words
from sonde_terminal.grid import Mark, Row, grid
from sonde_terminal.labels import LABELS
from sonde_terminal.overview import mark_of_host
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


Entry = HostReport | SeenChange


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    """The words of one language that only a timeline needs."""

    time: str
    status: str
    what: str
    changed: str
    statuses: Mapping[Contact, str]


_LABELS = {
    Language.EN: _Labels(
        time="TIME ({})",
        status="STATUS",
        what="FOUND",
        changed="changed",
        statuses={status: status.value.replace("_", " ") for status in Contact},
    ),
    Language.ZH: _Labels(
        time="时间（{}）",
        status="状态",
        what="内容",
        changed="变化",
        statuses={
            Contact.DIAGNOSED: "已诊断",
            Contact.UNREACHABLE: "无法连接",
            Contact.TIMEOUT: "超时",
            Contact.REFUSED: "被拒绝",
            Contact.NOT_ENROLLED: "未登记",
        },
    ),
}


def newest_first(reports: Iterable[HostReport], changes: Iterable[SeenChange]) -> list[Entry]:
    """Return results and changes in one order. What a diagnosis saw came after it was asked for."""
    entries: list[Entry] = [*changes, *reports]
    return sorted(entries, key=lambda entry: entry.time, reverse=True)


def timeline(entries: Sequence[Entry], words: Words, page: Page) -> list[Text]:
    """Return a line per result and per change."""
    labels = _LABELS[words.language]
    heads = (
        page.say(labels.time.format(words.zone)),
        labels.status,
        LABELS[words.language].diagnosis.upper(),
        labels.what,
    )
    return grid(heads, [_row(entry, words, page) for entry in entries], page)


def _row(entry: Entry, words: Words, page: Page) -> Row:
    labels = _LABELS[words.language]
    if isinstance(entry, SeenChange):
        mark, head, rest = Mark.INFO, labels.changed, words.brief(entry.change.item)
    else:
        mark, head, rest = mark_of_host(entry), labels.statuses[entry.status], _found(entry, words)
    return Row(
        mark,
        f"{entry.time.astimezone(words.zone):%Y-%m-%d %H:%M:%S}",
        head,
        (page.say(entry.diagnosis, _NAME_LIMIT),),
        page.say(rest, _REST_LIMIT),
    )


def _found(report: HostReport, words: Words) -> str:
    labels = LABELS[words.language]
    causes = dict.fromkeys(finding.cause for finding in report.found())
    return labels.comma.join(causes) or (labels.healthy if report.healthy else labels.unknown)
