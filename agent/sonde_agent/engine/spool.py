"""Reports on the disk, from the moment they are acknowledged until the centre has them.

| what happens              | what becomes of the reports                                       |
| ------------------------- | ----------------------------------------------------------------- |
| `kill -9`, a power cut    | what was acknowledged is there: a reply waits for the disk        |
| the disk is full          | `NoRoomError`: nothing more is acknowledged, what was stays until |
|                           | the centre has it, and is removed once there is room for that     |
| the spool is full         | the oldest of health go, then the oldest of failures; counted     |
| the file is damaged       | it is set aside, and a new spool with another id begins           |
| it is of another version  | the same; its reports are there for that version                  |
| an older copy comes back  | what the centre has not yet goes there under another id           |
| a row is damaged          | it is set aside in the file, and counted as dropped               |

One SQLite file. One thread writes it, each time all that waits: many reports share one commit.
"""

import asyncio
import logging
import sqlite3
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sonde_agent.engine import rows
from sonde_agent.engine.rows import Batch, NewReport, ReportKind
from sonde_agent.engine.spool_file import open_spool, set_aside_unusable
from sonde_core.errors import NoRoomError

T = TypeVar("T")

logger = logging.getLogger(__name__)

SPOOL = "spool.sqlite3"
"""The file's name in the state directory."""
MOST_BYTES = 64 * 1024 * 1024
_MOST_TOGETHER = 100


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
        self._came = asyncio.Event()
        self.refused: Counter[ReportKind] = Counter()
        """Reports that could not be kept."""
        self._full = False
        """The last report could not, and the log says so already."""
        self._done = "", 0
        """Up to which place the centre has reports of which spool. They may still be there."""

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
            self.refused[entry.report.kind] += 1
            self._say_full(entry.error)
            raise _no_room(self._path, entry.error)
        self._full = False
        self._came.set()
        return entry.place

    def _say_full(self, error: Exception | None) -> None:
        if not self._full:
            self._full = True
            logger.error("Reports refused", extra={"file": str(self._path), "error": str(error)})

    async def usable(self) -> bool:
        """Tell whether a report can be kept now, by writing as much as one may take."""
        try:
            await self._in_thread(rows.try_write)
        except NoRoomError:
            return False
        return True

    async def waiting(self, most: int) -> Batch:
        """Return the oldest reports, at most so many. Raises `NoRoomError` where it cannot."""

        def work(connection: sqlite3.Connection) -> Batch:
            return rows.oldest(connection, most, self._done_of(rows.spool_id(connection)))

        return await self._in_thread(work)

    async def forget(self, last: int) -> None:
        """Wait for no report up to a place any more, and remove them.

        To remove takes room too. Where there is none they go with the next ones. Raises
        `NoRoomError` where the spool cannot be used at all.
        """

        def work(connection: sqlite3.Connection) -> None:
            self._done = rows.spool_id(connection), last
            rows.forget(connection, last)

        try:
            await self._in_thread(work)
        except NoRoomError as error:
            if self._done[1] != last:
                raise
            logger.warning("Reports that arrived are not removed yet", extra={"error": str(error)})

    async def set_aside(self, unreadable: Sequence[int]) -> None:
        """Take rows that are no reports out of the way. Raises `NoRoomError` where it cannot."""
        logger.error("Reports set aside", extra={"file": str(self._path), "places": unreadable})
        await self._in_thread(lambda connection: rows.set_aside(connection, unreadable))

    async def renew(self, before: str) -> None:
        """Go on under another id than that. Raises `NoRoomError` where it cannot."""

        def work(connection: sqlite3.Connection) -> tuple[str, int]:
            done = self._done_of(before)
            rows.renew(connection, before)
            return rows.spool_id(connection), done

        self._done = await self._in_thread(work)
        logger.error("Spool goes on under another id", extra={"file": str(self._path)})

    async def keep_listening(self, since: bytes) -> None:
        """Keep since when the agent listens. Raises `NoRoomError` where it cannot."""
        await self._in_thread(lambda connection: rows.keep_listening(connection, since))

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
                places = [rows.place(connection, entry.report) for entry in entries]
                spool_id = rows.spool_id(connection)
                rows.make_room(connection, self._most_bytes, self._done_of(spool_id))
        except (sqlite3.Error, OSError) as error:
            for entry in entries:
                entry.error = error
            return
        for entry, sequence in zip(entries, places, strict=True):
            entry.place = spool_id, sequence

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._connection
            if connection is None:
                connection = self._connection = open_spool(self._path)
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except Exception as error:
            set_aside_unusable(self._path, error)
            self._let_go()
            raise

    def _done_of(self, spool_id: str) -> int:
        of, place = self._done
        return place if of == spool_id else 0

    def _let_go(self) -> None:
        if self._connection:
            self._connection.close()  # rolls back what is not committed
            self._connection = None


def _no_room(path: Path, error: Exception | None) -> NoRoomError:
    return NoRoomError(
        f"the report is not kept: {path}: {error}; make room on its disk, or let the agent write "
        "there, and report again",
        path=str(path),
    )
