"""What changed on a host, from what agents say to what the service returns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import text

from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.host_pb2 import Host
from sonde_core.diagnose import diagnose as apply_rules
from sonde_core.evidence import Evidence
from sonde_core.findings import Finding
from sonde_core.history import remember
from sonde_core.memory import Memory
from sonde_service.deciding import Decider
from sonde_service.diagnosing import Diagnoser
from sonde_service.fanout import Fanout
from sonde_service.hosts import HostFilter
from sonde_service.keeping import Learned, keep
from sonde_service.store.hosts import HostsStore
from sonde_service.store.store import Store
from sonde_wire.results import decode_change
from tests.core.histories import ELSEWHERE, after, echoes, rejected
from tests.core.hosts import HERE, host
from tests.service import kept
from tests.service.kept import NOON, later
from tests.service.links import FakeLink
from tests.service.serving import create

if TYPE_CHECKING:
    from datetime import datetime

    from sonde.support.v1.support_service_pb2_grpc import SupportServiceAsyncStub
    from sonde_core.readings import Reading

LIMIT = kept.later(1) - NOON
EVERY = HostFilter()


@pytest_asyncio.fixture
async def service(service: SupportServiceAsyncStub) -> SupportServiceAsyncStub:
    await create(service, "tells")
    return service


def readings(evidence: Evidence) -> list[Reading]:
    return [reading for group in evidence.readings.values() for reading in group]


def moved() -> list[Reading]:
    """Return what a host says whose address changed, and whose key is refused since."""
    seen = host(*echoes(ELSEWHERE), *rejected(request_ip=ELSEWHERE))
    return readings(after(seen, futures_account=0.001))


async def diagnose(service: SupportServiceAsyncStub) -> str:
    events = [event async for event in service.DiagnoseHosts(pb.DiagnoseHostsRequest())]
    return events[0].plan.diagnosis


async def history(service: SupportServiceAsyncStub, **page: object) -> pb.GetHistoryResponse:
    return await service.GetHistory(pb.GetHistoryRequest(host="tells", **page))  # type: ignore[arg-type]


async def test_the_history_of_a_host_has_what_changed_newest_first(
    service: SupportServiceAsyncStub, link: FakeLink
) -> None:
    await diagnose(service)
    link.tells = moved()
    second = await diagnose(service)

    answer = await history(service)

    assert [change.item.id for change in answer.changes] == ["refused_first", "address_changed"]
    assert {change.diagnosis for change in answer.changes} == {second}
    assert len(answer.results) == 2
    address = decode_change(answer.changes[1])
    assert address.item.values == {"before": (HERE,), "after": (ELSEWHERE,)}
    assert address.time >= later(1)


async def test_every_change_is_on_the_page_of_the_result_that_saw_it(
    service: SupportServiceAsyncStub, link: FakeLink
) -> None:
    unmoved = link.tells
    for tells in (unmoved, moved(), unmoved):
        link.tells = tells
        await diagnose(service)
    token, pages = "", []
    for _ in range(3):
        answer = await history(service, page_size=1, page_token=token)
        pages.append([change.item.id for change in answer.changes])
        token = answer.next_page_token

    assert pages == [
        ["accepted_again", "address_changed"],
        ["refused_first", "address_changed"],
        [],
    ]
    assert not token


async def test_changes_outlive_the_host_and_a_new_one_of_its_name_begins_anew(
    service: SupportServiceAsyncStub, link: FakeLink
) -> None:
    await diagnose(service)
    link.tells = moved()
    await diagnose(service)
    await service.DeleteHost(pb.DeleteHostRequest(name="tells"))
    await service.CreateHost(pb.CreateHostRequest(host=Host(name="tells")))
    link.tells = readings(host())
    await diagnose(service)

    answer = await history(service)

    assert [change.item.id for change in answer.changes] == ["refused_first", "address_changed"]
    assert len(answer.results) == 3


# -- what is remembered --------------------------------------------------------------------------


class Watch:
    """The rules, and what was remembered of the hosts that they judged."""

    def __init__(self) -> None:
        self.memories: list[Memory | None] = []

    def __call__(self, evidence: Evidence) -> tuple[Finding, ...]:
        self.memories.append(evidence.memory)
        return apply_rules(evidence)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def diagnoser(store: Store, link: FakeLink, watch: Watch) -> Diagnoser:
    seconds = count()
    fanout = Fanout(link=link, width=10, now=lambda: later(next(seconds)))
    decider = Decider(rules_version="1", diagnose=watch)
    return Diagnoser(store=store, fanout=fanout, decider=decider, now=lambda: NOON)


async def add(store: Store, *names: str) -> None:
    for name in names:
        one = kept.host(name, whitelists={})
        await store.write(lambda transaction, one=one: HostsStore(transaction).add(one))  # type: ignore[misc]


async def run(diagnoser: Diagnoser) -> None:
    plan = await diagnoser.plan(EVERY)
    _ = [one async for one in diagnoser.run(plan, LIMIT)]


async def test_the_rules_see_what_earlier_diagnoses_of_the_host_came_to(
    store: Store, diagnoser: Diagnoser, link: FakeLink, watch: Watch
) -> None:
    await add(store, "tells")
    await run(diagnoser)
    link.tells = moved()
    await run(diagnoser)
    await run(diagnoser)

    first, second, third = watch.memories
    assert first is None
    assert second
    assert third
    assert [one.addresses for one in second.sightings] == [(HERE,)]
    assert [one.addresses for one in third.sightings] == [(HERE,), (ELSEWHERE,)]
    main = third.accounts["main"]
    assert (main.accepted_from, main.refusal) == ((HERE,), -2015)
    assert (third.agent_version, third.clock, third.clock_source) == ("1.0", "right", "ntp")


async def test_a_host_that_does_not_answer_is_remembered_as_it_was(
    store: Store, diagnoser: Diagnoser, watch: Watch
) -> None:
    await add(store, "refuses", "stalls", "unreachable")
    await run(diagnoser)
    await run(diagnoser)

    assert watch.memories == [None] * 6


async def test_diagnoses_of_one_host_at_once_tell_its_change_once(
    store: Store, diagnoser: Diagnoser, link: FakeLink
) -> None:
    await add(store, "tells")
    await run(diagnoser)
    link.tells = moved()

    await asyncio.gather(*(run(diagnoser) for _ in range(8)))

    with store.transaction(writes=False) as transaction:
        assert transaction.scalar(text("SELECT count(*) FROM changes")) == 2


async def test_a_memory_that_cannot_be_read_is_no_memory(
    store: Store, diagnoser: Diagnoser, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    await add(store, "tells")
    await run(diagnoser)
    with store.transaction() as transaction:
        transaction.execute(text("UPDATE host_latest SET memory = x'00'"))
    await run(diagnoser)
    await run(diagnoser)

    assert [bool(memory) for memory in watch.memories] == [False, False, True]
    assert "Memory dropped" in caplog.text


async def test_a_bug_in_the_comparison_costs_a_host_its_memory_and_nothing_else(
    store: Store, diagnoser: Diagnoser, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    def buggy(
        before: Memory | None, evidence: Evidence, findings: Sequence[Finding], asked: datetime
    ) -> Learned:
        if evidence.now < later(1):  # the first host that is asked
            raise ZeroDivisionError
        return remember(before, evidence, findings, asked)

    await add(store, "tells-1", "tells-2")
    await run(replace(diagnoser, keep=partial(keep, compare=buggy)))
    await run(diagnoser)

    assert [bool(memory) for memory in watch.memories] == [False, False, False, True]
    assert "Comparing failed" in caplog.text
