"""Reports that are kept come back as they were."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sonde_core.diagnose import diagnose
from sonde_core.evidence import Contact, Evidence, LastSeen
from sonde_core.findings import Confidence, Finding, Item, ItemValue, Verdict
from sonde_core.readings import USDM, Kind
from sonde_core.report import HostReport
from sonde_service.packing import pack, unpack
from tests.core.cases import CASES

NOON = datetime(2030, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
REPORT = HostReport(
    diagnosis="7f3c91",
    host="sgp-01",
    time=NOON,
    status=Contact.DIAGNOSED,
    findings=(),
    agent_version="1.0",
    last_seen=LastSeen(time=NOON, healthy=True),
    elapsed=timedelta(milliseconds=1_234),
)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_finding_of_every_rule_comes_back(case: Evidence) -> None:
    report = replace(REPORT, findings=diagnose(case))

    assert unpack(pack(report)) == report


def test_values_of_every_type_come_back() -> None:
    values: dict[str, ItemValue] = {
        "text": "é\0",
        "number": -1021,
        "time": NOON,
        "list": ("a", "b"),
        "none": (),
    }
    item = Item("id", values, (Kind.GATE, USDM))
    finding = Finding(
        cause="NEWER_THAN_THIS",
        subject=USDM,
        verdict=Verdict.FOUND,
        confidence=Confidence.LIKELY,
        supporting=(item,),
        settle=Item("id"),
    )
    report = replace(REPORT, findings=(finding,), last_seen=None)

    assert unpack(pack(report)) == report
