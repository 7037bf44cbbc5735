"""Logs as JSON lines on standard error: a constant message, data in fields."""

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from sonde_wire.calls import request_id

Clean = Callable[[str], str]
"""Takes out of a text what no log may hold."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Writes one record as one line of JSON, with what `extra` gave it.

    What is written while a call is served has the call's `request_id`.
    """

    def __init__(self, clean: Clean = str) -> None:
        super().__init__()
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Each of its texts is cleaned, the traceback's too."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id():
            entry["request_id"] = request_id()
        entry |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(
            {name: self._shown(value) for name, value in entry.items()}, ensure_ascii=False
        )

    def _shown(self, value: object) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        return self._clean(str(value))


def log_to_stderr(level: int = logging.INFO, clean: Clean = str) -> None:
    """Send every log record from a level on to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(clean))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Alembic tells each step of reading its own revisions.
    logging.getLogger("alembic").setLevel(logging.WARNING)
