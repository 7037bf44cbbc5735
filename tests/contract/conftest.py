"""A store with its tables, in each database, and what is kept in it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from sonde_service.store.diagnoses import DiagnosesStore
from sonde_service.store.hosts import HostsStore
from sonde_service.store.migrating import upgrade
from sonde_service.store.store import Store


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store(store_url) as opened:
        upgrade(opened)
        yield opened


@pytest.fixture
def transaction(store: Store) -> Iterator[Connection]:
    with store.transaction() as connection:
        yield connection


@pytest.fixture
def hosts(transaction: Connection) -> HostsStore:
    return HostsStore(transaction)


@pytest.fixture
def diagnoses(transaction: Connection) -> DiagnosesStore:
    return DiagnosesStore(transaction)
