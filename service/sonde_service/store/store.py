"""The database: SQLite in one file, or PostgreSQL by URL."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from sonde_core.errors import ConfigInvalidError, UnavailableError

T = TypeVar("T")

# Locked, full, gone, or no database at all. The other kinds of DatabaseError are bugs of ours.
_OUTSIDE = (DatabaseError, OperationalError)

# What a database says, and what to do about it.
_REMEDIES = (
    ("is locked", "; another process holds it, such as a backup or a second service: end that"),
    ("is full", "; make room on its disk: nothing that was shown is lost"),
    ("not a database", "; another kind of file is there: name another one"),
    ("malformed", "; bring back a copy of it"),
    ("unable to open", "; its directory must exist and be writable: run `sonde-service init`"),
    ("readonly", "; it and its directory must be writable"),
    ("connection", "; PostgreSQL must run there and know this user"),
)
_READERS = 4
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",  # readers and the writer do not wait for each other
    "PRAGMA synchronous=FULL",  # what was committed survives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
)


class Store:
    """Runs transactions. SQLAlchemy is synchronous, so they run in threads.

    One thread writes: SQLite has one writer at a time, and results come in batches.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._reads = _reads(self._engine)
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._readers = ThreadPoolExecutor(_READERS, "store-reader")

    @contextmanager
    def transaction(self, *, writes: bool = True) -> Iterator[Connection]:
        """Run one transaction: all of it is kept, or nothing.

        Raises `UnavailableError` where the database cannot be used now.
        """
        try:
            with self._engine.connect() as connection:
                if not writes:
                    connection.execution_options(**self._reads)
                with connection.begin():
                    yield connection
        except DatabaseError as error:
            if type(error) not in _OUTSIDE:
                raise
            raise _unavailable(self._engine.url, error) from error

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do some work in a transaction of its own. It is durable when this returns."""
        return await self._run(self._writer, work, writes=True)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do some work that only reads, on one consistent state."""
        return await self._run(self._readers, work, writes=False)

    async def _run(
        self, threads: ThreadPoolExecutor, work: Callable[[Connection], T], *, writes: bool
    ) -> T:
        def call() -> T:
            with self.transaction(writes=writes) as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(threads, call)

    def close(self) -> None:
        """Finish what was begun and let go of the database."""
        self._writer.shutdown()
        self._readers.shutdown()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _unusable("not a database URL") from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise _unusable(f"{parsed.drivername} is not supported")
    engine = create_engine(parsed)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _reads(engine: Engine) -> dict[str, Any]:
    """Return the options of a transaction that reads one consistent state."""
    if engine.dialect.name == "sqlite":
        return {"sonde_reads": True}
    return {"isolation_level": "REPEATABLE READ"}


def _unavailable(url: URL, error: DatabaseError) -> UnavailableError:
    where = url.render_as_string(hide_password=True)
    said = str(error.orig)
    remedy = next((remedy for words, remedy in _REMEDIES if words in said), "")
    return UnavailableError(f"store.url {where}: {said}{remedy}", key="store.url")


def _unusable(why: str) -> ConfigInvalidError:
    # Never the URL itself: it may hold a password.
    return ConfigInvalidError(
        f'store.url: {why}; write "sqlite:////path/service.sqlite3" or "postgresql://…"',
        key="store.url",
    )


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    # The driver would begin transactions by itself, and too late.
    connection.isolation_level = None
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once when another wrote meanwhile.
    reads = connection.get_execution_options().get("sonde_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
