"""Reports are kept once, in whichever database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from sonde_core.errors import AlreadyExistsError
from sonde_service.store.reports import FAILURE, HEALTH, Dropped, ReportsStore, StoredReport
from sonde_service.store.store import Store
from tests.service.kept import later


@pytest.fixture
def reports(store: Store) -> Iterator[ReportsStore]:
    with store.transaction() as transaction:
        yield ReportsStore(transaction)


def numbered(*places: int, host: str = "sgp-01", spool: str = "s1") -> list[StoredReport]:
    return [
        StoredReport(
            host=host,
            spool=spool,
            sequence=place,
            time=later(place),
            kind="failure" if place % 2 else "health",
            report=f"\x00{place}".encode(),
        )
        for place in places
    ]


def add(reports: ReportsStore, *places: int, host: str = "sgp-01", spool: str = "s1") -> int:
    return reports.add(host, spool, numbered(*places, host=host, spool=spool), Dropped())


def test_reports_come_back_as_they_were(reports: ReportsStore) -> None:
    assert add(reports, 1, 2, 3) == 3

    assert reports.of_host("sgp-01") == numbered(1, 2, 3)
    assert reports.of_host("hkg-01") == []


def test_what_comes_again_changes_nothing(reports: ReportsStore) -> None:
    add(reports, 1, 2, 3)

    assert add(reports, 2, 3) == 3
    assert add(reports, 1) == 3
    assert add(reports, 3, 4) == 4
    assert reports.of_host("sgp-01") == numbered(1, 2, 3, 4)


def test_another_report_in_a_place_that_is_kept_is_refused_and_what_is_before_it_acknowledged(
    reports: ReportsStore,
) -> None:
    add(reports, 1, 2, 3, 4)
    other = [replace(one, report=b"other") for one in numbered(3, 4, 5)]

    assert reports.add("sgp-01", "s1", [*numbered(1, 2), *other], Dropped()) == 2
    with pytest.raises(AlreadyExistsError, match="place 3 already"):
        reports.add("sgp-01", "s1", other, Dropped())
    assert reports.of_host("sgp-01") == numbered(1, 2, 3, 4)


def test_what_was_never_kept_in_a_place_that_is_past_is_refused(reports: ReportsStore) -> None:
    add(reports, 1, 5)

    with pytest.raises(AlreadyExistsError):
        add(reports, 2, 3, 4)


def test_health_that_was_forgotten_may_come_again(reports: ReportsStore) -> None:
    week = 7 * 86_400
    add(reports, 2, 4, week + 5)

    assert add(reports, 2, 4, week + 5) == week + 5


def test_a_gap_is_what_was_dropped_and_stays(reports: ReportsStore) -> None:
    dropped = Dropped(health=7, failures=2)

    assert reports.add("sgp-01", "s1", numbered(5, 9), dropped) == 9
    assert add(reports, 6, spool="s2") == 6
    assert reports.of_host("sgp-01") == numbered(5, 9) + numbered(6, spool="s2")
    assert reports.dropped("sgp-01") == dropped


def test_an_older_copy_of_a_spool_takes_back_nothing_of_what_was_dropped(
    reports: ReportsStore,
) -> None:
    dropped = Dropped(health=7, failures=2)
    reports.add("sgp-01", "s1", numbered(5, 9), dropped)

    add(reports, 5)
    assert reports.dropped("sgp-01") == dropped
    add(reports, 9, 10)
    assert reports.dropped("sgp-01") == Dropped()


def test_health_of_more_than_a_week_ago_goes_and_failures_stay(reports: ReportsStore) -> None:
    week = 7 * 86_400
    add(reports, 1, 2, 4, week + 3)
    add(reports, 2, host="hkg-01")

    assert reports.of_host("sgp-01") == numbered(1, 4, week + 3)
    assert reports.of_host("hkg-01") == numbered(2, host="hkg-01")


def test_the_newest_of_a_kind_are_found_by_time(reports: ReportsStore) -> None:
    add(reports, 1, 3, 5, 6, 7)
    add(reports, 5, spool="s2")
    add(reports, 7, host="hkg-01")

    def found(since: int | None, before: int | None, limit: int = 9) -> list[tuple[str, int]]:
        rows = reports.newest(
            "sgp-01",
            FAILURE,
            None if since is None else later(since),
            None if before is None else later(before),
            limit,
        )
        return [(row.spool, row.sequence) for row in rows]

    assert found(None, None) == [("s1", 7), ("s1", 5), ("s2", 5), ("s1", 3), ("s1", 1)]
    assert found(3, 7) == [("s1", 5), ("s2", 5), ("s1", 3)]
    assert found(None, None, limit=2) == [("s1", 7), ("s1", 5)]
    assert reports.newest("sgp-01", HEALTH, None, None, 9) == numbered(6)


def test_each_spool_of_each_host_counts_for_itself(reports: ReportsStore) -> None:
    add(reports, 1, 2)
    add(reports, 1, spool="s2")

    assert add(reports, 1, host="hkg-01") == 1
    assert reports.of_host("sgp-01") == numbered(1, 2) + numbered(1, spool="s2")
    assert reports.of_host("hkg-01") == numbered(1, host="hkg-01")


def test_a_transaction_that_fails_moves_no_spool(store: Store) -> None:
    def fail(transaction: Connection) -> None:
        add(ReportsStore(transaction), 1, 2)
        raise RuntimeError

    with pytest.raises(RuntimeError), store.transaction() as transaction:
        fail(transaction)

    with store.transaction() as transaction:
        assert ReportsStore(transaction).of_host("sgp-01") == []
        assert add(ReportsStore(transaction), 1) == 1


def test_the_same_reports_from_several_sides_at_once_are_kept_once(store: Store) -> None:
    def bring(first: int) -> int:
        with store.transaction() as transaction:
            return add(ReportsStore(transaction), *range(first, first + 20))

    with ThreadPoolExecutor(4) as sides:
        assert max(sides.map(bring, [1, 1, 1, 1, 11, 11])) == 30

    with store.transaction() as transaction:
        assert ReportsStore(transaction).of_host("sgp-01") == numbered(*range(1, 31))
