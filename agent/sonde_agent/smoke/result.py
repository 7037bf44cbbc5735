"""What a smoke test found, and the forms in which programs read it: JSON, JUnit, exit code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from xml.etree import ElementTree

from sonde_core.exits import Exit
from sonde_terminal.screen import safe

SCHEMA = 1


class Outcome(Enum):
    """How a check ended. The values are those of the JSON line."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    """It could not be run, so that nothing is known."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check."""

    name: str
    outcome: Outcome
    detail: str
    """What was seen. It may hold what a stranger sent."""
    elapsed: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeResult:
    """All checks of one address."""

    address: str
    time: datetime
    """When it began, by the clock of whoever asked."""
    checks: Sequence[Check]
    elapsed: timedelta

    def count(self, outcome: Outcome) -> int:
        """Return how many checks ended in one way."""
        return sum(check.outcome is outcome for check in self.checks)

    @property
    def exit_code(self) -> Exit:
        """A failure first, then what could not be run."""
        if self.count(Outcome.FAILED):
            return Exit.FAILURE
        return Exit.COULD_NOT_RUN if self.count(Outcome.ERROR) else Exit.HEALTHY


def to_json(result: SmokeResult) -> dict[str, Any]:
    """Return the one line that `--json` prints."""
    return {
        "schema": SCHEMA,
        "address": result.address,
        "time": _time(result.time),
        "passed": result.exit_code is Exit.HEALTHY,
        "checks": [
            {
                "name": check.name,
                "outcome": check.outcome.value,
                "detail": safe(check.detail),
                "elapsed_ms": round(check.elapsed / timedelta(milliseconds=1)),
            }
            for check in result.checks
        ],
        "elapsed_ms": round(result.elapsed / timedelta(milliseconds=1)),
    }


def junit(result: SmokeResult) -> str:
    """Return a JUnit document: the address is a suite, each check a case."""
    root = ElementTree.Element("testsuites", name="sonde-agent smoke")
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=safe(result.address),
        timestamp=_time(result.time),
        tests=str(len(result.checks)),
        failures=str(result.count(Outcome.FAILED)),
        errors=str(result.count(Outcome.ERROR)),
        time=f"{result.elapsed.total_seconds():.3f}",
    )
    for check in result.checks:
        suite.append(_case(check, result.address))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


_ELEMENTS = {Outcome.FAILED: "failure", Outcome.ERROR: "error", Outcome.PASSED: "system-out"}


def _case(check: Check, address: str) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=safe(address),
        name=safe(check.name),
        time=f"{check.elapsed.total_seconds():.3f}",
    )
    said = ElementTree.SubElement(case, _ELEMENTS[check.outcome])
    said.text = safe(check.detail)
    if check.outcome is not Outcome.PASSED:
        said.set("message", said.text)
    return case


def _time(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
