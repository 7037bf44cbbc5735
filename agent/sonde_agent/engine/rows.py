"""What stands in a spool's file, and the statements that change it."""

import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

FORMAT = 1
"""It changes when an older program could not go on with the file."""
MOST_ENGINES = 64
_OVERHEAD = 64
"""Bytes of a row beside its message, roughly."""
_LENGTH = "coalesce(length(message), 0)"
"""Of a row's message, whatever the disk has made of it."""
_BATCH_BYTES = 256 * 1024
_MOST_UNREADABLE = 32
_LARGEST_REPORT = 24 * 1024
_MOST_KNOWN = 4_096
"""Places back to which the ids of reports are known."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
    f"PRAGMA user_version = {FORMAT}",
)
_LATER = (
    """CREATE TABLE IF NOT EXISTS unreadable (
        sequence INTEGER PRIMARY KEY, kind, received, message)""",
    "CREATE TABLE IF NOT EXISTS listening (since BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS trial (place INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS known (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)",
)
"""What an older program of this format does without."""


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
    id: str = ""
    """The engine's name for it: under a name that is known nothing is kept. Empty: it is new."""


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report in its place."""

    sequence: int
    kind: ReportKind
    received: datetime
    message: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The oldest reports of a spool, and what was given up since it began."""

    spool_id: str
    reports: tuple[KeptReport, ...]
    unreadable: tuple[int, ...]
    """The places, among them, of rows that are no reports."""
    dropped_health: int
    dropped_failures: int
    waiting: int
    """How many reports the spool holds that the centre has not."""


class OtherFormatError(sqlite3.DatabaseError):
    """The file is of another version of this program."""

    def __init__(self, version: int) -> None:
        super().__init__(f"its format {version} is of another version of this program")
        self.version = version


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file, all or none. Raises `OtherFormatError`."""
    connection.execute("BEGIN IMMEDIATE")
    [version] = connection.execute("PRAGMA user_version").fetchone()
    if version not in (0, FORMAT):
        raise OtherFormatError(version)
    if version == 0:
        for statement in _SCHEMA:
            connection.execute(statement)
        connection.execute("INSERT INTO spool VALUES (?, 0, 0, 0)", [_new_id()])
    for statement in _LATER:
        connection.execute(statement)
    connection.execute("COMMIT")


def spool_id(connection: sqlite3.Connection) -> str:
    """Return which spool it is."""
    return str(connection.execute("SELECT id FROM spool").fetchone()[0])


def renew(connection: sqlite3.Connection, before: str) -> None:
    """Give a spool of that id another one. What waits keeps its place.

    What was dropped stays with the id under which the centre counts it. Where a second agent on the
    same file was quicker, its id stays: reports may be on their way under it.
    """
    connection.execute(
        "UPDATE spool SET id = ?, dropped_health = 0, dropped_failures = 0 WHERE id = ?",
        [_new_id(), before],
    )


def _new_id() -> str:
    return secrets.token_hex(16)


def place(connection: sqlite3.Connection, report: NewReport) -> int:
    """Return where a report is, after it was put there unless it had come before."""
    if not report.id:
        return _insert(connection, report)
    known = connection.execute("SELECT sequence FROM known WHERE id = ?", [report.id]).fetchone()
    if known:
        return int(known[0])
    sequence = _insert(connection, report)
    connection.execute("INSERT INTO known VALUES (?, ?)", [sequence, report.id])
    connection.execute("DELETE FROM known WHERE sequence <= ?", [sequence - _MOST_KNOWN])
    return sequence


def _insert(connection: sqlite3.Connection, report: NewReport) -> int:
    cursor = connection.execute(
        "INSERT INTO reports (kind, received, message) VALUES (?, ?, ?)",
        [report.kind, (report.received - _EPOCH) // timedelta(microseconds=1), report.message],
    )
    size = len(report.message) + _OVERHEAD
    connection.execute("UPDATE spool SET bytes = bytes + ?", [size])
    if report.state:
        _keep_engine(connection, report.engine, report.state)
    assert cursor.lastrowid is not None  # noqa: S101 - a row was inserted
    return cursor.lastrowid


def _keep_engine(connection: sqlite3.Connection, name: str, state: bytes) -> None:
    """Keep an engine's state as the newest; the longest silent engine gives way."""
    connection.execute("INSERT OR REPLACE INTO engines VALUES (?, ?)", [name, state])
    connection.execute(
        "DELETE FROM engines WHERE rowid NOT IN "
        "(SELECT rowid FROM engines ORDER BY rowid DESC LIMIT ?)",
        [MOST_ENGINES],
    )


def try_write(connection: sqlite3.Connection) -> None:
    """Write as much as the largest report, over what was written so before."""
    connection.execute("INSERT OR REPLACE INTO trial VALUES (0, zeroblob(?))", [_LARGEST_REPORT])


def engines(connection: sqlite3.Connection) -> dict[str, bytes]:
    """Return the states of the engines, the longest silent one first."""
    newest = "SELECT rowid, name, state FROM engines ORDER BY rowid DESC LIMIT ?"
    rows = connection.execute(f"SELECT name, state FROM ({newest}) ORDER BY rowid", [MOST_ENGINES])  # noqa: S608 - no value in it
    return dict(rows.fetchall())


def keep_listening(connection: sqlite3.Connection, since: bytes) -> None:
    """Keep since when the agent listens."""
    connection.execute("DELETE FROM listening")
    connection.execute("INSERT INTO listening VALUES (?)", [since])


