"""Plan, ask, decide, keep, hand on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from sonde.agent.v1.agent_service_pb2 import CollectEvidenceResponse
from sonde_core.diagnose import diagnose
from sonde_core.errors import NotFoundError, UnavailableError
from sonde_core.evidence import Contact, Evidence
from sonde_core.findings import Finding
from sonde_service.deciding import Decided, Decider
from sonde_service.diagnosing import Diagnoser
from sonde_service.fanout import Fanout
from sonde_service.hosts import Host, HostFilter
from sonde_service.packing import unpack
from sonde_service.store.diagnoses import DiagnosesStore, StoredResult
from sonde_service.store.hosts import HostsStore
from sonde_service.store.store import Store
from tests.core.hosts import healthy
from tests.service.kept import NOON, host, later
from tests.service.links import FakeLink

T = TypeVar("T")

LIMIT = timedelta(milliseconds=50)
EVERY = HostFilter()


@pytest.fixture
def diagnoser(store: Store, link: FakeLink) -> Diagnoser:
    ticks = count()
    fanout = Fanout(link=link, width=10, now=lambda: later(next(ticks)))
    decider = Decider(rules_version="1")
    return Diagnoser(store=store, fanout=fanout, decider=decider, now=lambda: NOON)


def bare(name: str, **changes: object) -> Host:
    return host(name, whitelists={}, **changes)


async def add(store: Store, *hosts: Host) -> None:
    def work(transaction: Connection) -> None:
        for one in hosts:
            HostsStore(transaction).add(one)

    await store.write(work)


async def diagnosed(diagnoser: Diagnoser) -> dict[str, Decided]:
    plan = await diagnoser.plan(EVERY)
    return {one.report.host: one async for one in diagnoser.run(plan, LIMIT)}


async def stored(store: Store, diagnosis: str) -> list[StoredResult]:
    return list(await store.read(lambda tx: DiagnosesStore(tx).results(diagnosis)))


async def test_every_expected_host_gets_one_result_whatever_it_does(
    store: Store, diagnoser: Diagnoser
) -> None:
    names = ["babbles", "explodes", "fine", "refuses", "silent", "stalls", "unreachable"]
    await add(store, *(bare(name) for name in names))

    results = await diagnosed(diagnoser)

    statuses = {name: one.report.status for name, one in results.items()}
    assert statuses == {
        "babbles": Contact.DIAGNOSED,
        "explodes": Contact.UNREACHABLE,
        "fine": Contact.DIAGNOSED,
        "refuses": Contact.REFUSED,
        "silent": Contact.TIMEOUT,
        "stalls": Contact.TIMEOUT,
        "unreachable": Contact.UNREACHABLE,
    }
    rows = await stored(store, results["fine"].report.diagnosis)
    assert [row.host for row in rows] == names


async def test_a_result_is_durable_before_it_is_handed_on(
    store: Store, diagnoser: Diagnoser
) -> None:
    await add(store, *(bare(f"fine-{number}") for number in range(30)))
    plan = await diagnoser.plan(EVERY)

    async for one in diagnoser.run(plan, LIMIT):
        assert one.report.host in [row.host for row in await stored(store, plan.name)]


async def test_a_silent_host_has_its_status_and_a_finding(
    store: Store, diagnoser: Diagnoser
) -> None:
    await add(store, bare("refuses"))

    report = (await diagnosed(diagnoser))["refuses"].report

    assert report.status is Contact.REFUSED
    assert "AGENT_UNREACHABLE" in [finding.cause for finding in report.found()]


async def test_the_readings_and_the_version_come_with_the_result_and_are_kept(
    store: Store, diagnoser: Diagnoser
) -> None:
    await add(store, bare("fine"))

    one = (await diagnosed(diagnoser))["fine"]
    row = (await stored(store, one.report.diagnosis))[0]

    assert one.report.agent_version == row.agent_version == "1.0"
    assert row.rules_version == "1"
    assert unpack(row.result) == one.report
    assert len(one.evidence.readings) == len(healthy())
    assert CollectEvidenceResponse.FromString(row.readings) == one.evidence


async def test_the_next_diagnosis_knows_when_the_host_was_last_seen(
    store: Store, diagnoser: Diagnoser
) -> None:
    await add(store, bare("fine"))
    first = (await diagnosed(diagnoser))["fine"].report
    second = (await diagnosed(diagnoser))["fine"].report

    assert first.last_seen is None
    assert second.last_seen is not None
    assert second.last_seen.time == first.time
    assert second.last_seen.healthy == first.healthy


async def test_a_recorded_whitelist_is_part_of_the_evidence(
    store: Store, diagnoser: Diagnoser
) -> None:
    seen: list[object] = []

    def watching(evidence: Evidence) -> tuple[Finding, ...]:
        seen.append(evidence.whitelists)
        return diagnose(evidence)

    await add(store, host("fine"))
    await diagnosed(replace(diagnoser, decider=Decider(rules_version="1", diagnose=watching)))

    assert seen == [host("fine").whitelists]


async def test_a_bug_while_deciding_costs_one_host_its_findings_and_nothing_else(
    store: Store, diagnoser: Diagnoser
) -> None:
    def buggy(evidence: Evidence) -> tuple[Finding, ...]:
        if evidence.now < later(1):  # the first host that is asked
            raise ZeroDivisionError
        return diagnose(evidence)

    await add(store, bare("fine-1"), bare("fine-2"))
    results = await diagnosed(
        replace(diagnoser, decider=Decider(rules_version="1", diagnose=buggy))
    )

    broken, whole = results["fine-1"].report, results["fine-2"].report
    assert broken.status is Contact.REFUSED
    assert not broken.healthy
    assert results["fine-1"].evidence.readings
    assert whole.status is Contact.DIAGNOSED
    assert whole.findings


async def test_a_name_is_six_hex_digits_and_longer_where_it_is_taken(
    store: Store, diagnoser: Diagnoser
) -> None:
    await add(store, bare("fine"))
    same = replace(diagnoser, random_name=lambda size: "7f3c91aabb"[: 2 * size])

    names = [(await same.plan(EVERY)).name for _ in range(3)]

    assert names == ["7f3c91", "7f3c91aa", "7f3c91aabb"]


async def test_unknown_names_are_listed_with_the_nearest_known_one(
    store: Store, diagnoser: Diagnoser
) -> None:
    await add(store, bare("sgp-01"), bare("tyo-02"))

    with pytest.raises(NotFoundError) as caught:
        await diagnoser.plan(HostFilter(names=frozenset({"sgp-1", "zzz", "tyo-02"})))

    assert str(caught.value) == 'no such host: sgp-1 (did you mean "sgp-01"?), zzz'
    assert caught.value.metadata == {"hosts": "sgp-1,zzz"}


async def test_a_filter_that_matches_nothing_is_an_error(diagnoser: Diagnoser) -> None:
    with pytest.raises(NotFoundError, match="no host matches"):
        await diagnoser.plan(EVERY)


async def test_leaving_stops_the_calls_and_keeps_what_was_stored(
    store: Store, diagnoser: Diagnoser, link: FakeLink
) -> None:
    await add(store, bare("fine"), *(bare(f"silent-{number}") for number in range(5)))
    plan = await diagnoser.plan(EVERY)
    results = diagnoser.run(plan, timedelta(minutes=1))

    first = await anext(results)
    await results.aclose()
    await link.until_running(0)

    assert first.report.host == "fine"
    assert [row.host for row in await stored(store, plan.name)] == ["fine"]


class FullStore(Store):
    """A store on a full disk."""

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Keep nothing."""
        del work
        raise UnavailableError("the database: database or disk is full")


async def test_a_store_that_fails_ends_the_diagnosis_with_the_reason(
    store: Store, diagnoser: Diagnoser, link: FakeLink
) -> None:
    await add(store, bare("fine"), bare("silent"))
    plan = await diagnoser.plan(EVERY)
    with FullStore("sqlite://") as full, pytest.raises(UnavailableError, match="disk is full"):
        _ = [result async for result in replace(diagnoser, store=full).run(plan, LIMIT)]

    await link.until_running(0)
