import asyncio
import json
import os
import re
import signal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sonde_core.report import to_json
from sonde_core.words import Words
from sonde_service.cli.asking import DEFAULT_SERVICE
from sonde_service.config import ServiceConfig
from sonde_wire.readings import encode
from sonde_wire.readings import to_json as reading_to_json
from tests.commands import Command, ended, without_escapes
from tests.core.cases import CASES
from tests.core.reports import report_of
from tests.service.cli.fake_support import FakeSupport

FLEET = {
    "sgp-01": "healthy",
    "tyo-02": "ahead",
    "sgp-03": "not listed",
    "fra-04": "withdrawals on",
    "hkg-05": "silent: unreachable",
    "osa-06": "no clock at all",
}


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
    "target", ["", "absent/result.xml"], ids=["a directory", "in no directory"]
)
async def test_a_junit_file_that_cannot_be_written_is_refused_before_anything_is_asked(
    support: FakeSupport, sonde: Command, tmp_path: Path, target: str
) -> None:
    support.has({"a": "healthy"})

    told = await sonde("diagnose", "a", "--junit", str(tmp_path / target))

    assert told.code == 2
    assert told.err.startswith("sonde: --junit")
    assert support.requests == []


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


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param([], "--all", id="nothing named"),
        pytest.param(["a", "--all"], "--all", id="a host and all"),
        pytest.param(["a", "--timeout", "5"], "'--timeout'", id="a span without a unit"),
        pytest.param(["a", "--tz", "Mars/Olympus"], "Asia/Shanghai", id="no such time zone"),
        pytest.param(["a", "--lang", "fr"], "'--lang'", id="no such language"),
        pytest.param(["--label", "region"], "K=V", id="a label without a value"),
        pytest.param(["a", "--jsn"], "--json", id="a misspelt option"),
        pytest.param(
            ["a", "--watch", "--junit", "x.xml"], "--watch", id="many diagnoses in one JUnit file"
        ),
        pytest.param(["--label", "x=y"], "sonde hosts list", id="no host matches"),
        pytest.param(["zzz"], "no such host: zzz", id="an unknown host"),
        pytest.param(["a", "--service", "far.example:1"], "ssh -N -L", id="another machine"),
        pytest.param(["a", "--service", "sonde"], "'--service'", id="no address"),
    ],
)
async def test_what_cannot_be_asked_is_said_in_one_line_with_the_fix(
    support: FakeSupport, sonde: Command, arguments: list[str], named: str
) -> None:
    support.has({"a": "healthy"})

    told = await sonde("diagnose", *arguments)

    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("sonde: ")
    assert named in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("address", "why"),
    [
        pytest.param("unix:/nowhere/service.sock", "(No such file or directory)", id="a socket"),
        pytest.param("127.0.0.1:1", "(Connection refused)", id="a port"),
    ],
)
async def test_where_no_service_runs_the_address_and_the_start_are_named(
    sonde: Command, address: str, why: str
) -> None:
    told = await sonde("diagnose", "a", SONDE_SERVICE=address)

    assert (told.code, told.out) == (1, "")
    assert address in told.err
    assert why in told.err
    assert "sonde-service run" in told.err
    assert told.err.count("\n") == 1


async def test_a_service_that_fails_midway_leaves_what_came_and_the_reason(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"a": "healthy", "b": "healthy"})
    support.stop_after, support.breaks = 1, True
    support.go_on.set()

    told = await sonde("diagnose", "--all", "--json")

    assert told.code == 1
    assert json.loads(told.out)["host"] == "a"
    assert told.err == "sonde: the database is locked\n"


async def test_ctrl_c_stops_at_once_and_says_that_what_came_is_stored(
    support: FakeSupport, sonde: Command, tmp_path: Path
) -> None:
    support.has({"a": "healthy", "b": "healthy"})
    support.stop_after = 1
    target = tmp_path / "result.xml"

    process = await sonde.start("diagnose", "--all", "--json", "--junit", str(target))
    assert process.stdout
    await process.stdout.readline()
    process.send_signal(signal.SIGINT)
    told = await asyncio.wait_for(ended(process), timeout=10)

    assert told.code == 130
    assert told.err.count("\n") == 1
    assert "1 of 2 hosts" in told.err
    assert "sonde show 7f3c91" in told.err
    assert len(ElementTree.parse(target).getroot()) == 1


async def test_who_watches_gets_one_diagnosis_after_the_other_until_ctrl_c(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"a": "ahead"})

    process = await sonde.start("diagnose", "a", "--watch", "--json")
    assert process.stdout
    first = await process.stdout.readline()
    support.stop_after = 0
    end = asyncio.create_task(ended(process))
    begun = asyncio.create_task(support.waiting.wait())  # the second one
    await asyncio.wait([end, begun], return_when=asyncio.FIRST_COMPLETED)
    if not end.done():
        process.send_signal(signal.SIGINT)
    told = await end
    begun.cancel()

    assert (told.code, told.out) == (130, ""), told.err
    assert told.err.startswith("sonde: interrupted")
    assert told.err.count("\n") == 1
    assert json.loads(first)["host"] == "a"
    assert len(support.requests) == 2


