"""Databases that cannot be used: each is told with the key and the fix, and nothing is lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from sonde_core.errors import UnavailableError
from sonde_service.store.diagnoses import DiagnosesStore
from sonde_service.store.migrating import upgrade
from sonde_service.store.store import Store
from tests.service.commands import sonde_service
from tests.service.kept import NOON, result

PAGES = 200
COMMANDS = ("init", "run", "migrate")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "service.toml"
    path.write_text(
        f'[service]\nsocket = "{tmp_path}/service.sock"\nstate_dir = "{tmp_path}/state"\n'
    )
    return path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state" / "service.sqlite3"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_of_another_kind_is_told_and_left_alone(
    config: Path, database: Path, command: str
) -> None:
    database.write_text("letters to the editor, 1998 to 2004\n" * 100)
    before = database.read_bytes()

    told = sonde_service(command, "--config", config)

    assert told.returncode == 1
    assert f"store.url sqlite:///{database}: file is not a database; another kind" in told.stderr
    assert "Traceback" not in told.stderr
    assert database.read_bytes() == before


def test_a_database_that_another_process_locks_is_told_and_works_again_later(
    config: Path, database: Path
) -> None:
    sonde_service("init", "--config", config)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        told = sonde_service("migrate", "--config", config)

    assert told.returncode == 1
    assert "database is locked; another process holds it" in told.stderr
    assert sonde_service("migrate", "--config", config).returncode == 0


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_a_state_directory_that_is_not_there_is_told_with_the_command_that_makes_it(
    config: Path, command: str
) -> None:
    told = sonde_service(command, "--config", config)

    assert told.returncode == 1
    assert "unable to open database file; its directory must exist and be writable" in told.stderr
    assert "sonde-service init" in told.stderr


@pytest.mark.parametrize(
    ("key", "value"), [("state_dir", "/proc/sonde"), ("socket", "/proc/sonde/service.sock")]
)
def test_init_names_the_key_of_a_directory_that_it_cannot_make(
    config: Path, key: str, value: str
) -> None:
    told = sonde_service("init", "--config", config, **{f"SONDE_SERVICE_{key.upper()}": value})

    assert told.returncode == 2
    assert f"service.{key}: the directory /proc/sonde cannot be made" in told.stderr


@pytest.mark.parametrize("path", ["/proc/sonde.toml", "/proc/sonde/service.toml"])
def test_init_says_where_it_may_not_write_its_configuration(path: str) -> None:
    told = sonde_service("init", "--config", path)

    assert told.returncode == 2
    assert "--config" in told.stderr
    assert told.stderr.count("\n") == 1


def test_a_postgresql_that_does_not_run_is_told_without_its_password(config: Path) -> None:
    told = sonde_service(
        "migrate", "--config", config, SONDE_STORE_URL="postgresql://li:canary@127.0.0.1:9/sonde"
    )

    assert told.returncode == 1
    assert "store.url postgresql" in told.stderr
    assert "PostgreSQL must run there and know this user" in told.stderr
    assert "canary" not in told.stderr


@contextmanager
def disk_of(pages: int) -> Iterator[None]:
    """Let every SQLite database that is opened meanwhile be full beyond so many pages."""

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


def add(name: str, transaction: Connection) -> None:
    DiagnosesStore(transaction).begin(name, NOON, ["sgp-01"])
    DiagnosesStore(transaction).add(
        [result(1, diagnosis=name, readings=bytes(50_000))], answered="diagnosed"
    )


async def fill(store: Store, acknowledged: list[str]) -> None:
    for number in range(PAGES):
        await store.write(partial(add, f"d{number}"))
        acknowledged.append(f"d{number}")


async def test_a_full_disk_is_told_and_keeps_all_that_was_acknowledged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.sqlite3"
    acknowledged: list[str] = []
    with disk_of(PAGES), Store(url) as store:
        upgrade(store)
        with pytest.raises(UnavailableError, match="is full; make room on its disk"):
            await fill(store, acknowledged)
        read = await store.read(lambda transaction: DiagnosesStore(transaction).page(None, PAGES))
        assert {one.name for one in read} == set(acknowledged)

    with Store(url) as roomy:
        await roomy.write(partial(add, "later"))
        read = await roomy.read(lambda transaction: DiagnosesStore(transaction).page(None, PAGES))
    assert {one.name for one in read} == {*acknowledged, "later"}
    assert all(one.stored == one.expected for one in read)
