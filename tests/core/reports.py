"""What a diagnosis says about a host with some evidence."""

from datetime import timedelta

from sonde_core.diagnose import diagnose
from sonde_core.evidence import Evidence
from sonde_core.report import HostReport
from tests.core.hosts import NOW

DIAGNOSIS = "7f3c91"


def report_of(evidence: Evidence, host: str = "sgp-01") -> HostReport:
    return HostReport(
        diagnosis=DIAGNOSIS,
        host=host,
        time=NOW,
        status=evidence.contact,
        findings=diagnose(evidence),
        agent_version="1.0",
        last_seen=evidence.last_seen,
        elapsed=timedelta(milliseconds=1_234),
    )
