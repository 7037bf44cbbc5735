"""Reports reach the centre in order and once, whatever happens on the way."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import grpc
import grpc.aio
import pytest

from sonde.engine.v1.report_pb2 import FailureReport, HealthReport
from sonde.fleet.v1 import fleet_service_pb2 as pb
from sonde.fleet.v1.fleet_service_pb2_grpc import (
    FleetServiceServicer,
    add_FleetServiceServicer_to_server,
)
from sonde_agent.background import beside
from sonde_agent.engine.forwarding import Forwarder
from sonde_agent.engine.rows import ReportKind
from sonde_agent.engine.spool import Spool
from sonde_core.errors import AlreadyExistsError, NotFoundError
from sonde_wire.channels import open_channel
from sonde_wire.serving import bind, new_server
from tests.agent.engine.reports import report

Context = grpc.aio.ServicerContext[object, object]


@dataclass
class Centre(FleetServiceServicer):
    """Keeps what it is brought, as the service does. Its answer may be lost on the way."""

    directory: Path
    kept: dict[int, pb.Report] = field(default_factory=dict)
    requests: list[pb.SubmitReportsRequest] = field(default_factory=list)
    answers_to_lose: int = 0
    refusals: int = 0
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def SubmitReports(  # noqa: N802 - gRPC's name
        self, request: pb.SubmitReportsRequest, context: Context
    ) -> pb.SubmitReportsResponse:
        self.requests.append(request)
        if self.refusals:
            self.refusals -= 1
            raise NotFoundError("no such host")
        first = request.reports[0]
        same = self.kept.get(first.sequence, first) == first
        for each in request.reports if same else ():
            if each.sequence > max(self.kept, default=0):
                self.kept[each.sequence] = each
        async with self.came:
            self.came.notify_all()
        if not same:
            raise AlreadyExistsError("another report has its place")
        if self.answers_to_lose:
            self.answers_to_lose -= 1
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the answer was lost")
        return pb.SubmitReportsResponse(acknowledged_sequence=max(self.kept))

    @property
    def address(self) -> str:
        return f"unix:{self.directory}/fleet.sock"

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        server = new_server(max_concurrent_streams=10, max_receive_bytes=1 << 20)
        add_FleetServiceServicer_to_server(self, server)
        bind(server, self.address)
        await server.start()
        yield
        await server.stop(None)

    async def asked(self, count: int) -> None:
        """Wait until it was brought something so many times."""
        async with asyncio.timeout(20), self.came:
            await self.came.wait_for(lambda: len(self.requests) >= count)

    async def has(self, count: int) -> None:
        """Wait until it keeps so many reports."""
        async with asyncio.timeout(20), self.came:
            await self.came.wait_for(lambda: len(self.kept) >= count)


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool(tmp_path / "spool.sqlite3")) as opened:
        yield opened


def forwarder(spool: Spool, centre: Centre) -> Forwarder:
    return Forwarder(
        spool=spool,
        host="sgp-01",
        open_channel=lambda: open_channel(centre.address),
        first_pause=timedelta(milliseconds=1),
    )


def failure(number: int) -> bytes:
    return FailureReport(engine="grid", text=f"{number}").SerializeToString()


async def emptied(spool: Spool) -> None:
    """Wait until the spool holds nothing more: the last acknowledgement is on its way."""
    async with asyncio.timeout(20):
        while (await spool.waiting(1)).waiting:
            pass  # each look waits for the disk


async def test_what_is_reported_goes_to_the_centre_and_is_forgotten_here(
    spool: Spool, centre: Centre
) -> None:
    async with centre.served(), beside({"forwarding": forwarder(spool, centre).run}, Counter()):
        await spool.keep(report(failure(1)))
        await centre.has(1)
        beat = HealthReport(engine="grid", version="2").SerializeToString()
        spool_id, _ = await spool.keep(report(beat, ReportKind.HEALTH))
        await centre.has(2)
        await emptied(spool)

    assert {(one.host, one.spool_id) for one in centre.requests} == {("sgp-01", spool_id)}
    assert centre.kept[1].failure.text == "1"
    assert centre.kept[1].receive_time.ToJsonString() == "2030-01-01T00:00:00Z"
    assert centre.kept[2].health.version == "2"


async def test_after_an_outage_everything_comes_in_order_and_once(
    spool: Spool, centre: Centre
) -> None:
    async with beside({"forwarding": forwarder(spool, centre).run}, Counter()):
        await asyncio.gather(*(spool.keep(report(failure(n))) for n in range(1, 701)))
        centre.answers_to_lose, centre.refusals = 2, 1
        async with centre.served():
            await centre.has(700)
            await emptied(spool)

    assert [one.failure.text for one in centre.kept.values()] == [f"{n}" for n in range(1, 701)]
    places = [[each.sequence for each in one.reports] for one in centre.requests]
    assert all(some == sorted(some) and len(some) <= 500 for some in places)
    assert centre.requests[0] == centre.requests[1] == centre.requests[2]


async def test_an_agent_that_starts_again_goes_on_where_the_centre_is(
    spool: Spool, centre: Centre
) -> None:
    centre.answers_to_lose = 1
    async with centre.served():
        await spool.keep(report(failure(1)))
        async with beside({"forwarding": forwarder(spool, centre).run}, Counter()):
            await centre.has(1)
        await spool.keep(report(failure(2)))
        async with beside({"forwarding": forwarder(spool, centre).run}, Counter()):
            await centre.has(2)
            await emptied(spool)

    assert [one.failure.text for one in centre.kept.values()] == ["1", "2"]


async def test_a_report_that_cannot_be_read_is_set_aside_and_the_others_go_on_in_order(
    tmp_path: Path, spool: Spool, centre: Centre
) -> None:
    for number in range(1, 6):
        await spool.keep(report(failure(number)))
    with closing(sqlite3.connect(tmp_path / "spool.sqlite3")) as file, file:
        file.execute("UPDATE reports SET message = x'ffffff' WHERE sequence = 1")
        file.execute("UPDATE reports SET kind = 7 WHERE sequence = 3")
        file.execute("UPDATE reports SET received = 'noon' WHERE sequence = 4")
    failures: Counter[str] = Counter()
    async with (
        centre.served(),
        beside({"forwarding": forwarder(spool, centre).run}, failures),
    ):
        await centre.has(2)
        await emptied(spool)

    assert [one.failure.text for one in centre.kept.values()] == ["2", "5"]
    assert centre.requests[-1].dropped.failures == 3
    assert failures == {"forwarding": 0}
    with closing(sqlite3.connect(tmp_path / "spool.sqlite3")) as file:
        there = file.execute("SELECT sequence, message FROM unreadable").fetchall()
        assert file.execute("SELECT bytes FROM spool").fetchone() == (0,)
    assert there == [(1, b"\xff\xff\xff"), (3, failure(3)), (4, failure(4))]


async def test_a_report_of_which_the_disk_has_made_nothing_is_set_aside_too(
    tmp_path: Path, spool: Spool, centre: Centre
) -> None:
    for number in range(1, 4):
        await spool.keep(report(failure(number)))
    with closing(sqlite3.connect(tmp_path / "spool.sqlite3")) as file, file:
        # The table takes no NULL from anybody but a damaged disk.
        file.execute("PRAGMA writable_schema = ON")
        file.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'message BLOB NOT NULL', 'message BLOB') "
            "WHERE name = 'reports'"
        )
        file.execute("PRAGMA writable_schema = RESET")
        file.execute("UPDATE reports SET message = NULL WHERE sequence = 2")
    failures: Counter[str] = Counter()
    async with centre.served(), beside({"forwarding": forwarder(spool, centre).run}, failures):
        await centre.has(2)
        await emptied(spool)

    assert [one.failure.text for one in centre.kept.values()] == ["1", "3"]
    assert centre.requests[-1].dropped.failures == 1
    assert failures == {"forwarding": 0}
    with closing(sqlite3.connect(tmp_path / "spool.sqlite3")) as file:
        assert file.execute("SELECT sequence, message FROM unreadable").fetchall() == [(2, None)]
        assert file.execute("SELECT bytes FROM spool").fetchone() == (0,)


async def test_a_spool_that_the_centre_has_other_reports_of_goes_on_as_another(
    spool: Spool, centre: Centre
) -> None:
    centre.kept[1] = pb.Report(sequence=1)
    first, _ = await spool.keep(report(failure(1)))
    async with centre.served(), beside({"forwarding": forwarder(spool, centre).run}, Counter()):
        await centre.asked(1)
        centre.kept.clear()
        await centre.has(1)
        await emptied(spool)
    second, _ = await spool.keep(report(failure(2)))

    assert first != second
    assert [one.spool_id for one in centre.requests][-1] == second
    assert centre.kept[1].failure.text == "1"


async def test_what_was_dropped_is_told(tmp_path: Path, centre: Centre) -> None:
    with closing(Spool(tmp_path / "small.sqlite3", most_bytes=1_000)) as spool:
        beat = HealthReport(version="v" * 200).SerializeToString()
        refusal = FailureReport(text="t" * 200).SerializeToString()
        for _ in range(10):
            await spool.keep(report(refusal, ReportKind.FAILURE))
            await spool.keep(report(beat, ReportKind.HEALTH))
        async with centre.served(), beside({"forwarding": forwarder(spool, centre).run}, Counter()):
            await centre.has(3)
            await emptied(spool)

    [request] = centre.requests
    assert (request.dropped.health, request.dropped.failures) == (10, 7)


async def test_on_a_full_disk_all_that_waits_arrives_once_and_goes_when_there_is_room(
    small_disk: Path, centre: Centre
) -> None:
    other, file = small_disk / "of somebody else", small_disk / "spool.sqlite3"
    with closing(Spool(file)) as spool:
        await asyncio.gather(*(spool.keep(report(failure(n))) for n in range(1, 701)))
        with suppress(OSError), other.open("wb", buffering=0) as full:
            while True:
                full.write(bytes(512))
        async with centre.served(), beside({"forwarding": forwarder(spool, centre).run}, Counter()):
            await centre.has(700)
            await emptied(spool)
            places = [each.sequence for one in centre.requests for each in one.reports]
            assert places == list(range(1, 701))
            assert present(file) > 0

            other.unlink()
            await spool.keep(report(failure(701)))
            await centre.has(701)
            async with asyncio.timeout(20):
                while present(file):
                    await spool.waiting(1)  # looks after what the forwarder is at


def present(file: Path) -> int:
    """Return how many reports stand in a spool's file."""
    with closing(sqlite3.connect(file)) as opened:
        return int(opened.execute("SELECT count(*) FROM reports").fetchone()[0])
