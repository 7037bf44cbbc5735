"""The table of a diagnosis: a row per cause, the next step below it, the counts at the end."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rich.cells import cell_len

from sonde_core.catalogue import Section
from sonde_core.evidence import Contact
from sonde_core.findings import Finding, HostState, Item, Severity, Verdict
from sonde_core.report import MUST_BE_KNOWN, HostReport
from sonde_core.words import Words
from sonde_terminal.grid import Mark, Row, grid
from sonde_terminal.labels import LABELS, Labels, count
from sonde_terminal.lines import Role, hang
from sonde_terminal.screen import Page
from sonde_terminal.text import Text

_NAME_LIMIT = 32
_WHY_LIMIT = 300
_TELLING = 2
"""How many pieces of evidence a row has; the details have them all."""


def mark_of_finding(report: HostReport, finding: Finding, words: Words) -> Mark:
    """Return the mark of a finding; a host that gave no answer is a question, not a fault."""
    if finding.verdict is Verdict.CLEAR:
        return Mark.GOOD
    if finding.verdict is Verdict.UNKNOWN or report.status is not Contact.DIAGNOSED:
        return Mark.UNSURE
    return Mark.of(words.severity(finding))


def table(reports: Sequence[HostReport], words: Words, page: Page) -> list[Text]:
    """Return the rows of some hosts, in their order, each host named once."""
    labels = LABELS[words.language]
    rows = [row for report in reports for row in _rows(report, words, page)]
    return grid((labels.host, labels.finding, labels.sure, labels.why), rows, page)


def _rows(report: HostReport, words: Words, page: Page) -> list[Row]:
    first, *more = _unnamed(report, words, page)
    return [replace(first, name=page.say(report.host, _NAME_LIMIT)), *more]


def _unnamed(report: HostReport, words: Words, page: Page) -> Iterator[Row]:
    if report.healthy:
        yield _healthy(report, words, page)
    for finding in report.found():
        yield _found(report, finding, words, page)
    if report.status is Contact.DIAGNOSED and report.worst() is not Severity.FAILURE:
        # Beside a failure, what is unknown is mostly its consequence: the details have it.
        for section in report.unknown_sections():
            yield _unknown(report, section, words, page)
    if report.status is not Contact.DIAGNOSED and not report.found():
        yield Row(Mark.UNSURE, "", report.status.value, ("",), "")


def _healthy(report: HostReport, words: Words, page: Page) -> Row:
    items = [
        item
        for section in MUST_BE_KNOWN
        for finding in report.in_section(section)
        if finding.verdict is Verdict.CLEAR
        for item in finding.supporting[:1]
    ]
    why = page.say(briefs(items, words, page.signs.separator), _WHY_LIMIT)
    return Row(Mark.GOOD, "", LABELS[words.language].healthy, ("",), why)


def _found(report: HostReport, finding: Finding, words: Words, page: Page) -> Row:
    labels = LABELS[words.language]
    return Row(
        mark_of_finding(report, finding, words),
        "",
        page.say(finding.cause, _NAME_LIMIT),
        (labels.confidence[finding.confidence] if finding.confidence else "",),
        page.say(briefs(finding.supporting[:_TELLING], words, labels.and_), _WHY_LIMIT),
        next_step(report, finding, words, page),
    )


def _unknown(report: HostReport, section: Section, words: Words, page: Page) -> Row:
    labels = LABELS[words.language]
    items = [
        item
        for finding in report.in_section(section)
        if finding.verdict is Verdict.UNKNOWN
        for item in finding.missing
    ]
    why = page.say(briefs(items, words, labels.and_), _WHY_LIMIT)
    return Row(Mark.UNSURE, "", f"{labels.sections[section]} {labels.unknown}", ("",), why)


def briefs(items: Iterable[Item], words: Words, separator: str) -> str:
    """Return pieces of evidence in a few words each, each said once."""
    return separator.join(dict.fromkeys(words.brief(item) for item in items))


def next_step(report: HostReport, finding: Finding, words: Words, page: Page) -> str:
    """Return who does what next, or nothing where the catalogue does not say."""
    labels, cause = LABELS[words.language], words.cause(finding.cause)
    step = words.next_step(finding, host=report.host)
    if not cause or not step:
        return ""
    return page.say(f"{labels.owners[cause.owner]}{labels.colon}{step}", _WHY_LIMIT)


def footer(reports: Sequence[HostReport], words: Words, page: Page) -> list[Text]:
    """Return how many hosts there are of each kind, and the diagnosis's id."""
    labels = LABELS[words.language]
    number = Counter(_kind(report, labels) for report in reports)
    kinds = (labels.healthy, labels.failing, labels.warning, labels.unclear, labels.silent)
    counts = [count(len(reports), labels.hosts)]
    counts += [f"{number[kind]:,} {kind}" for kind in kinds if number[kind]]
    left = f" {page.signs.separator.join(counts)}"
    name = page.say(reports[0].diagnosis, _NAME_LIMIT) if reports else ""
    right = f"{labels.diagnosis} {name}{labels.comma}{labels.saved}" if name else ""
    blank = page.width - cell_len(left) - cell_len(right)
    if right and blank > 0:
        return [Text.assemble(left, " " * min(blank, 12), (right, Role.QUIET))]
    lines = hang(Text(" "), left.strip(), page)
    return [*lines, Text(f" {right}", Role.QUIET)] if right else lines


def _kind(report: HostReport, labels: Labels) -> str:
    return {
        HostState.HEALTHY: labels.healthy,
        HostState.FAILING: labels.failing,
        HostState.WARNING: labels.warning,
        HostState.UNCLEAR: labels.unclear,
        HostState.SILENT: labels.silent,
    }[report.state]
