"""Reports on the disk, from the moment they are acknowledged until the centre has them.

| what happens              | what becomes of the reports                                       |
| ------------------------- | ----------------------------------------------------------------- |
| `kill -9`, a power cut    | what was acknowledged is there: a reply waits for the disk        |
| the disk is full          | `NoRoomError`: nothing more is acknowledged, what was stays       |
| the spool is full         | the oldest of health go, then the oldest of failures; counted     |
| the file is damaged       | it is set aside, and a new spool with another id begins           |

One SQLite file. One thread writes it, each time all that waits: many reports share one commit.
"""

import asyncio
import logging
import secrets
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import TypeVar

from sonde_core.errors import NoRoomError

T = TypeVar("T")

logger = logging.getLogger(__name__)

SPOOL = "spool.sqlite3"
"""The file's name in the state directory."""
MOST_BYTES = 64 * 1024 * 1024
_OVERHEAD = 64
"""Bytes of a row beside its message, roughly."""
_MOST_TOGETHER = 100
_BATCH_BYTES = 256 * 1024
_FORMAT = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # what is committed survives a power cut
    "PRAGMA busy_timeout=2000",
    "PRAGMA cache_size=-512",
    "PRAGMA journal_size_limit=4194304",
)
_SCHEMA = (
    """CREATE TABLE spool (
        id TEXT NOT NULL, bytes INTEGER NOT NULL,
        dropped_health INTEGER NOT NULL, dropped_failures INTEGER NOT NULL)""",
    # AUTOINCREMENT: the place of a report that was forwarded or dropped is never given again.
    """CREATE TABLE reports (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        kind INTEGER NOT NULL, received INTEGER NOT NULL, message BLOB NOT NULL)""",
    "CREATE INDEX reports_of_health ON reports (sequence) WHERE kind = 0",
    "CREATE TABLE engines (name TEXT PRIMARY KEY, state BLOB NOT NULL)",
    f"PRAGMA user_version = {_FORMAT}",
)


class ReportKind(IntEnum):
    """What is reported. The lower one is dropped first."""

    HEALTH = 0
    FAILURE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """A report that is to be kept."""

    kind: ReportKind
    received: datetime
    message: bytes
    engine: str = ""
    state: bytes = b""
    """What the engine is in now, to be kept beside the report. Empty: as before."""


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report in its place."""

    sequence: int
    kind: ReportKind
    received: datetime
    message: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The oldest reports of a spool, and what it had no room for since it began."""

    spool_id: str
    reports: tuple[KeptReport, ...]
    dropped_health: int
    dropped_failures: int
    waiting: int
    """How many reports the spool holds."""


@dataclass(slots=True)
class _Entry:
    """A report on its way to the disk."""

    report: NewReport
    place: tuple[str, int] | None = None
    error: Exception | None = None


class Spool:
    """Keeps reports. Nothing is opened before the first use, or after a use that failed."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._thread = ThreadPoolExecutor(1, "spool")
        self._entries: deque[_Entry] = deque()
        self._connection: sqlite3.Connection | None = None
        self._id = ""
        self._came = asyncio.Event()

    def keep(self, report: NewReport) -> Awaitable[tuple[str, int]]:
        """Begin to keep a report; the result is the spool's id and the report's place in it.

        The result is there when the disk has the report. Raises `NoRoomError` where it has not.
        """
        entry = _Entry(report)
        self._entries.append(entry)
        flushed = asyncio.get_running_loop().run_in_executor(self._thread, self._flush)
        return self._kept(entry, flushed)

    async def _kept(self, entry: _Entry, flushed: asyncio.Future[None]) -> tuple[str, int]:
        await flushed
        if entry.place is None:
            raise _no_room(self._path, entry.error)
        self._came.set()
        return entry.place

    async def waiting(self, most: int) -> Batch:
        """Return the oldest reports, at most so many. Raises `NoRoomError` where it cannot."""
        return await self._in_thread(lambda connection: _oldest(connection, self._id, most))

    async def forget(self, last: int) -> None:
        """Remove all reports up to a place. Raises `NoRoomError` where it cannot."""
        await self._in_thread(lambda connection: _remove(connection, f"sequence <= {last:d}"))

    async def came(self) -> None:
        """Wait until another report has come since the last time."""
        await self._came.wait()
        self._came.clear()

    def close(self) -> None:
        """Finish what was begun and let go of the file."""
        self._thread.submit(self._let_go)
        self._thread.shutdown()

    async def _in_thread(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def call() -> T:
            with self._transaction() as connection:
                return work(connection)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except (sqlite3.Error, OSError) as error:
            raise _no_room(self._path, error) from error

    # -- in the thread ---------------------------------------------------------------------------

    def _flush(self) -> None:
        """Keep all that waits, many in one commit. What comes after finds itself kept."""
        while self._entries:
            count = min(len(self._entries), _MOST_TOGETHER)
            self._commit([self._entries.popleft() for _ in range(count)])

    def _commit(self, entries: list[_Entry]) -> None:
        try:
            with self._transaction() as connection:
                places = [_insert(connection, entry.report) for entry in entries]
                _make_room(connection, self._most_bytes)
        except (sqlite3.Error, OSError) as error:
            for entry in entries:
                entry.error = error
            return
        for entry, sequence in zip(entries, places, strict=True):
            entry.place = self._id, sequence

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._connection = self._connection or self._open()
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except Exception as error:
            self._let_go()
            if _is_damage(error):
                self._set_aside(error)
            raise

    def _open(self) -> sqlite3.Connection:
        # Refusals are nobody's business but the agent's; SQLite gives its other files this mode.
        self._path.touch(0o600)
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
            _prepare(connection)
            [self._id] = connection.execute("SELECT id FROM spool").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _let_go(self) -> None:
        if self._connection:
            self._connection.close()  # rolls back what is not committed
            self._connection = None

    def _set_aside(self, error: Exception) -> None:
        logger.error("Spool set aside", extra={"file": str(self._path), "error": str(error)})
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._path.replace(self._path.with_name(self._path.name + ".damaged"))


def _no_room(path: Path, error: Exception | None) -> NoRoomError:
    return NoRoomError(
        f"the report is not kept: {path}: {error}; make room on its disk, and report again",
        path=str(path),
    )


def _is_damage(error: Exception) -> bool:
    """Tell a file that is no spool from one that cannot be used now."""
    return type(error) is sqlite3.DatabaseError


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file, all or none."""
    connection.execute("BEGIN IMMEDIATE")
    [version] = connection.execute("PRAGMA user_version").fetchone()
    if version not in (0, _FORMAT):
        raise sqlite3.DatabaseError(f"format {version} is of another version of this program")
    if version == 0:
        for statement in _SCHEMA:
            connection.execute(statement)
        connection.execute("INSERT INTO spool VALUES (?, 0, 0, 0)", [secrets.token_hex(16)])
    connection.execute("COMMIT")


