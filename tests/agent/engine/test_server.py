"""EngineService over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import grpc.aio
import pytest

from sonde.engine.v1 import engine_service_pb2 as pb
from sonde.engine.v1.advice_pb2 import ADVICE_ACTION_FIX_REQUEST
from sonde.engine.v1.engine_service_pb2_grpc import (
    EngineServiceStub,
    add_EngineServiceServicer_to_server,
)
from sonde.engine.v1.report_pb2 import EndpointWeight, FailureReport, HealthReport
from sonde_agent.engine.advising import Adviser
from sonde_agent.engine.engines import Engines
from sonde_agent.engine.rows import ReportKind
from sonde_agent.engine.server import EngineService
from sonde_agent.engine.spool import SPOOL, Spool
from sonde_agent.probes.clock_watch import Clocks
from sonde_core.calibration import Calibration
from sonde_core.readings import EngineState, EngineWeight
from sonde_wire.channels import open_channel
from sonde_wire.errors import detail_of, error_info
from sonde_wire.serving import bind, new_server
from sonde_wire.times import from_duration, to_duration

if TYPE_CHECKING:
    from sonde.engine.v1.engine_service_pb2_grpc import EngineServiceAsyncStub

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
KNOWN = Calibration(
    offset=timedelta(milliseconds=-12),
    bound=timedelta(milliseconds=3),
    age=timedelta(seconds=90),
    sources=("a.example", "b.example"),
    recv_window=timedelta(seconds=5),
)


def engines_of(spool: Path) -> Engines:
    return Engines(spool, spool, Clocks(boottime=lambda: timedelta(hours=1)))


def service(spool: Spool, engines: Engines, known: Calibration | None = KNOWN) -> EngineService:
    adviser = Adviser(
        closed_until=lambda _: None,
        told_to_wait=lambda _endpoint, _answer: None,
        calibration=lambda: known,
        timestamp_refused=lambda: None,
        rules=lambda _endpoint, _symbol: None,
        recv_window=timedelta(seconds=5),
        now=lambda: NOON,
    )
    return EngineService(
        spool=spool,
        engines=engines,
        adviser=adviser,
        calibration=lambda: known,
        now=lambda: NOON,
    )


@asynccontextmanager
async def serving(what: EngineService, directory: Path) -> AsyncIterator[EngineServiceAsyncStub]:
    server = new_server(max_concurrent_streams=16, max_receive_bytes=65_536)
    add_EngineServiceServicer_to_server(what, server)
    address = bind(server, f"unix:{directory}/engine.sock")
    await server.start()
    async with open_channel(address) as channel:
        yield EngineServiceStub(channel)
    await server.stop(None)


async def test_a_report_is_in_the_spool_when_it_is_acknowledged(tmp_path: Path) -> None:
    engines = engines_of(tmp_path / SPOOL)
    health = HealthReport(
        engine="grid",
        version="3.1",
        heartbeat_interval=to_duration(timedelta(seconds=10)),
        weights=[EndpointWeight(endpoint="usdm", weight=420)],
    )
    with closing(Spool(tmp_path / SPOOL)) as spool:
        async with serving(service(spool, engines), tmp_path) as stub:
            beat = await stub.ReportHealth(pb.ReportHealthRequest(health=health))
            refusal = await stub.ReportFailure(
                pb.ReportFailureRequest(failure=FailureReport(code=-2019, text="no margin"))
            )
        batch = await spool.waiting(10)

    assert (beat.sequence, refusal.sequence) == (1, 2)
    assert {beat.spool_id, refusal.spool_id} == {batch.spool_id}
    assert refusal.cause == "MARGIN_INSUFFICIENT"
    assert [(each.kind, each.received) for each in batch.reports] == [
        (ReportKind.HEALTH, NOON),
        (ReportKind.FAILURE, NOON),
    ]
    assert HealthReport.FromString(batch.reports[0].message) == health
    assert FailureReport.FromString(batch.reports[1].message).text == "no margin"
    assert engines.states(NOON) == {
        "grid": EngineState(
            version="3.1",
            reported=NOON,
            heartbeat_interval=timedelta(seconds=10),
            weights=(EngineWeight(endpoint="usdm", time=NOON, weight=420),),
            silence=timedelta(),
        )
    }


async def test_the_calibration_is_told_as_it_is_known(tmp_path: Path) -> None:
    with closing(Spool(tmp_path / SPOOL)) as spool:
        async with serving(service(spool, engines_of(tmp_path / SPOOL)), tmp_path) as stub:
            told = await stub.GetCalibration(pb.GetCalibrationRequest())

    assert from_duration(told.offset) == timedelta(milliseconds=-12)
    assert from_duration(told.bound) == timedelta(milliseconds=3)
    assert from_duration(told.age) == timedelta(seconds=90)
    assert list(told.sources) == ["a.example", "b.example"]
    assert from_duration(told.recv_window) == timedelta(seconds=5)


async def test_before_the_clock_was_compared_nothing_is_told_of_it(tmp_path: Path) -> None:
    with closing(Spool(tmp_path / SPOOL)) as spool:
        async with serving(service(spool, engines_of(tmp_path / SPOOL), None), tmp_path) as stub:
            with pytest.raises(grpc.aio.AioRpcError, match="not been measured") as nothing:
                await stub.GetCalibration(pb.GetCalibrationRequest())

    assert nothing.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_what_cannot_be_kept_is_refused_in_plain_words_and_what_to_do_told_all_the_same(
    tmp_path: Path,
) -> None:
    path = tmp_path / "nowhere" / SPOOL
    with closing(Spool(path)) as spool:
        async with serving(service(spool, engines_of(path)), tmp_path) as stub:
            with pytest.raises(grpc.aio.AioRpcError, match=r"is not kept: .* make room") as full:
                await stub.ReportFailure(
                    pb.ReportFailureRequest(failure=FailureReport(code=-2019, text="no margin"))
                )

    info = error_info(full.value)
    assert full.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert info is not None
    assert (info.domain, info.reason) == ("sonde", "NO_ROOM")
    advice = detail_of(full.value, pb.ReportFailureResponse)
    assert advice is not None
    assert (advice.spool_id, advice.sequence) == ("", 0)
    assert (advice.cause, advice.advice.action) == (
        "MARGIN_INSUFFICIENT",
        ADVICE_ACTION_FIX_REQUEST,
    )


async def test_what_makes_no_sense_is_refused_and_not_kept(tmp_path: Path) -> None:
    with closing(Spool(tmp_path / SPOOL)) as spool:
        async with serving(service(spool, engines_of(tmp_path / SPOOL)), tmp_path) as stub:
            with pytest.raises(grpc.aio.AioRpcError, match=r"health\.engine") as refused:
                await stub.ReportHealth(pb.ReportHealthRequest(health=HealthReport(engine="../x")))
        assert (await spool.waiting(1)).waiting == 0

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
