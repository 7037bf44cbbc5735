"""Databases of every age."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from sonde_core.errors import ConfigInvalidError
from sonde_core.memory import Memory
from sonde_service.hosts import HostFilter
from sonde_service.store.diagnoses import DiagnosesStore
from sonde_service.store.history import HistoryStore
from sonde_service.store.hosts import HostsStore
from sonde_service.store.migrating import downgrade, require_current, upgrade
from sonde_service.store.reports import Dropped, ReportsStore, StoredReport
from sonde_service.store.schema import METADATA
from sonde_service.store.store import Store
from tests.service.kept import NOON, host, result


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store(store_url) as opened:
        yield opened


def seed(store: Store) -> None:
    with store.transaction() as transaction:
        HostsStore(transaction).add(host())
        DiagnosesStore(transaction).begin("d1", NOON, ["sgp-01"])
        DiagnosesStore(transaction).add([result(1)], answered="diagnosed")
        HistoryStore(transaction).remember({"sgp-01": Memory(time=NOON)})
        report = StoredReport(
            host="sgp-01", spool="s", sequence=1, time=NOON, kind="health", report=b""
        )
        ReportsStore(transaction).add("sgp-01", "s", [report], Dropped())


def test_migrations_make_the_tables_that_the_code_reads(store: Store) -> None:
    upgrade(store)

    with store.transaction() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_up_down_and_up_again_works_on_data(store: Store) -> None:
    upgrade(store)
    seed(store)
    downgrade(store, "base")
    with store.transaction() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    upgrade(store)
    seed(store)

    require_current(store)


def test_migrating_what_is_current_keeps_everything(store: Store) -> None:
    upgrade(store)
    seed(store)
    upgrade(store)

    with store.transaction() as transaction:
        assert [one.name for one in HostsStore(transaction).find(HostFilter())] == ["sgp-01"]
        assert DiagnosesStore(transaction).results("d1") == [result(1)]


def test_a_database_from_before_memories_keeps_its_hosts_and_results(store: Store) -> None:
    upgrade(store)
    seed(store)
    downgrade(store, "0001")
    with store.transaction() as connection:
        assert "changes" not in inspect(connection).get_table_names()
    upgrade(store)

    with store.transaction() as transaction:
        found = HostsStore(transaction).find(HostFilter())
        assert [(one.name, one.agent_version) for one in found] == [("sgp-01", "1.0")]
        assert HistoryStore(transaction).memories(["sgp-01"]) == {}
        assert DiagnosesStore(transaction).results("d1") == [result(1)]


def test_an_empty_database_is_refused_with_the_command_that_mends_it(store: Store) -> None:
    with pytest.raises(ConfigInvalidError, match="sonde-service migrate"):
        require_current(store)


def test_a_database_of_a_newer_version_is_refused_and_left_alone(store: Store) -> None:
    upgrade(store)
    with store.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for use in (require_current, upgrade, lambda s: downgrade(s, "base")):
        with pytest.raises(ConfigInvalidError, match="newer version"):
            use(store)


def test_an_unknown_revision_to_go_back_to_is_refused(store: Store) -> None:
    upgrade(store)

    with pytest.raises(ConfigInvalidError, match="nonsense"):
        downgrade(store, "nonsense")