def _insert(connection: sqlite3.Connection, report: NewReport) -> int:
    cursor = connection.execute(
        "INSERT INTO reports (kind, received, message) VALUES (?, ?, ?)",
        [report.kind, (report.received - _EPOCH) // timedelta(microseconds=1), report.message],
    )
    size = len(report.message) + _OVERHEAD
    connection.execute("UPDATE spool SET bytes = bytes + ?", [size])
    if report.state:
        connection.execute(
            "INSERT OR REPLACE INTO engines VALUES (?, ?)", [report.engine, report.state]
        )
    assert cursor.lastrowid is not None  # noqa: S101 - a row was inserted
    return cursor.lastrowid


def _make_room(connection: sqlite3.Connection, most_bytes: int) -> None:
    """Drop the oldest reports that are too much: those of health before any failure."""
    for kind, counter in (
        (ReportKind.HEALTH, "dropped_health"),
        (ReportKind.FAILURE, "dropped_failures"),
    ):
        [over] = connection.execute("SELECT bytes - ? FROM spool", [most_bytes]).fetchone()
        if over <= 0:
            return
        last = _last_of_oldest(connection, kind, over)
        removed = _remove(connection, f"kind = {kind:d} AND sequence <= {last:d}")
        connection.execute(f"UPDATE spool SET {counter} = {counter} + ?", [removed])  # noqa: S608 - one of two names


def _last_of_oldest(connection: sqlite3.Connection, kind: ReportKind, size: int) -> int:
    """Return the last of the oldest reports of a kind that are of a size together."""
    last = 0
    for sequence, one in connection.execute(
        f"SELECT sequence, length(message) + {_OVERHEAD} FROM reports WHERE kind = {kind:d} "  # noqa: S608 - numbers
        "ORDER BY sequence"
    ):
        last, size = sequence, size - one
        if size <= 0:
            break
    return last


def _remove(connection: sqlite3.Connection, which: str) -> int:
    """Remove reports and return how many there were."""
    size, count = connection.execute(
        f"SELECT total(length(message) + {_OVERHEAD}), count(*) FROM reports WHERE {which}"  # noqa: S608 - numbers
    ).fetchone()
    connection.execute(f"DELETE FROM reports WHERE {which}")  # noqa: S608 - numbers
    connection.execute("UPDATE spool SET bytes = bytes - ?", [int(size)])
    return int(count)


def _oldest(connection: sqlite3.Connection, spool_id: str, most: int) -> Batch:
    health, failures = connection.execute(
        "SELECT dropped_health, dropped_failures FROM spool"
    ).fetchone()
    [count] = connection.execute("SELECT count(*) FROM reports").fetchone()
    return Batch(
        spool_id=spool_id,
        reports=tuple(_rows(connection, most)),
        dropped_health=health,
        dropped_failures=failures,
        waiting=count,
    )


def _rows(connection: sqlite3.Connection, most: int) -> Iterator[KeptReport]:
    size = 0
    for sequence, kind, received, message in connection.execute(
        "SELECT sequence, kind, received, message FROM reports ORDER BY sequence LIMIT ?", [most]
    ):
        size += len(message)
        if size > _BATCH_BYTES and size > len(message):
            return
        instant = _EPOCH + timedelta(microseconds=received)
        yield KeptReport(sequence, ReportKind(kind), instant, message)
