"""What is left of a diagnosis that is interrupted, fails, or loses its reader."""

import asyncio
import json
import os
import signal
from pathlib import Path
from xml.etree import ElementTree

from tests.commands import Command, ended
from tests.service.cli.fake_support import FakeSupport


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
