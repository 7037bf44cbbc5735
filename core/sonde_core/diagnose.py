"""From evidence to findings, worst first."""

from sonde_core.catalogue import CATALOGUE
from sonde_core.evidence import Evidence
from sonde_core.findings import Finding, Severity, Verdict
from sonde_core.rules import RULES

_VERDICTS = {Verdict.FOUND: 0, Verdict.UNKNOWN: 1, Verdict.CLEAR: 2}
_SEVERITIES = {Severity.FAILURE: 0, Severity.WARNING: 1, Severity.INFO: 2}


def diagnose(evidence: Evidence) -> tuple[Finding, ...]:
    """Return every rule's findings: found before unknown before clear, worst first.

    Within one severity the catalogue's order decides: a cause that hides another comes first.
    """
    findings = [finding for rule in RULES for finding in rule.examine(evidence)]
    return tuple(sorted(findings, key=_order))


def _order(finding: Finding) -> tuple[int, int, int, str]:
    cause = CATALOGUE.causes[finding.cause]
    severity = _SEVERITIES[finding.severity or cause.severity]
    return _VERDICTS[finding.verdict], severity, cause.rank, finding.subject.name
