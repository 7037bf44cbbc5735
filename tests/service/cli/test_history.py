"""`sonde history`: results and changes on one axis of time."""

import json
from datetime import timedelta

import pytest

from sonde_core.advice import Action, Advice
from sonde_core.findings import item
from sonde_core.history import Change
from sonde_core.history.engines import EngineReports
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


REFUSALS = EngineReports(
    engine="grid",
    first=NOW + timedelta(seconds=20),
    last=NOW + timedelta(seconds=30),
    count=3,
    item=item("engine_refused", engine="grid", code=-2015, cause="IP_NOT_WHITELISTED", times=3),
    advice=Advice(action=Action.STOP_AND_PAGE, safe_to_resend=True),
)
ALIVE = EngineReports(
    engine="grid",
    first=NOW - timedelta(hours=1),
    last=NOW - timedelta(seconds=5),
    count=1,
    item=item("engine_alive", engine="grid", version="3.1"),
)


async def test_history_has_what_engines_told_on_the_same_axis(
    changed: FakeSupport, sonde: Command
) -> None:
    changed.engines = [REFUSALS, ALIVE]
    told = await sonde("history", "sgp-01")
    changed.more_of_engines = True
    chinese = await sonde("history", "sgp-01", "--lang", "zh")

    lines = told.out.splitlines()
    assert len(lines) == 6
    assert lines[2].split() == [
        *("✗", "2030-01-01", "12:00:30", "engine"),
        *("grid:", "-2015", "IP_NOT_WHITELISTED", "(3", "times)"),
    ]
    assert lines[5].split() == ["i", "2030-01-01", "11:59:55", "engine", "grid", "3.1", "runs"]
    assert "执行端  " in chinese.out.splitlines()[2]
    assert "grid：-2015 IP_NOT_WHITELISTED（3 次）" in chinese.out
    assert "未全部列出" in chinese.out.splitlines()[-1]


async def test_what_engines_told_is_a_line_of_json_each(
    changed: FakeSupport, sonde: Command
) -> None:
    changed.engines = [REFUSALS, ALIVE]
    told = await sonde("history", "sgp-01", "--json")

    lines = [json.loads(line) for line in told.out.splitlines()]
    refusals, alive = (line for line in lines[:5] if "engine" in line)
    assert refusals == {
        "schema": 1,
        "host": "sgp-01",
        "time": "2030-01-01T12:00:30.000Z",
        "first_time": "2030-01-01T12:00:20.000Z",
        "count": 3,
        "engine": {
            "id": "engine_refused",
            "values": {
                "engine": "grid",
                "code": -2015,
                "cause": "IP_NOT_WHITELISTED",
                "times": 3,
            },
            "text": "Engine grid was refused 3 times: -2015 IP_NOT_WHITELISTED.",
        },
        "advice": {"action": "STOP_AND_PAGE", "after_s": None, "safe_to_resend": True},
    }
    assert alive["advice"] is None


async def test_engines_are_told_of_before_the_first_diagnosis(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"sgp-01": "healthy"})
    support.evidence.clear()
    nothing = await sonde("history", "sgp-01")
    support.engines = [ALIVE]
    told = await sonde("history", "sgp-01")

    assert nothing.out.startswith("nothing yet")
    assert "grid 3.1 runs" in told.out


async def test_a_change_that_steers_a_terminal_is_made_harmless(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"sgp-01": "healthy"})
    hostile = item("account_status_changed", account="main", before="\x1b[2J", after="\n")
    support.changes = [Change(NOW, hostile)]

    told = await sonde("history", "sgp-01")

    assert "\x1b" not in told.out
    assert len(told.out.splitlines()) == 3
