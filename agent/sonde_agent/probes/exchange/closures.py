"""What a restart must not forget: until when the exchange said to stay away.

One small file, read before each measurement and written when something closes, so that commands
typed on a host and the agent that serves there know of each other's bans.
"""

import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from sonde_core.readings import Closure, Subject

logger = logging.getLogger(__name__)

_MOST_BYTES = 64 * 1024
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class _Closed(msgspec.Struct, frozen=True):
    status: int
    until: _Instant
    since: _Instant


class ClosureFile:
    """Keeps closures by base URL, so that a test network's ban is not the exchange's."""

    def __init__(self, path: Path, urls: Mapping[Subject, str]) -> None:
        self._path = path
        self._urls = urls
        self._told: set[str] = set()

    def read(self) -> dict[Subject, Closure]:
        """Return what is kept. A file that cannot be read or is broken counts as empty."""
        kept = self._read()
        return {
            endpoint: Closure(status=closed.status, until=closed.until, since=closed.since)
            for endpoint, url in self._urls.items()
            if (closed := kept.get(url))
        }

    def write(self, closures: Mapping[Subject, Closure], now: datetime) -> None:
        """Keep closures, beside those of other URLs that are not over. Logs where it cannot."""
        ours = {
            self._urls[endpoint]: _Closed(each.status, each.until, each.since)
            for endpoint, each in closures.items()
        }
        all_ = self._read() | ours
        text = msgspec.json.encode({url: each for url, each in all_.items() if each.until > now})
        try:
            _replace(self._path, text)
        except OSError as error:
            self._tell_once("Closures cannot be kept", error)

    def _read(self) -> dict[str, _Closed]:
        try:
            with self._path.open("rb") as file:
                return msgspec.json.decode(file.read(_MOST_BYTES), type=dict[str, _Closed])
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            self._tell_once("Kept closures are ignored", error)
            return {}

    def _tell_once(self, message: str, error: Exception) -> None:
        if message not in self._told:
            self._told.add(message)
            logger.warning(message, extra={"file": self._path, "error": error})


def _replace(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
