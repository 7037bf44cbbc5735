"""What every store does, in whichever database."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text

from sonde_core.evidence import LastSeen
from sonde_service.hosts import Customer, HostFilter
from sonde_service.store.diagnoses import DiagnosesStore, StoredDiagnosis
from sonde_service.store.hosts import HostsStore
from sonde_service.store.store import Store
from tests.service.kept import NOON, host, later, result

EVERY = HostFilter()


# -- hosts -------------------------------------------------------------------------------------


def test_a_host_comes_back_as_it_was_added(hosts: HostsStore) -> None:
    assert hosts.add(host())

    assert hosts.find(EVERY) == [host()]


def test_a_host_of_a_taken_name_is_not_added(hosts: HostsStore) -> None:
    hosts.add(host())

    assert not hosts.add(host(address="", labels={"other": "label"}))
    assert hosts.find(EVERY) == [host()]


def test_a_replaced_host_keeps_only_when_it_was_added(hosts: HostsStore) -> None:
    hosts.add(host())
    bare = host(
        address="", tls_name="", customer=Customer(), labels={}, whitelists={}, created=later(9)
    )

    assert hosts.replace(bare)
    assert hosts.find(EVERY) == [replace(bare, created=NOON)]


def test_what_is_not_there_is_neither_replaced_nor_removed(hosts: HostsStore) -> None:
    assert not hosts.replace(host())
    assert not hosts.remove("sgp-01")
    assert hosts.find(EVERY) == []


def test_a_removed_host_leaves_its_name_free(hosts: HostsStore) -> None:
    hosts.add(host())

    assert hosts.remove("sgp-01")
    assert hosts.names() == frozenset()
    assert hosts.add(host(labels={}))
    assert hosts.find(EVERY) == [host(labels={})]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(HostFilter(names=frozenset({"b", "c"})), ["b", "c"], id="by name"),
        pytest.param(HostFilter(customer_email="li@example.com"), ["a", "b"], id="by customer"),
        pytest.param(HostFilter(labels={"region": "sgp"}), ["a", "c"], id="by label"),
        pytest.param(HostFilter(labels={"region": "sgp", "tier": "x"}), ["c"], id="by two labels"),
        pytest.param(
            HostFilter(customer_email="li@example.com", labels={"region": "sgp"}),
            ["a"],
            id="every condition must hold",
        ),
        pytest.param(HostFilter(labels={"region": "nowhere"}), [], id="nothing"),
    ],
)
def test_hosts_are_found_by_what_is_recorded(
    hosts: HostsStore, wanted: HostFilter, found: list[str]
) -> None:
    hosts.add(host("a", labels={"region": "sgp"}))
    hosts.add(host("b", labels={"region": "tyo"}))
    hosts.add(host("c", labels={"region": "sgp", "tier": "x"}, customer=Customer()))

    assert [one.name for one in hosts.find(wanted)] == found


def test_hosts_come_by_name_and_in_pages(hosts: HostsStore) -> None:
    for name in ("c", "a", "b"):
        hosts.add(host(name))

    assert hosts.find(EVERY, limit=2) == [host("a"), host("b")]
    assert hosts.find(EVERY, after="b", limit=2) == [host("c")]


# -- diagnoses ---------------------------------------------------------------------------------


def test_a_diagnosis_begins_once(diagnoses: DiagnosesStore) -> None:
    assert diagnoses.begin("d1", NOON, ["sgp-01", "sgp-02"])
    assert not diagnoses.begin("d1", later(1), ["sgp-03"])

    assert diagnoses.get("d1") == StoredDiagnosis(
        name="d1", created=NOON, expected=2, stored=0, healthy=0
    )
    assert diagnoses.get("d2") is None


def test_results_come_back_as_they_were_added(diagnoses: DiagnosesStore) -> None:
    diagnoses.begin("d1", NOON, ["a", "b", "c"])
    diagnoses.add([result(1, "b", healthy=False), result(1, "a")], answered="diagnosed")

    assert diagnoses.results("d1") == [result(1, "a"), result(1, "b", healthy=False)]
    assert diagnoses.results("d1", host="b") == [result(1, "b", healthy=False)]
    assert diagnoses.results("d1", limit=1) == [result(1, "a")]
    assert diagnoses.results("d1", after="a") == [result(1, "b", healthy=False)]
    assert diagnoses.results("d2") == []


def test_a_diagnosis_counts_what_is_stored(diagnoses: DiagnosesStore) -> None:
    diagnoses.begin("d1", NOON, ["a", "b", "c"])
    diagnoses.add([result(1, "a"), result(1, "b", healthy=False)], answered="diagnosed")

    assert diagnoses.get("d1") == StoredDiagnosis(
        name="d1", created=NOON, expected=3, stored=2, healthy=1
    )


def test_adding_a_result_twice_changes_nothing(diagnoses: DiagnosesStore) -> None:
    diagnoses.begin("d1", NOON, ["sgp-01"])
    diagnoses.add([result(1)], answered="diagnosed")
    diagnoses.add([result(1, healthy=False)], answered="diagnosed")

    assert diagnoses.results("d1") == [result(1)]


def test_diagnoses_come_newest_first_and_in_pages(diagnoses: DiagnosesStore) -> None:
    for name, seconds in (("d1", 1), ("d3", 3), ("d2", 2), ("twin", 2)):
        diagnoses.begin(name, later(seconds), [])

    assert [one.name for one in diagnoses.page(None, 3)] == ["d3", "twin", "d2"]
    assert [one.name for one in diagnoses.page((later(2), "twin"), 3)] == ["d2", "d1"]


def test_history_comes_newest_first_in_pages_and_without_readings(
    diagnoses: DiagnosesStore,
) -> None:
    for number in (1, 3, 2):
        diagnoses.begin(f"d{number}", later(number), ["sgp-01"])
        diagnoses.add([result(number)], answered="diagnosed")

    assert diagnoses.history("sgp-01", None, 2) == [
        result(3, readings=b""),
        result(2, readings=b""),
    ]
    assert diagnoses.history("sgp-01", (later(2), "d2"), 2) == [result(1, readings=b"")]
    assert diagnoses.history("other", None, 2) == []


def test_the_newest_result_of_each_host_is_the_latest_whatever_its_status(
    hosts: HostsStore, diagnoses: DiagnosesStore
) -> None:
    for name in ("a", "b", "unasked", "other"):
        hosts.add(host(name))
    for number in (1, 2):
        diagnoses.begin(f"d{number}", later(number), ["a", "b", "other"])
    asked = [result(2, "a", status="timeout", healthy=False), result(1, "a"), result(1, "b")]
    diagnoses.add([*asked, result(2, "other")], answered="diagnosed")

    latest = {one.host: one for one in diagnoses.latest(["a", "b", "unasked"])}

    assert latest == {
        "a": result(2, "a", status="timeout", healthy=False, readings=b""),
        "b": result(1, "b", readings=b""),
    }


def test_of_two_results_of_one_instant_one_is_the_latest(
    hosts: HostsStore, diagnoses: DiagnosesStore
) -> None:
    hosts.add(host())
    for number in (1, 2):
        diagnoses.begin(f"d{number}", later(number), ["sgp-01"])
        diagnoses.add([result(number, time=later(1))], answered="diagnosed")

    assert [one.diagnosis for one in diagnoses.latest(["sgp-01"])] == ["d2"]


def test_what_came_of_an_earlier_host_of_the_name_is_not_the_latest_of_the_new_one(
    hosts: HostsStore, diagnoses: DiagnosesStore
) -> None:
    diagnoses.begin("d1", later(1), ["sgp-01"])
    diagnoses.add([result(1)], answered="diagnosed")
    hosts.add(host(created=later(2)))

    assert diagnoses.latest(["sgp-01"]) == []


# -- hosts and their latest state --------------------------------------------------------------


def seen(hosts: HostsStore) -> tuple[LastSeen | None, str]:
    found = hosts.find(EVERY)[0]
    return found.last_seen, found.agent_version


def test_an_answer_is_the_hosts_latest_state(hosts: HostsStore, diagnoses: DiagnosesStore) -> None:
    hosts.add(host())
    for number in (1, 2):
        diagnoses.begin(f"d{number}", later(number), ["sgp-01"])
    diagnoses.add([result(1)], answered="diagnosed")
    diagnoses.add([result(2, healthy=False, agent_version="2.0")], answered="diagnosed")

    assert seen(hosts) == (LastSeen(time=later(2), healthy=False), "2.0")


def test_silence_and_late_news_do_not_change_the_latest_state(
    hosts: HostsStore, diagnoses: DiagnosesStore
) -> None:
    hosts.add(host())
    for number in (1, 2, 3):
        diagnoses.begin(f"d{number}", later(number), ["sgp-01"])
    diagnoses.add([result(2)], answered="diagnosed")
    diagnoses.add([result(1, healthy=False), result(3, status="timeout")], answered="diagnosed")

    assert seen(hosts) == (LastSeen(time=later(2), healthy=True), "1.0")


def test_history_survives_the_host_and_a_new_one_of_its_name_starts_unseen(
    hosts: HostsStore, diagnoses: DiagnosesStore
) -> None:
    hosts.add(host())
    for number in (1, 2):
        diagnoses.begin(f"d{number}", later(number), ["sgp-01"])
    diagnoses.add([result(1)], answered="diagnosed")
    hosts.remove("sgp-01")
    diagnoses.add([result(2)], answered="diagnosed")
    hosts.add(host())

    assert [one.diagnosis for one in diagnoses.history("sgp-01", None, 9)] == ["d2", "d1"]
    assert seen(hosts) == (None, "")


# -- transactions ------------------------------------------------------------------------------


async def test_what_was_written_is_read_from_another_thread(store: Store) -> None:
    await store.write(lambda transaction: HostsStore(transaction).add(host()))

    assert await store.read(lambda transaction: HostsStore(transaction).find(EVERY)) == [host()]


async def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def fail(transaction: Connection) -> None:
        HostsStore(transaction).add(host())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.write(fail)

    assert await store.read(lambda transaction: HostsStore(transaction).names()) == frozenset()


async def test_many_writers_that_read_first_all_get_through(store: Store) -> None:
    def add_next(transaction: Connection) -> None:
        HostsStore(transaction).add(host(f"host-{len(HostsStore(transaction).names())}"))

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(store.write(add_next))

    names = await store.read(lambda transaction: HostsStore(transaction).names())
    assert names == {f"host-{number}" for number in range(20)}


async def test_reading_sees_one_state_while_another_writes(store: Store) -> None:
    def counts(transaction: Connection) -> tuple[int, int]:
        before = len(HostsStore(transaction).names())
        with store.transaction() as other:
            HostsStore(other).add(host())
        return before, len(HostsStore(transaction).names())

    assert await store.read(counts) == (0, 0)


def test_closing_twice_does_no_harm(store: Store) -> None:
    store.close()
    store.close()


def test_foreign_keys_hold(transaction: Connection) -> None:
    HostsStore(transaction).add(host())
    HostsStore(transaction).remove("sgp-01")

    for table in ("host_labels", "whitelists"):
        assert transaction.scalar(text(f"SELECT count(*) FROM {table}")) == 0