def listening(connection: sqlite3.Connection) -> bytes:
    """Return since when the agent listens; nothing where that was never kept."""
    row = connection.execute("SELECT since FROM listening").fetchone()
    return bytes(row[0]) if row else b""


def make_room(connection: sqlite3.Connection, most_bytes: int, done: int) -> None:
    """Drop the oldest reports that are too much: those of health before any failure.

    Reports up to the place `done` go first, and are none that anybody misses.
    """
    if _over(connection, most_bytes) > 0:
        forget(connection, done)
    for kind in ReportKind:
        over = _over(connection, most_bytes)
        if over <= 0:
            return
        last = _last_of_oldest(connection, kind, over)
        removed = _remove(connection, f"kind = {kind:d} AND sequence <= {last:d}")
        _count_dropped(connection, kind, removed)


def _over(connection: sqlite3.Connection, most_bytes: int) -> int:
    return int(connection.execute("SELECT bytes - ? FROM spool", [most_bytes]).fetchone()[0])


def _count_dropped(connection: sqlite3.Connection, kind: ReportKind, count: int) -> None:
    counter = "dropped_health" if kind is ReportKind.HEALTH else "dropped_failures"
    connection.execute(f"UPDATE spool SET {counter} = {counter} + ?", [count])  # noqa: S608 - one of two names


def _last_of_oldest(connection: sqlite3.Connection, kind: ReportKind, size: int) -> int:
    """Return the last of the oldest reports of a kind that are of a size together."""
    last = 0
    for sequence, one in connection.execute(
        f"SELECT sequence, {_LENGTH} + {_OVERHEAD} FROM reports WHERE kind = {kind:d} "  # noqa: S608 - numbers
        "ORDER BY sequence"
    ):
        last, size = sequence, size - one
        if size <= 0:
            break
    return last


def forget(connection: sqlite3.Connection, last: int) -> None:
    """Remove all reports up to a place."""
    _remove(connection, f"sequence <= {last:d}")


def _remove(connection: sqlite3.Connection, which: str) -> int:
    """Remove reports and return how many there were."""
    size, count = connection.execute(
        f"SELECT total({_LENGTH} + {_OVERHEAD}), count(*) FROM reports WHERE {which}"  # noqa: S608 - numbers
    ).fetchone()
    connection.execute(f"DELETE FROM reports WHERE {which}")  # noqa: S608 - numbers
    connection.execute("UPDATE spool SET bytes = bytes - ?", [int(size)])
    return int(count)


def oldest(connection: sqlite3.Connection, most: int, done: int) -> Batch:
    """Return the oldest reports after a place: what the centre takes at once, at most so many."""
    health, failures = connection.execute(
        "SELECT dropped_health, dropped_failures FROM spool"
    ).fetchone()
    [count] = connection.execute(
        "SELECT count(*) FROM reports WHERE sequence > ?", [done]
    ).fetchone()
    reports, unreadable = [], []
    for sequence, *row in _rows(connection, most, done):
        try:
            reports.append(_kept(sequence, *row))
        except (ValueError, TypeError, OverflowError):
            unreadable.append(sequence)
    return Batch(
        spool_id=spool_id(connection),
        reports=tuple(reports),
        unreadable=tuple(unreadable),
        dropped_health=health,
        dropped_failures=failures,
        waiting=count,
    )


def _rows(
    connection: sqlite3.Connection, most: int, done: int
) -> Iterator[tuple[int, object, object, object]]:
    size = 0
    for sequence, kind, received, message, length in connection.execute(
        f"SELECT sequence, kind, received, message, {_LENGTH} FROM reports "  # noqa: S608 - no value in it
        "WHERE sequence > ? ORDER BY sequence LIMIT ?",
        [done, most],
    ):
        size += length
        if size > _BATCH_BYTES and size > length:
            return
        yield sequence, kind, received, message


def _kept(sequence: int, kind: object, received: object, message: object) -> KeptReport:
    """Return a row as the report that it is. The disk may have made anything of it."""
    if not (isinstance(kind, int) and isinstance(received, int) and isinstance(message, bytes)):
        raise TypeError("a column is of another type")
    instant = _EPOCH + timedelta(microseconds=received)
    return KeptReport(sequence, ReportKind(kind), instant, message)


def set_aside(connection: sqlite3.Connection, sequences: Iterable[int]) -> None:
    """Take rows out of the way, count them as dropped, and keep the newest few to be looked at."""
    for sequence in sequences:
        row = connection.execute(
            "SELECT sequence, kind, received, message FROM reports WHERE sequence = ?", [sequence]
        ).fetchone()
        if row:  # otherwise it was dropped meanwhile
            of_health = row[1] == ReportKind.HEALTH
            _count_dropped(connection, ReportKind.HEALTH if of_health else ReportKind.FAILURE, 1)
            connection.execute("INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?, ?)", row)
            connection.execute("DELETE FROM reports WHERE sequence = ?", [sequence])
    connection.execute(
        "DELETE FROM unreadable WHERE sequence NOT IN "
        "(SELECT sequence FROM unreadable ORDER BY sequence DESC LIMIT ?)",
        [_MOST_UNREADABLE],
    )
    # What came to a row changed its size as well, so the sum is made anew.
    connection.execute(
        f"UPDATE spool SET bytes = (SELECT total({_LENGTH} + ?) FROM reports)",  # noqa: S608 - no value in it
        [_OVERHEAD],
    )
