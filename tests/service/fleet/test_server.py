"""FleetService over real channels: who may bring what, and what becomes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import grpc.aio
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from sonde.engine.v1.report_pb2 import FailureReport, HealthReport
from sonde.fleet.v1 import fleet_service_pb2 as pb
from sonde.fleet.v1.fleet_service_pb2_grpc import (
    FleetServiceStub,
    add_FleetServiceServicer_to_server,
)
from sonde_service.fleet.server import FleetServer
from sonde_service.store.hosts import HostsStore
from sonde_service.store.migrating import upgrade
from sonde_service.store.reports import Dropped, ReportsStore, StoredReport
from sonde_service.store.store import Store
from sonde_wire.channels import open_channel
from sonde_wire.serving import bind, new_server
from sonde_wire.times import to_timestamp
from tests.service.kept import NOON, host
from tests.wire.certificates import authority

if TYPE_CHECKING:
    from sonde.fleet.v1.fleet_service_pb2_grpc import FleetServiceAsyncStub
    from sonde_wire.tls import TlsFiles


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path}/service.sqlite3") as opened:
        upgrade(opened)
        with opened.transaction() as transaction:
            HostsStore(transaction).add(host("sgp-01", tls_name="sgp-01.example"))
            HostsStore(transaction).add(host("hkg-01", tls_name=""))
        yield opened


@asynccontextmanager
async def served(store: Store, address: str, tls: TlsFiles | None = None) -> AsyncIterator[str]:
    server = new_server(max_concurrent_streams=10, max_receive_bytes=1 << 20)
    add_FleetServiceServicer_to_server(FleetServer(store=store), server)
    bound = bind(server, address, tls)
    await server.start()
    yield bound
    await server.stop(None)


@pytest.fixture
async def stub(store: Store, tmp_path: Path) -> AsyncIterator[FleetServiceAsyncStub]:
    async with (
        served(store, f"unix:{tmp_path}/f.sock") as address,
        open_channel(address) as channel,
    ):
        yield FleetServiceStub(channel)


def request(*places: int, **fields: object) -> pb.SubmitReportsRequest:
    reports = [
        pb.Report(
            sequence=place,
            receive_time=to_timestamp(NOON),
            failure=FailureReport(engine="grid", code=-1021, text=f"{place}"),
        )
        for place in places
    ]
    return pb.SubmitReportsRequest(
        **{"host": "sgp-01", "spool_id": "5", "reports": reports, **fields}  # type: ignore[arg-type]
    )


def stored(store: Store) -> list[StoredReport]:
    with store.transaction(writes=False) as transaction:
        return list(ReportsStore(transaction).of_host("sgp-01"))


async def test_reports_are_kept_and_acknowledged(stub: FleetServiceAsyncStub, store: Store) -> None:
    beat = pb.Report(
        sequence=9, receive_time=to_timestamp(NOON), health=HealthReport(engine="grid")
    )
    sent = request(3, 4, dropped=pb.DroppedReports(health=2, failures=1))
    sent.reports.append(beat)

    answer = await stub.SubmitReports(sent)
    again = await stub.SubmitReports(sent)

    assert answer.acknowledged_sequence == again.acknowledged_sequence == 9
    kept = stored(store)
    assert [(one.sequence, one.kind, one.time) for one in kept] == [
        (3, "failure", NOON),
        (4, "failure", NOON),
        (9, "health", NOON),
    ]
    assert FailureReport.FromString(kept[0].report) == sent.reports[0].failure
    with store.transaction(writes=False) as transaction:
        assert ReportsStore(transaction).dropped("sgp-01") == Dropped(health=2, failures=1)


NO_INSTANT = pb.Report(sequence=1, receive_time=Timestamp(seconds=10**17), failure=FailureReport())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (request(1, host="a\x00b"), "host: write its name"),
        (request(1, host=""), "host: write its name"),
        (request(1, spool_id=""), "spool_id: write 1 to 63"),
        (request(1, spool_id="../x"), "spool_id: write 1 to 63"),
        (request(), "reports: send 1 to 500"),
        (request(*range(1, 502)), "reports: send 1 to 500"),
        (request(0), "reports: must ascend"),
        (request(2, 2), "reports: must ascend"),
        (request(2, 1), "reports: must ascend"),
        (request(1, dropped=pb.DroppedReports(health=-1)), "dropped: must be 0 or more"),
        (request(reports=[pb.Report(sequence=1)]), "neither health nor failure"),
        (request(reports=[NO_INSTANT]), "is no instant"),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused_and_keeps_nothing(
    stub: FleetServiceAsyncStub, store: Store, wrong: pb.SubmitReportsRequest, said: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError, match=said) as refused:
        await stub.SubmitReports(wrong)

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert stored(store) == []


async def test_reports_of_a_host_that_nobody_added_are_refused(
    stub: FleetServiceAsyncStub,
) -> None:
    with pytest.raises(grpc.aio.AioRpcError, match="no such host: sgp-02") as refused:
        await stub.SubmitReports(request(1, host="sgp-02"))

    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_over_tls_a_host_speaks_for_itself_alone(store: Store, tmp_path: Path) -> None:
    issuer = authority(tmp_path / "ca")
    files = issuer.issue("centre")
    async with served(store, "127.0.0.1:0", files) as address:
        async with open_channel(address, issuer.issue("sgp-01.example"), "centre") as channel:
            answer = await FleetServiceStub(channel).SubmitReports(request(1))
        async with open_channel(address, issuer.issue("hkg-01"), "centre") as channel:
            with pytest.raises(
                grpc.aio.AioRpcError, match=r"for 127\.0\.0\.1, hkg-01, and that of sgp-01"
            ) as refused:
                await FleetServiceStub(channel).SubmitReports(request(2))
            own = await FleetServiceStub(channel).SubmitReports(request(2, host="hkg-01"))

    assert own.acknowledged_sequence == 2
    assert answer.acknowledged_sequence == 1
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert len(stored(store)) == 1
