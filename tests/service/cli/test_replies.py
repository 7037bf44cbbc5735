"""`--reply`: the mail that support sends."""

import pytest
from google.protobuf.json_format import ParseDict

from sonde.support.v1.host_pb2 import Customer
from tests.commands import Command
from tests.service.cli.fake_support import FakeSupport


@pytest.fixture
def fleet(support: FakeSupport) -> FakeSupport:
    support.has({"sgp-03": "not listed", "tyo-02": "ahead"})
    support.hosts["sgp-03"].customer.CopyFrom(_customer("zh", "Asia/Shanghai"))
    return support


def _customer(language: str, time_zone: str) -> Customer:
    return ParseDict({"language": language, "timeZone": time_zone}, Customer())


COMMANDS = pytest.mark.parametrize(
    "command",
    [["diagnose", "sgp-03"], ["show", "7f3c91", "--host", "sgp-03"]],
    ids=["diagnose", "show"],
)


@COMMANDS
@pytest.mark.usefixtures("fleet")
async def test_a_mail_is_in_the_customers_own_language_and_time_zone(
    sonde: Command, command: list[str]
) -> None:
    told = await sonde(*command, "--reply")

    assert told.out.startswith("您好")
    assert "北京时间 20:00" in told.out
    assert "\n203.0.113.9\n" in told.out
    assert not told.out.endswith("\n\n")
    assert (told.err, told.code) == ("", 3 if command[0] == "diagnose" else 0)


@COMMANDS
@pytest.mark.usefixtures("fleet")
async def test_a_mail_is_in_the_asked_language_and_time_zone(
    sonde: Command, command: list[str]
) -> None:
    told = await sonde(*command, "--reply", "--lang", "en", "--tz", "Asia/Tokyo")

    assert told.out.startswith("Hello")
    assert "21:00" in told.out


@pytest.mark.usefixtures("fleet")
async def test_of_several_hosts_each_mail_stands_below_a_line_with_the_host(sonde: Command) -> None:
    told = await sonde("diagnose", "--all", "--reply")

    lines = told.out.splitlines()
    first, second = lines.index("--- sgp-03 ---"), lines.index("--- tyo-02 ---")
    assert lines[first + 1].startswith("您好")
    assert lines[second + 1].startswith("Hello")
    assert (first, lines[second - 1]) == (0, "")
    assert "HOST" not in told.out


async def test_what_was_found_on_a_host_that_was_removed_is_told_in_english(
    fleet: FakeSupport, sonde: Command
) -> None:
    del fleet.hosts["sgp-03"]

    told = await sonde("show", "7f3c91", "--host", "sgp-03", "--reply")

    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("Hello")


async def test_a_time_zone_that_this_machine_does_not_know_is_told_in_utc(
    fleet: FakeSupport, sonde: Command
) -> None:
    fleet.hosts["sgp-03"].customer.CopyFrom(_customer("fr", "Mars/Olympus"))

    told = await sonde("show", "7f3c91", "--host", "sgp-03", "--reply")

    assert told.out.startswith("Hello")
    assert "12:00 UTC" in told.out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["diagnose", "sgp-03", "--reply", "--json"], "--reply", id="diagnose, JSON"),
        pytest.param(["show", "7f3c91", "--reply", "--json"], "--reply", id="show, JSON"),
        pytest.param(["diagnose", "sgp-03", "--reply", "--watch"], "--watch", id="again and again"),
    ],
)
async def test_a_mail_is_for_one_reader_once(
    fleet: FakeSupport, sonde: Command, arguments: list[str], named: str
) -> None:
    told = await sonde(*arguments)

    assert (told.code, told.out) == (2, "")
    assert named in told.err
    assert fleet.requests == []
