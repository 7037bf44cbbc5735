"""`sonde explain --host`: an order's numbers beside the live limits that the host's agent reads."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.host_pb2 import Host
from sonde_service.store.migrating import upgrade
from sonde_service.store.store import Store
from tests.commands import Command
from tests.service.links import FakeLink
from tests.service.serving import serving

TEXT = "code=-1111 Precision is over the maximum defined for this asset. ETHUSDT quantity 0.0125"
LIVE = "The quantity 0.0125 has 4 decimals, ETHUSDT takes at most 3: 0.012 or 0.013 is valid."


@pytest.fixture
async def sonde(tmp_path: Path) -> AsyncIterator[Command]:
    with Store(f"sqlite:///{tmp_path}/service.sqlite3") as store:
        upgrade(store)
        async with serving(store, FakeLink(), tmp_path) as service:
            for name in ("fine", "gone"):
                await service.CreateHost(pb.CreateHostRequest(host=Host(name=name)))
            yield Command("sonde", {"SONDE_SERVICE": f"unix:{tmp_path}/service.sock"})


async def test_the_live_limits_stand_beside_the_order(sonde: Command) -> None:
    told = await sonde("explain", TEXT, "--host", "fine")

    assert (told.code, told.err) == (0, "")
    assert LIVE in " ".join(told.out.split())


async def test_json_and_mail_have_them_too(sonde: Command) -> None:
    line = await sonde("explain", "--json", "--host=fine", TEXT)
    mail = await sonde("explain", "--reply", "--lang", "zh", "--host", "fine", TEXT)

    [item] = json.loads(line.out)["supporting"]
    assert (item["id"], item["text"]) == ("order_quantity_decimals", LIVE)
    assert "数量 0.0125 有 4 位小数，ETHUSDT 最多接受 3 位：可以改为 0.012 或 0.013。" in mail.out


async def test_an_agent_that_is_away_is_told_to_staff_and_not_in_the_mail(sonde: Command) -> None:
    told = await sonde("explain", TEXT, "--host", "gone")
    mail = await sonde("explain", TEXT, "--host", "gone", "--reply")

    assert told.code == mail.code == 0
    assert "could not be read on gone: connection refused" in " ".join(told.out.split())
    assert "gone" not in mail.out


async def test_without_a_host_no_service_is_asked(sonde: Command) -> None:
    told = await sonde("explain", TEXT, SONDE_SERVICE="unix:/nowhere/service.sock")

    assert told.code == 0
    assert "FILTER_VIOLATION" in told.out


async def test_a_code_alone_is_no_option_beside_a_host(sonde: Command) -> None:
    told = await sonde("explain", "-2015 Invalid API-key, IP, or permissions", "--host", "fine")

    assert (told.code, told.err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["--host", "nobody", TEXT], 2, "nobody"),
        (["--host", "fine", "--batch", "texts.jsonl"], 2, "one text at a time"),
        (["--host", "fine", "--service", "unix:/nowhere.sock", TEXT], 1, "sonde-service run"),
    ],
)
async def test_what_cannot_be_asked_is_one_line(
    sonde: Command, arguments: list[str], code: int, named: str
) -> None:
    told = await sonde("explain", *arguments)

    assert (told.code, told.out) == (code, "")
    assert named in told.err
    assert told.err.count("\n") == 1


async def test_help_names_the_option(sonde: Command) -> None:
    assert "--host H" in (await sonde("explain", "--help")).out
