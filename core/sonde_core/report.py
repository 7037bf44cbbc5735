"""One host's result, and the forms in which programs read it: JSON, JUnit, exit code."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

from sonde_core.catalogue import CATALOGUE, Section
from sonde_core.evidence import Contact, LastSeen
from sonde_core.exits import Exit
from sonde_core.findings import Finding, HostState, Item, ItemValue, Severity, Verdict
from sonde_core.history import Change
from sonde_core.history.engines import EngineReports
from sonde_core.records import record
from sonde_core.words import Words, severity_of

SCHEMA = 1
MUST_BE_KNOWN = (Section.CLOCK, Section.IP, Section.PERMISSION)
"""A host where one of these could not be told is not called healthy."""
_UNTOLD = "UNKNOWN"
_EXITS = {
    HostState.HEALTHY: Exit.HEALTHY,
    HostState.FAILING: Exit.FAILURE,
    HostState.WARNING: Exit.WARNING,
    HostState.UNCLEAR: Exit.WARNING,
    HostState.SILENT: Exit.SILENT,
}
_DECISIVE = frozenset({"CLOCK_AHEAD", "CLOCK_BEHIND", "IP_NOT_WHITELISTED", "PERMISSION_MISSING"})
"""The causes that tell whether a section is known."""


@record(frozen=True, slots=True, kw_only=True)
class HostReport:
    """What was found out about one host."""

    diagnosis: str
    host: str
    time: datetime
    """When it was asked, by the clock of whoever asked."""
    status: Contact
    findings: tuple[Finding, ...]
    """Worst first."""
    agent_version: str = ""
    last_seen: LastSeen | None = None
    """When its agent last answered before this."""
    elapsed: timedelta = timedelta()

    @property
    def healthy(self) -> bool:
        """Tell whether nothing is wrong and nothing that matters is unknown."""
        return self.state is HostState.HEALTHY

    @property
    def state(self) -> HostState:
        """Tell what the findings come to."""
        if self.status is not Contact.DIAGNOSED:
            return HostState.SILENT
        worst = self.worst()
        if worst is Severity.FAILURE:
            return HostState.FAILING
        if worst is Severity.WARNING:
            return HostState.WARNING
        return HostState.UNCLEAR if self.unknown_sections() else HostState.HEALTHY

    def found(self) -> list[Finding]:
        """Return the causes that were found, worst first."""
        return [finding for finding in self.findings if finding.verdict is Verdict.FOUND]

    def worst(self) -> Severity | None:
        """Return the severity of the worst cause that was found."""
        return next((severity_of(finding) for finding in self.found()), None)

    def unknown_sections(self) -> list[Section]:
        """Return the sections that must be known and could not be told of every subject.

        A cause that was found explains what its section leaves unknown of the same subject.
        """
        explained = {(_section(finding), finding.subject) for finding in self.found()}
        unknown = {
            _section(finding)
            for finding in self.findings
            if finding.cause in _DECISIVE
            and finding.verdict is Verdict.UNKNOWN
            and (_section(finding), finding.subject) not in explained
        }
        return [section for section in MUST_BE_KNOWN if section in unknown]

    def is_open(self, section: Section) -> bool:
        """Tell whether nothing was found in a section because it could not be told."""
        findings = self.in_section(section)
        told = any(finding.verdict is not Verdict.UNKNOWN for finding in findings)
        return section in self.unknown_sections() or (bool(findings) and not told)

    def in_section(self, section: Section) -> list[Finding]:
        """Return the findings whose cause belongs to a section, worst first."""
        return [f for f in self.findings if _section(f) is section]


def _section(finding: Finding) -> Section | None:
    cause = CATALOGUE.causes.get(finding.cause)
    return cause.section if cause else None


def exit_of(report: HostReport, fail_on: Severity) -> Exit:
    """Return the exit code of one host; warnings count as failures where asked."""
    state = report.state
    if state is HostState.WARNING and fail_on is Severity.WARNING:
        return Exit.FAILURE
    return _EXITS[state]


def exit_code(reports: Iterable[HostReport], fail_on: Severity = Severity.FAILURE) -> Exit:
    """Return the exit code of several hosts: failure, then silence, then warning."""
    codes = {exit_of(report, fail_on) for report in reports}
    for code in (Exit.FAILURE, Exit.SILENT, Exit.WARNING):
        if code in codes:
            return code
    return Exit.HEALTHY


def to_json(
    report: HostReport, words: Words, readings: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the one line that ``--json`` prints for a host.

    `readings` are in the contract's own JSON form; only the wire knows that form.
    """
    return {
        "schema": SCHEMA,
        "diagnosis": report.diagnosis,
        "host": report.host,
        "time": _time(report.time),
        "status": report.status.value,
        "healthy": report.healthy,
        "agent_version": report.agent_version,
        "last_seen": _time(report.last_seen.time) if report.last_seen else None,
        "findings": [_finding_json(finding, words) for finding in report.findings],
        "readings": list(readings),
        "elapsed_ms": round(report.elapsed / timedelta(milliseconds=1)),
    }


