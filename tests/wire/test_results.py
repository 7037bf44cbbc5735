"""What the service sends, the command reads."""

from datetime import timedelta

import pytest

from sonde.support.v1 import diagnosis_pb2 as pb
from sonde_core.diagnose import diagnose
from sonde_core.evidence import Evidence, LastSeen
from sonde_core.report import HostReport
from sonde_wire import readings, results
from tests.core.cases import CASES
from tests.core.hosts import NOW


def report(evidence: Evidence) -> HostReport:
    return HostReport(
        diagnosis="7f3c91",
        host="sgp-01",
        time=NOW,
        status=evidence.contact,
        findings=diagnose(evidence),
        agent_version="1.2.3",
        last_seen=evidence.last_seen,
        elapsed=timedelta(milliseconds=1_234),
    )


@pytest.mark.parametrize("case", CASES)
def test_reports_survive_the_wire(case: str) -> None:
    sent = report(CASES[case])

    message = results.encode_result(sent, [])
    again = pb.HostResult.FromString(message.SerializeToString())

    assert results.decode_result(again) == sent
    assert again.healthy is sent.healthy


def test_readings_travel_as_the_agent_sent_them() -> None:
    taken = [r for group in CASES["healthy"].readings.values() for r in group]
    message = results.encode_result(report(CASES["healthy"]), map(readings.encode, taken))

    assert [readings.decode(r) for r in message.readings] == taken


def test_a_verdict_from_a_newer_service_reads_as_unknown() -> None:
    message = results.encode_result(report(CASES["banned"]), [])
    message.findings[0].verdict = 99  # type: ignore[assignment]

    assert results.decode_result(message).findings[0].verdict.value == "unknown"


def test_when_it_was_last_seen_is_kept() -> None:
    seen = LastSeen(time=NOW, healthy=True)
    sent = HostReport(
        diagnosis="1",
        host="h",
        time=NOW,
        status=CASES["healthy"].contact,
        findings=(),
        last_seen=seen,
    )

    assert results.decode_result(results.encode_result(sent, [])).last_seen == seen
