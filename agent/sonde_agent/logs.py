"""Log lines as JSON objects, with everything secret taken out last."""

import json
import logging
import sys
from datetime import UTC, datetime

from sonde_agent.redaction import redact

_QUIET = ("httpx", "httpcore")
"""They log whole URLs, and a signed URL is a signature."""
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Writes one JSON object per line, its fields beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. The traceback is redacted too, because it may hold a URL."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: str(value) for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps({name: redact(text) for name, text in line.items()}, ensure_ascii=False)


def configure(level: int = logging.INFO) -> None:
    """Send log lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
        logging.getLogger(name).propagate = False
