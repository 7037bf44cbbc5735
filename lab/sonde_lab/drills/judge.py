"""Compares what a diagnosis came to with what it must come to."""

from collections.abc import Iterator
from dataclasses import replace

from sonde_core.findings import Finding, Severity, Verdict
from sonde_core.report import HostReport, exit_of
from sonde_lab.drills.drill import Claim, Expected

OF_THIS_MACHINE = frozenset({"CLOCK_UNSYNCHRONIZED", "CLOCK_STEPPED"})
"""Causes about the kernel clock of the machine that runs the drills, which no drill touches."""


def of_the_drill(report: HostReport) -> HostReport:
    """Return what a diagnosis says of a drill's world, without what it says of this machine."""
    kept = tuple(f for f in report.findings if f.cause not in OF_THIS_MACHINE)
    return replace(report, findings=kept)


def claims(report: HostReport) -> tuple[Claim, ...]:
    """Return what was found, in the order in which it is shown."""
    return tuple(_claim(finding) for finding in report.found())


def _claim(finding: Finding) -> Claim:
    if finding.confidence is None:
        raise ValueError(f"{finding.cause} was found, and nobody says how sure that is")
    return Claim(finding.cause, finding.confidence, finding.subject.name)


def complaints(report: HostReport, expected: Expected) -> Iterator[str]:
    """Return what is wrong with a diagnosis; nothing where it is right."""
    found = claims(report)
    for claim in expected.found:
        if claim not in found:
            yield f"{claim} is missing"
    for claim in found:
        if claim not in expected.found:
            tempting = " (the trap)" if claim.cause in expected.tempting else ""
            yield f"{claim} is claimed{tempting}"
    if set(found) == set(expected.found) and found != expected.found:
        yield "in another order: " + ", ".join(map(str, found))
    code = exit_of(report, Severity.FAILURE)
    if code is not expected.exit:
        yield f"exit {code.value}"
    yield from _unnamed(report, expected)
    yield from _told(report, expected)


def _unnamed(report: HostReport, expected: Expected) -> Iterator[str]:
    """Complain of a cause whose evidence does not name who is behind it."""
    for finding in report.found():
        values = [value for item in finding.supporting for value in item.values.values()]
        if expected.named and expected.named not in values:
            yield f"{finding.cause} ({finding.subject.name}) does not name {expected.named}"


def _told(report: HostReport, expected: Expected) -> Iterator[str]:
    """Complain of what was told although nobody can know it."""
    for cause in expected.unknown:
        verdicts = {f.verdict for f in report.findings if f.cause == cause}
        if verdicts != {Verdict.UNKNOWN}:
            told = sorted(verdict.value for verdict in verdicts)
            yield f"{cause} is {' and '.join(told) or 'not decided'} instead of unknown"
