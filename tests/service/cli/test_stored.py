import json

import pytest

from tests.commands import Command
from tests.service.cli.fake_support import FakeSupport


async def test_show_has_every_host_with_the_details_of_those_that_are_not_healthy(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"sgp-01": "healthy", "tyo-02": "ahead", "osa-06": "no clock at all"})

    told = await sonde("show", "7f3c91")

    assert told.code == 0
    assert "7f3c91 · 2030-01-01 12:00:00 UTC" in told.out
    assert "✓ sgp-01" in told.out
    assert "CLOCK_AHEAD confirmed: The host's clock is ahead" in told.out
    assert "1. On the host, set the clock" in told.out
    assert "missing      No NTP server was asked." in told.out


async def test_show_of_one_host_has_all_its_sections_even_when_healthy(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"sgp-01": "healthy", "tyo-02": "ahead"})

    told = await sonde("show", "7f3c91", "--host", "sgp-01")

    assert '✓ key "main"' in told.out
    assert "tyo-02" not in told.out


async def test_show_says_what_would_settle_a_cause_that_is_not_sure(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"a": "futures refused though on"})

    told = await sonde("show", "7f3c91", "--lang", "zh", "--tz", "Asia/Shanghai")

    assert "待确认" in told.out
    assert "北京时间 2030-01-01 20:00:00" in told.out


async def test_show_tells_when_results_are_missing(support: FakeSupport, sonde: Command) -> None:
    support.has({"a": "healthy", "b": "healthy"})
    del support.evidence["b"]

    assert "1/2" in (await sonde("show", "7f3c91")).out


async def test_show_as_json_is_what_diagnose_printed(support: FakeSupport, sonde: Command) -> None:
    support.has({"a": "healthy", "b": "ahead"})

    printed, shown = (
        await sonde("diagnose", "--all", "--json"),
        await sonde("show", "7f3c91", "--json"),
    )

    assert _parsed(shown.out) == _parsed(printed.out)
    assert shown.code == 0


def _parsed(lines: str) -> list[object]:
    return [json.loads(line) for line in lines.splitlines()]


async def test_history_says_when_what_was_found(support: FakeSupport, sonde: Command) -> None:
    support.has({"tyo-02": "ahead"})

    told = await sonde("history", "tyo-02")

    row = ["✗", "2030-01-01", "12:00:00", "diagnosed", "7f3c91", "CLOCK_AHEAD"]
    assert told.out.splitlines()[1].split() == row


async def test_history_as_json_has_every_page(support: FakeSupport, sonde: Command) -> None:
    support.has({"tyo-02": "ahead"})

    told = await sonde("history", "tyo-02", "--json")

    assert [json.loads(line)["host"] for line in told.out.splitlines()] == ["tyo-02"] * 2


async def test_history_of_a_host_that_was_never_asked_says_how_to_begin(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"a": "healthy"})
    del support.evidence["a"]

    assert "sonde diagnose" in (await sonde("history", "a")).out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["show", "ffffff"], "no such diagnosis: ffffff", id="unknown diagnosis"),
        pytest.param(["history", "zzz"], "no such host: zzz", id="unknown host"),
        pytest.param(["show"], "DIAGNOSIS", id="no diagnosis"),
    ],
)
async def test_what_is_not_stored_is_said_in_one_line(
    sonde: Command, arguments: list[str], named: str
) -> None:
    told = await sonde(*arguments)

    assert (told.code, told.out) == (2, "")
    assert named.lower() in told.err.lower()
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        *("", "diagnose", "show", "history"),
        *("hosts add", "hosts set", "hosts list", "hosts show", "hosts remove"),
    ],
)
async def test_every_help_text_teaches_with_an_example(sonde: Command, command: str) -> None:
    told = await sonde(*command.split(), "--help")

    assert told.code == 0
    assert f"    sonde {command}".rstrip() in told.out.partition("Examples:")[2]


async def test_the_version_is_printed(sonde: Command) -> None:
    told = await sonde("--version")

    assert told.out.startswith("sonde ")
    assert told.code == 0
