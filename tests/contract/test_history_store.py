"""What every store of memories and changes does, in whichever database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from sonde_core.evidence import Evidence
from sonde_core.findings import Item, ItemValue
from sonde_core.history import Change
from sonde_core.memory import AccountMemory, ClosureMemory, Memory, Sighting
from sonde_core.readings import Kind, Subject
from sonde_service.deciding import Decider, Judged
from sonde_service.fanout import Outcome
from sonde_service.keeping import keep
from sonde_service.store.diagnoses import DiagnosesStore
from sonde_service.store.history import HistoryStore, StoredChange
from sonde_service.store.hosts import HostsStore
from sonde_service.store.store import Store
from tests.core.histories import ELSEWHERE, echoes
from tests.core.hosts import HERE
from tests.core.hosts import host as evidence_of_a_host
from tests.service.kept import NOON, host, later, result
from tests.service.links import message


@pytest.fixture
def history(transaction: Connection) -> HistoryStore:
    return HistoryStore(transaction)


def memory(number: int) -> Memory:
    """Return a memory in which everything is set."""
    return Memory(
        time=later(number),
        agent_version="1.0",
        sightings=(Sighting(time=NOON, addresses=("203.0.113.7", "2001:db8::7")),),
        observers={"ipv4 one.example": "203.0.113.7", "ipv6 one.example": ""},
        accounts={
            "main": AccountMemory(
                fingerprint="0123456789abcdef",
                last4="Ab3d",
                granted=frozenset({"enableReading"}),
                ip_restricted=True,
                accepted=NOON,
                accepted_from=("203.0.113.7",),
                futures_accepted=NOON,
                refused=later(1),
                refusal=-2015,
                answers={"futures_account": -2015, "api_restrictions": 0},
                status="Normal",
                trading={"futures_account": False},
                told={"key": NOON},
            ),
            "bare": AccountMemory(),
        },
        closures=(ClosureMemory(endpoint="usdm", status=418, since=NOON, until=later(60)),),
        clock="ahead",
        clock_source="ntp",
        told={"version": NOON},
    )


def change(number: int, diagnosis: str = "d1", host: str = "sgp-01") -> StoredChange:
    """Return a change with a value of every type."""
    values: dict[str, ItemValue] = {"t": "é\0", "n": -2015, "at": NOON, "list": ("a", "b")}
    item = Item("refused_first", values, (Kind.KEY, Subject("account", "main")))
    return StoredChange(
        host=host, diagnosis=diagnosis, number=number, change=Change(later(number), item)
    )


def answer(diagnoses: DiagnosesStore, *names: str) -> None:
    """Keep a first answer of some hosts."""
    diagnoses.begin("d1", NOON, list(names))
    diagnoses.add([result(1, name) for name in names], answered="diagnosed")


def test_a_memory_comes_back_as_it_was_kept(
    history: HistoryStore, diagnoses: DiagnosesStore
) -> None:
    answer(diagnoses, "a", "b", "c")
    history.remember({"a": memory(1), "b": memory(2)})
    history.remember({"b": memory(3)})
    history.remember({})

    assert history.memories(["a", "b", "c", "d"]) == {"a": memory(1), "b": memory(3)}
    assert history.memories(["b"]) == {"b": memory(3)}
    assert history.memories([]) == {}


def test_of_very_many_hosts_every_memory_comes_back(
    history: HistoryStore, diagnoses: DiagnosesStore
) -> None:
    names = [f"host-{number}" for number in range(600)]
    answer(diagnoses, *names)
    history.remember({name: memory(1) for name in names})

    assert history.memories(names).keys() == set(names)
    assert history.memories(names[1:]).keys() == set(names[1:])


def test_nothing_is_remembered_of_a_host_that_was_removed(
    hosts: HostsStore, history: HistoryStore, diagnoses: DiagnosesStore
) -> None:
    hosts.add(host())
    answer(diagnoses, "sgp-01")
    history.remember({"sgp-01": memory(1)})
    hosts.remove("sgp-01")
    history.remember({"sgp-01": memory(1)})
    hosts.add(host())

    assert history.memories(["sgp-01"]) == {}


def test_changes_come_back_newest_first_and_by_diagnosis(
    history: HistoryStore, diagnoses: DiagnosesStore
) -> None:
    for name in ("d1", "d2", "d3"):
        diagnoses.begin(name, NOON, ["sgp-01"])
    history.add([change(1), change(3, "d2"), change(2), change(9, host="other"), change(4, "d3")])
    history.add([])

    assert history.changes("sgp-01", ["d1", "d2"]) == [change(3, "d2"), change(2), change(1)]
    assert history.changes("other", ["d1"]) == [change(9, host="other")]
    assert history.changes("sgp-01", []) == []


def test_adding_a_change_twice_changes_nothing(
    history: HistoryStore, diagnoses: DiagnosesStore
) -> None:
    diagnoses.begin("d1", NOON, ["sgp-01"])
    history.add([change(1)])
    history.add([change(1)])

    assert history.changes("sgp-01", ["d1"]) == [change(1)]


def test_services_that_diagnose_a_host_at_once_tell_its_change_once(
    store: Store, store_url: str
) -> None:
    """Each keeps in a transaction of its own, from a process of its own."""
    with store.transaction() as transaction:
        for number in range(12):
            DiagnosesStore(transaction).begin(f"d{number}", NOON, ["sgp-01"])
        keep([decided(0, evidence_of_a_host())], transaction)
    moved = evidence_of_a_host(*echoes(ELSEWHERE))

    def one_service(numbers: range) -> None:
        with Store(store_url) as own:
            for number in numbers:
                with own.transaction() as transaction:
                    keep([decided(number, moved)], transaction)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(one_service, [range(start, 12, 4) for start in range(1, 5)]))

    with store.transaction(writes=False) as transaction:
        history = HistoryStore(transaction)
        told = history.changes("sgp-01", [f"d{number}" for number in range(12)])
        sightings = history.memories(["sgp-01"])["sgp-01"].sightings
    assert [one.change.item.id for one in told] == ["address_changed"]
    assert [one.addresses for one in sightings] == [(HERE,), (ELSEWHERE,)]


def decided(number: int, evidence: Evidence) -> Judged:
    """Return what a diagnosis of a host came to, asked that many seconds after noon."""
    outcome = Outcome(
        host=host(whitelists={}),
        asked=later(number),
        elapsed=timedelta(seconds=1),
        contact=evidence.contact,
        evidence=message([one for group in evidence.readings.values() for one in group]),
    )
    return Decider(rules_version="1").decide(outcome, f"d{number}")
