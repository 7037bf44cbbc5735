"""From evidence to findings, worst first."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from sonde_core.catalogue import CATALOGUE
from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Severity, Verdict
from sonde_core.readings import Subject
from sonde_core.rules import RULES
from sonde_core.words import severity_of

_VERDICTS = {Verdict.FOUND: 0, Verdict.UNKNOWN: 1, Verdict.CLEAR: 2}
_SEVERITIES = {Severity.FAILURE: 0, Severity.WARNING: 1, Severity.INFO: 2}
_SURENESS = {Confidence.CONFIRMED: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}

_AT_ONCE = timedelta()

_Surest = dict[tuple[Subject, Severity], int]
"""How sure the surest is of what was found on an account, by how bad it is."""


def diagnose(evidence: Evidence) -> tuple[Finding, ...]:
    """Return every rule's findings: found before unknown before clear, worst first.

    Within one severity an account of which something is sure comes before one of which all is
    doubtful, and of what is only possible that which is tried quickest. Then the catalogue's order
    decides: a cause that hides another comes first.
    """
    findings = [finding for rule in RULES for finding in rule.examine(evidence)]
    return tuple(sorted(findings, key=partial(_order, _surest(findings))))


def _surest(findings: Iterable[Finding]) -> _Surest:
    surest: _Surest = {}
    for finding in findings:
        # What is wrong with the host or an endpoint may hide what is wrong with any account.
        if finding.confidence and finding.subject.kind == "account":
            place, sureness = (finding.subject, severity_of(finding)), _SURENESS[finding.confidence]
            surest[place] = min(surest.get(place, sureness), sureness)
    return surest


def _order(surest: _Surest, finding: Finding) -> tuple[int, int, int, timedelta, int, str]:
    subject, severity = finding.subject, severity_of(finding)
    doubt = surest.get((subject, severity), 0) if finding.confidence else 0
    cause = CATALOGUE.causes[finding.cause]
    trying = cause.takes if finding.confidence is Confidence.POSSIBLE else None
    rank = _VERDICTS[finding.verdict], _SEVERITIES[severity], doubt
    return *rank, trying or _AT_ONCE, cause.rank, subject.name
