"""What `sonde diagnose` says of hosts: as a table, as JSON, as JUnit and as its exit code."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sonde_core.report import to_json
from sonde_core.words import Words
from sonde_wire.readings import encode
from sonde_wire.readings import to_json as reading_to_json
from tests.commands import Command, ended
from tests.core.cases import CASES
from tests.core.reports import report_of
from tests.service.cli.ailing_fleet import FLEET
from tests.service.cli.fake_support import FakeSupport


async def test_every_expected_host_has_a_row_with_its_cause_and_how_sure_that_is(
    support: FakeSupport, sonde: Command
) -> None:
    support.has(FLEET)

    told = await sonde("diagnose", "--all")

    rows = {line.split()[1]: line for line in told.out.splitlines() if len(line.split()) > 1}
    assert rows["sgp-01"].split()[:3] == ["✓", "sgp-01", "healthy"]
    assert rows["tyo-02"].split()[:4] == ["✗", "tyo-02", "CLOCK_AHEAD", "confirmed"]
    assert rows["sgp-03"].split()[:4] == ["✗", "sgp-03", "IP_NOT_WHITELISTED", "confirmed"]
    assert rows["fra-04"].split()[:4] == ["!", "fra-04", "WITHDRAWALS_ENABLED", "confirmed"]
    assert rows["hkg-05"].split()[:4] == ["?", "hkg-05", "AGENT_UNREACHABLE", "confirmed"]
    assert rows["osa-06"].split()[:4] == ["?", "osa-06", "clock", "unknown"]
    assert told.err == ""


async def test_below_a_cause_stands_who_does_what_next(
    support: FakeSupport, sonde: Command
) -> None:
    support.has(FLEET)

    told = await sonde("diagnose", "--all")

    assert "→ support: on the host, `chronyc makestep`; then `sonde diagnose tyo-02`" in told.out
    assert "→ customer: replace 198.51.100.7 in API Management with 203.0.113.9" in told.out


async def test_a_healthy_row_says_what_is_fine(support: FakeSupport, sonde: Command) -> None:
    support.has({"sgp-01": "healthy", "sgp-02": "healthy"})

    told = await sonde("diagnose", "--all")

    assert "clock +2 ms ±2 ms · 203.0.113.7 · permissions complete" in told.out


async def test_the_table_ends_with_counts_that_add_up_and_the_diagnosis(
    support: FakeSupport, sonde: Command
) -> None:
    support.has(FLEET)

    told = await sonde("diagnose", "--all")

    counts = "6 hosts · 1 healthy · 2 failing · 1 warning · 1 unclear · 1 silent"
    assert counts in told.out.splitlines()[-1]
    assert "diagnosis 7f3c91, saved" in told.out.splitlines()[-1]


async def test_one_host_is_shown_with_what_its_cause_rests_on_and_the_steps(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"sgp-03": "not listed"})

    told = await sonde("diagnose", "sgp-03")

    assert '✗ key "main"' in told.out
    assert "supports" in told.out
    assert "1. Sign in to Binance → API Management" in told.out


async def test_the_language_and_the_time_zone_are_the_asked_ones(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"hkg-05": "silent: unreachable"})

    told = await sonde("diagnose", "hkg-05", "--lang", "zh", "--tz", "Asia/Shanghai")

    assert "上次应答 北京时间 14:00" in told.out


async def test_of_a_silent_host_its_silence_is_the_only_reason(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"hkg-05": "silent: unreachable"})

    told = await sonde("diagnose", "hkg-05")

    assert "? clock       unknown\n" in told.out
    assert "missing" not in told.out


async def test_json_has_the_line_that_core_gives_each_expected_host(
    support: FakeSupport, sonde: Command
) -> None:
    support.has(FLEET)

    told = await sonde("diagnose", "--all", "--json")

    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [line["host"] for line in lines] == sorted(FLEET)
    for line in lines:
        evidence = CASES[FLEET[line["host"]]]
        readings = [reading_to_json(encode(r)) for rs in evidence.readings.values() for r in rs]
        assert line == to_json(report_of(evidence, line["host"]), Words(), readings)


async def test_json_lines_are_printed_as_results_come(support: FakeSupport, sonde: Command) -> None:
    support.has({"a": "healthy", "b": "healthy"})
    support.stop_after = 1

    process = await sonde.start("diagnose", "--all", "--json")
    assert process.stdout
    first = json.loads(await process.stdout.readline())
    await support.waiting.wait()
    support.go_on.set()
    rest = await ended(process)

    assert first["host"] == "a"
    assert json.loads(rest.out)["host"] == "b"


async def test_a_junit_file_has_a_suite_per_host(
    support: FakeSupport, sonde: Command, tmp_path: Path
) -> None:
    support.has(FLEET)
    target = tmp_path / "result.xml"

    told = await sonde("diagnose", "--all", "--junit", str(target))

    suites = ElementTree.parse(target).getroot().findall("testsuite")
    assert {suite.get("name") for suite in suites} == set(FLEET)
    assert "CLOCK_AHEAD" in told.out
    assert set(os.listdir(tmp_path)) == {"result.xml", "service.sock"}


@pytest.mark.parametrize(
    ("cases", "options", "code"),
    [
        pytest.param(["healthy"], [], 0, id="healthy"),
        pytest.param(["healthy", "ahead"], [], 3, id="a failure"),
        pytest.param(["withdrawals on"], [], 4, id="a warning"),
        pytest.param(["withdrawals on"], ["--fail-on", "warning"], 3, id="a warning that fails"),
        pytest.param(["no clock at all"], [], 4, id="the clock unknown"),
        pytest.param(["silent: timeout", "withdrawals on"], [], 5, id="silence before warning"),
        pytest.param(["silent: timeout", "ahead"], [], 3, id="failure before silence"),
    ],
)
async def test_the_exit_code_says_what_was_found(
    support: FakeSupport, sonde: Command, cases: list[str], options: list[str], code: int
) -> None:
    support.has({f"host-{number}": case for number, case in enumerate(cases)})

    told = await sonde("diagnose", "--all", "--json", *options)

    assert told.code == code


async def test_filters_and_the_time_limit_reach_the_service(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"a": "healthy", "b": "healthy"})
    support.hosts["b"].labels["region"] = "tyo"
    support.hosts["b"].customer.email = "li@example.com"

    told = await sonde(
        "diagnose", "--customer", "li@example.com", "--label", "region=tyo", "--timeout", "1.5s",
        "--json",
    )  # fmt: skip

    assert json.loads(told.out)["host"] == "b"
    assert support.requests[0].timeout.ToMilliseconds() == 1_500
