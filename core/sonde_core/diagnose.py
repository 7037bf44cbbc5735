"""From evidence to findings, worst first."""

from collections.abc import Iterable

from sonde_core.catalogue import CATALOGUE
from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Severity, Verdict
from sonde_core.readings import Subject
from sonde_core.rules import RULES

_VERDICTS = {Verdict.FOUND: 0, Verdict.UNKNOWN: 1, Verdict.CLEAR: 2}
_SEVERITIES = {Severity.FAILURE: 0, Severity.WARNING: 1, Severity.INFO: 2}
_SURENESS = {None: 0, Confidence.CONFIRMED: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}

_Place = tuple[Subject, Verdict, Severity]


def diagnose(evidence: Evidence) -> tuple[Finding, ...]:
    """Return every rule's findings: found before unknown before clear, worst first.

    Within one severity an account of which something is sure comes before one of which all is
    doubtful. Then the catalogue's order decides: a cause that hides another comes first.
    """
    findings = [finding for rule in RULES for finding in rule.examine(evidence)]
    surest = _surest(findings)
    return tuple(sorted(findings, key=lambda finding: _order(finding, surest)))


def _surest(findings: Iterable[Finding]) -> dict[_Place, int]:
    surest: dict[_Place, int] = {}
    for finding in findings:
        place, sureness = _place(finding), _SURENESS[finding.confidence]
        surest[place] = min(surest.get(place, sureness), sureness)
    return surest


def _order(finding: Finding, surest: dict[_Place, int]) -> tuple[int, int, int, int, str]:
    place = subject, verdict, severity = _place(finding)
    # What is wrong with the host or an endpoint may hide what is wrong with any account.
    doubt = surest[place] if subject.kind == "account" else 0
    rank = CATALOGUE.causes[finding.cause].rank
    return _VERDICTS[verdict], _SEVERITIES[severity], doubt, rank, subject.name


def _place(finding: Finding) -> _Place:
    severity = finding.severity or CATALOGUE.causes[finding.cause].severity
    return finding.subject, finding.verdict, severity
