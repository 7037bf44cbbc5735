"""`sonde history`: results and changes on one axis of time."""

import json
from datetime import timedelta

import pytest

from sonde_core.findings import item
from sonde_core.history import Change
from tests.commands import Command
from tests.core.hosts import NOW
from tests.service.cli.fake_support import FakeSupport

MOVED = Change(
    NOW + timedelta(seconds=11),
    item("address_changed", before=("203.0.113.7",), after=("198.51.100.7",)),
)
REFUSED = Change(
    NOW + timedelta(seconds=40),
    item("refused_first", account="main", code=-2015, calls=("order/test",)),
)


@pytest.fixture
def changed(support: FakeSupport) -> FakeSupport:
    support.has({"sgp-01": "ahead"})
    support.changes = [REFUSED, MOVED]
    return support


@pytest.mark.usefixtures("changed")
async def test_history_has_what_was_found_and_what_changed_newest_first(sonde: Command) -> None:
    told = await sonde("history", "sgp-01")

    assert told.out.splitlines() == [
        "   TIME (UTC)           STATUS     DIAGNOSIS  FOUND",
        ' i 2030-01-01 12:00:40  changed    7f3c91     key "main": first -2015',
        " i 2030-01-01 12:00:11  changed    7f3c91     address 203.0.113.7 → 198.51.100.7",
        " ✗ 2030-01-01 12:00:00  diagnosed  7f3c91     CLOCK_AHEAD",
    ]


@pytest.mark.usefixtures("changed")
async def test_history_is_told_in_a_language_and_a_time_zone(sonde: Command) -> None:
    told = await sonde("history", "sgp-01", "--lang", "zh", "--tz", "Asia/Shanghai")

    head, refused, moved, found = (line.split() for line in told.out.splitlines())
    assert head == ["时间（Asia/Shanghai）", "状态", "诊断", "内容"]
    assert refused[2:5] == ["20:00:40", "变化", "7f3c91"]
    assert moved[-1] == "198.51.100.7"
    assert found[3:] == ["已诊断", "7f3c91", "CLOCK_AHEAD"]


@pytest.mark.usefixtures("changed")
async def test_history_as_json_has_a_line_per_result_and_per_change_of_every_page(
    sonde: Command,
) -> None:
    told = await sonde("history", "sgp-01", "--json")

    lines = [json.loads(line) for line in told.out.splitlines()]
    page = ["refused_first", "address_changed", None]
    assert [line.get("change", {}).get("id") for line in lines] == page * 2
    assert lines[1] == {
        "schema": 1,
        "host": "sgp-01",
        "time": "2030-01-01T12:00:11.000Z",
        "diagnosis": "7f3c91",
        "change": {
            "id": "address_changed",
            "values": {"before": ["203.0.113.7"], "after": ["198.51.100.7"]},
            "text": "Outbound address changed from 203.0.113.7 to 198.51.100.7.",
        },
    }
    assert lines[2]["findings"]


async def test_a_change_that_steers_a_terminal_is_made_harmless(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"sgp-01": "healthy"})
    hostile = item("account_status_changed", account="main", before="\x1b[2J", after="\n")
    support.changes = [Change(NOW, hostile)]

    told = await sonde("history", "sgp-01")

    assert "\x1b" not in told.out
    assert len(told.out.splitlines()) == 3
