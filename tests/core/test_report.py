"""The forms in which programs read a result."""

import json
from xml.etree import ElementTree

import pytest

from sonde_core.evidence import Contact
from sonde_core.exits import Exit
from sonde_core.findings import Confidence, Finding, Item, Severity, Verdict
from sonde_core.readings import HOST, SIGNED_KINDS, SPOT, USDM, Closure, Kind
from sonde_core.report import HostReport, exit_code, junit, to_json
from sonde_core.words import Words
from tests.core.cases import CASES
from tests.core.hosts import MAIN, NOW, host, ms, reading
from tests.core.reports import report_of


@pytest.mark.parametrize(
    ("cases", "fail_on", "code"),
    [
        pytest.param(["healthy"], Severity.FAILURE, Exit.HEALTHY, id="healthy"),
        pytest.param(["healthy", "banned"], Severity.FAILURE, Exit.FAILURE, id="a failure"),
        pytest.param(["withdrawals on"], Severity.FAILURE, Exit.WARNING, id="a warning"),
        pytest.param(
            ["withdrawals on"], Severity.WARNING, Exit.FAILURE, id="a warning that counts"
        ),
        pytest.param(["no clock at all"], Severity.FAILURE, Exit.WARNING, id="the clock unknown"),
        pytest.param(
            ["nothing signed answered"], Severity.FAILURE, Exit.WARNING, id="the key unknown"
        ),
        pytest.param(["silent: timeout"], Severity.FAILURE, Exit.SILENT, id="silent"),
        pytest.param(
            ["silent: timeout", "withdrawals on"],
            Severity.FAILURE,
            Exit.SILENT,
            id="silence before a warning",
        ),
        pytest.param(
            ["silent: timeout", "banned"], Severity.FAILURE, Exit.FAILURE, id="a failure first"
        ),
        pytest.param([], Severity.FAILURE, Exit.HEALTHY, id="no host"),
    ],
)
def test_the_exit_code_tells_the_worst(cases: list[str], fail_on: Severity, code: Exit) -> None:
    assert exit_code([report_of(CASES[case]) for case in cases], fail_on) is code


def test_closed_udp_leaves_a_host_healthy_where_the_exchange_tells_the_time() -> None:
    evidence = CASES["healthy"]
    assert report_of(CASES["healthy"]).healthy
    assert report_of(CASES["no clock at all"]).unknown_sections() == ["clock"]
    assert evidence.contact is Contact.DIAGNOSED


def test_the_json_line_has_every_field_and_the_rendered_text() -> None:
    line = json.loads(json.dumps(to_json(report_of(CASES["banned"]), Words(), [{"kind": "x"}])))

    assert set(line) == {
        "schema", "diagnosis", "host", "time", "status", "healthy", "agent_version", "last_seen",
        "findings", "readings", "elapsed_ms",
    }  # fmt: skip
    assert (line["schema"], line["status"], line["healthy"]) == (1, "diagnosed", False)
    assert (line["time"], line["elapsed_ms"]) == ("2030-01-01T12:00:00.000Z", 1_234)
    ban = line["findings"][0]
    assert (ban["cause"], ban["section"], ban["severity"]) == ("IP_BANNED", "rate", "failure")
    assert ban["subject"] == {"kind": "endpoint", "name": "usdm"}
    item = ban["supporting"][0]
    assert item["id"] == "banned_until"
    assert item["values"]["until"] == "2030-01-01T12:04:12.000Z"
    assert item["text"].startswith("usdm is closed to this address until 2030-01-01 12:04:12 UTC")


def test_a_silent_host_has_its_status_and_a_finding() -> None:
    line = to_json(report_of(CASES["silent: unreachable"]), Words(), [])

    assert line["status"] == "unreachable"
    assert line["findings"][0]["cause"] == "AGENT_UNREACHABLE"
    assert line["last_seen"] is not None


@pytest.mark.parametrize(
    ("case", "section", "element"),
    [
        pytest.param("banned", "rate", "failure", id="failure"),
        pytest.param("withdrawals on", "permission", "system-out", id="warning passes"),
        pytest.param("no clock at all", "clock", "error", id="unknown"),
        pytest.param("silent: timeout", "host", "error", id="silent"),
        pytest.param("healthy", "clock", None, id="healthy"),
        pytest.param("no account", "network", "error", id="nothing was sent"),
        pytest.param("no account", "exchange", "error", id="nobody answered"),
    ],
)
def test_junit_has_a_case_per_section(case: str, section: str, element: str | None) -> None:
    [suite] = ElementTree.fromstring(junit([report_of(CASES[case])], Words()))
    [test_case] = [c for c in suite if c.get("name") == section]

    assert suite.get("name") == test_case.get("classname") == "sgp-01"
    assert [child.tag for child in test_case] == ([element] if element else [])
    assert suite.get("tests") == str(len(suite))


def test_what_could_not_be_told_says_why_and_names_no_cause() -> None:
    whole_ban = host(
        *(
            reading(Kind.GATE, endpoint, Closure(status=418, until=NOW + ms(60_000), since=NOW))
            for endpoint in (USDM, SPOT)
        ),
        without=[*SIGNED_KINDS, Kind.PUBLIC_CALL, Kind.EXCHANGE_TIME],
    )
    [suite] = ElementTree.fromstring(junit([report_of(whole_ban)], Words()))
    told = {case.get("name"): case.find("error") for case in suite}
    untold = {name: error for name, error in told.items() if error is not None}

    assert set(untold) == {"network", "ip", "permission", "exchange"}
    for name, error in untold.items():
        message = error.get("message") or ""
        assert message.startswith(f"{name} could not be told"), message
        assert error.get("type") == "UNKNOWN"
    assert "No signed test" in (untold["permission"].get("message") or "")
    assert "IP_BANNED" in (untold["network"].get("message") or "")


def test_what_was_seen_several_times_stands_in_junit_once() -> None:
    again = CASES["the clock is set again and again"]
    [suite] = ElementTree.fromstring(junit([report_of(again)], Words()))
    [told] = [each.text or "" for each in suite.iter() if "CLOCK_STEPPED" in (each.text or "")]

    lines = told.splitlines()
    assert len(lines) == len(set(lines))


def test_a_hostile_text_cannot_break_the_junit_file() -> None:
    item = Item("unheard_of", {"x": "\x1b]0;owned\x07</testcase>"})
    finding = Finding(
        cause="IP_BANNED\x00",
        subject=MAIN,
        verdict=Verdict.FOUND,
        confidence=Confidence.LIKELY,
        supporting=(item,),
    )
    hostile = HostReport(
        diagnosis="1", host="\x1bh<1>", time=NOW, status=Contact.DIAGNOSED, findings=(finding,)
    )

    assert ElementTree.fromstring(junit([hostile], Words()))[0].get("name") == "h<1>"


def test_a_cause_of_a_newer_service_is_still_a_warning() -> None:
    finding = Finding(
        cause="NEW_CAUSE", subject=HOST, verdict=Verdict.FOUND, confidence=Confidence.LIKELY
    )
    newer = HostReport(
        diagnosis="1", host="h", time=NOW, status=Contact.DIAGNOSED, findings=(finding,)
    )

    assert newer.worst() is Severity.WARNING
    assert to_json(newer, Words(), [])["findings"][0]["section"] is None
