"""From evidence to findings, worst first."""

from sonde_core.catalogue import CATALOGUE
from sonde_core.evidence import Evidence
from sonde_core.findings import Finding, Severity, Verdict
from sonde_core.rules import RULES
from sonde_core.words import severity_of

_VERDICTS = (Verdict.FOUND, Verdict.UNKNOWN, Verdict.CLEAR)
_SEVERITIES = (Severity.FAILURE, Severity.WARNING, Severity.INFO)


def diagnose(evidence: Evidence) -> tuple[Finding, ...]:
    """Return every rule's findings: found before unknown before clear, worst first.

    Within one severity the catalogue's order decides: a cause that hides another comes first.
    """
    findings = [finding for rule in RULES for finding in rule.examine(evidence)]
    return tuple(sorted(findings, key=_order))


def _order(finding: Finding) -> tuple[int, int, int, str]:
    return (
        _VERDICTS.index(finding.verdict),
        _SEVERITIES.index(severity_of(finding)),
        CATALOGUE.causes[finding.cause].rank,
        finding.subject.name,
    )
