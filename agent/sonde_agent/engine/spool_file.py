"""The file that a spool is in: opened, made where there is none, set aside where it is no spool."""

import logging
import sqlite3
from pathlib import Path

from sonde_agent.engine import rows
from sonde_agent.engine.rows import OtherFormatError

logger = logging.getLogger(__name__)

_MOST_ASIDE = 8
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # what is committed survives a power cut
    "PRAGMA busy_timeout=2000",
    "PRAGMA cache_size=-512",
    "PRAGMA journal_size_limit=4194304",
)


class _SetAsideError(sqlite3.DatabaseError):
    """The file is out of the way now."""


def open_spool(path: Path) -> sqlite3.Connection:
    """Open a spool's file. What is there and cannot be used is set aside, and a new one made."""
    try:
        return _opened(path)
    except _SetAsideError:
        return _opened(path)


def set_aside_unusable(path: Path, error: Exception) -> bool:
    """Set a file aside that is no spool, or one of another version; tell whether it was that.

    Close it afterwards: SQLite removes what is not in the file yet, if it is where it was.
    """
    if isinstance(error, OtherFormatError):
        suffix = f".format-{error.version}"
    elif type(error) is sqlite3.DatabaseError:  # a subclass says that it cannot be used now
        suffix = ".damaged"
    else:
        return False
    aside = _free(path, suffix)
    logger.error(
        "Spool set aside", extra={"file": str(path), "as": str(aside), "error": str(error)}
    )
    # First what is not in the file yet: beside a new file it would be taken for a part of that.
    _move(_beside(path, "-wal"), _beside(aside, "-wal"))
    _move(path, aside)
    _beside(path, "-shm").unlink(missing_ok=True)
    return True


def _opened(path: Path) -> sqlite3.Connection:
    # Refusals are nobody's business but the agent's; SQLite gives its other files this mode.
    path.touch(0o600)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        rows.prepare(connection)
    except sqlite3.Error as error:
        aside = set_aside_unusable(path, error)
        connection.close()
        if aside:
            raise _SetAsideError(str(error)) from error
        raise
    return connection


def _free(path: Path, suffix: str) -> Path:
    """Return a name that nothing has yet; of too many the last one is given again."""
    first = _beside(path, suffix)
    names = [first, *(_beside(first, f"-{number}") for number in range(2, _MOST_ASIDE + 1))]
    return next((each for each in names if not each.exists()), names[-1])


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _move(path: Path, to: Path) -> None:
    to.unlink(missing_ok=True)
    if path.exists():
        path.replace(to)
