"""Progress, colour, width and signs: what depends on the terminal."""

import json
import re

import pytest

from tests.commands import Command, without_escapes
from tests.core.cases import CASES
from tests.service.cli.ailing_fleet import FLEET
from tests.service.cli.fake_support import FakeSupport


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
