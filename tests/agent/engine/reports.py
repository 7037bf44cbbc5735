"""Reports to keep."""

from datetime import UTC, datetime

from sonde_agent.engine.rows import NewReport, ReportKind


def report(payload: bytes, kind: ReportKind = ReportKind.FAILURE) -> NewReport:
    """Return a report with something of its own in it."""
    return NewReport(kind=kind, received=datetime(2030, 1, 1, tzinfo=UTC), message=payload)