def change_to_json(host: str, diagnosis: str, change: Change, words: Words) -> dict[str, Any]:
    """Return the one line that ``--json`` prints for a change on a host."""
    return {
        "schema": SCHEMA,
        "host": host,
        "time": _time(change.time),
        "diagnosis": diagnosis,
        "change": _item_json(change.item, words),
    }


def engine_reports_to_json(host: str, reports: EngineReports, words: Words) -> dict[str, Any]:
    """Return the one line that ``--json`` prints for what an engine reported."""
    return {
        "schema": SCHEMA,
        "host": host,
        "time": _time(reports.last),
        "first_time": _time(reports.first),
        "count": reports.count,
        "engine": _item_json(reports.item, words),
        "advice": reports.advice.to_json() if reports.advice else None,
    }


def _finding_json(finding: Finding, words: Words) -> dict[str, Any]:
    section = _section(finding)
    return {
        "cause": finding.cause,
        "subject": {"kind": finding.subject.kind, "name": finding.subject.name},
        "section": section.value if section else None,
        "severity": severity_of(finding).value,
        "verdict": finding.verdict.value,
        "confidence": finding.confidence.value if finding.confidence else None,
        "supporting": [_item_json(item, words) for item in finding.supporting],
        "contradicting": [_item_json(item, words) for item in finding.contradicting],
        "missing": [_item_json(item, words) for item in finding.missing],
        "settle": _item_json(finding.settle, words) if finding.settle else None,
    }


def _item_json(item: Item, words: Words) -> dict[str, Any]:
    return {
        "id": item.id,
        "values": {name: _value_json(value) for name, value in item.values.items()},
        "text": words.sentence(item),
    }


def _value_json(value: ItemValue) -> str | int | list[str]:
    if isinstance(value, datetime):
        return _time(value)
    return list(value) if isinstance(value, tuple) else value


def _time(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def junit(reports: Iterable[HostReport], words: Words) -> str:
    """Return a JUnit document: a suite per host, a case per section.

    Failure is ``<failure>``, unknown or silent is ``<error>``, a warning passes with its text in
    ``<system-out>``.
    """
    root = ElementTree.Element("testsuites", name="sonde")
    for report in reports:
        root.append(_suite(report, words))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(report: HostReport, words: Words) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=_xml(report.host), timestamp=_time(report.time))
    for section in Section:
        findings = report.in_section(section)
        if findings:
            suite.append(_case(report, section, findings, words))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    suite.set("time", f"{report.elapsed.total_seconds():.3f}")
    return suite


def _case(
    report: HostReport, section: Section, findings: Sequence[Finding], words: Words
) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=_xml(report.host), name=section.value)
    worst = findings[0]
    if worst.verdict is not Verdict.FOUND:
        if report.is_open(section):
            told = _untold(report, section, findings, words)
            ElementTree.SubElement(case, "error", type=_UNTOLD, message=_xml(told))
        return case
    element = _outcome(report, section, worst)
    outcome = ElementTree.SubElement(case, element)
    lines = [f"{worst.cause}: {words.title(worst)}"]
    evidence = (*worst.supporting, *worst.missing)
    lines += dict.fromkeys(words.sentence(item) for item in evidence)
    lines += words.remedy(worst, host=report.host)
    if element != "system-out":
        outcome.set("type", worst.cause)
        outcome.set("message", _xml(lines[0]))
    outcome.text = _xml("\n".join(lines))
    return case


def _outcome(report: HostReport, section: Section, worst: Finding) -> str:
    if report.status is not Contact.DIAGNOSED and section is Section.HOST:
        return "error"
    return "failure" if severity_of(worst) is Severity.FAILURE else "system-out"


def _untold(report: HostReport, section: Section, findings: Iterable[Finding], words: Words) -> str:
    """Return what could not be told, and why: what is missing, else what stands before it."""
    unknown = [finding for finding in findings if finding.verdict is Verdict.UNKNOWN]
    why = [words.sentence(i) for f in unknown for i in (*f.missing, *f.supporting)]
    known: dict[str, ItemValue] = {"section": section.value}
    if why:
        known["why"] = " ".join(dict.fromkeys(why))
    elif report.found():
        known["causes"] = tuple(dict.fromkeys(finding.cause for finding in report.found()))
    return words.phrase("untold", **known)


def _xml(text: str) -> str:
    """Drop what XML 1.0 cannot carry: control characters in texts that hosts sent."""
    return "".join(c for c in text if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))