async def test_who_watches_has_the_table_before_the_pause(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"a": "ahead"})

    process = await sonde.start("diagnose", "a", "--watch")
    assert process.stdout
    table = await process.stdout.readuntil(b"saved\n")
    process.send_signal(signal.SIGINT)
    told = await asyncio.wait_for(ended(process), timeout=10)

    assert b"CLOCK_AHEAD" in table
    assert (told.code, told.out, told.err) == (130, "", "sonde: interrupted\n")
    assert len(support.requests) == 1


async def test_progress_is_shown_on_a_terminal_and_not_off_it(
    support: FakeSupport, sonde: Command
) -> None:
    support.has(FLEET)

    on, off = await sonde.on_terminal("diagnose", "--all"), await sonde("diagnose", "--all")

    assert "hosts 6/6" in on.out
    assert "hosts 6/6" not in off.out + off.err
    assert "\x1b" not in off.out + off.err


async def test_json_on_a_terminal_is_not_mixed_with_progress(
    support: FakeSupport, sonde: Command
) -> None:
    support.has(FLEET)

    told = await sonde.on_terminal("diagnose", "--all", "--json")

    assert len([json.loads(line) for line in told.out.splitlines()]) == len(FLEET)


async def test_without_colour_the_terminal_gets_the_same_words(
    support: FakeSupport, sonde: Command
) -> None:
    support.has(FLEET)

    plain = await sonde.on_terminal("show", "7f3c91", NO_COLOR="1")
    coloured = await sonde.on_terminal("show", "7f3c91")

    colour = re.compile(r"\x1b\[(1;)?3[0-7]m")
    assert colour.search(coloured.out)
    assert not colour.search(plain.out)
    assert without_escapes(plain.out) == without_escapes(coloured.out)


@pytest.mark.parametrize("columns", [40, 60, 80])
async def test_no_line_is_wider_than_the_terminal(
    support: FakeSupport, sonde: Command, columns: int
) -> None:
    support.has(FLEET)

    told = await sonde("show", "7f3c91", COLUMNS=str(columns))
    table = await sonde("diagnose", "--all", COLUMNS=str(columns))

    lines = (told.out + table.out).splitlines()
    assert max(len(line) for line in lines) <= columns
    assert "IP_NOT_WHITELISTED" in table.out


@pytest.mark.parametrize(
    "environ",
    [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"PYTHONIOENCODING": "latin-1"}],
    ids=["the locale C", "the locale POSIX", "an encoding without signs"],
)
async def test_without_utf_8_the_signs_are_ascii(
    support: FakeSupport, sonde: Command, environ: dict[str, str]
) -> None:
    support.has(FLEET)

    told = await sonde("diagnose", "--all", **environ)

    assert told.out.isascii()
    assert " ok sgp-01  healthy" in told.out
    assert " x  tyo-02" in told.out
    assert "-> support: on the host" in told.out
    assert told.code == 3


async def test_progress_without_utf_8_is_ascii(support: FakeSupport, sonde: Command) -> None:
    support.has(FLEET)

    told = await sonde.on_terminal("diagnose", "--all", LC_ALL="C")

    assert "hosts 6/6" in told.out
    assert told.out.isascii()


async def test_what_a_host_says_cannot_steer_the_terminal(
    support: FakeSupport, sonde: Command
) -> None:
    hostile = "[bold]x[/bold]\x1b[2J\u202e\x9b\n" + "y" * 5_000
    evidence = CASES["silent: unreachable"]
    support.has({"a": "silent: unreachable"})
    support.evidence["a"] = type(evidence)(
        now=evidence.now, contact=evidence.contact, contact_detail=hostile
    )

    told = await sonde("diagnose", "a")

    assert "[bold]x[/bold]" in told.out
    assert not {"\x1b", "\u202e", "\x9b"} & set(told.out)
    assert len(told.out) < 4_000


async def test_a_reader_that_goes_away_is_no_error_to_shout_about(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"a": "healthy", "b": "healthy"})
    support.stop_after = 1
    near, far = os.pipe()

    process = await sonde.start("diagnose", "--all", "--json", stdout=far)
    os.close(far)
    await support.waiting.wait()
    os.close(near)
    support.go_on.set()
    told = await ended(process)

    assert (told.code, told.err) == (1, "")


def test_the_default_service_is_where_the_service_listens_by_default() -> None:
    assert f"unix:{ServiceConfig().service.socket}" == DEFAULT_SERVICE
