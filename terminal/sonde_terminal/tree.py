"""One host in detail: a line per section, and below it what a cause rests on and what to do.

Details stand only where something is wrong or could not be told.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rich.cells import cell_len, set_cell_size

from sonde_core.catalogue import Section
from sonde_core.evidence import Contact
from sonde_core.findings import Finding, Item, Severity, Verdict
from sonde_core.report import HostReport
from sonde_core.words import Words, values_of
from sonde_terminal.grid import Mark
from sonde_terminal.labels import LABELS, Labels, count
from sonde_terminal.lines import Role, hang
from sonde_terminal.overview import briefs, mark_of_finding
from sonde_terminal.screen import Page
from sonde_terminal.text import Text

_ORDER = (
    Section.HOST,
    Section.NETWORK,
    Section.CLOCK,
    Section.IP,
    Section.PERMISSION,
    Section.RATE,
    Section.EXCHANGE,
    Section.ORDER,
)
_NAME_LIMIT = 32


@dataclass(frozen=True, slots=True)
class _Group:
    """The findings that share a line."""

    label: str
    findings: Sequence[Finding]

    def of(self, verdict: Verdict) -> list[Finding]:
        return [finding for finding in self.findings if finding.verdict is verdict]


def tree(report: HostReport, title: str, words: Words, page: Page) -> list[Text]:
    """Return a host under a title: its sections, with details where they matter."""
    sign = Mark.of_host(report.state).sign(page.signs)
    return [*hang(sign, page.say(title), page, Role.STRONG), *details(report, words, page)]


def details(report: HostReport, words: Words, page: Page) -> list[Text]:
    """Return the sections of a host."""
    groups = list(_groups(report, words, page))
    width = max((cell_len(group.label) for group in groups), default=0)
    return [line for group in groups for line in _group(report, group, width, words, page)]


def summary(report: HostReport, words: Words, page: Page) -> list[Text]:
    """Return how many faults were found on a host, among how many checks, in which time."""
    labels = LABELS[words.language]
    severities = [words.severity(finding) for finding in report.found()]
    unknown = len(report.unknown_sections())
    parts = [
        count(severities.count(Severity.FAILURE), labels.failures),
        count(severities.count(Severity.WARNING), labels.warnings),
        *([f"{unknown} {labels.unknowns}"] if unknown else []),
        count(len(report.findings), labels.checks),
        f"{report.elapsed / timedelta(seconds=1):.1f} s",
    ]
    return hang(Text(" "), page.signs.separator.join(parts), page)


def _groups(report: HostReport, words: Words, page: Page) -> Iterator[_Group]:
    labels = LABELS[words.language]
    by_label: dict[str, list[Finding]] = {}
    for section in _ORDER:
        for finding in report.in_section(section):
            by_label.setdefault(_label(finding, section, labels, page), []).append(finding)
    for finding in report.findings:
        if words.cause(finding.cause) is None:  # of a newer service
            by_label.setdefault(page.say(str(finding.subject), _NAME_LIMIT), []).append(finding)
    quiet = report.in_section(Section.HOST)
    for label, findings in by_label.items():
        group = _Group(label, findings)
        # Neither an agent that answered nor an engine that reports is news.
        if group.of(Verdict.FOUND) or any(finding not in quiet for finding in findings):
            yield group


def _label(finding: Finding, section: Section, labels: Labels, page: Page) -> str:
    named = {"account": labels.key, "engine": labels.engine}.get(finding.subject.kind)
    if named:
        return f'{named} "{page.say(finding.subject.name, min(_NAME_LIMIT, page.width // 3))}"'
    return labels.sections[section]


def _group(
    report: HostReport, group: _Group, width: int, words: Words, page: Page
) -> Iterator[Text]:
    label = set_cell_size(group.label, width)
    found = group.of(Verdict.FOUND)
    notes = all(words.severity(finding) is Severity.INFO for finding in found)
    if not found or (notes and len(found) < len(group.findings)):
        yield from _without_fault(report, group, label, words, page)
        label = " " * width
    by_cause: dict[str, list[Finding]] = {}
    for finding in found:
        by_cause.setdefault(finding.cause, []).append(finding)
    for same in by_cause.values():
        sign = mark_of_finding(report, same[0], words)
        yield from hang(_lead(sign, label, page), _headline(same[0], words, page), page)
        yield from _reasons(same, words, page)
        yield from _remedy(report, max(same, key=_ends), words, page)
        label = " " * width


def _ends(finding: Finding) -> datetime:
    """Return until when it lasts: several endpoints are mended together, with the last of them."""
    until = values_of(finding).get("until")
    return until if isinstance(until, datetime) else datetime.min.replace(tzinfo=UTC)


def _without_fault(
    report: HostReport, group: _Group, label: str, words: Words, page: Page
) -> Iterator[Text]:
    labels, clear = LABELS[words.language], group.of(Verdict.CLEAR)
    unknown = group.of(Verdict.UNKNOWN)
    open_ = [finding for finding in unknown if finding in _of_open_sections(report)]
    if open_ or not clear:
        yield from hang(_lead(Mark.UNSURE, label, page), labels.unknown, page)
        if report.status is Contact.DIAGNOSED:  # else the agent's silence is the reason
            yield from _reasons(open_ or unknown, words, page)
        return
    items = [each for one in clear for each in (*one.supporting, *one.contradicting)]
    said = briefs(items, words, page.signs.separator) or count(len(clear), labels.passed)
    said = said.removeprefix(f"{group.label} ")  # "clock +2 ms" stands behind "clock"
    yield from hang(_lead(Mark.GOOD, label, page), page.say(said), page)


def _of_open_sections(report: HostReport) -> list[Finding]:
    """Return the findings of the sections that must be known and are not."""
    return [f for section in report.unknown_sections() for f in report.in_section(section)]


def _lead(mark: Mark, label: str, page: Page) -> Text:
    return Text.assemble("  ", mark.sign(page.signs), label, "  ")


def _headline(finding: Finding, words: Words, page: Page) -> str:
    labels = LABELS[words.language]
    sure = labels.confidence[finding.confidence] if finding.confidence else ""
    named = " ".join(filter(None, (finding.cause, sure)))
    return page.say(f"{named}{labels.colon}{words.title(finding)}")


def _reasons(findings: Sequence[Finding], words: Words, page: Page) -> Iterator[Text]:
    labels = LABELS[words.language]
    parts: tuple[tuple[str, Iterable[Item]], ...] = (
        (labels.supports, (i for f in findings for i in f.supporting)),
        (labels.contradicts, (i for f in findings for i in f.contradicting)),
        (labels.missing, (i for f in findings for i in f.missing)),
        (labels.settle, (f.settle for f in findings if f.settle)),
    )
    width = max(cell_len(name) for name, _ in parts)
    for name, items in parts:
        for sentence in dict.fromkeys(words.sentence(item) for item in items):
            lead = Text(f"{' ' * 7}{set_cell_size(name, width)}  ", Role.QUIET)
            yield from hang(lead, page.say(sentence), page)
            name = ""  # noqa: PLW2901 - said once


def _remedy(report: HostReport, finding: Finding, words: Words, page: Page) -> Iterator[Text]:
    cause = words.cause(finding.cause)
    steps = words.remedy(finding, host=report.host)
    if not cause or not steps:
        return
    labels = LABELS[words.language]
    owner = labels.owners[cause.owner]
    yield from hang(
        Text(f"{' ' * 7}{page.signs.arrow} ", Role.STRONG),
        f"{owner}{labels.colon}".strip(),
        page,
    )
    for number, step in enumerate(steps, start=1):
        yield from hang(Text(f"{' ' * 9}{number}. "), page.say(step), page)
