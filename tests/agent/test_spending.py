"""One budget for all processes of a host, held by a small file in the state directory."""

import asyncio
import fcntl
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sonde_agent.probes.exchange.client import ExchangeMemory
from sonde_agent.probes.exchange.gate import Gate
from sonde_agent.probes.exchange.spending import FILE, SpendingFile
from sonde_agent.probes.exchange.weight import Budget
from sonde_core.readings import USDM, Kind, WeightUse
from tests.agent.exchange_host import Host, of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TIME = "/fapi/v1/time"
SPENDS_ALL_IT_CAN = """
import sys
from datetime import datetime
from pathlib import Path
from sonde_agent.probes.exchange.spending import SpendingFile
from sonde_agent.probes.exchange.weight import Budget

budget = Budget(30, SpendingFile(Path(sys.argv[1])))
now = datetime.fromisoformat(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
print(sum(budget.spend("/fapi/v1/time", 1, now) for _ in range(30)))
"""


def budget(directory: Path, per_minute: int = 10) -> Budget:
    return Budget(per_minute, SpendingFile(directory))


def test_two_processes_share_one_budget_and_one_figure(tmp_path: Path) -> None:
    agent, command = budget(tmp_path), budget(tmp_path)

    assert agent.spend(TIME, 4, NOON)
    assert command.spend("/api/v3/time", 5, NOON)

    assert not agent.spend(TIME, 2, NOON)
    assert not command.spend(TIME, 2, NOON)
    assert agent.spend(TIME, 1, NOON)
    assert [each.own("fapi", NOON) for each in (agent, command)] == [5, 5]
    assert [each.own("api", NOON) for each in (agent, command)] == [5, 5]
    assert agent.own("api", NOON + MINUTE) == 0
    assert agent.spend(TIME, 10, NOON + MINUTE)


def test_a_restart_forgets_nothing_of_this_minute(tmp_path: Path) -> None:
    assert budget(tmp_path).spend(TIME, 7, NOON)

    again = budget(tmp_path)

    assert again.own("fapi", NOON) == 7
    assert not again.spend(TIME, 4, NOON)


def test_where_a_minute_ends_no_process_takes_anothers_word_away(tmp_path: Path) -> None:
    quick, slow = budget(tmp_path), budget(tmp_path)
    assert quick.spend(TIME, 4, NOON + MINUTE)

    assert slow.spend(TIME, 10, NOON)

    assert not budget(tmp_path).spend(TIME, 7, NOON + MINUTE)


def test_a_clock_that_is_set_leaves_no_minute_spent_for_ever(tmp_path: Path) -> None:
    agent = budget(tmp_path)
    assert budget(tmp_path).spend(TIME, 10, NOON)

    assert agent.spend(TIME, 10, NOON - 60 * MINUTE)

    assert budget(tmp_path).spend(TIME, 10, NOON)


async def test_processes_at_once_never_spend_more_than_there_is_nor_less(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SPENDS_ALL_IT_CAN, str(tmp_path), NOON.isoformat()]
    pipe = asyncio.subprocess.PIPE
    running = [
        await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe) for _ in range(3)
    ]
    for each in running:
        assert each.stdout
        assert await each.stdout.readline() == b"ready\n"

    told = await asyncio.gather(*(each.communicate(b"go\n") for each in running))

    assert sum(int(out) for out, _ in told) == 30


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"[]", b'{"a":{"minute":1,"spent":{"x":-9}}}']
)
def test_a_broken_file_changes_nothing_of_what_one_spent_itself(
    tmp_path: Path, content: bytes
) -> None:
    agent = budget(tmp_path)
    assert agent.spend(TIME, 4, NOON)
    (tmp_path / FILE).write_bytes(content)

    assert agent.own("fapi", NOON) == 4
    assert agent.spend(TIME, 3, NOON)

    assert budget(tmp_path).own("fapi", NOON) == 7


def test_where_nothing_can_be_kept_the_budget_still_holds(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    alone = budget(tmp_path / "missing")

    assert [alone.spend(TIME, 4, NOON) for _ in range(4)] == [True, True, False, False]
    assert alone.own("fapi", NOON) == 8
    assert [each.message for each in caplog.records] == ["Spendings cannot be kept"]


def test_a_process_that_stands_still_while_it_decides_keeps_no_other_from_its_work(
    tmp_path: Path,
) -> None:
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        assert budget(tmp_path).spend(TIME, 4, NOON)
    finally:
        os.close(handle)

    assert budget(tmp_path).own("fapi", NOON) == 4


def test_looking_and_being_refused_write_nothing(tmp_path: Path) -> None:
    agent = budget(tmp_path)

    assert agent.own("fapi", NOON) == 0
    assert not agent.spend(TIME, 11, NOON)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a directory to another user")
def test_what_root_keeps_in_the_agents_directory_is_the_agents(tmp_path: Path) -> None:
    os.chown(tmp_path, 4_242, 4_243)

    assert budget(tmp_path).spend(TIME, 4, NOON)

    kept = (tmp_path / FILE).stat()
    assert (kept.st_uid, kept.st_gid, kept.st_mode & 0o777) == (4_242, 4_243, 0o600)


async def test_what_a_command_spends_beside_the_agent_is_the_hosts_own(
    host: Host, tmp_path: Path
) -> None:
    host.memory = ExchangeMemory(Gate(), budget(tmp_path, 1_000))
    beside = Host(usdm=host.usdm, spot=host.spot)
    beside.memory = ExchangeMemory(Gate(), budget(tmp_path, 1_000))

    first, second = [await each.measure() for each in (host, beside)]

    [weight] = of(first, Kind.WEIGHT, USDM)
    assert isinstance(weight, WeightUse)
    assert weight.own == weight.used
    [weight] = of(second, Kind.WEIGHT, USDM)
    assert isinstance(weight, WeightUse)
    assert weight.own == weight.used
