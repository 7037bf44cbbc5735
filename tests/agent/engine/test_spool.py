# ruff: noqa: ASYNC240 - the disk is what is tested
"""The spool keeps what it acknowledged, whatever happens to the process and to the disk."""

import asyncio
import contextlib
import resource
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sonde_agent.engine.rows import KeptReport, ReportKind
from sonde_agent.engine.spool import Spool
from sonde_core.errors import NoRoomError
from tests.agent.engine.reports import report

ROOT = Path(__file__).parents[3]

HEALTH, FAILURE = ReportKind.HEALTH, ReportKind.FAILURE
BIG = bytes(4_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool.sqlite3"


@pytest.fixture
async def spool(path: Path) -> AsyncIterator[Spool]:
    with closing(Spool(path)) as opened:
        yield opened


async def kept(spool: Spool) -> list[tuple[int, bytes]]:
    """Return place and content of all that is there."""
    return [(each.sequence, each.message) for each in (await spool.waiting(1_000_000)).reports]


async def test_reports_come_back_in_order_and_as_they_were(spool: Spool) -> None:
    places = [await spool.keep(report(bytes([n]), HEALTH if n % 2 else FAILURE)) for n in range(5)]

    batch = await spool.waiting(3)
    assert [sequence for _, sequence in places] == [1, 2, 3, 4, 5]
    assert {spool_id for spool_id, _ in places} == {batch.spool_id}
    assert batch.waiting == 5
    assert batch.reports == tuple(
        KeptReport(n + 1, HEALTH if n % 2 else FAILURE, report(b"").received, bytes([n]))
        for n in range(3)
    )


async def test_reports_that_come_at_once_are_all_kept(spool: Spool) -> None:
    payloads = [f"{n}".encode() for n in range(200)]

    places = await asyncio.gather(*(spool.keep(report(payload)) for payload in payloads))

    assert await kept(spool) == [
        (sequence, p) for (_, sequence), p in zip(places, payloads, strict=True)
    ]


async def test_a_place_is_never_given_twice(path: Path) -> None:
    with closing(Spool(path)) as spool:
        spool_id, first = await spool.keep(report(b"1"))
        await spool.forget(first)
        assert await kept(spool) == []
    with closing(Spool(path)) as again:
        assert await again.keep(report(b"2")) == (spool_id, 2)


async def test_of_two_agents_on_one_spool_that_find_it_an_older_copy_one_renews_it(
    path: Path,
) -> None:
    with closing(Spool(path)) as one, closing(Spool(path)) as other:
        (old, _), (same, _) = await one.keep(report(b"1")), await other.keep(report(b"2"))
        await one.renew(old)
        (new, _) = await one.keep(report(b"3"))
        await other.renew(old)

        places = [await one.keep(report(b"4")), await other.keep(report(b"5"))]

    assert old == same != new
    assert places == [(new, 4), (new, 5)]


async def test_a_report_that_comes_again_has_the_place_that_it_had(path: Path) -> None:
    first = replace(report(b"1"), id="a-1")
    with closing(Spool(path)) as spool:
        places = [*await asyncio.gather(spool.keep(first), spool.keep(first))]
        await spool.forget(1)  # the centre has it
    with closing(Spool(path)) as again:
        places.append(await again.keep(first))
        places.append(await again.keep(replace(report(b"2"), id="a-2")))
        assert [sequence for _, sequence in places] == [1, 1, 1, 2]
        assert await kept(again) == [(2, b"2")]


async def test_a_spool_that_knows_no_ids_yet_learns_them(path: Path) -> None:
    with closing(Spool(path)) as spool:
        await spool.keep(report(b"1"))
    with closing(sqlite3.connect(path)) as earlier:
        earlier.execute("DROP TABLE known")

    with closing(Spool(path)) as spool:
        await spool.keep(replace(report(b"2"), id="a"))
        assert await kept(spool) == [(1, b"1"), (2, b"2")]


async def test_one_batch_is_no_larger_than_the_centre_takes(spool: Spool) -> None:
    for _ in range(100):
        await spool.keep(report(bytes(16_000)))

    assert sum(len(each.message) for each in (await spool.waiting(500)).reports) < 300_000


async def test_a_report_that_is_larger_than_a_batch_is_a_batch(spool: Spool) -> None:
    await spool.keep(report(bytes(600_000)))

    assert len((await spool.waiting(500)).reports) == 1


async def test_the_oldest_of_health_go_before_any_failure_and_are_counted(path: Path) -> None:
    with closing(Spool(path, most_bytes=40_000)) as spool:
        for number in range(5):
            await spool.keep(report(bytes([number]) + BIG, FAILURE))
        for number in range(5, 50):
            await spool.keep(report(bytes([number]) + BIG, HEALTH))

        batch = await spool.waiting(1_000)
        assert [each.message[0] for each in batch.reports] == [0, 1, 2, 3, 4, 46, 47, 48, 49]
        assert (batch.dropped_health, batch.dropped_failures) == (41, 0)


async def test_among_failures_alone_the_oldest_go(path: Path) -> None:
    with closing(Spool(path, most_bytes=20_000)) as spool:
        for number in range(10):
            await spool.keep(report(bytes([number]) + BIG, FAILURE))

        batch = await spool.waiting(1_000)
        assert [each.message[0] for each in batch.reports] == [6, 7, 8, 9]
        assert (batch.dropped_health, batch.dropped_failures) == (0, 6)


async def test_a_full_spool_stays_as_small_on_the_disk(path: Path) -> None:
    with closing(Spool(path, most_bytes=200_000)) as spool:
        await asyncio.gather(*(spool.keep(report(BIG, HEALTH)) for _ in range(3_000)))
        await asyncio.gather(*(spool.keep(report(BIG)) for _ in range(500)))

    assert path.stat().st_size < 5_000_000


async def test_nobody_else_can_read_what_was_refused(spool: Spool, path: Path) -> None:
    await spool.keep(report(b"1"))

    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


async def test_of_rows_that_are_no_reports_the_newest_few_are_kept_to_be_looked_at(
    spool: Spool, path: Path
) -> None:
    await asyncio.gather(*(spool.keep(report(BIG)) for _ in range(100)))
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE reports SET kind = 7")

    unreadable = (await spool.waiting(500)).unreadable
    count = len(unreadable)
    await spool.set_aside([*unreadable, 1_000])

    batch = await spool.waiting(500)
    assert (len(batch.unreadable), batch.dropped_failures) == (100 - count, count)
    with closing(sqlite3.connect(path)) as file:
        there = file.execute("SELECT sequence FROM unreadable").fetchall()
    assert there == [(place,) for place in unreadable[-32:]]


# -- a disk that is full -------------------------------------------------------------------------


@contextmanager
def small_files(most: int) -> Iterator[None]:
    """Let no file grow beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def fill(spool: Spool) -> dict[int, bytes]:
    """Report until nothing more is taken, and return what was acknowledged."""
    acknowledged: dict[int, bytes] = {}
    for number in range(10_000):
        payload = f"{number}".encode() + BIG
        try:
            _, sequence = await spool.keep(report(payload))
        except NoRoomError:
            return acknowledged
        acknowledged[sequence] = payload
    raise AssertionError("it took everything")


async def test_where_files_may_not_grow_nothing_is_acknowledged_and_nothing_lost(
    spool: Spool,
) -> None:
    await spool.keep(report(b"first"))
    with small_files(300_000):
        acknowledged = {1: b"first", **await fill(spool)}
        assert len(acknowledged) > 10

    _, sequence = await spool.keep(report(b"last"))
    assert await kept(spool) == [*acknowledged.items(), (sequence, b"last")]


async def test_on_a_full_disk_nothing_is_acknowledged_and_nothing_lost(small_disk: Path) -> None:
    other = small_disk / "of somebody else"
    other.write_bytes(bytes(100_000))
    with closing(Spool(small_disk / "spool.sqlite3")) as spool:
        acknowledged = await fill(spool)
        assert len(acknowledged) > 10
        other.unlink()
        _, sequence = await spool.keep(report(b"last"))
        assert await kept(spool) == [*acknowledged.items(), (sequence, b"last")]


async def test_whether_the_disk_takes_reports_is_tried_and_what_it_refuses_is_counted(
    spool: Spool,
) -> None:
    assert await spool.usable()
    times = 1
    with small_files(300_000):
        while await fill(spool):
            times += 1
        assert not await spool.usable()
        assert (await spool.waiting(1)).reports

    assert await spool.usable()
    assert spool.refused == {FAILURE: times}


async def test_that_the_disk_is_full_is_logged_when_it_begins(
    spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    def told() -> int:
        return [each.message for each in caplog.records].count("Reports refused")

    counts = []
    for _ in range(2):
        await spool.keep(report(b"there is room"))
        with small_files(300_000):
            while await fill(spool):
                pass
            counts.append(told())
            for _ in range(3):
                assert not await fill(spool)
            counts.append(told())

    assert 1 <= counts[0] == counts[1] < counts[2] == counts[3]


async def test_a_full_disk_is_known_before_any_report_is_refused(small_disk: Path) -> None:
    with closing(Spool(small_disk / "spool.sqlite3")) as spool:
        assert await spool.usable()
        other = small_disk / "of somebody else"
        with contextlib.suppress(OSError):
            other.write_bytes(bytes(600_000))
        assert not all([await spool.usable() for _ in range(50)])
        other.unlink()
        assert await spool.usable()


async def arrived_on_a_full_disk(spool: Spool, disk: Path, last: int) -> None:
    """Have reports forgotten that there is no room to remove."""
    other = disk / "of somebody else"
    with contextlib.suppress(OSError), other.open("wb", buffering=0) as full:
        while True:
            full.write(bytes(512))
    await spool.forget(last)
    with closing(sqlite3.connect(disk / "spool.sqlite3")) as file:
        assert file.execute("SELECT min(sequence) FROM reports").fetchone() == (1,)
    other.unlink()


async def test_what_arrived_on_a_full_disk_is_not_brought_again_under_another_id(
    small_disk: Path,
) -> None:
    with closing(Spool(small_disk / "spool.sqlite3")) as spool:
        spool_id, _ = await spool.keep(report(b"1"))
        await spool.keep(report(b"2"))
        await arrived_on_a_full_disk(spool, small_disk, 1)
        await spool.renew(spool_id)

        assert await kept(spool) == [(2, b"2")]


async def test_what_arrived_on_a_full_disk_is_never_counted_as_dropped(small_disk: Path) -> None:
    with closing(Spool(small_disk / "spool.sqlite3", most_bytes=20_000)) as spool:
        for _ in range(4):
            await spool.keep(report(BIG))
        await arrived_on_a_full_disk(spool, small_disk, 3)
        for _ in range(3):
            await spool.keep(report(BIG))

        batch = await spool.waiting(500)
        assert [each.sequence for each in batch.reports] == [4, 5, 6, 7]
        assert batch.dropped_failures == 0


async def test_trying_the_disk_makes_the_spool_no_larger(spool: Spool, path: Path) -> None:
    await spool.usable()
    for _ in range(100):
        await spool.usable()

    assert path.stat().st_size < 200_000


# -- a file that cannot be used ------------------------------------------------------------------


async def test_a_file_that_is_no_spool_is_set_aside_and_another_spool_begins(path: Path) -> None:
    for nonsense in (b"first", b"second"):
        path.write_bytes(nonsense * 1_000)
        path.with_name("spool.sqlite3-wal").write_bytes(nonsense)
        with closing(Spool(path)) as spool:
            spool_id, sequence = await spool.keep(report(b"1"))
        assert (len(spool_id), sequence) == (32, 1)

    for name, nonsense in ((".damaged", b"first"), (".damaged-2", b"second")):
        aside = path.with_name(path.name + name)
        assert aside.read_bytes().startswith(nonsense)
        assert aside.with_name(aside.name + "-wal").read_bytes() == nonsense


async def test_there_is_an_end_to_the_files_that_are_set_aside(path: Path) -> None:
    for number in range(12):
        path.write_bytes(f"{number} ".encode() * 1_000)
        with closing(Spool(path)) as spool:
            await spool.keep(report(b"1"))

    aside = sorted(path.parent.glob("*.damaged*"))
    assert [each.read_text().split()[0] for each in aside] == ["0", *"123456", "11"]


async def test_a_spool_of_another_version_is_kept_whole_and_another_begins(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Spool(path)) as spool:
        await spool.keep(report(b"1"))
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version = 7")

    with closing(Spool(path)) as spool:
        _, sequence = await spool.keep(report(b"2"))

    assert sequence == 1
    assert "format 7 is of another version" in caplog.records[-1].__dict__["error"]
    with closing(sqlite3.connect(path.with_name("spool.sqlite3.format-7"))) as aside:
        assert aside.execute("SELECT message FROM reports").fetchall() == [(b"1",)]


async def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with (
        closing(Spool(tmp_path / "nowhere" / "spool.sqlite3")) as spool,
        pytest.raises(NoRoomError, match="nowhere"),
    ):
        await spool.keep(report(b"1"))


# -- `kill -9` -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kills", [120, pytest.param(10_000, marks=pytest.mark.soak)])
def test_killed_processes_lose_nothing_that_they_acknowledged(path: Path, kills: int) -> None:
    killing = subprocess.run(
        [sys.executable, "-m", "tests.agent.engine.killing", path, str(kills)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = [line.split() for line in killing.stdout.splitlines()]
    acknowledged = {int(sequence): payload.encode() for sequence, payload in lines}

    with closing(sqlite3.connect(path)) as connection:
        there = dict(connection.execute("SELECT sequence, message FROM reports"))
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(acknowledged) == len(lines) >= kills
    assert acknowledged.items() <= there.items()
    assert len(set(there.values())) == len(there)
