"""What engines reported stands on a host's axis of time, repeats counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from google.protobuf.duration_pb2 import Duration

from sonde.engine.v1.report_pb2 import FailureReport, HealthReport
from sonde.support.v1 import support_service_pb2 as pb
from sonde_core.advice import Action
from sonde_service.engine_history import told_by_engines
from sonde_service.store.reports import FAILURE, HEALTH, Dropped, ReportsStore, StoredReport
from sonde_service.store.store import Store
from sonde_wire.engine_reports import decode_engine_reports
from sonde_wire.times import to_duration
from tests.service.kept import NOON
from tests.service.serving import create

if TYPE_CHECKING:
    from datetime import datetime

    from sonde.support.v1.support_service_pb2_grpc import SupportServiceAsyncStub

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
REJECTED = FailureReport(
    engine="grid",
    account="main",
    surface="usdm",
    code=-2015,
    message="Invalid API-key, IP, or permissions for action.",
    text="order 17 refused",
)
LATE = FailureReport(
    engine="grid", code=-1021, message="Timestamp for this request is outside of the recvWindow."
)


@pytest_asyncio.fixture
async def service(service: SupportServiceAsyncStub) -> SupportServiceAsyncStub:
    await create(service, "tells")
    return service


def health(uptime: timedelta | None = None, beat: timedelta | None = None) -> HealthReport:
    return HealthReport(
        engine="grid",
        version="3.1",
        uptime=to_duration(uptime) if uptime else None,
        heartbeat_interval=to_duration(beat) if beat else None,
    )


_places = count(1)


def keep(store: Store, *told: tuple[datetime, FailureReport | HealthReport]) -> None:
    batch = [
        StoredReport(
            host="tells",
            spool="s",
            sequence=next(_places),
            time=time,
            kind=HEALTH if isinstance(report, HealthReport) else FAILURE,
            report=report.SerializeToString(),
        )
        for time, report in told
    ]
    with store.transaction() as transaction:
        ReportsStore(transaction).add("tells", "s", batch, Dropped())


def counts(store: Store) -> list[tuple[str, int]]:
    with store.transaction() as transaction:
        told = told_by_engines("tells", None, None, transaction)
    return [(each.item.id, each.count) for each in told.entries]


async def history(service: SupportServiceAsyncStub, **page: object) -> pb.GetHistoryResponse:
    return await service.GetHistory(pb.GetHistoryRequest(host="tells", **page))  # type: ignore[arg-type]


async def test_a_refusal_that_repeats_is_told_once_with_cause_and_advice(
    store: Store, service: SupportServiceAsyncStub
) -> None:
    others = [FailureReport(), FailureReport()]
    for number, other in enumerate(others):
        other.CopyFrom(REJECTED)
        other.text = f"order {number} refused"
    keep(
        store,
        (NOON, REJECTED),
        (NOON + MINUTE, others[0]),
        (NOON + 2 * MINUTE, LATE),
        (NOON + 3 * MINUTE, others[1]),
    )

    answer = await history(service)

    rejected, late = map(decode_engine_reports, answer.engine_reports)
    assert (rejected.count, rejected.first, rejected.last) == (3, NOON, NOON + 3 * MINUTE)
    assert rejected.item.id == "engine_refused"
    assert rejected.item.values["code"] == -2015
    assert rejected.item.values["account"] == "main"
    assert rejected.item.values["times"] == 3
    assert rejected.advice
    assert late.item.values["cause"] == "CLOCK_BEHIND"
    assert late.advice
    assert late.advice.action is Action.RECALIBRATE_AND_RETRY
    assert not answer.more_engine_reports


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param([(0, REJECTED), (9, REJECTED), (18, REJECTED)], [3], id="one after another"),
        pytest.param([(0, REJECTED), (11, REJECTED)], [1, 1], id="after a pause"),
        pytest.param([(0, health()), (9, health()), (30, health())], [1, 2], id="fell silent"),
        pytest.param(
            [(0, health(beat=60 * MINUTE)), (60, health(beat=60 * MINUTE))], [2], id="a slow beat"
        ),
        pytest.param(
            [(0, health(5 * MINUTE)), (5, health(10 * MINUTE)), (9, health(2 * MINUTE))],
            [1, 2],
            id="started anew",
        ),
    ],
)
def test_what_belongs_together_is_counted_together(
    store: Store, told: Sequence[tuple[int, FailureReport | HealthReport]], expected: list[int]
) -> None:
    keep(store, *((NOON + minutes * MINUTE, report) for minutes, report in told))

    assert [number for _, number in counts(store)] == expected


async def test_each_page_has_what_engines_told_in_its_time(
    store: Store, service: SupportServiceAsyncStub
) -> None:
    times = []
    for _ in range(3):
        events = [event async for event in service.DiagnoseHosts(pb.DiagnoseHostsRequest())]
        times.append(events[-1].result.time.ToDatetime(NOON.tzinfo))
    codes = (-1, -2, -3, -4)
    instants = (times[0] - SECOND, times[0], times[1], times[2] + SECOND)
    keep(
        store,
        *(
            (instant, FailureReport(engine="grid", code=code))
            for instant, code in zip(instants, codes, strict=True)
        ),
    )

    token, pages = "", []
    while True:
        page = await history(service, page_size=1, page_token=token)
        told = [decode_engine_reports(each).item.values["code"] for each in page.engine_reports]
        pages.append((len(page.results), told))
        token = page.next_page_token
        if not token:
            break

    assert pages == [(1, [-4]), (1, [-3]), (1, [-2, -1])]


def test_many_different_refusals_are_bounded_and_that_is_said(store: Store) -> None:
    keep(
        store,
        *(
            (NOON + number * SECOND, FailureReport(engine="grid", message=f"failure {number}"))
            for number in range(150)
        ),
    )

    with store.transaction() as transaction:
        told = told_by_engines("tells", None, None, transaction)

    assert (len(told.entries), told.more) == (100, True)
    assert told.entries[0].last == NOON + 149 * SECOND


def test_signs_of_life_hide_no_refusal(store: Store) -> None:
    keep(store, (NOON, REJECTED))
    keep(store, *((NOON + number * SECOND, health()) for number in range(1, 5_101)))

    assert counts(store) == [("engine_alive", 5_000), ("engine_refused", 1)]


def test_reports_that_make_no_sense_are_told_as_far_as_they_do(store: Store) -> None:
    endless = Duration(seconds=10**17)
    keep(
        store,
        (NOON, HealthReport(uptime=endless, heartbeat_interval=endless, version="v" * 9_999)),
        (
            NOON + MINUTE,
            FailureReport(retry_after=endless, text="x" * 99_999, account="\x1b" * 999),
        ),
    )

    with store.transaction() as transaction:
        refused, alive = told_by_engines("tells", None, None, transaction).entries

    assert refused.item.values["engine"] == alive.engine == "engine"
    assert refused.item.values["account"] == "\x1b" * 64
    assert len(str(alive.item.values["version"])) == 64


async def test_a_host_that_is_not_known_has_no_history(
    store: Store, service: SupportServiceAsyncStub
) -> None:
    keep(store, (NOON, REJECTED))

    with pytest.raises(Exception, match="no such host"):
        await service.GetHistory(pb.GetHistoryRequest(host="tell"))
